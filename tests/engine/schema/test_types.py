"""The type tables: each is sound, and says what its pair's documentation says."""

from __future__ import annotations

import csv
from itertools import permutations
from pathlib import Path
from typing import get_args

import pytest

from dms_workbench.engine.databases.catalogue import DataType, Kind
from dms_workbench.engine.schema.types import PRODUCTS, TypeOverride, override_for, pair_rules, target_type
from dms_workbench.engine.schema.types.conditions import Place, condition
from dms_workbench.engine.schema.types.mapped import database
from dms_workbench.engine.schema.types.table import made

CASES = Path(__file__).parents[2] / "cases" / "type_mapping" / "expected.csv"
PAIRS = list(permutations(("postgres", "mysql", "sqlite", "duckdb"), 2))


@pytest.mark.parametrize(
    "case",
    list(csv.DictReader(CASES.read_text(encoding="utf-8").splitlines())),
    ids=lambda case: f"{case['source']} {case['type']} {case['target']}",
)
def test_a_type_becomes_what_the_case_says(case: dict[str, str]):
    mapped = target_type(case["source"], case["target"], database(case["source"]).parse_type(case["type"]))
    assert (mapped.type.native, mapped.conversion) == (case["becomes"], case["conversion"])


@pytest.mark.parametrize(("source", "target"), PAIRS)
@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_has_a_type_in_every_other_product(source: str, target: str, kind: Kind):
    mapped = target_type(source, target, DataType(kind, "no such name"))
    assert mapped.type.native
    assert mapped.conversion == "exact" or mapped.note


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_every_target_type_of_a_table_is_one_of_the_target(source: str, target: str):
    type_ = DataType("text", "x(3)", bits=8, precision=9, scale=2, length=3, labels=("a", "b"))
    for rule in pair_rules(source, target):
        native = rule.native_target(type_, Place(1, ""))
        assert database(target).parse_type(native).native, native
        assert "{" not in native


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_type_stays_as_it_is_within_a_product(product: str):
    type_ = DataType("other", "anything at all")
    assert target_type(product, product, type_).type is type_


def test_a_key_column_of_text_gets_a_length_in_mysql():
    assert target_type("postgres", "mysql", DataType("text", "text"), key_columns=2).type.length == 376


def test_an_old_server_gets_no_uuid_column():
    uuid = DataType("uuid", "uuid")
    found = [
        target_type("postgres", "mysql", uuid, server=server).type.kind
        for server in ("10.11.19-MariaDB", "10.6.1-MariaDB", "8.4.0")
    ]
    assert found == ["uuid", "text", "text"]


@pytest.mark.parametrize(
    ("pattern", "native", "fits"),
    [
        ("tinyint(1)", "tinyint(1)", True),
        ("tinyint(1)", "tinyint(4)", False),
        ("numeric", "numeric(10,2)", True),
        ("NUMERIC(10, 2)", "numeric(10,2)", True),
        ("numeric(*,0)", "numeric(20,0)", True),
        ("timestamp* with time zone", "timestamp(3) with time zone", True),
        ("integer[]", "integer[]", True),
        ("integer", "integer[]", False),
        ("int*", "integer", True),
    ],
)
def test_an_override_fits_by_name_or_pattern(pattern: str, native: str, fits: bool):
    assert (override_for(DataType("other", native), [TypeOverride(pattern, "text")]) is not None) is fits


def test_an_override_takes_the_limits_of_the_source():
    override = TypeOverride("numeric", "DECIMAL({precision},{scale})")
    mapped = target_type("postgres", "sqlite", database("postgres").parse_type("numeric(30,5)"), (override,))
    assert mapped.type.native == "DECIMAL(30,5)"


@pytest.mark.parametrize("text", ["colour", "bits ~ 3", "server Oracle 9.1"])
def test_a_condition_that_is_none_is_refused(text: str):
    with pytest.raises(ValueError, match="no condition"):
        condition(text)


@pytest.mark.parametrize(
    "line",
    [
        {"target": "text"},
        {"kind": "text", "native": "text", "target": "text"},
        {"kind": "colour", "target": "text"},
        {"kind": "text", "target": "text", "conversion": "checked"},
        {"kind": "text", "target": "text", "wish": "x"},
    ],
)
def test_a_line_with_a_fault_is_refused(line: dict[str, str]):
    with pytest.raises(ValueError, match=r"wants|no kind"):
        made(line, "a_to_b.toml")
