"""A MariaDB server that tests start themselves, on a free loopback port, and stop again by process id."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from tests.servers import KEEPER, START_SECONDS, STOP_SECONDS, SUPERUSER, free_port, require

IN_MEMORY = Path("/dev/shm")
ROOM_BYTES = 4 << 30
SETTINGS = {
    "bind-address": "127.0.0.1",
    "character-set-server": "utf8mb4",
    "collation-server": "utf8mb4_general_ci",
    "default-time-zone": "+00:00",
    "innodb-buffer-pool-size": "64M",
    "innodb-doublewrite": "0",
    "innodb-flush-log-at-trx-commit": "0",
    "innodb-log-file-size": "16M",
    "key-buffer-size": "8M",
    "max-connections": "200",
    "aria-pagecache-buffer-size": "8M",
    "performance-schema": "0",
    "skip-name-resolve": "1",
    "ssl": "0",
}


@dataclass(frozen=True)
class MariadbServer:
    """A running MariaDB server that belongs to the tests."""

    port: int
    password: str = field(repr=False)
    process_id: int
    folder: Path

    def url(self, database: str = "mysql", *, user: str = SUPERUSER, password: str | None = None) -> str:
        """The URL of one of its databases, by default for the user with all rights."""
        secret = quote(self.password if password is None else password, safe="")
        return f"mysql://{quote(user, safe='')}:{secret}@127.0.0.1:{self.port}/{quote(database, safe='')}"

    def connect(self, database: str | None = None, **options: Any) -> Any:
        """A connection (pymysql) with all rights and autocommit; the caller closes it."""
        import pymysql

        settings: dict[str, Any] = {"autocommit": True, "charset": "utf8mb4", **options}
        return pymysql.connect(
            host="127.0.0.1", port=self.port, user=SUPERUSER, password=self.password, database=database, **settings
        )

    def execute(self, sql: str, database: str | None = None) -> list[tuple[Any, ...]]:
        """Run SQL text, of several statements perhaps; the rows of its last statement that has any."""
        from pymysql.constants import CLIENT

        with closing(self.connect(database, client_flag=CLIENT.MULTI_STATEMENTS)) as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            rows: list[tuple[Any, ...]] = []
            while True:
                rows = list(cursor.fetchall()) if cursor.description else rows
                if not cursor.nextset():
                    return rows

    def run_script(self, script: str, database: str) -> None:
        """Run a script as the command line client does: DELIMITER lines and comments are understood."""
        client = shutil.which("mariadb") or shutil.which("mysql")
        if client is None:
            require("mariadb", "no MariaDB client here; install mariadb-client")
        command = [client, "--no-defaults", "--default-character-set=utf8mb4", "--protocol=tcp", "--host=127.0.0.1"]
        done = subprocess.run(
            [*command, f"--port={self.port}", f"--user={SUPERUSER}", f"--database={database}"],
            input=script.encode("utf-8", "surrogateescape"),
            env={**os.environ, "MYSQL_PWD": self.password},
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"the script failed: {done.stderr.decode(errors='replace')}")

    def create_database(self, options: str = "CHARACTER SET utf8mb4") -> str:
        """The URL of a new, empty database; options: what follows CREATE DATABASE name."""
        name = f"test_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} {options}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database that create_database made; connections that still use it are ended first."""
        import pymysql

        name = unquote(url.rsplit("/", 1)[1])
        for (number,) in self.execute(f"SELECT id FROM information_schema.processlist WHERE db = '{name}'"):
            with contextlib.suppress(pymysql.err.Error):
                self.execute(f"KILL {number}")
        self.execute(f"DROP DATABASE IF EXISTS `{name}`")


