"""PostgreSQL seen from a session beside: lock waits, structures of tables, what makes a server doubtful."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from ..catalogue import Table
from ..errors import SnapshotLost, TransactionPooling
from ..witness import without_values
from .capabilities import qualified
from .errors import translated

if TYPE_CHECKING:
    import psycopg

BLOCKERS = """
select b.pid, b.application_name, b.state, b.query from pg_catalog.pg_stat_activity w
cross join lateral pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) as of (pid)
join pg_catalog.pg_stat_activity b on b.pid = of.pid where w.pid = %s and w.wait_event_type = 'Lock' limit 3
"""
TABLE_STATE = """
select '' as name, c.oid::pg_catalog.text as said from pg_catalog.pg_class c where c.oid = pg_catalog.to_regclass(%s)
union all
select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then ' not null' else '' end
  || case when a.attgenerated <> '' then ' generated' else '' end
from pg_catalog.pg_attribute a where a.attrelid = pg_catalog.to_regclass(%s) and a.attnum > 0 and not a.attisdropped
"""
REWRITTEN = """
select c.relname from pg_catalog.pg_class c
where c.oid in (select relid from pg_catalog.pg_partition_tree(pg_catalog.to_regclass(%s)) union select pg_catalog.to_regclass(%s))
and c.relfilenode <> coalesce(pg_catalog.pg_relation_filenode(c.oid), 0)
union all
select pg_catalog.to_regclass(%s)::pg_catalog.text where not exists
  (select 1 from pg_catalog.pg_class c where c.oid = pg_catalog.to_regclass(%s))
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


class PostgresWitness:
    """A session beside those of a run."""

    def __init__(self, url: str) -> None:
        """Connect. Raises the errors of `connect`."""
        from .connect import connect

        self.connection = connect(url, application_name="dms witness", read_only=True, connect_timeout_seconds=5)

    def number(self, connection: psycopg.Connection[Any]) -> int:
        """The process number that the server told when the session began."""
        return int(connection.pgconn.backend_pid)

    def blocked_by(self, number: int) -> str:
        """The sessions whose lock it waits for."""
        with translated(self.connection):
            rows = self.connection.execute(BLOCKERS.encode(), (number,)).fetchall()
        return "; ".join(
            f"session {pid}{f' ({name})' if name else ''}, {state}: {without_values(str(query))}"
            for pid, name, state, query in rows
        )

    def end(self, number: int) -> None:
        """Ask the server to end the session; where this role may not, its own time limits will."""
        import psycopg

        with contextlib.suppress(psycopg.errors.InsufficientPrivilege), translated(self.connection):
            self.connection.execute(b"select pg_catalog.pg_terminate_backend(%s)", (number,))

    def close(self) -> None:
        """Close the session."""
        self.connection.close()


def is_alive(connection: psycopg.Connection[Any]) -> bool:
    """Does the session answer? One that is in the middle of a COPY is not asked."""
    import psycopg
    from psycopg.pq import TransactionStatus

    if connection.closed or connection.broken:
        return False
    if connection.info.transaction_status == TransactionStatus.ACTIVE:
        return True
    try:
        if connection.info.transaction_status != TransactionStatus.INERROR:
            connection.execute(b"select 1")
    except psycopg.Error:
        return not (connection.closed or connection.broken)
    return True


def table_state(connection: psycopg.Connection[Any], table: Table) -> dict[str, str]:
    """The structure of a table at this moment."""
    name = qualified(table.name)
    with translated(connection):
        rows = connection.execute(TABLE_STATE.encode(), (name, name)).fetchall()
    found = {str(column): str(said) for column, said in rows}
    return found if "" in found else {}


def refuse_rewritten(connection: psycopg.Connection[Any], tables: list[Table]) -> None:
    """Raise SnapshotLost if a table was emptied or rewritten after the snapshot; no other session can once it is read."""
    for table in tables:
        name = qualified(table.name)
        with translated(connection):
            rows = connection.execute(REWRITTEN.encode(), (name, name, name, name)).fetchall()
        if rows:
            raise SnapshotLost(
                database="PostgreSQL", reason=f"{table.name} was emptied or rewritten after the snapshot was taken"
            )


def refuse_pooling(connection: psycopg.Connection[Any], url: str) -> None:
    """Raise TransactionPooling if what looks like one session is not.

    A pooler gives another number of the session than the server. If two idle sessions of ours are then one and the same at
    the server, it lends each out for a transaction only.
    """
    from .connect import connect

    ask = b"select pg_catalog.pg_backend_pid()"
    with translated(connection):
        row = connection.execute(ask).fetchone()
    if row is None or row[0] == connection.pgconn.backend_pid:
        return
    second = connect(url, application_name="dms witness", read_only=True)
    try:
        with translated(second):
            seen = {connection.execute(ask).fetchone(), second.execute(ask).fetchone(), row}
    finally:
        second.close()
    if len(seen) < 2:
        raise TransactionPooling(host=connection.info.host, database=connection.info.dbname)


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
