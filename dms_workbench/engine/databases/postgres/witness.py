"""PostgreSQL seen from a session beside: lock waits, structures of tables, what makes a server doubtful."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..catalogue import Table
from ..errors import PrivilegeMissing, SnapshotLost
from ..sockets import is_busy, limited
from ..witness import WITNESS_SECONDS, TableState, Witness, without_values
from .capabilities import qualified
from .errors import translated
from .read import PostgresSource

if TYPE_CHECKING:
    import psycopg

BLOCKERS = """
select b.pid, b.application_name, b.state, b.query from pg_catalog.pg_stat_activity w
cross join lateral pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) as of (pid)
join pg_catalog.pg_stat_activity b on b.pid = of.pid where w.pid = %s and w.wait_event_type = 'Lock' limit 3
"""
TABLE_STATES = """
select asked.number, '' as name, c.oid::pg_catalog.text as said
from pg_catalog.unnest(%s::pg_catalog.text[]) with ordinality as asked (name, number)
join pg_catalog.pg_class c on c.oid = pg_catalog.to_regclass(asked.name)
union all
select asked.number, a.attname,
  pg_catalog.format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then ' not null' else '' end
  || case when a.attgenerated <> '' then ' generated' else '' end
from pg_catalog.unnest(%s::pg_catalog.text[]) with ordinality as asked (name, number)
join pg_catalog.pg_attribute a on a.attrelid = pg_catalog.to_regclass(asked.name) and a.attnum > 0 and not a.attisdropped
"""
REWRITTEN = """
select asked.number from pg_catalog.unnest(%s::pg_catalog.text[]) with ordinality as asked (name, number)
left join pg_catalog.pg_class t on t.oid = pg_catalog.to_regclass(asked.name)
where t.oid is null or exists (
  select 1 from pg_catalog.pg_class c
  where c.oid in (select relid from pg_catalog.pg_partition_tree(pg_catalog.to_regclass(asked.name)) union select t.oid)
  and c.relfilenode <> coalesce(pg_catalog.pg_relation_filenode(c.oid), 0)
) order by asked.number limit 1
"""
"""Tables whose file is another one now than the snapshot shows: emptied, rewritten or made anew after it was taken.

What is read of them under the snapshot is not what they held then.
"""
SETTINGS = """
select name, setting from pg_catalog.pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit')
"""
STANDBYS = """
select count(*) filter (where sync_state = 'async'), count(*) filter (where sync_state <> 'async')
from pg_catalog.pg_stat_replication where state = 'streaming'
"""


SIGNS = """
select a.state, a.wait_event_type, a.wait_event, a.query_start, a.state_change,
  (select pg_catalog.row_to_json(p)::text from pg_catalog.pg_stat_progress_create_index p where p.pid = a.pid)
from pg_catalog.pg_stat_activity a where a.pid = %s
"""
SPARE = """
select pg_catalog.current_setting('max_connections')::int - pg_catalog.current_setting('superuser_reserved_connections')::int
  - (select count(*) from pg_catalog.pg_stat_activity where backend_type = 'client backend')
