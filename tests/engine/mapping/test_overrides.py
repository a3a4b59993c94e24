"""Types and lossy rules of a mapping file."""

from __future__ import annotations

import pytest

from dms_workbench.engine.mapping import InvalidMapping, parse_mapping
from dms_workbench.engine.mapping.write import write_mapping
from dms_workbench.engine.schema.types import TypeOverride

FILE = """\
format: dms-mapping/1
name: x
types:
  "tinyint(1)": boolean
  text: {lossy: strip-nul}
  datetime: {type: timestamptz, lossy: [zero-date-to-null, naive-utc]}
tables:
  - source: a
    columns:
      b: {source: b, lossy: round}
"""


def test_types_and_rules_are_read_in_the_order_of_the_file():
    mapping = parse_mapping(FILE)
    assert mapping.types == (
        TypeOverride("tinyint(1)", "boolean"),
        TypeOverride("text", None, ("strip-nul",)),
        TypeOverride("datetime", "timestamptz", ("zero-date-to-null", "naive-utc")),
    )
    assert mapping.tables[0].columns is not None
    assert mapping.tables[0].columns[0].lossy == ("round",)


def test_what_is_written_is_read_back():
    mapping = parse_mapping(FILE)
    again = parse_mapping(write_mapping(mapping))
    assert again.types == mapping.types
    assert again.tables[0].columns is not None
    assert again.tables[0].columns[0].lossy == ("round",)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("types: [a]", "types must be a mapping"),
        ("types: {text: {}}", "neither type nor lossy"),
        ("types: {text: {lossy: forget}}", "'forget' is no lossy rule of the type 'text'"),
        ("types: {text: [a]}", "wants a type of the target"),
    ],
)
def test_what_is_no_type_or_rule_is_named_with_its_place(wrong: str, message: str):
    with pytest.raises(InvalidMapping, match="line 3, ") as caught:
        parse_mapping(f"format: dms-mapping/1\nname: x\n{wrong}\ntables: [{{source: a}}]\n")
    assert message in caught.value.message
