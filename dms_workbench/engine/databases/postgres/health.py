"""How PostgreSQL is doing, looked at from a connection of its own."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any

from ..base import Health
from .errors import translated

if TYPE_CHECKING:
    import psycopg

OURS = "dms%"
"""Names of our own connections."""
SESSIONS = """
select count(*) from pg_catalog.pg_stat_activity
where datname = pg_catalog.current_database() and state = 'active' and backend_type = 'client backend'
  and pid <> pg_catalog.pg_backend_pid() and application_name not like %s
"""
LOCKS = """
select a.pid, extract(epoch from pg_catalog.clock_timestamp() - {since})::float8, pg_catalog.pg_blocking_pids(a.pid)::text,
  exists (select 1 from pg_catalog.pg_stat_activity b where b.pid = any (pg_catalog.pg_blocking_pids(a.pid)) and b.application_name like %s)
from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a on a.pid = l.pid
where not l.granted and a.datname = pg_catalog.current_database() and a.application_name not like %s
order by 2 desc limit 1
"""
STANDBYS = """
select coalesce(nullif(application_name, ''), client_addr::text, 'of an unknown name'),
  pg_catalog.pg_wal_lsn_diff(replay_lsn, '0/0')::bigint
from pg_catalog.pg_stat_replication where replay_lsn is not null
"""
WRITTEN = """
select pg_catalog.pg_wal_lsn_diff(case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
  else pg_catalog.pg_current_wal_flush_lsn() end, '0/0')::bigint
"""
HISTORY = 600
"""Looks kept: a standby that is further behind than all of them is at least so far behind."""


class PostgresObserver:
    """Looks at sessions, locks and standbys. A standby's lag is the age of the oldest write it has not replayed."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        """Takes the connection over."""
        self.connection = connection
        connection.autocommit = True
        self.written: deque[tuple[float, int]] = deque(maxlen=HISTORY)
        since = "coalesce(l.waitstart, a.query_start)" if connection.info.server_version >= 140000 else "a.query_start"
        self.locks = LOCKS.format(since=since)

    def look(self) -> Health:
        """One look. Raises ConnectionLost."""
        with translated(self.connection):
            sessions = int(self.rows(SESSIONS, (OURS,))[0][0])
            waiting = self.rows(self.locks, (OURS, OURS))
            standbys = self.rows(STANDBYS)
            now, written = time.monotonic(), int(self.rows(WRITTEN)[0][0] or 0)
        if not self.written or written > self.written[-1][1]:
            self.written.append((now, written))
        behind = sorted((self.lag(now, int(replayed)), str(name)) for name, replayed in standbys)
        lag, name = behind[-1] if behind else (0.0, "")
        if not waiting:
            return Health(sessions, lag_seconds=lag, lag_of=name)
        pid, seconds, blockers, by_us = waiting[0]
        return Health(
            sessions,
            lock_wait_seconds=float(seconds),
            lock_wait=f"session {pid} waits for a lock of session {blockers.strip('{}') or '(gone)'}",
            waits_for_us=bool(by_us),
            lag_seconds=lag,
            lag_of=name,
        )

    def lag(self, now: float, replayed: int) -> float:
        """Seconds since the oldest write that is not replayed was seen."""
        return next((now - at for at, written in self.written if written > replayed), 0.0)

    def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self.connection.execute(sql.encode(), parameters or None).fetchall()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()
