"""A standby of a PostgreSQL server of the tests, fed by streaming replication."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import (
    SUPERUSER,
    PostgresServer,
    postgres_binaries,
    require,
    server_account,
    start,
    stop,
    usable_binaries,
)


@contextmanager
def standby_of(server: PostgresServer) -> Iterator[PostgresServer]:
    """A standby named ``walreceiver`` that follows the server; stopped and removed at the end."""
    binaries = postgres_binaries()
    if binaries is None or not (binaries / "pg_basebackup").is_file():
        require("postgres", "no pg_basebackup here; install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="dms-standby-"))
    account = server_account()
    try:
        tools = usable_binaries(binaries, folder)
        subprocess.run(
            [
                tools / "pg_basebackup", "-h", "127.0.0.1", "-p", str(server.port), "-U", SUPERUSER, "-D", folder / "data", "-R",
                "-X", "stream", "-c", "fast",
            ],
            env={**os.environ, "PGPASSWORD": server.password},
            capture_output=True, check=True, cwd=folder, **account,
        )  # fmt: skip
        process, port, version = start(tools, folder, server.password)
        try:
            yield PostgresServer(port, server.password, process.pid, folder, version)
        finally:
            stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
