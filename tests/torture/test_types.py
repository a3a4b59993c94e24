"""Every awkward value of every product goes into every product, and what arrives is read without the product's code."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from dms_workbench.engine.copying import RunResult
from tests.torture.cases import PRODUCTS, Case, Torture, load, read, run, same

NewDatabase = Callable[[str], str]


@pytest.fixture(scope="module", params=PRODUCTS)
def source(request: pytest.FixtureRequest, new_database: NewDatabase) -> Iterator[tuple[Torture, str]]:
    """The cases of a product, and a database that holds them."""
    torture = load(request.param)
    url = new_database(request.param)
    run(request.param, url, torture.statements())
    yield torture, url


@pytest.mark.parametrize("target", PRODUCTS)
def test_every_value_arrives_exactly_or_as_documented_or_lies_in_quarantine(
    source: tuple[Torture, str], target: str, new_database: NewDatabase, migrate: Callable[..., RunResult]
):
    torture, url = source
    there = new_database(target)
    result = migrate(url, there)

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