"""


class PostgresWitness(Witness):
    """Looks at the sessions of one side of a run."""

    def __init__(self, url: str) -> None:
        """url: of the server."""
        self.url = url
        self.own: psycopg.Connection[Any] | None = None

    def is_alive(self, side: Any) -> bool:
        """Does the session still answer? A source's also has to hold its snapshot, which ends with a transaction that failed."""
        return is_alive(side.connection) and not (isinstance(side, PostgresSource) and has_failed(side.connection))

    def table_state(self, side: Any, table: Table) -> TableState:
        """The structure of a table at this moment."""
        return table_states(side.connection, [table])[0]

    def table_states(self, side: Any, tables: Sequence[Table]) -> Sequence[TableState]:
        """As `table_state`, of several tables in one question."""
        return table_states(side.connection, tables)

    def check_snapshot(self, source: Any, tables: Sequence[Table]) -> None:
        """Raise SnapshotLost if a table was emptied or rewritten after it was taken."""
        refuse_rewritten(source.connection, tables)

    def doubts(self, target: Any) -> Sequence[str]:
        """Settings with which committed rows can be lost."""
        return doubts(target.connection)

    def spare_sessions(self, side: Any) -> int | None:
        """Sessions that the server still takes from any user."""
        with translated(side.connection):
            row = side.connection.execute(SPARE.encode()).fetchone()
        return int(row[0]) if row else None

    def number(self, side: Any) -> int | None:
        """The process number that the server told when the session began."""
        connection = side.connection
        return None if connection.closed else int(connection.pgconn.backend_pid)

    def is_busy(self, side: Any) -> bool:
        """Is a statement under way?"""
        return is_busy(side.connection)

    @property
    def session(self) -> psycopg.Connection[Any]:
        """The witness's own session. Raises the errors of `connect`."""
        from .connect import connect

        if self.own is None or self.own.closed:
            self.own = connect(self.url, application_name="dms witness", read_only=True, connect_timeout_seconds=5)
        return self.own

    def blocked_by(self, number: int) -> str:
        """The sessions whose lock a session waits for."""
        with limited(self.session, WITNESS_SECONDS), translated(self.session):
            rows = self.session.execute(BLOCKERS.encode(), (number,)).fetchall()
        return "; ".join(
            f"session {pid}{f' ({name})' if name else ''}, {state}: {without_values(str(query))}"
            for pid, name, state, query in rows
        )

    def signs_of_life(self, number: int) -> str:
        """Its state, what it waits for and how far an index is."""
        with limited(self.session, WITNESS_SECONDS), translated(self.session):
            return str(self.session.execute(SIGNS.encode(), (number,)).fetchone())

    def end(self, number: int) -> None:
        """Ask the server to end a session; where this role may not, the server's own time limits will."""
        with limited(self.session, WITNESS_SECONDS), contextlib.suppress(PrivilegeMissing), translated(self.session):
            self.session.execute(b"select pg_catalog.pg_terminate_backend(%s)", (number,))

    def close(self) -> None:
        """Close the own session."""
        if self.own is not None:
            self.own.close()


def is_alive(connection: psycopg.Connection[Any]) -> bool:
    """Does the session answer? One that is in the middle of a COPY is not asked."""
    import psycopg

    if connection.closed or connection.broken:
        return False
    if is_busy(connection):
        return True
    try:
        if not has_failed(connection):
            connection.execute(b"select 1")
    except psycopg.Error:
        return not (connection.closed or connection.broken)
    return True


def has_failed(connection: psycopg.Connection[Any]) -> bool:
    """Is its transaction one that only a rollback ends?"""
    from psycopg.pq import TransactionStatus

    return connection.info.transaction_status == TransactionStatus.INERROR


def table_states(connection: psycopg.Connection[Any], tables: Sequence[Table]) -> list[dict[str, str]]:
    """The structure of each table at this moment."""
    names = [qualified(table.name) for table in tables]
    with translated(connection):
        rows = connection.execute(TABLE_STATES.encode(), (names, names)).fetchall()
    found: list[dict[str, str]] = [{} for _ in tables]
    for number, column, said in rows:
        found[int(number) - 1][str(column)] = str(said)
    return [state if "" in state else {} for state in found]


def refuse_rewritten(connection: psycopg.Connection[Any], tables: Sequence[Table]) -> None:
    """Raise SnapshotLost if a table was emptied or rewritten after the snapshot; no other session can once it is read."""
    with translated(connection):
        row = connection.execute(REWRITTEN.encode(), ([qualified(table.name) for table in tables],)).fetchone()
    if row is not None:
        name = tables[int(row[0]) - 1].name
        raise SnapshotLost(
            database="PostgreSQL", reason=f"{name} was emptied or rewritten after the snapshot was taken"
        )


def doubts(connection: psycopg.Connection[Any]) -> list[str]:
    """Settings of the server with which committed rows can be lost."""
    with translated(connection):
        settings = {str(name): str(value) for name, value in connection.execute(SETTINGS.encode()).fetchall()}
        row = connection.execute(STANDBYS.encode()).fetchone()
    found = [
        f"the target runs with {name} = off: rows that are committed can be lost when its machine stops"
        for name in ("fsync", "full_page_writes")
        if settings.get(name) == "off"
    ]
    if settings.get("synchronous_commit") not in ("on", "remote_apply"):
        found.append("the target does not let this session commit with synchronous_commit = on")
    asynchronous, synchronous = row or (0, 0)
    if asynchronous and not synchronous:
        found.append("the target's standbys follow asynchronously: the last commits can be lost in a failover")
    return found
