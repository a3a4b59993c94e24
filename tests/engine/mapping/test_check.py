from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from dms_workbench.engine.databases.catalogue import Catalogue, Column
from dms_workbench.engine.mapping import ColumnMap, Mapping, TableMap, check_mapping, parse_mapping
from tests.engine.mapping.samples import INTEGER, SHOP, SOURCE, TARGET, TEXT, catalogue, table

CASES = Path(__file__).parents[2] / "cases" / "mapping" / "misfits.csv"
MISFITS = [
    tuple(cell.replace("\\n", "\n") for cell in row.values())
    for row in csv.DictReader(CASES.read_text("utf-8").splitlines())
]
"""What is changed in the shop's mapping, and what is then told."""


def problems(text: str, source: Catalogue = SOURCE, target: Catalogue | None = TARGET) -> list[str]:
    return [str(problem) for problem in check_mapping(parse_mapping(text), source, target)]


def changed(old: str, new: str) -> str:
    assert old in SHOP
    return SHOP.replace(old, new)


def test_a_mapping_that_fits_has_no_problems() -> None:
    assert problems(SHOP) == []
    assert problems(SHOP, target=None) == []
    assert problems(SHOP, target=catalogue()) == []


@pytest.mark.parametrize(("old", "new", "expected"), MISFITS)
def test_what_does_not_fit_is_told_with_its_place(old: str, new: str, expected: str) -> None:
    found = problems(changed(old, new))
    assert any(expected in problem for problem in found), found


def test_the_right_fingerprints_are_accepted() -> None:
    marks = f"source: {{fingerprint: {SOURCE.fingerprint()}}}\ntarget: {{fingerprint: {TARGET.fingerprint()}}}\n"
    assert problems(changed("name: shop\n", "name: shop\n" + marks)) == []


def test_every_problem_is_told_at_once_in_the_order_of_the_file() -> None:
    text = changed("id: cust_id", "id: cust_no").replace("act_yn = 'Y'", "act_ny = 'Y'")
    assert [line.split(":")[0] for line in problems(text)] == [
        "line 11, column 7",
        "line 11, column 7",
        "line 11, column 11",
        "line 14, column 32",
    ]


@pytest.mark.parametrize(
    "written",
    [
        "upper(nme)",
        '"upper(nme)"',
        "'upper(nme)'",
        "\"'\\u00e9\\n' || upper(nme)\"",
        "'''x'' || nme'",
        "|\n          upper(\n            nme)",
        ">\n          upper(a)\n          || upper(nme)",
        ">-\n\n          upper(\n\n          nme)",
        '"upper(\n           nme)"',
        "upper(\n           nme)",
    ],
)
def test_the_place_inside_an_expression_is_exact_however_it_is_written(written: str) -> None:
    head = "format: dms-mapping/1\nname: x\ntables:\n  - source: t\n    columns:\n      x:\n        expression: "
    text = head + written + "\n"
    problem = check_mapping(parse_mapping(text), catalogue(table("t", "a", "name")), None)[-1]
    assert "no column 'nme'; did you mean 'name'" in problem.message
    assert text.split("\n")[problem.line - 1][problem.column - 1 :].startswith("nme")


def test_a_constant_that_is_too_long_is_told() -> None:
    (problem,) = problems(changed("constant: legacy", f"constant: {'x' * 5_000}"))
    assert problem == "line 15, column 26: origin: a text of 5,000 characters; 4,000 are the limit"


def test_a_mapping_made_in_memory_is_checked_without_places() -> None:
    mapping = Mapping(
        "x", (TableMap("tbl_country", "c", (ColumnMap("a", source="x"), ColumnMap("a", source="cntry_cd"))),)
    )
    assert [str(problem) for problem in check_mapping(mapping, SOURCE, None)] == [
        "tbl_country has no column 'x'; there is cntry_cd, cntry_nm",
        "the column tbl_country.cntry_nm fits nowhere: map it or list it under ignore",
        "the target column 'a' is mapped 2 times",
    ]


def test_without_columns_every_column_goes_to_its_namesake() -> None:
    mapping = Mapping("x", (TableMap("tbl_country", "t", ignore=("cntry_nm",)),))
    assert check_mapping(mapping, SOURCE, catalogue(table("t", "cntry_cd"))) == []
    found = check_mapping(
        replace(mapping, tables=(TableMap("tbl_country", "t"),)), SOURCE, catalogue(table("t", "cntry_cd"))
    )
    assert [str(problem) for problem in found] == [
        "the target table t has no column 'cntry_nm'; did you mean 'cntry_cd'?"
    ]


def test_columns_that_the_target_computes_cannot_be_written() -> None:
    target = catalogue(table("t", Column("cntry_cd", TEXT), Column("cntry_nm", TEXT, generated="upper(cntry_cd)")))
    (problem,) = check_mapping(Mapping("x", (TableMap("tbl_country", "t"),)), SOURCE, target)
    assert problem.message == "cntry_nm is computed by the target and cannot be written; leave it out"


def test_a_column_used_only_by_the_filter_or_a_lookup_is_used() -> None:
    mapping = Mapping("x", (TableMap("t", "t", (ColumnMap("x", expression="upper(a)"),), where="b = 'x' AND n > 1"),))
    assert check_mapping(mapping, catalogue(table("t", "a", "b", Column("n", INTEGER))), None) == []
