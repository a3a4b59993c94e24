"""Database servers that can be killed, stopped and started again on the same port with the same data."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg

from tests import mariadb, servers
from tests.benchmarks import tls

SETTINGS = {**servers.SETTINGS, "max_connections": "60", "shared_buffers": "32MB", "max_wal_size": "256MB"}
SLOW_START_SECONDS = 60.0
PASSWORD = secrets.token_urlsafe(12)
"""Of all servers of this process, so that one can be taken for another."""


class Server:
    """One server of our own: its data folder, port and process."""

    product = ""

    def __init__(self, folder: Path, settings: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.settings = settings or {}
        self.password = PASSWORD
        self.port = servers.free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """How it is started."""
        raise NotImplementedError

    def account(self) -> dict[str, Any]:
        """Under which account."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Does it take connections?"""
        raise NotImplementedError

    def execute(self, sql: str, database: str = "") -> list[tuple[Any, ...]]:
        """Run SQL with all rights; the rows of its last statement that has any."""
        raise NotImplementedError

    def url(self, database: str) -> str:
        """The URL of a database."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it and wait until it answers; data is recovered if need be."""
        for _ in range(3):
            with (self.folder / "log").open("ab") as log:
                self.process = subprocess.Popen(
                    self.command(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self.folder,
                    start_new_session=True,
                    **self.account(),
                )
            until = time.monotonic() + SLOW_START_SECONDS
            while self.process.poll() is None and time.monotonic() < until:
                if self.answers():
                    return
                time.sleep(0.05)
            time.sleep(0.5)
        raise RuntimeError(f"{self.product} did not start: {(self.folder / 'log').read_text(errors='replace')[-1500:]}")

    def processes(self) -> list[psutil.Process]:
        """The server's processes, the first one first."""
        if self.process is None or self.process.poll() is not None:
            return []
        main = psutil.Process(self.process.pid)
        return [main, *main.children(recursive=True)]

    def kill(self) -> None:
        """Kill all its processes at once, as a power cut would."""
        found = self.processes()
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGSTOP)
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.kill()
        if self.process is not None:
            self.process.wait(20)

    def stop(self) -> None:
        """Stop it."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT if self.product == "postgres" else signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def create_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"fault_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove it."""
        raise NotImplementedError


