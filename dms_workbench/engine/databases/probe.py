"""Trying a connection: what is there and what may be done with it, or which part of the connection is to blame.

`probe` connects, looks and leaves no trace: nothing is created, no row is read.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ...kernel.errors import WorkbenchError
from .errors import (
    ConnectTimeout,
    DatabaseBusy,
    DatabaseMissing,
    DriverMissing,
    FileMissing,
    FileNotADatabase,
    FileReadOnly,
    FileUnreadable,
    HostNotFound,
    InvalidUrl,
    NoHostAnswers,
    OptionNotAllowed,
    PasswordWithheld,
    PasswordWrong,
    PortUnreachable,
    PrivilegeMissing,
    TlsFailed,
    UnknownDatabase,
    UserUnknown,
)
from .postgres.service import ServiceFileUnreadable, ServiceMissing
from .tunnel import TunnelFailed
from .urls import ConnectionUrl, VariableMissing, database_for, is_loopback, normalise, warnings_of

if TYPE_CHECKING:
    import psycopg

BLAME: dict[type[WorkbenchError], str] = {
    HostNotFound: "host",
    PortUnreachable: "port",
    ConnectTimeout: "host",
    NoHostAnswers: "host",
    TunnelFailed: "options",
    TlsFailed: "tls",
    UserUnknown: "user",
    PasswordWrong: "password",
    PasswordWithheld: "password",
    VariableMissing: "password",
    DatabaseMissing: "database",
    PrivilegeMissing: "user",
    FileMissing: "path",
    FileUnreadable: "path",
    FileNotADatabase: "path",
    FileReadOnly: "path",
    DatabaseBusy: "path",
    InvalidUrl: "url",
    UnknownDatabase: "url",
    OptionNotAllowed: "options",
    ServiceMissing: "options",
    ServiceFileUnreadable: "options",
    DriverMissing: "url",
}
"""The part of a connection that an error speaks of, so that a form can mark it."""


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What a connection leads to.

    product, version, identity: of the server or file; identity is the same whatever the host is called.
    user, name: as the server knows them. encoding: of the database's text. size_bytes: of the database.
    free_bytes: on the disk of the file; None where it is not knowable. tls: version of TLS; empty without it.
    can_read, can_write: any of its tables; can_create: new tables. tables: visible to the user.
    warnings: what is allowed but deserves attention, one sentence each.
    """

    product: str
    version: str
    identity: str
    user: str = ""
    name: str = ""
    encoding: str = ""
    tls: str = ""
    size_bytes: int | None = None
    free_bytes: int | None = None
    tables: int | None = None
    can_read: bool = True
    can_write: bool = False
    can_create: bool = False
    warnings: tuple[str, ...] = field(default=())


def probe(url: ConnectionUrl | str, *, as_target: bool = False, timeout_seconds: float = 10.0) -> ProbeReport:
    """Connect and look around.

    as_target: it is to be written to, so missing rights are errors; a file that is missing may then be made.
    timeout_seconds: for connecting, and again for looking.

    Raises the errors of `engine.databases.errors`, one class for each cause; `blame` names the part at fault.
    """
    url = normalise(url)
    looks = {
        "postgres": _probe_postgres,
        "mysql": _probe_mysql,
        "sqlite": _probe_sqlite,
        "duckdb": _probe_duckdb,
        "files": _probe_files,
    }
    return looks[url.database](url, as_target, timeout_seconds)


def blame(error: BaseException) -> str:
    """host, port, user, password, database, path, tls, url or options; empty if none is to blame."""
    return next((BLAME[kind] for kind in type(error).__mro__ if kind in BLAME), "")


