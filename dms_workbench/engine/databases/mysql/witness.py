"""MySQL and MariaDB seen from a session beside: lock waits, structures of tables, what makes a server doubtful."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..catalogue import Table
from ..sockets import limited
from ..witness import WITNESS_SECONDS, TableState, Witness, without_values
from .errors import translated

if TYPE_CHECKING:
    from .wire import Connection

BLOCKERS = """
select p.id, p.user, p.command, coalesce(b.trx_query, p.info, '') from information_schema.innodb_lock_waits w
join information_schema.innodb_trx r on r.trx_id = w.requesting_trx_id
join information_schema.innodb_trx b on b.trx_id = w.blocking_trx_id
join information_schema.processlist p on p.id = b.trx_mysql_thread_id
where r.trx_mysql_thread_id = %s limit 3
"""
BLOCKERS_IN_MYSQL = """
select p.id, p.user, p.command, coalesce(p.info, '') from sys.innodb_lock_waits w
join information_schema.processlist p on p.id = w.blocking_pid where w.waiting_pid = %s limit 3
"""
STATE = "select coalesce(state, '') from information_schema.processlist where id = %s"
COLUMNS = """
select '', coalesce(cast(create_time as char), '') from information_schema.tables where table_schema = %s and table_name = %s
union all
select column_name, concat(column_type, if(is_nullable = 'NO', ' not null', ''), if(extra like '%%GENERATED%%', ' generated', ''))
from information_schema.columns where table_schema = %s and table_name = %s
"""
DURABILITY = "show global variables where variable_name in ('innodb_flush_log_at_trx_commit', 'innodb_doublewrite')"


SIGNS = "select p.* from information_schema.processlist p where id = %s"
SPARE = """
select least(@@global.max_connections, @@max_user_connections + if(@@max_user_connections = 0, 1000000, 0))
  - (select count(*) from information_schema.processlist)
"""


class MysqlWitness(Witness):
    """Looks at the sessions of one side of a run."""

    def __init__(self, url: str) -> None:
        """url: of the server."""
        self.url = url
        self.own: Connection | None = None

    def is_alive(self, side: Any) -> bool:
        """Does the session still answer?"""
        return is_alive(side.connection)

    def table_state(self, side: Any, table: Table) -> TableState:
        """The structure of a table at this moment."""
        return table_state(side.connection, table, side.database)

    def doubts(self, target: Any) -> Sequence[str]:
        """Settings with which committed rows can be lost."""
        return doubts(target.connection)

    def spare_sessions(self, side: Any) -> int | None:
        """Sessions that the server still takes."""
        with translated(side.connection), side.connection.cursor() as cursor:
            cursor.execute(SPARE)
            return int(cursor.fetchone()[0])

    def number(self, side: Any) -> int | None:
        """The number that the server told when the session began."""
        return side.connection.session if side.connection.open else None

    def is_busy(self, side: Any) -> bool:
        """Is a statement under way, or a result being read?"""
        return side.connection._result is None or side.connection.is_streaming()

    @property
    def session(self) -> Connection:
        """The witness's own session. Raises the errors of `connect`."""
        from .connect import connect

        if self.own is None or not self.own.open:
            self.own = connect(self.url, application_name="dms witness", read_only=True, connect_timeout_seconds=5)
        return self.own

    def blocked_by(self, number: int) -> str:
        """The sessions whose lock it waits for; of a lock on a whole table the server does not tell whose it is."""
        rows = self.rows(BLOCKERS, number) or self.rows(BLOCKERS_IN_MYSQL, number)
        if rows:
            return "; ".join(
                f"session {of} ({user}), {command}: {without_values(str(query))}" for of, user, command, query in rows
            )
        states = self.rows(STATE, number)
        state = str(states[0][0]) if states else ""
        return f"another session's lock ({state})" if "lock" in state.lower() else ""

    def rows(self, sql: str, number: int) -> list[tuple[Any, ...]]:
        """Rows of a query on the server's own views; none where it has no such view, or does not show it."""
        from pymysql import err

        try:
            with limited(self.session, WITNESS_SECONDS), self.session.cursor() as cursor:
                cursor.execute(sql, (number,))
                return list(cursor.fetchall())
        except (err.ProgrammingError, err.OperationalError, err.InternalError):
            return []

    def signs_of_life(self, number: int) -> str:
        """Its command, state and progress; how long it has been at it is no sign."""
        with limited(self.session, WITNESS_SECONDS), translated(self.session), self.session.cursor() as cursor:
            cursor.execute(SIGNS, (number,))
            row = cursor.fetchone()
            names = [column[0].lower() for column in cursor.description or ()]
        return str([value for name, value in zip(names, row or (), strict=False) if not name.startswith("time")])

    def end(self, number: int) -> None:
        """End a session; where it is gone already there is nothing to do."""
        from pymysql import err

        with limited(self.session, WITNESS_SECONDS), contextlib.suppress(err.Error):
            self.session.query(f"KILL {int(number)}")

    def close(self) -> None:
        """Close the own session."""
        if self.own is not None:
            self.own.drop()


def is_alive(connection: Connection) -> bool:
    """Does the session answer? One that is in the middle of a result is not asked."""
    from pymysql import err

    if not connection.open:
        return False
    if connection.is_streaming():
        return True
    try:
        connection.query("select 1")
    except (err.Error, OSError):
        return False
    return True


def table_state(connection: Connection, table: Table, database: str) -> dict[str, str]:
    """The structure of a table at this moment."""
    place = (table.name.schema or database, table.name.name)
    with translated(connection), connection.cursor() as cursor:
        cursor.execute(COLUMNS, (*place, *place))
        return {str(name): str(said) for name, said in cursor.fetchall()}


def doubts(connection: Connection) -> list[str]:
    """Settings of the server with which committed rows can be lost."""
    with translated(connection), connection.cursor() as cursor:
        cursor.execute(DURABILITY)
        settings = {str(name): str(value) for name, value in cursor.fetchall()}
    found = []
    if settings.get("innodb_flush_log_at_trx_commit", "1") != "1":
        found.append(
            "the target runs with innodb_flush_log_at_trx_commit other than 1: rows that are committed can be lost when "
            "its machine stops"
        )
    return found
