"""The metadata store: SQLite in the user's data folder by default, PostgreSQL by URL.

Every table is registered on ``metadata`` by its feature's store.py, carries ``organisation_id``, and is made by a
migration in kernel/migrations. A command writes in one transaction; a query reads on a read-only connection that
sees each commit of others at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    String,
    Table,
    TypeDecorator,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError

from ..platform import data_folder, private_file, private_folder
from .errors import Failed, UsageError

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)
FILE_NAME = "workbench.sqlite"
BUSY_TIMEOUT_SECONDS = 15
MIGRATION_LOCK = 0x646D7377  # "dmsw"
BEGIN_WRITING = "BEGIN IMMEDIATE"


class StoreUnavailable(Failed, code="store-unavailable", status=503, retryable=True, safe="Nothing was changed."):
    """The metadata store {store} cannot be opened: {reason}"""


class StoreTooNew(
    Failed, code="store-too-new", status=503, safe="Nothing was changed.", next="pip install --upgrade dms-workbench"
):
    """The metadata store {store} has version {found}; this release knows versions up to {known}."""


class UnknownStore(UsageError, code="unknown-store", status=422, exit_code=2):
    """{url} names no metadata store. Write sqlite:///path/to/file, postgresql://host/database or https://service."""


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, aware of its zone on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  SQLAlchemy passes it
        """To UTC; SQLite keeps it without zone."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  SQLAlchemy passes it
        """As UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


outbox = Table(
    "outbox",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("organisation_id", String(36), nullable=False),
    Column("at", Instant, nullable=False),
    Column("name", String(100), nullable=False),
    Column("body", JSON, nullable=False),
    Column("delivered_at", Instant),
)


class Store:
    """An open metadata database. Threads may share it; processes open their own."""

    def __init__(self, url: URL) -> None:
        """Make the engines; nothing is opened yet. Use ``Store.open``."""
        self.url = url
        self.name = url.render_as_string(hide_password=True)
        self._writer, self._reader = engines(url)

    @classmethod
    def open(cls, url: str | None = None) -> Store:
        """Open a store and bring it to this release's version.

        url: ``sqlite:///file`` or ``postgresql://…``; None for the file in the data folder.
        Raises UnknownStore, StoreUnavailable, StoreTooNew.
        """
        store = cls(address(url))
        try:
            upgrade(store)
        except DatabaseError as error:
            store.close()
            raise StoreUnavailable(store=store.name, reason=first_line(error)) from error
        return store

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: committed at the end, rolled back by an exception."""
        with self._writer.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A read-only connection without a transaction: each statement sees the newest commits."""
        with self._reader.connect() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self._writer.dispose()
        self._reader.dispose()


def address(url: str | None) -> URL:
    """The URL with its driver; the default file when there is none. Raises UnknownStore."""
    if url is None:
        return URL.create("sqlite", database=str(data_folder() / FILE_NAME))
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UnknownStore(url=url.partition("://")[0]) from error
    kind = parsed.get_backend_name()
    if kind == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return URL.create("sqlite", database=str(Path(str(parsed.database)).absolute()))
    if kind in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise UnknownStore(url=parsed.render_as_string(hide_password=True))


def engines(url: URL) -> tuple[Engine, Engine]:
    """One engine to write in transactions, one that can only read."""
    return sqlite_engines(url) if url.get_backend_name() == "sqlite" else postgres_engines(url)


def postgres_engines(url: URL) -> tuple[Engine, Engine]:
    """The reader commits by itself and its sessions are read-only."""
    reading = {"options": "-c default_transaction_read_only=on"}
    return (
        create_engine(url, pool_pre_ping=True, hide_parameters=True),
        create_engine(
            url, pool_pre_ping=True, hide_parameters=True, isolation_level="AUTOCOMMIT", connect_args=reading
        ),
    )


def sqlite_engines(url: URL) -> tuple[Engine, Engine]:
    """The writer takes the write lock at BEGIN, so that it waits instead of failing half-way."""
    path = Path(str(url.database))
    try:
        private_folder(path.parent)
        private_file(path)
    except OSError as error:
        raise StoreUnavailable(store=str(path), reason=error.strerror or str(error)) from error
    writer = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})
    reader = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})
    event.listen(writer, "connect", prepare_writer)
    event.listen(writer, "begin", begin_writing)
    event.listen(reader, "connect", prepare_reader)
    return writer, reader


def prepare_writer(connection: Any, _record: Any) -> None:
    """A new SQLite connection: transactions are ours to begin, foreign keys hold."""
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")


def prepare_reader(connection: Any, record: Any) -> None:
    """The same, and read-only."""
    prepare_writer(connection, record)
    connection.execute("PRAGMA query_only = ON")


def begin_writing(connection: Connection) -> None:
    """Begin with the write lock."""
    connection.exec_driver_sql(BEGIN_WRITING)


def version(connection: Connection) -> str | None:
    """The store's version; None for an empty database."""
    try:
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except OperationalError as error:
        if "no such table" in str(error):
            return None
        raise
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") == "42P01":
            return None
        raise
    return found


def newest_version() -> str:
    """The version this release knows: the highest number among the migration files."""
    folder = Path(__file__).parent / "migrations" / "versions"
    return max(path.name.partition("_")[0] for path in folder.glob("[0-9][0-9][0-9][0-9]_*.py"))


def upgrade(store: Store) -> None:
    """Bring the store to the newest version, in one transaction. Nearly always a look at the version is all."""
    newest = newest_version()
    with store.reading() as connection:
        found = version(connection)
    if found is not None and found > newest:
        raise StoreTooNew(store=store.name, found=found, known=newest)
    if found == newest:
        return
    with store.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        migrate(connection)


def migrate(connection: Connection) -> None:
    """Run the migrations that are missing; a no-op when another process was first."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def first_line(error: DBAPIError) -> str:
    """The database's own words, without the statement."""
    return str(error.orig).strip().partition("\n")[0]
