"""Databases with planted rows: what the examination says of each, and what it leaves alone."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from dms_workbench.engine.profiling.profile import Asked
from dms_workbench.engine.quality.examine import Examination, NamedFinding, examine_url

NOW = datetime.datetime(2026, 1, 1)
ROWS = 200


def examined(path: Path, tables: dict[str, Sequence[Sequence[Any]]], **columns: str) -> Examination:
    """Examine tables, each with its declared columns, as an SQLite file."""
    file = path / "case.sqlite"
    file.unlink(missing_ok=True)
    database = sqlite3.connect(file)
    for name, rows in tables.items():
        database.execute(f'CREATE TABLE "{name}" ({columns[name]})')
        if rows:
            database.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(rows[0]))})', rows)
    database.commit()
    database.close()
    return examine_url(str(file), Asked(sample_rows=None), now=NOW)


def errors(found: Examination) -> list[NamedFinding]:
    return [each for each in found.findings if each.finding.severity == "error"]


def told(found: Examination) -> set[tuple[tuple[str, ...], str | None, str | None]]:
    return {(each.key, each.finding.column, each.finding.fix) for each in errors(found)}


def bills(changes: dict[int, tuple[float, float, float]] | None = None) -> Iterator[tuple[int, float, float, float]]:
    for each in range(1, ROWS + 1):
        net = round(each * 7.31 + each % 13, 2)
        tax = round(net * 0.19 + 1e-9, 2)
        yield (each, *(changes or {}).get(each, (net, tax, round(net + tax, 2))))


BILL = "id INTEGER PRIMARY KEY, net REAL, tax REAL, gross REAL"


def test_rows_that_add_up_are_left_alone(tmp_path: Path) -> None:
    assert errors(examined(tmp_path, {"bill": list(bills())}, bill=BILL)) == []


@pytest.mark.parametrize("column", ["net", "tax", "gross"])
def test_the_one_value_that_makes_all_relations_of_a_row_hold_is_to_blame(tmp_path: Path, column: str) -> None:
    right = dict(zip(("net", "tax", "gross"), list(bills())[99][1:], strict=True))
    wrong = right | {column: round(right[column] + 3.27, 2)}
    found = examined(tmp_path, {"bill": list(bills({100: (wrong["net"], wrong["tax"], wrong["gross"])}))}, bill=BILL)
    assert told(found) == {(("100",), column, f"{right[column]:.2f}")}


def items(wrong: dict[tuple[int, int], tuple[int, float]] | None = None) -> list[tuple[int, int, int, float]]:
    made = []
    for order in range(1, ROWS + 1):
        for line in range(1, 2 + order % 4):
            count, price = 1 + (order + line) % 7, round(1.5 + (order * 37 + line * 11) % 9000 / 100, 2)
            made.append((order, line, *(wrong or {}).get((order, line), (count, price))))
    return made


def totals() -> dict[int, tuple[int, float]]:
    made: dict[int, tuple[int, float]] = {}
    for order, _, count, price in items():
        lines, total = made.get(order, (0, 0.0))
        made[order] = (lines + 1, round(total + count * price, 2))
    return made


ORDER = "id INTEGER PRIMARY KEY, lines INTEGER, total REAL"
ITEM = "order_id INTEGER, line INTEGER, quantity INTEGER, price REAL, PRIMARY KEY (order_id, line)"


def test_sums_and_counts_of_child_rows_are_rules_and_broken_ones_are_told(tmp_path: Path) -> None:
    orders = [(order, lines, total) for order, (lines, total) in totals().items()]
    orders[9] = (10, orders[9][1] + 2, orders[9][2])
    orders[19] = (20, orders[19][1], round(orders[19][2] + 5, 2))
    found = examined(tmp_path, {"orders": orders, "items": items()}, orders=ORDER, items=ITEM)
    expressions = {rule.parameters.get("expression") for rule in found.rules if rule.check == "sum"}
    assert "count()" in expressions
    assert any(each and "quantity * price" in each for each in expressions)
    assert told(found) == {
        (("10",), "lines", str(totals()[10][0])),
        (("20",), "total", f"{totals()[20][1]:.2f}"),
    }


def test_a_child_row_that_leads_nowhere_is_told_and_the_sum_it_is_missing_from_is_not(tmp_path: Path) -> None:
    orders = [(order, 1, total) for order, (_, total) in totals().items()]
    children = [(99_999 if (order, line) == (30, 1) else order, line, *rest) for order, line, *rest in items()]
    found = examined(tmp_path, {"orders": orders, "items": children}, orders=ORDER, items=ITEM)
    assert told(found) == {(("99999", "1"), "order_id", None)}


def test_a_moment_outside_of_what_all_others_have_is_to_blame_for_a_wrong_order(tmp_path: Path) -> None:
    begin = datetime.datetime(2024, 1, 1)
    rows = [
        (each, str(begin + datetime.timedelta(days=each)), str(begin + datetime.timedelta(days=each + 1 + each % 9)))
        for each in range(1, ROWS + 1)
    ]
    rows[49] = (50, rows[49][1], "2011-05-05 00:00:00")
    found = examined(tmp_path, {"stay": rows}, stay="id INTEGER PRIMARY KEY, came TEXT, went TEXT")
    assert told(found) == {(("50",), "went", None)}


@pytest.mark.parametrize(
    ("column", "values", "wrong", "fix"),
    [
        ("age", [each % 80 + 5 for each in range(ROWS)], 190, None),
        ("age", [each % 80 + 5 for each in range(ROWS)], -7, None),
        ("latitude", [40 + each / 100 for each in range(ROWS)], 140.25, None),
        ("longitude", [-100 + each / 10 for each in range(ROWS)], 250.5, None),
        ("price", [10 + each * 0.37 for each in range(ROWS)], -23.5, "23.50"),
        ("price", [round(10 + each * 0.37, 2) for each in range(ROWS)], 2350.0, "23.50"),
        ("pieces", [1 + each % 40 for each in range(ROWS)], 3.5, None),
    ],
)
def test_a_number_that_cannot_be_is_told(
    tmp_path: Path, column: str, values: list[float], wrong: float, fix: str | None
) -> None:
    rows = [(each, round(value, 2)) for each, value in enumerate(values, 1)]
    rows[70] = (71, wrong)
    found = examined(tmp_path, {"thing": rows}, thing=f"id INTEGER PRIMARY KEY, {column} REAL")
    assert told(found) == {(("71",), column, fix)}


def test_equal_rows_and_rows_of_one_key_are_told_by_their_key(tmp_path: Path) -> None:
    rows = [(f"K{each:04}", f"text of {each}", each * 3) for each in range(ROWS)]
    found = examined(
        tmp_path, {"part": [*rows, rows[5], ("K0007", "another text", 1)]}, part="code TEXT, label TEXT, size INTEGER"
    )
    assert {(each.key, each.finding.code) for each in errors(found)} == {
        (("K0005",), "duplicate"),
        (("K0007",), "key-conflict"),
    }


def test_hostile_names_and_values_are_data(tmp_path: Path) -> None:
    name = "x\"; DROP TABLE y; --'"
    values = [f"it's {each}; DROP" for each in range(ROWS)]
    values[3] = "a\x00b'); --"
    rows = [(each, value) for each, value in enumerate(values)]
    file = tmp_path / "case.sqlite"
    database = sqlite3.connect(file)
    quoted = name.replace('"', '""')
    database.execute(f'CREATE TABLE "{quoted}" (id INTEGER PRIMARY KEY, "{quoted}" TEXT)')
    database.executemany(f'INSERT INTO "{quoted}" VALUES (?, ?)', rows)
    database.commit()
    database.close()
    found = examine_url(str(file), Asked(sample_rows=None), now=NOW)
    assert told(found) == {(("3",), name, "ab'); --")}


@pytest.mark.parametrize("rows", [[], [(1, None)], [(each, None) for each in range(60)]])
def test_nothing_is_concluded_from_nothing(tmp_path: Path, rows: list[tuple[int, None]]) -> None:
    assert errors(examined(tmp_path, {"empty": rows}, empty="id INTEGER PRIMARY KEY, value TEXT")) == []


def test_a_finding_never_says_the_value(tmp_path: Path) -> None:
    rows = [(each, f"person{each}@mail.example") for each in range(ROWS)]
    rows[9] = (9, "secret words")
    found = examined(tmp_path, {"person": rows}, person="id INTEGER PRIMARY KEY, email TEXT")
    assert [each.key for each in errors(found)] == [("9",)]
    assert "secret" not in errors(found)[0].finding.text


@pytest.mark.parametrize("case", ["hospital", "library"])
def test_clean_rows_of_other_countries_give_no_error(tmp_path: Path, case: str) -> None:
    from tests.benchmarks.dirty_cases import CASES

    CASES[case](5).write(tmp_path)
    (tmp_path / "dirty.sqlite").unlink()
    assert errors(examine_url(str(tmp_path / "clean"), Asked(sample_rows=None), now=NOW)) == []
