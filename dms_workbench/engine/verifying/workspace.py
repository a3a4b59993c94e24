"""The private DuckDB database that holds both sides while they are compared.

Long queries run on a thread of their own, so that a wish to stop is heard while they run.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..control import Control, stop_if_wished
from ..databases.arrow_alone import arrow_alone
from .canonical import MACROS
from .losses import LOSSES
from .spellings import SPELLINGS
from .structures import STRUCTURES, record_meaning

if TYPE_CHECKING:
    import duckdb
    import pyarrow

SETTINGS = (
    "SET memory_limit = '256MB'",
    "SET temp_directory = '{spill}'",
    "SET TimeZone = 'UTC'",
    "SET preserve_insertion_order = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
"""In this order: the last two forbid the others."""
SECONDS_BETWEEN_WISHES = 0.2
ROWS_IN_TRANSACTION = 250_000
ROWS_AT_A_TIME = 1_000
LARGE_BYTES = 16_000_000
"""The next batch is not read while one of so many bytes is inserted: both would be in memory."""


EVERYTHING = "SELECT view_name, 'VIEW' FROM duckdb_views() WHERE NOT internal UNION ALL SELECT table_name, 'TABLE' FROM duckdb_tables()"


class Workspace:
    """One file in a private folder, removed when closed."""

    def __init__(self, folder: Path, control: Control) -> None:
        """Create the file; folder must exist and be private to this process."""
        self.path = folder / "verify.duckdb"
        self.control = control
        self.marker = secrets.token_hex(16) + "@"
        """Begins what stands for a large value; drawn anew, so that no value begins with it."""
        remove_database(self.path)
        self.connection = open_spool(self.path)
        for spelling in (*SPELLINGS, *STRUCTURES):
            register(self.connection, spelling, 1)
        for loss in (*LOSSES, record_meaning):
            register(self.connection, loss, 2)
        for name, body in MACROS.items():
            self.connection.execute(f"CREATE MACRO {name}(x) AS {body}")

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a statement and give all its rows; raises Stopped soon after a stop is wished."""
        rows: list[tuple[Any, ...]] = interruptible(
            lambda: self.connection.execute(sql).fetchall(), self.connection.interrupt, self.control
        )
        return rows

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Run a query and give its rows, never all in memory; raises Stopped soon after a stop is wished."""
        cursor = self.connection.cursor()
        try:
            interruptible(lambda: cursor.execute(sql), cursor.interrupt, self.control)
            while some := cursor.fetchmany(ROWS_AT_A_TIME):
                yield from some
                stop_if_wished(self.control)
        finally:
            cursor.close()

    def insert(self, sql: str, batch: pyarrow.Table) -> None:
        """Run an INSERT that reads the Arrow table ``batch``."""
        self.connection.register("batch", batch)
        try:
            self.connection.execute(sql)
        finally:
            self.connection.unregister("batch")

    @contextlib.contextmanager
    def inserting(self) -> Iterator[Callable[[str, pyarrow.Table], None]]:
        """Many inserts, each done on another thread while the next batch is read, some of them to a transaction.

        One transaction for all would keep its rows in memory, one for each would write them twice.
        """
        with ThreadPoolExecutor(1, thread_name_prefix="spool") as pool:
            running: list[Future[None]] = []
            rows = 0

            def insert(sql: str, batch: pyarrow.Table) -> None:
                nonlocal rows
                while running:
                    running.pop().result()
                before, rows = rows, rows + batch.num_rows
                if before // ROWS_IN_TRANSACTION < rows // ROWS_IN_TRANSACTION:
                    self.connection.execute("COMMIT")
                    self.connection.execute("BEGIN")
                running.append(pool.submit(self.insert, sql, batch))
                if batch.nbytes > LARGE_BYTES:
                    running.pop().result()

            self.connection.execute("BEGIN")
            try:
                yield insert
                while running:
                    running.pop().result()
            except BaseException:
                pool.shutdown()
                self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")

    def clear(self) -> None:
        """Drop all tables and views."""
        for name, kind in self.connection.execute(EVERYTHING).fetchall():
            self.connection.execute(f'DROP {kind} IF EXISTS "{name}"')

    def close(self) -> None:
        """Close and remove the file."""
        self.connection.close()
        remove_database(self.path)


class Workspaces:
    """Gives one workspace after the other: the same one, emptied, as long as nothing went wrong in it."""

    def __init__(self, folder: Path, control: Control) -> None:
        self.folder = folder
        self.control = control
        self.workspace: Workspace | None = None

    @contextlib.contextmanager
    def empty(self) -> Iterator[Workspace]:
        """An empty workspace."""
        workspace = self.workspace or Workspace(self.folder, self.control)
        self.workspace = None
        try:
            yield workspace
            workspace.clear()
        except BaseException:
            workspace.close()
            raise
        self.workspace = workspace

    def __enter__(self) -> Workspaces:
        return self

    def __exit__(self, *_: object) -> None:
        if self.workspace is not None:
            self.workspace.close()


def open_spool(path: Path) -> duckdb.DuckDBPyConnection:
    """A DuckDB file that can reach nothing but itself and the folder it spills to."""
    import duckdb

    arrow_alone()
    connection = duckdb.connect(str(path))
    for setting in SETTINGS:
        connection.execute(setting.format(spill=str(path.parent / "spill").replace("'", "''")))
    return connection


def register(connection: duckdb.DuckDBPyConnection, function: Callable[..., str | None], texts: int) -> None:
    """Make a function of so many texts callable in SQL, under its own name; it is given NULL too."""
    from duckdb.func import FunctionNullHandling

    parameters: list[Any] = ["VARCHAR"] * texts
    special = FunctionNullHandling.SPECIAL
    connection.create_function(function.__name__, function, parameters, "VARCHAR", null_handling=special)


def remove_database(path: Path) -> None:
    """Remove the file and what DuckDB keeps beside it."""
    for name in (path, path.with_name(path.name + ".wal")):
        name.unlink(missing_ok=True)


def interruptible(work: Callable[[], Any], interrupt: Callable[[], None], control: Control) -> Any:
    """What ``work`` returns or raises; it runs on a thread and is interrupted when a stop is wished."""
    outcome: dict[str, Any] = {}

    def run() -> None:
        try:
            outcome["result"] = work()
        except BaseException as error:  # noqa: BLE001 - handed to the caller's thread
            outcome["error"] = error

    thread = threading.Thread(target=run, name="verify")
    thread.start()
    try:
        while thread.is_alive():
            thread.join(SECONDS_BETWEEN_WISHES)
            if thread.is_alive():
                stop_if_wished(control)
    except BaseException:
        interrupt()
        thread.join()
        raise
    if "error" in outcome:
        raise outcome["error"]
    return outcome["result"]
