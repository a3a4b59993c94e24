"""Every awkward value of every product goes into every product, and what arrives is read without the product's code."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions, RunResult, execute_run
from dms_workbench.engine.planning import PlanOptions, build_plan
from tests.torture.cases import PRODUCTS, Case, Torture, load, read, run, same

NewDatabase = Callable[[str], str]


@pytest.fixture(scope="module")
def new_database(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> NewDatabase:
    """A fresh, empty database of a product."""

    def make(product: str) -> str:
        if product in ("sqlite", "duckdb"):
            return f"{product}:///{tmp_path_factory.mktemp(product) / uuid.uuid4().hex}.{product}"
        server = request.getfixturevalue({"postgres": "postgres", "mysql": "mariadb"}[product])
        url: str = server.create_database()
        request.addfinalizer(lambda: server.drop_database(url))
        return url

    return make


@pytest.fixture(scope="module", params=PRODUCTS)
def source(request: pytest.FixtureRequest, new_database: NewDatabase) -> Iterator[tuple[Torture, str]]:
    """The cases of a product, and a database that holds them."""
    torture = load(request.param)
    url = new_database(request.param)
    run(request.param, url, torture.statements())
    yield torture, url


def migrated(source: str, target: str, spool: Path) -> RunResult:
    """The result of a migration of everything."""
    plan = build_plan(source, target, PlanOptions())
    return execute_run(
        plan, source, target, run_id=str(uuid.uuid4()), options=RunOptions(), control=Control(), spool_directory=spool
    )


@pytest.mark.parametrize("target", PRODUCTS)
def test_every_value_arrives_exactly_or_as_documented_or_lies_in_quarantine(
    source: tuple[Torture, str], target: str, new_database: NewDatabase, tmp_path: Path
):
    torture, url = source
    there = new_database(target)
    result = migrated(url, there, tmp_path)

    assert [(table.source, table.reason) for table in result.tables if table.verified != "equal"] == []
    assert result.error is None
    reported = {(row.table, int(row.key["id"])) for row in result.quarantine}
    tables = list(torture.tables())
    given, found = read(torture.product, url, tables), read(target, there, tables)
    wrong = [
        (case.type, case.sql, problem)
        for case in torture.cases
        if (problem := judge(case, torture.product, target, (given, found), reported))
    ]
    assert wrong == []


Texts = dict[str, dict[int, str | None]]


def judge(
    case: Case, source: str, target: str, texts: tuple[Texts, Texts], reported: set[tuple[str, int]]
) -> str | None:
    """What is wrong with a value; None if nothing is."""
    given, found = (side[case.table] for side in texts)
    outcome = None if source == target else case.outcome(target)
    is_reported, is_there = (case.table, case.id) in reported, case.id in found
    if is_reported or not is_there:
        expected = outcome == "quarantine" and is_reported and not is_there
        return None if expected else f"reported: {is_reported}, there: {is_there}, expected: {outcome or 'kept'}"
    if outcome == "quarantine":
        return f"should be in quarantine, but {found[case.id]!r} is there"
    wanted = outcome if outcome is not None else given[case.id]
    if source == target:
        return None if found[case.id] == given[case.id] else f"{given[case.id]!r} became {found[case.id]!r}"
    return None if same(case.compare, found[case.id], wanted) else f"wanted {wanted!r}, found {found[case.id]!r}"