POSTGRES_FACTS = """
select current_setting('server_version') as version, current_user::text as user, current_database()::text as name,
  pg_encoding_to_char(d.encoding)::text as encoding, pg_is_in_recovery() as standby,
  current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes,
  (select s.reset_val from pg_settings s where s.name = 'synchronous_commit') as synchronous_commit,
  (select s.reset_val from pg_settings s where s.name = 'default_transaction_read_only') as read_only,
  coalesce((select s.version from pg_stat_ssl s where s.ssl and s.pid = pg_backend_pid()), '') as tls,
  r.rolsuper as superuser,
  has_database_privilege(current_database(), 'CREATE') as can_create_schema,
  exists (select from pg_namespace n where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and has_schema_privilege(n.oid, 'CREATE')) as can_create_table
from pg_database d, pg_roles r where d.datname = current_database() and r.rolname = current_user
"""

POSTGRES_TABLES = """
select count(*), count(*) filter (where has_table_privilege(c.oid, 'SELECT')),
  count(*) filter (where has_table_privilege(c.oid, 'INSERT'))
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'dms_ledger')
"""


def _probe_postgres(url: ConnectionUrl, as_target: bool, timeout_seconds: float) -> ProbeReport:
    import psycopg

    from .postgres.connect import connect, explained_while_looking

    with contextlib.closing(
        connect(url, application_name="dms probe", read_only=True, connect_timeout_seconds=timeout_seconds)
    ) as connection:
        try:
            connection.execute(f"set statement_timeout = {int(timeout_seconds * 1000)}")
            report = _postgres_report(url, connection)
        except psycopg.Error as error:
            raise explained_while_looking(error, url) from None
    if as_target and not (report.can_create or report.can_write):
        reason = "it may neither create tables nor insert rows"
        raise PrivilegeMissing(user=report.user, action=f"write to {report.name}", reason=reason)
    return report


def _postgres_report(url: ConnectionUrl, connection: psycopg.Connection[Any]) -> ProbeReport:
    from psycopg.rows import dict_row

    facts = connection.cursor(row_factory=dict_row).execute(POSTGRES_FACTS).fetchone() or {}
    tables, readable, writable = connection.execute(POSTGRES_TABLES).fetchone() or (0, 0, 0)
    writes = not facts["standby"] and facts["read_only"] == "off"
    return ProbeReport(
        product="PostgreSQL",
        version=facts["version"],
        identity=_quietly(connection, "select 'postgres:' || system_identifier || '/' || current_database() "
                          "from pg_control_system()") or url.without_secrets,
        user=facts["user"],
        name=facts["name"],
        encoding=facts["encoding"],
        tls=facts["tls"],
        size_bytes=_quietly(connection, "select pg_database_size(current_database())"),
        tables=tables,
        can_read=readable == tables,
        can_write=writes and writable > 0,
        can_create=writes and (facts["can_create_schema"] or facts["can_create_table"]),
        warnings=(*warnings_of(url), *_postgres_warnings(url, facts, tables - readable)),
    )  # fmt: skip


def _quietly(connection: psycopg.Connection[Any], sql: str) -> Any:
    """The value of a query that this user may not be allowed to send; None then."""
    import psycopg

    try:
        row = connection.execute(sql.encode()).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return None
    return row[0] if row else None


def _postgres_warnings(url: ConnectionUrl, facts: dict[str, Any], unreadable: int) -> list[str]:
    said = {
        f"User {facts['user']} is a superuser: a role with the rights needed is safer.": facts["superuser"],
        "fsync is off: a crash of the server can lose or damage what was written.": facts["fsync"] == "off",
        "full_page_writes is off: a crash of the server can damage what was written.":
            facts["full_page_writes"] == "off",
        "synchronous_commit is off for this user; runs switch it on for themselves.":
            facts["synchronous_commit"] == "off",
        "The server is a standby: it can be read, not written.": facts["standby"],
        "The connection is not encrypted.": not facts["tls"] and not all(is_loopback(host.name) for host in url.hosts),
        f"The text is {facts['encoding']}, not UTF8: characters outside it cannot be written.":
            facts["encoding"] != "UTF8",
        f"{unreadable} tables may not be read by user {facts['user']}.": unreadable,
    }  # fmt: skip
    return [sentence for sentence, holds in said.items() if holds]


def _probe_mysql(url: ConnectionUrl, as_target: bool, timeout_seconds: float) -> ProbeReport:
    database_for(url)
    from .mysql.probe import probe as look

    return look(url, as_target, timeout_seconds)


