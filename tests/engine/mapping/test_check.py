from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from dms_workbench.engine.databases.catalogue import Catalogue, Column
from dms_workbench.engine.mapping import ColumnMap, Mapping, TableMap, check_mapping, open_points, parse_mapping
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


JOINED = SHOP.replace(
    "    columns:\n",
    "    joins:\n      c: {table: tbl_country, on: {cntry_cd: cntry_cd}}\n    columns:\n",
).replace("lookup('country', cntry_cd)", "c.cntry_nm")


def test_columns_of_a_join_are_found_and_what_its_key_reads_counts_as_used() -> None:
    assert problems(JOINED) == []
    assert problems(JOINED.replace("c.cntry_nm", "upper(act_yn)")) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "table: tbl_country, on",
            "table: tbl_cntry, on",
            "line 11, column 18: the source has no table 'tbl_cntry'; did you",
        ),
        (
            "{cntry_cd: cntry_cd}",
            "{cntry_c: cntry_cd}",
            "line 11, column 36: tbl_country has no column 'cntry_c'; did you mean",
        ),
        (
            "{cntry_cd: cntry_cd}",
            '{cntry_cd: "trim(cntry)"}',
            "line 11, column 52: the join c: there is no column 'cntry'",
        ),
        ("c.cntry_nm", "c.cntry_name", "country: no join has 'c.cntry_name'; did you mean 'c.cntry_nm'?"),
        ("c.cntry_nm", "d.cntry_nm", "country: no join has 'd.cntry_nm'"),
        ('country: {expression: "c.cntry_nm"}', "country: c.cntry_nm", "is an expression: {expression: c.cntry_nm}"),
        (
            "lookups:\n",
            "lookups:\n  c.x: {values: {}}\n",
            "a lookup's name begins with c. too: give the join another name",
        ),
        (
            "    ignore: [cust_old_fax]\n",
            "    ignore: [cust_old_fax]\n  - {source: tbl_country, target: t, joins: {c: {table: tbl_customer, on: {cust_id: '1'}}}}\n",
            "the join 'c' is another one in line 11: give it another name",
        ),
    ],
)
def test_what_is_wrong_with_a_join_is_told_with_its_place(old: str, new: str, expected: str) -> None:
    assert old in JOINED
    found = problems(JOINED.replace(old, new))
    assert any(expected in problem for problem in found), found


UNDECIDED = SHOP.replace("id: cust_id ", "id: {decision: rejected} ").replace(
    "{constant: legacy}", "{owner: ana, decision: {status: open, candidates: [tbl_customer.cust_id]}}"
)


def test_a_column_that_must_have_a_value_and_is_not_decided_is_a_problem_in_its_line() -> None:
    assert problems(UNDECIDED) == [
        "line 11, column 7: the column tbl_customer.cust_id fits nowhere: map it or list it under ignore",
        "line 11, column 7: the target column 'id' takes no NULL, has no default, and is rejected here: decide what it is made of,"
        " or give the target's column a default",
    ]


def test_open_lines_are_listed_with_their_place() -> None:
    text = UNDECIDED.replace("first_name: {", "first_name: {decision: open, ").replace(
        "    where:", "    decision: open\n    where:"
    )
    assert [str(each) for each in open_points(parse_mapping(text))] == [
        "line 9, column 15: customer is open: nobody has decided that it is made of tbl_customer",
        "line 13, column 7: customer.first_name is open: written from an expression",
        "line 16, column 7: customer.origin is open: not written, perhaps tbl_customer.cust_id (ana is to decide)",
    ]


def test_a_table_map_of_which_nothing_is_made_is_a_problem_and_a_rejected_one_is_none() -> None:
    text = "format: dms-mapping/1\nname: shop\ntables:\n  - source: tbl_country\n    columns: {x: {decision: open}}\n"
    assert problems(text, target=None)[0] == (
        "line 5, column 14: no column of tbl_country is made of anything yet: map one, or reject the table map"
    )
    assert problems(text + "    decision: rejected\n", target=None) == []
