from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.engine.mapping import ColumnMap, InvalidMapping, Lookup, mapping_sha, parse_mapping
from dms_workbench.kernel.errors import WorkbenchError
from tests.engine.mapping.samples import SHOP

CASES = Path(__file__).parents[2] / "cases" / "mapping" / "wrong.yaml"
WRONG = yaml.safe_load(CASES.read_text("utf-8"))


def test_a_mapping_file_is_read() -> None:
    mapping = parse_mapping(SHOP)
    assert mapping.name == "shop"
    assert mapping.lookups == (
        Lookup("order_status", values={"N": "new", "P": "paid"}),
        Lookup("country", table="tbl_country", key="cntry_cd", value="cntry_nm"),
    )
    (table,) = mapping.tables
    assert (table.source, table.target, table.where) == ("tbl_customer", "customer", "cust_type <> 'TEST'")
    assert table.ignore == ("cust_old_fax",)
    assert (table.line, table.column) == (7, 5)
    columns = table.columns or ()
    assert columns[0] == ColumnMap("id", source="cust_id", line=11, column=11)
    assert columns[1] == ColumnMap("first_name", expression="split_part(cust_name, ' ', 1)", line=12, column=32)
    assert (columns[3].target, columns[3].type) == ("active", "BOOLEAN")
    assert columns[4].expression == "'legacy'"
    assert mapping.text == SHOP


@pytest.mark.parametrize("case", WRONG, ids=[case["about"] for case in WRONG])
def test_what_is_wrong_is_told_with_line_and_column(case: dict[str, Any]) -> None:
    with pytest.raises(InvalidMapping) as caught:
        parse_mapping(case["text"], path="shop.yaml")
    found = caught.value.problems
    assert [(p.line, p.column) for p in found] == [(line, column) for line, column, _ in case["problems"]], found
    for problem, (_, _, sentence) in zip(found, case["problems"], strict=True):
        assert sentence in problem.message


def test_the_error_shows_the_first_few_problems_and_survives_a_wire() -> None:
    text = "format: dms-mapping/1\nname: x\na: 1\nb: 1\nc: 1\nd: 1\ntables: [{source: t}]\n"
    with pytest.raises(InvalidMapping) as caught:
        parse_mapping(text, path="shop.yaml")
    error = caught.value
    assert str(error).startswith("shop.yaml cannot be used: line 3, column 1: unknown key 'a' in the file")
    assert str(error).endswith("; and 1 more")
    assert (error.code, error.exit_code, error.status) == ("invalid-mapping", 2, 422)
    again = WorkbenchError.from_dict(error.as_dict())
    assert isinstance(again, InvalidMapping)
    assert again.problems == error.problems


@pytest.mark.parametrize(
    ("written", "expression"),
    [
        ("legacy", "'legacy'"),
        ("it's", "'it''s'"),
        ("''", "''"),
        ("5", "5"),
        ("-5", "-5"),
        ("1.50", "1.50"),
        ("'5'", "'5'"),
        ("007", "'007'"),
        ("true", "TRUE"),
        ("null", "NULL"),
        ("~", "NULL"),
        ("NO", "'NO'"),
        ("on", "'on'"),
        ("2024-01-31", "'2024-01-31'"),
        ("12:30", "'12:30'"),
        ("1_000", "'1_000'"),
        ("0x1F", "'0x1F'"),
        (".5", "'.5'"),
        ("'1' # comment", "'1'"),
    ],
)
def test_a_constant_is_what_it_looks_like(written: str, expression: str) -> None:
    text = (
        f"format: dms-mapping/1\nname: x\ntables:\n  - source: t\n    columns:\n      a:\n        constant: {written}\n"
    )
    columns = parse_mapping(text).tables[0].columns or ()
    assert columns[0].expression == expression


def test_lookup_keys_are_text_and_values_keep_their_type() -> None:
    text = (
        "format: dms-mapping/1\nname: x\ntables: [{source: t}]\n"
        "lookups: {l: {values: {NO: Norway, 1: one, 01: x, true: 5, null: 2.5, '': null, 2: true}}}"
    )
    assert parse_mapping(text).lookups[0].values == {
        "NO": "Norway", "1": "one", "01": "x", "true": 5, "null": 2.5, "": None, "2": True,
    }  # fmt: skip


def test_a_table_without_target_keeps_its_name() -> None:
    (table,) = parse_mapping("format: dms-mapping/1\nname: x\ntables: [{source: t}]").tables
    assert (table.source, table.target, table.columns) == ("t", "t", None)


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 200_000,
        "{" * 200_000,
        "x: " + "y" * 6_000_000,
        "- " * 200_000,
        "a: 1\n" * 100_000,
        "&a [" * 1_000,
        "? " * 200_000,
        '"' + "\\x41" * 500_000,
    ],
    ids=["lists", "maps", "size", "dashes", "keys", "anchors", "questions", "escapes"],
)
def test_a_bomb_is_refused_at_once(text: str) -> None:
    start = time.process_time()
    with pytest.raises(InvalidMapping):
        parse_mapping(text)
    assert time.process_time() - start < 5


def test_text_that_is_no_unicode_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidMapping, match="line 2, column 4: this is not valid Unicode text"):
        parse_mapping("a: 1\nb: \ud800")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_mapping(text)
    except InvalidMapping as error:
        assert error.problems


@given(
    st.lists(st.sampled_from([*SHOP.split("\n"), *SHOP.split(), "  - ", "    ", ": ", "[", "{", "\n", "'", '"', "|"]))
)
def test_any_shuffled_piece_of_a_mapping_is_read_or_refused(pieces: list[str]) -> None:
    try:
        parse_mapping("\n".join(pieces))
        parse_mapping(" ".join(pieces))
    except InvalidMapping as error:
        assert all(problem.line >= 1 and problem.column >= 1 for problem in error.problems)


def test_the_sha_is_of_the_text_as_it_is() -> None:
    assert mapping_sha("a\n") == "sha256:87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7"
    assert mapping_sha("a\n") != mapping_sha("a")
