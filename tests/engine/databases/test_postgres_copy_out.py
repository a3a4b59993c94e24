"""Rows of a COPY through libpq."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest

from dms_workbench.engine.databases.postgres.copy_out import row_of_copy

pytestmark = pytest.mark.postgres
SLOW_ROWS = b"copy (select repeat('x', 100000), pg_catalog.pg_sleep(0.5)::text from generate_series(1, 4)) to stdout"
"""So large that each is sent when it is made."""


def test_other_threads_go_on_while_a_row_is_waited_for(postgres_url):
    ticks, over = 0, threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not over.wait(0.01):
            ticks += 1

    other = threading.Thread(target=tick)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.pgconn.exec_(SLOW_ROWS)
        other.start()
        rows = 0
        while row_of_copy(connection.pgconn)[0] > 0:
            rows += 1
        over.set()
        while connection.pgconn.get_result() is not None:
            time.sleep(0)
    other.join()
    assert rows == 4
    assert ticks > 20