def _probe_sqlite(url: ConnectionUrl, as_target: bool, timeout_seconds: float) -> ProbeReport:
    from .sqlite.connect import open_for_reading, open_for_writing
    from .sqlite.errors import translated

    if as_target and not _has_content(url.path):
        return _report_of_new_file(url, "SQLite")
    if as_target:
        connection = open_for_writing(url.path, create=False, busy_timeout_seconds=timeout_seconds)
    else:
        connection = open_for_reading(url.path, busy_timeout_seconds=timeout_seconds)
    with contextlib.closing(connection), translated(url.path):
        if as_target:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0]
        encoding = connection.execute("PRAGMA encoding").fetchone()[0]
        version = connection.execute("SELECT sqlite_version()").fetchone()[0]
    return _report_of_file(url, "SQLite", version, encoding=encoding, tables=tables)


def _probe_duckdb(url: ConnectionUrl, as_target: bool, timeout_seconds: float) -> ProbeReport:  # noqa: ARG001  as the others
    if as_target and not _has_content(url.path):
        return _report_of_new_file(url, "DuckDB")
    asked = "SELECT count(*), version() FROM duckdb_tables() WHERE NOT internal"
    if as_target:
        with contextlib.closing(database_for(url).open_target(url.without_secrets, create=False)) as target:
            ((tables, version),) = target.query(asked)
    else:
        with contextlib.closing(database_for(url).open_source(url.without_secrets)) as source:
            ((tables, version),) = next(source.stream(asked))
    return _report_of_file(url, "DuckDB", version.lstrip("v"), encoding="UTF-8", tables=tables)


def _probe_files(url: ConnectionUrl, as_target: bool, timeout_seconds: float) -> ProbeReport:  # noqa: ARG001  as the others
    """Every file is read, so that what is said of it holds for all its rows."""
    from .files.location import location_of

    location = location_of(url)
    if as_target:
        with contextlib.closing(database_for(url).open_target(url.without_secrets, create=False)):
            pass
    if not os.path.lexists(url.path) and not location.is_pattern and as_target:
        return _report_of_file(url, "Files", "", tables=0, warnings=("The folder does not exist: a run will make it.",))
    with contextlib.closing(database_for(url).open_source(url.without_secrets)) as source:
        tables = source.catalogue().tables
    said = [
        f"{table.name.name}: {text}"
        for table in tables
        for name, text in table.options
        if name in ("dialect", "reason", "faults")
    ]
    report = _report_of_file(url, "Files", "", tables=len(tables), warnings=tuple(said))
    size_bytes = sum(table.size_bytes or 0 for table in tables)
    return replace(report, identity=location.identity, size_bytes=size_bytes)


def _has_content(path: str) -> bool:
    return os.path.exists(path) and (not os.path.isfile(path) or os.path.getsize(path) > 0)


def _report_of_new_file(url: ConnectionUrl, product: str) -> ProbeReport:
    """For a target whose file is still to be made: may it be?"""
    folder = os.path.dirname(url.path)
    if not os.path.isdir(folder):
        raise FileMissing(path=folder, database=product)
    for place in (url.path, folder):
        if os.path.exists(place) and not os.access(place, os.W_OK):
            raise FileReadOnly(path=place, database=product, reason="permission denied")
    return _report_of_file(url, product, "", tables=0, warnings=("The file is still empty: a run will make it.",))


def _report_of_file(url: ConnectionUrl, product: str, version: str, **facts: Any) -> ProbeReport:
    folder = os.path.dirname(url.path)
    writable = os.access(folder, os.W_OK) and (not os.path.exists(url.path) or os.access(url.path, os.W_OK))
    return ProbeReport(
        product=product,
        version=version,
        identity=f"{url.database}:{os.path.realpath(url.path)}",
        name=os.path.basename(url.path),
        size_bytes=os.path.getsize(url.path) if os.path.exists(url.path) else 0,
        free_bytes=shutil.disk_usage(folder).free,
        can_write=writable,
        can_create=writable,
        **facts,
    )
