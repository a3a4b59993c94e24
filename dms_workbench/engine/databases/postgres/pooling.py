"""Is what looks like one session one session, or does a pooler lend each of its transactions another one of the server's?

Where it does, settings that are pinned would hold for whoever comes next, and not for us; locks and prepared statements alike.
So this is asked before anything is set.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import ConnectionFailed, TransactionPooling

if TYPE_CHECKING:
    import psycopg

LOOKS = 3


def refuse_lent(connection: psycopg.Connection[Any], another: Callable[[], psycopg.Connection[Any]]) -> None:
    """Raise TransactionPooling, and close, where a pooler lends sessions for a transaction only.

    connection: outside of a transaction, nothing set in it. another: opens a second session, which is closed again.
    """
    import psycopg

    host = connection.info.host
    try:
        with another() as second:
            lent = are_lent(connection, second)
    except psycopg.Error as error:
        connection.close()
        raise ConnectionFailed(database=host, reason=str(error).split("\n", maxsplit=1)[0]) from None
    except ConnectionFailed:
        connection.close()
        raise
    if lent:
        connection.close()
        raise TransactionPooling(host=host)


def are_lent(connection: psycopg.Connection[Any], second: psycopg.Connection[Any]) -> bool:
    """Are two sessions of ours, both in autocommit, lent sessions of the server for each transaction?

    A session that is one keeps its number at the server. Two that are lent are one and the same after each other, or, while
    one has a transaction open, the other comes to another session than before.
    """
    ours, theirs = set(), set()
    for _ in range(LOOKS):
        ours.add(number_of(connection))
        theirs.add(number_of(second))
        with second.transaction():
            theirs.add(number_of(second))
            ours.add(number_of(connection))
    return len(ours) > 1 or len(theirs) > 1 or bool(ours & theirs)


def number_of(connection: psycopg.Connection[Any]) -> int:
    """The server's own number of the session that a question comes to."""
    row = connection.execute(b"select pg_catalog.pg_backend_pid()", prepare=False).fetchone()
    return int(row[0]) if row else 0
