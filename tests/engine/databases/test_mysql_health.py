"""How a MariaDB source is doing, seen from a connection of its own."""

from __future__ import annotations

import threading
import time
from contextlib import closing

import pytest

from dms_workbench.engine.databases.mysql import database
from tests.mariadb import MariadbServer

pytestmark = pytest.mark.mariadb


def test_a_look_tells_who_waits_for_a_lock_and_leaves_the_runs_own_sessions_out(mariadb: MariadbServer):
    url = mariadb.create_database()
    name = url.rpartition("/")[2]
    mariadb.execute("create table t (id int primary key, n int); insert into t values (1, 1)", name)
    change = "update t set n = n + 1 where id = 1"
    with (
        closing(database.open_source(url)) as source,
        closing(mariadb.connect(name, autocommit=False)) as holder,
        closing(mariadb.connect(name)) as waiter,
        closing(source.observer()) as observer,
    ):
        quiet = observer.look()
        assert (quiet.active_sessions, quiet.lock_wait_seconds, quiet.lag_seconds) == (0, 0.0, 0.0)
        holder.cursor().execute(change)
        waiting = threading.Thread(target=lambda: waiter.cursor().execute(change))
        waiting.start()
        until = time.monotonic() + 10
        while not ((health := observer.look()).lock_wait_seconds and health.active_sessions):
            assert time.monotonic() < until, health
            time.sleep(0.1)
        assert str(waiter.thread_id()) in health.lock_wait
        holder.rollback()
        waiting.join(10)