@contextmanager
def mariadb_server(**settings: str) -> Iterator[MariadbServer]:
    """Start a MariaDB server of our own and stop it at the end; skips or fails through ``require`` without its binaries.

    settings: options of the server besides SETTINGS, with underscores.
    """
    server, install = binary("mariadbd", "mysqld"), binary("mariadb-install-db", "mysql_install_db")
    if server is None or install is None or not importable("pymysql"):
        require("mariadb", "no MariaDB server or no pymysql here; install mariadb-server, and: pip install pymysql")
    folder = Path(tempfile.mkdtemp(prefix="dms-mariadb-", dir=quick_place()))
    try:
        yield from run_server(server, install, folder, settings)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def quick_place() -> str | None:
    """A folder in memory, where there is room: every DDL statement waits for the disk otherwise. None: the usual place."""
    roomy = IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > ROOM_BYTES
    return str(IN_MEMORY) if roomy else None


def run_server(server: str, install: str, folder: Path, settings: dict[str, str]) -> Iterator[MariadbServer]:
    """Initialise, start, yield, stop."""
    password = secrets.token_urlsafe(12)
    initialise(install, folder, password)
    process, port = start(server, folder, password, settings)
    keeper = subprocess.Popen(
        [sys.executable, "-S", "-E", "-c", KEEPER, str(process.pid), str(folder)],
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield MariadbServer(port, password, process.pid, folder)
    finally:
        stop(process)
        keeper.communicate("stopped")


def binary(*names: str) -> str | None:
    """Where a program of the server is, also outside the user's PATH."""
    places = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/usr/local/opt/mariadb/bin"))
    return next((found for name in names if (found := shutil.which(name, path=places))), None)


def importable(module: str) -> bool:
    """Is the package there?"""
    import importlib.util

    return importlib.util.find_spec(module) is not None


def server_account() -> dict[str, Any]:
    """The account the server runs under, as arguments of subprocess: MariaDB refuses to run as root."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return {}
    import pwd

    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("mysql") or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def initialise(install: str, folder: Path, password: str) -> None:
    """Make the data folder, and the file that makes the tests' user the only one when the server starts."""
    account = server_account()
    first = folder / "first.sql"
    first.touch(mode=0o600)
    first.write_text(
        f"CREATE USER IF NOT EXISTS '{SUPERUSER}'@'%' IDENTIFIED BY '{password}';\n"
        f"GRANT ALL ON *.* TO '{SUPERUSER}'@'%' WITH GRANT OPTION;\n"
        "DELETE FROM mysql.global_priv WHERE user IN ('root', '', 'PUBLIC');\nFLUSH PRIVILEGES;\n"
    )
    if account:
        for path in (folder, first):
            os.chown(path, account["user"], account["group"])
    command = [install, "--no-defaults", f"--datadir={folder / 'data'}", f"--tmpdir={folder}"]
    done = subprocess.run(
        [*command, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        **account,
    )
    if done.returncode:
        raise RuntimeError(f"mariadb-install-db failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def start(server: str, folder: Path, password: str, settings: dict[str, str]) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server as our own child: the process and its port; tries again when the port was taken."""
    options = SETTINGS | {name.replace("_", "-"): value for name, value in settings.items()}
    for _attempt in range(3):
        port = free_port()
        command = [server, "--no-defaults", f"--datadir={folder / 'data'}", f"--port={port}"]
        command += [f"--socket={folder / 'socket'}", f"--pid-file={folder / 'pid'}", f"--tmpdir={folder}"]
        command += [f"--init-file={folder / 'first.sql'}", f"--secure-file-priv={folder}"]
        command += [f"--{name}={value}" for name, value in options.items()]
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
        if wait_until_ready(process, port, password):
            return process, port
    raise RuntimeError(f"MariaDB did not start: {(folder / 'log').read_text(errors='replace')[-2000:]}")


def wait_until_ready(process: subprocess.Popen[bytes], port: int, password: str) -> bool:
    """Does it answer? False when the process ended first."""
    import pymysql

    until = time.monotonic() + START_SECONDS
    while process.poll() is None:
        try:
            pymysql.connect(host="127.0.0.1", port=port, user=SUPERUSER, password=password, connect_timeout=5).close()
            return True
        except pymysql.err.OperationalError:
            if time.monotonic() > until:
                stop(process)
                return False
            time.sleep(0.05)
    return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the server: politely, then at once."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)
