"""How MariaDB and MySQL are doing, looked at from a connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from ..base import Health
from ..errors import DatabaseError, PrivilegeMissing
from .errors import translated

SESSIONS = "select id from information_schema.processlist where command = 'Query' and id <> connection_id()"
ROWS_WAITED_FOR = """
select trx_mysql_thread_id, timestampdiff(microsecond, trx_wait_started, now(6)) / 1e6
from information_schema.innodb_trx where trx_state = 'LOCK WAIT' order by 2 desc limit 1
"""
TABLES_WAITED_FOR = """
select id, time from information_schema.processlist where state like 'Waiting for%lock%' order by time desc limit 1
"""


class MysqlObserver:
    """Looks at sessions and locks, and where the source is a replica itself, at its lag.

    What the user may not see counts as well: sessions and locks of others need the privilege PROCESS.
    """

    def __init__(self, connection: Any, ours: Callable[[], Collection[int]]) -> None:
        """Takes the connection over. ours: numbers of the run's own sessions."""
        self.connection, self.ours = connection, ours

    def look(self) -> Health:
        """One look. Raises ConnectionLost."""
        ours = set(self.ours())
        sessions = [int(number) for (number,) in self.rows(SESSIONS) if int(number) not in ours]
        waiting = [
            row for sql in (ROWS_WAITED_FOR, TABLES_WAITED_FOR) for row in self.rows(sql) if int(row[0]) not in ours
        ]
        session, seconds = max(waiting, key=lambda row: row[1], default=(0, 0.0))
        return Health(
            len(sessions),
            lock_wait_seconds=float(seconds or 0.0),
            lock_wait=f"session {session} waits for a lock" if waiting else "",
            lag_seconds=self.lag(),
            lag_of="that is the source",
        )

    def lag(self) -> float:
        """Seconds behind its own source, of a replica."""
        rows, names = self.named("show slave status")
        if not rows or "Seconds_Behind_Master" not in names:
            return 0.0
        return float(rows[0][names.index("Seconds_Behind_Master")] or 0.0)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query; none where the user may not ask it."""
        return self.named(sql)[0]

    def named(self, sql: str) -> tuple[list[tuple[Any, ...]], list[str]]:
        """Rows and the names of columns; nothing where the user may not ask it."""
        try:
            with translated(self.connection), self.connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall()), [column[0] for column in cursor.description or ()]
        except (PrivilegeMissing, DatabaseError):
            return [], []

    def close(self) -> None:
        """Close the connection."""
        if self.connection.open:
            self.connection.close()