class Postgres(Server):
    """PostgreSQL."""

    product = "postgres"

    def __init__(self, folder: Path, settings: dict[str, str] | None = None) -> None:
        super().__init__(folder, settings)
        found = servers.postgres_binaries()
        if found is None:
            servers.require("postgres", "no PostgreSQL server here; install postgresql")
        self.binaries = servers.usable_binaries(found, folder)
        servers.initialise(self.binaries, folder, self.password)

    def account(self) -> dict[str, Any]:
        return servers.server_account()

    def command(self) -> list[str]:
        settings = {**SETTINGS, **self.settings}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port), *options]

    def connect(self, database: str = "postgres", **options: Any) -> psycopg.Connection[Any]:
        """A connection with all rights, in autocommit."""
        return psycopg.connect(self.url(database), autocommit=True, connect_timeout=5, **options)

    def answers(self) -> bool:
        with contextlib.suppress(psycopg.Error):
            self.connect().close()
            return True
        return False

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{servers.SUPERUSER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def execute(self, sql: str, database: str = "") -> list[tuple[Any, ...]]:
        with self.connect(database or "postgres") as connection:
            cursor = connection.execute(sql.encode())
            rows: list[tuple[Any, ...]] = []
            while True:
                rows = cursor.fetchall() if cursor.description else rows
                if not cursor.nextset():
                    return rows

    def drop_database(self, url: str) -> None:
        self.execute(f"DROP DATABASE IF EXISTS {url.rsplit('/', 1)[1]} WITH (FORCE)")

    def stop_immediately(self) -> None:
        """As ``pg_ctl stop -m immediate``."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(20)

    def backends(self, condition: str = "true") -> list[int]:
        """Process numbers of our sessions."""
        sql = f"select pid from pg_stat_activity where application_name like 'dms %' and {condition}"
        return [int(pid) for (pid,) in self.execute(sql)]


class Mariadb(Server):
    """MariaDB."""

    product = "mariadb"

    def __init__(self, folder: Path, settings: dict[str, str] | None = None) -> None:
        super().__init__(folder, settings)
        server, install = mariadb.binary("mariadbd", "mysqld"), mariadb.binary("mariadb-install-db", "mysql_install_db")
        if server is None or install is None:
            servers.require("mariadb", "no MariaDB server here; install mariadb-server")
        self.server = server
        mariadb.initialise(install, folder, self.password)

    def account(self) -> dict[str, Any]:
        return mariadb.server_account()

    def command(self) -> list[str]:
        settings = {**mariadb.SETTINGS, "innodb-flush-log-at-trx-commit": "1", **self.settings}
        paths = {"datadir": "data", "socket": "socket", "pid-file": "pid", "init-file": "first.sql"}
        places = [f"--{name}={self.folder / value}" for name, value in paths.items()]
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [self.server, "--no-defaults", f"--port={self.port}", f"--tmpdir={self.folder}", *places, *options]

    def connect(self, database: str | None = None) -> Any:
        """A connection with all rights, in autocommit."""
        import pymysql
        from pymysql.constants import CLIENT

        return pymysql.connect(
            host="127.0.0.1", port=self.port, user=servers.SUPERUSER, password=self.password, database=database,
            autocommit=True, charset="utf8mb4", client_flag=CLIENT.MULTI_STATEMENTS, connect_timeout=5,
        )  # fmt: skip

    def answers(self) -> bool:
        import pymysql

        with contextlib.suppress(pymysql.err.Error):
            self.connect().close()
            return True
        return False

    def url(self, database: str = "mysql") -> str:
        return f"mysql://{servers.SUPERUSER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def execute(self, sql: str, database: str = "") -> list[tuple[Any, ...]]:
        with contextlib.closing(self.connect(database or None)) as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            rows: list[tuple[Any, ...]] = []
            while True:
                rows = list(cursor.fetchall()) if cursor.description else rows
                if not cursor.nextset():
                    return rows

    def drop_database(self, url: str) -> None:
        for (number,) in self.sessions():
            with contextlib.suppress(Exception):
                self.execute(f"KILL {number}")
        self.execute(f"DROP DATABASE IF EXISTS {url.rsplit('/', 1)[1]}")

    def sessions(self) -> list[tuple[Any, ...]]:
        """Numbers of the sessions of others."""
        return self.execute(
            "SELECT id FROM information_schema.processlist WHERE id <> connection_id() AND db LIKE 'fault%'"
        )


@contextmanager
def speaking_tls(found: Server) -> Iterator[None]:
    """Meanwhile a server speaks TLS too; MariaDB is started again for it, with its data."""
    if isinstance(found, Postgres):
        tls.with_tls(servers.PostgresServer(found.port, found.password, 0, found.folder, 0))
        try:
            yield
        finally:
            found.execute("alter system reset ssl")
            found.execute("select pg_reload_conf()")
        return
    for file, content in zip(("server.crt", "server.key"), tls.certificate(), strict=True):
        path = found.folder / file
        path.write_bytes(content)
        path.chmod(0o600)
        if account := found.account():
            os.chown(path, account["user"], account["group"])
    before = found.settings
    found.settings = {
        **before,
        "ssl": "1",
        "ssl-cert": f"{found.folder}/server.crt",
        "ssl-key": f"{found.folder}/server.key",
    }
    found.stop()
    found.start()
    try:
        yield
    finally:
        found.settings = before
        found.stop()
        found.start()


@contextmanager
def server(product: str, settings: dict[str, str] | None = None) -> Iterator[Server]:
    """A running server of a product, gone at the end."""
    place = "/dev/shm" if Path("/dev/shm").is_dir() and os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix=f"dms-fault-{product}-", dir=place))
    try:
        made: Server = (Postgres if product == "postgres" else Mariadb)(folder, settings)
        made.start()
        try:
            yield made
        finally:
            made.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
