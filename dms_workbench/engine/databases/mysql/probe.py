"""Trying a connection to MySQL or MariaDB: what is there and what may be done with it."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

from ..errors import PrivilegeMissing
from ..probe import ProbeReport
from ..urls import ConnectionUrl, is_loopback, warnings_of
from .capabilities import is_mariadb
from .connect import connect
from .errors import translated
from .read import TRANSACTIONAL, database_identity

if TYPE_CHECKING:
    from .wire import Connection

FACTS = """
select version(), current_user(), database(), @@character_set_database, @@collation_database, @@global.sql_mode,
  @@global.read_only, @@global.innodb_flush_log_at_trx_commit, @@lower_case_table_names
"""
NAMES = ["version", "user", "name", "charset", "collation", "sql_mode", "read_only", "flush", "folds"]
TABLES = """
select table_name, engine, coalesce(data_length, 0) + coalesce(index_length, 0) from information_schema.tables
where table_schema = database() and table_type in ('BASE TABLE', 'SYSTEM VERSIONED') and table_name not like 'dms\\_ledger\\_%'
"""
GRANT = re.compile(r"GRANT (?P<rights>.+?) ON (?P<database>\*|`(?:[^`]|``)*`)\.(?P<table>\*|`(?:[^`]|``)*`) TO ")
EVERYTHING = "ALL PRIVILEGES"
STRICT = ("STRICT_ALL_TABLES", "STRICT_TRANS_TABLES", "TRADITIONAL")
Rows = list[tuple[Any, ...]]


def probe(url: ConnectionUrl, as_target: bool, timeout_seconds: float) -> ProbeReport:
    """Connect, look and leave no trace. Raises the errors of `engine.databases.errors`."""
    connection = connect(url, application_name="dms probe", read_only=True, connect_timeout_seconds=timeout_seconds)
    with contextlib.closing(connection), translated(connection):
        facts = dict(zip(NAMES, rows(connection, FACTS)[0], strict=True))
        limit_time(connection, str(facts["version"]), timeout_seconds)
        report = described(url, connection, facts)
    if as_target and not (report.can_create or report.can_write):
        reason = "it may neither create tables nor insert rows"
        raise PrivilegeMissing(user=report.user, action=f"write to {report.name}", reason=reason)
    return report


def rows(connection: Connection, sql: str) -> Rows:
    """All rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def limit_time(connection: Connection, version: str, seconds: float) -> None:
    """Let no question take longer."""
    setting = (
        f"max_statement_time = {seconds}" if is_mariadb(version) else f"max_execution_time = {int(seconds * 1000)}"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"set session {setting}")


def described(url: ConnectionUrl, connection: Connection, facts: dict[str, Any]) -> ProbeReport:
    """The report."""
    tables = rows(connection, TABLES)
    rights = Rights([str(row[0]) for row in rows(connection, "show grants")], str(facts["name"]))
    tls = next((str(row[1]) for row in rows(connection, "show session status like 'Ssl_version'")), "")
    writes = not is_on(facts["read_only"]) or rights.allows("READ_ONLY ADMIN")
    names = [str(row[0]) for row in tables]
    unreadable = sum(not rights.allows("SELECT", name) for name in names)
    return ProbeReport(
        product="MariaDB" if is_mariadb(str(facts["version"])) else "MySQL",
        version=str(facts["version"]).partition("-")[0],
        identity=database_identity(connection),
        user=str(facts["user"]),
        name=str(facts["name"]),
        encoding=str(facts["charset"]),
        tls=tls,
        size_bytes=sum(int(row[2]) for row in tables),
        tables=len(tables),
        can_read=not unreadable,
        can_write=writes and (rights.allows("INSERT") or any(rights.allows("INSERT", name) for name in names)),
        can_create=writes and rights.allows("CREATE"),
        warnings=(*warnings_of(url), *warnings(url, facts, tables, rights, tls, unreadable)),
    )


def is_on(value: Any) -> bool:
    """Is a variable of the server switched on?"""
    return str(value).upper() in ("1", "ON")


class Rights:
    """What SHOW GRANTS says that the user may do with one database."""

    def __init__(self, grants: list[str], database: str) -> None:
        """grants: lines of SHOW GRANTS. database: the one that is asked about."""
        self.everywhere: set[str] = set()
        self.here: set[str] = set()
        self.tables: dict[str, set[str]] = {}
        for match in filter(None, map(GRANT.match, grants)):
            rights = {right.strip() for right in re.sub(r"\([^)]*\)", "(…)", match["rights"]).split(",")}
            if match["database"] == "*":
                self.everywhere |= rights
            elif match["table"] == "*" and fits(unquoted(match["database"]), database):
                self.here |= rights
            elif unquoted(match["database"]) == database:
                self.tables.setdefault(unquoted(match["table"]), set()).update(rights)

    def allows(self, right: str, table: str | None = None) -> bool:
        """May the user do it, in the whole database or with a table?"""
        wanted = {right, EVERYTHING}
        of_table = self.tables.get(table, set()) if table is not None else set()
        return bool(wanted & (self.everywhere | self.here | of_table))

    @property
    def is_everything(self) -> bool:
        """May the user do everything on the server?"""
        return bool(self.everywhere & {EVERYTHING, "SUPER"})


def unquoted(name: str) -> str:
    """An identifier without its backquotes."""
    return name[1:-1].replace("``", "`")


def fits(pattern: str, name: str) -> bool:
    """Does a database's name fit the pattern of a grant: % for any text, _ for any character, a backslash before either?"""
    parts = re.findall(r"\\.|.", pattern)
    wild = {"%": ".*", "_": "."}
    return re.fullmatch("".join(wild.get(part, re.escape(part.removeprefix("\\"))) for part in parts), name) is not None


def warnings(
    url: ConnectionUrl, facts: dict[str, Any], tables: Rows, rights: Rights, tls: str, unreadable: int
) -> list[str]:
    """What deserves attention, one sentence each."""
    loose = sorted({str(row[1]) for row in tables if row[1] is not None and row[1] not in TRANSACTIONAL})
    said = {
        f"User {facts['user']} may do everything on the server: a user with the rights needed is safer.":
            rights.is_everything,
        "innodb_flush_log_at_trx_commit is not 1: a crash of the server can lose what was written last.":
            str(facts["flush"]) != "1",
        "The server is read-only: it can be read, not written.": is_on(facts["read_only"]),
        "The connection is not encrypted.": not tls and not all(is_loopback(host.name) for host in url.hosts),
        f"The database's character set is {facts['charset']}, not utf8mb4: what other programs add may not hold every character.":
            facts["charset"] != "utf8mb4",
        "sql_mode is not strict on this server: other programs may store values cut off. Runs are strict themselves.":
            not any(mode in str(facts["sql_mode"]) for mode in STRICT),
        f"Tables of the engines {', '.join(loose)} have no transactions: no snapshot holds them.": loose,
        f"{unreadable} tables may not be read by user {facts['user']}.": unreadable,
    }  # fmt: skip
    return [sentence for sentence, holds in said.items() if holds]
