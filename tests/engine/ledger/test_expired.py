"""Undo data go when their time is over, and only then: of runs that have ended, on every product."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions, execute_run
from dms_workbench.engine.databases.base import Target
from dms_workbench.engine.databases.urls import database_for
from dms_workbench.engine.ledger.expired import drop_expired, expiries
from dms_workbench.engine.planning import PlanOptions, build_plan
from tests.engine.copying.conftest import new_database  # noqa: F401  fixture
from tests.engine.copying.products import PRODUCTS, new, sql  # noqa: F401  fixtures

DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.now(datetime.UTC)


@contextmanager
def opened(url: str) -> Iterator[Target]:
    """The target."""
    with closing(database_for(url).open_target(url)) as target:
        yield target


@pytest.fixture
def met(new: Callable[[str], str], sql: Callable[..., Any], tmp_path: Path) -> Callable[[str], tuple[str, list[str]]]:  # noqa: F811
    """A target into whose rows two runs were merged, whose undo data are kept for 3 and for 30 days; and the runs."""

    def make(product: str) -> tuple[str, list[str]]:
        source, target = new("sqlite"), new(product)
        for number in (1, 2):
            table = f"create table t{number} (id integer primary key, a varchar(20))"
            sql(source, table, f"insert into t{number} values (1, 'new'), (2, 'new')")
            sql(target, table, f"insert into t{number} values (1, 'mine')")
        runs = []
        for number, days in ((1, 3), (2, 30)):
            options = PlanOptions(mode="upsert", undo_days=days, tables=(f"t{number}",))
            plan = build_plan(source, target, options)
            folder = tmp_path / f"spool{number}"
            folder.mkdir()
            run_id = f"run-{number}"
            result = execute_run(
                plan, source, target, run_id=run_id, options=RunOptions(), control=Control(), spool_directory=folder
            )
            assert result.status == "succeeded", result
            runs.append(run_id)
        return target, runs

    return make


def seen(url: str, at: datetime.datetime) -> list[tuple[str, str]]:
    """Run and reason of all undo data."""
    with opened(url) as target:
        return [(each.data.run_id, each.stays) for each in expiries(target, at)]


def images(url: str, sql: Callable[..., Any]) -> int:  # noqa: F811
    """Tables of images that are there, by the database's own catalogue."""
    listed = (
        "select count(*) from sqlite_master where type = 'table' and name like '%dms_ledger_image%' and name <> 'dms_ledger_images'"
        if url.endswith((".sqlite", ".db")) or url.startswith("sqlite")
        else "select count(*) from information_schema.tables where table_name like '%image_%'"
    )
    return int(sql(url, listed)[0][0])


@pytest.mark.parametrize("product", PRODUCTS)
def test_only_what_is_over_is_dropped_and_a_preview_drops_nothing(
    product: str,
    met: Callable[[str], tuple[str, list[str]]],
    sql: Callable[..., Any],  # noqa: F811
) -> None:
    target, (first, second) = met(product)
    assert [reason[:10] for _, reason in seen(target, NOW)] == ["kept until", "kept until"]
    later = NOW + 4 * DAY
    before = images(target, sql)
    assert [(run, reason[:10]) for run, reason in seen(target, later)] == [(first, ""), (second, "kept until")]
    assert images(target, sql) == before

    with opened(target) as side:
        dropped = [each.data.run_id for each in drop_expired(side, later) if not each.stays]
        assert dropped == [first]
        assert [each.data.run_id for each in drop_expired(side, later) if not each.stays] == []
    assert images(target, sql) == before - 1
    assert [run for run, _ in seen(target, later)] == [second]

    with opened(target) as side:
        list(drop_expired(side, NOW + 31 * DAY))
    assert images(target, sql) == before - 2
    assert seen(target, later) == []


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("status", ["running", "paused", "failed"])
def test_a_run_that_has_not_ended_keeps_what_it_has(
    product: str,
    status: str,
    met: Callable[[str], tuple[str, list[str]]],
    sql: Callable[..., Any],  # noqa: F811
) -> None:
    target, (first, second) = met(product)
    with opened(target) as side:
        runs = side.ledger_table("runs")
    sql(target, f"update {runs} set status = '{status}' where run_id = '{first}'")
    before = images(target, sql)
    with opened(target) as side:
        told = {each.data.run_id: each.stays for each in drop_expired(side, NOW + 40 * DAY)}
    assert told == {first: f"the run has not ended: it is {status}", second: ""}
    assert images(target, sql) == before - 1


@pytest.mark.parametrize("product", ["postgres", "mysql"])
def test_a_run_that_somebody_works_on_keeps_what_it_has(
    product: str, met: Callable[[str], tuple[str, list[str]]]
) -> None:
    target, (first, second) = met(product)
    with opened(target) as worker, opened(target) as side:
        worker.lock(f"dms:{first}", timeout_seconds=1)
        told = {each.data.run_id: each.stays for each in drop_expired(side, NOW + 40 * DAY)}
    assert told == {first: "the run is under way", second: ""}
    assert [run for run, _ in seen(target, NOW)] == [first]


def test_a_target_without_a_ledger_has_nothing_to_drop(new: Callable[[str], str]) -> None:  # noqa: F811
    target = new("sqlite")
    with opened(target) as side:
        assert expiries(side, NOW) == []
        assert list(drop_expired(side, NOW)) == []
