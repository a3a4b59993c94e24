"""A standby as the source: it ends what is in the way of its primary's changes."""

from __future__ import annotations

import threading

import psycopg
import pytest

from dms_workbench.engine.databases.errors import SnapshotLost, is_transient
from dms_workbench.engine.databases.postgres import database
from tests.standby import standby_of

pytestmark = pytest.mark.postgres


def test_a_query_that_a_standby_ends_for_its_primary_is_a_lost_snapshot_that_says_what_decides(postgres):
    url = postgres.create_database()
    name = url.rsplit("/", 1)[1]
    with standby_of(postgres) as standby:
        postgres.execute("create table t as select generate_series(1, 1000) i", name)
        for statement in ("alter system set max_standby_streaming_delay = 0", "select pg_reload_conf()"):
            standby.execute(statement)
        place = postgres.execute("select pg_current_wal_lsn()::text")[0][0]
        while not standby.execute(f"select pg_last_wal_replay_lsn() >= '{place}'::pg_lsn")[0][0]:
            pass
        source = database.open_source(url.replace(f":{postgres.port}/", f":{standby.port}/"))
        assert source.query("select count(*) from public.t") == [(1000,)]
        primary = threading.Thread(
            target=lambda: [postgres.execute(sql, name) for sql in ("delete from t", "vacuum t")]
        )
        primary.start()
        with pytest.raises(SnapshotLost, match="max_standby_streaming_delay") as raised:
            while True:
                source.query("select pg_sleep(30), count(*) from public.t")
        primary.join()
        assert is_transient(raised.value)
        source.close()
    postgres.drop_database(url)


def test_a_source_whose_transaction_failed_holds_no_snapshot_and_a_target_goes_on(postgres):
    url = postgres.create_database()
    source, target = database.open_source(url), database.open_target(url)
    witness = database.witness(url)
    assert (witness.is_alive(source), witness.is_alive(target)) == (True, True)
    target.connection.execute("begin")
    for side in (source, target):
        with pytest.raises(psycopg.errors.DivisionByZero):
            side.connection.execute("select 1 / 0")
    assert (witness.is_alive(source), witness.is_alive(target)) == (False, True)
    for used in (source, target, witness):
        used.close()
    postgres.drop_database(url)
