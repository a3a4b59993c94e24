"""Columns of joined tables in expressions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dms_workbench.engine.databases.catalogue import Column
from dms_workbench.engine.databases.duckdb import database, open_duckdb
from dms_workbench.engine.databases.postgres.types import parse_type
from dms_workbench.engine.expressions import InvalidExpression, InvalidLookup, LookupTable, load, load_lookups
from dms_workbench.engine.expressions.pushing import push_down
from dms_workbench.engine.mapping import Lookup
from tests.engine.expressions.samples import INTEGER, TEXT, evaluate, value

JOINED = {
    "c.name": LookupTable(["N", "P"], ["Nord", None], TEXT, TEXT, on=("upper(b)",)),
    "c.size": LookupTable(["N", "P"], [5, 6], TEXT, INTEGER, on=("upper(b)",)),
    "Pair.name": LookupTable(["1", "11"], ["x", "y"], TEXT, TEXT, more_keys=(([11, 1], INTEGER),), on=("a", "n")),
    "further.name": LookupTable([5], ["five"], INTEGER, TEXT, on=("c.size",)),
}
MADE_OF = "create table country (code varchar, zone integer, name varchar); insert into country values "


def test_a_joined_column_is_the_one_of_the_row_with_that_key_and_null_without_one() -> None:
    rows = [("", key, 7, None, None) for key in ("n", "p", "q", None)]
    result = evaluate([("name", "c.name"), ("size", "c.size + 1")], rows, lookups=JOINED)
    assert result.columns == [["Nord", None, None, None], [6, 7, None, None]]
    assert result.rejects == []


def test_a_key_of_several_columns_is_equal_in_each_of_them() -> None:
    rows = [("1", "", 11, None, None), ("11", "", 1, None, None), ("1", "", 1, None, None), ("111", "", 1, None, None)]
    result = evaluate([("x", "pair.name")], [*rows, ("1", "", None, None, None)], lookups=JOINED)
    assert result.columns == [["x", "y", None, None, None]]


def test_a_join_may_read_another_one_and_names_are_found_without_regard_to_case() -> None:
    assert value('Further."name" || C.NAME', ("", "n", 7, None, None), lookups=JOINED) == "fiveNord"


def test_a_row_whose_key_cannot_be_computed_is_rejected_and_the_others_are_not() -> None:
    lookups = {"c.name": LookupTable(["1"], ["one"], on=("CAST(CAST(a AS INTEGER) AS VARCHAR)",))}
    result = evaluate([("x", "c.name")], [("1", *[None] * 4), ("one", *[None] * 4)], lookups=lookups)
    assert result.columns == [["one"]]
    assert [reject.row for reject in result.rejects] == [1]


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("c.nam", r"no join has 'c\.nam'; did you mean 'c\.name'\?"),
        ("x.c.name", "a name with a dot is not in the language"),
    ],
)
def test_a_name_of_no_join_is_refused(expression: str, sentence: str) -> None:
    with pytest.raises(InvalidExpression, match=sentence):
        value(expression, lookups=JOINED)
    with pytest.raises(InvalidExpression, match="a name with a dot is not in the language"):
        value(expression)


def test_joins_that_read_each_other_are_refused() -> None:
    circle = {"a.x": LookupTable([], [], on=("b.x",)), "b.x": LookupTable([], [], on=("a.x",))}
    with pytest.raises(InvalidExpression, match="no more than 3 deep"):
        value("a.x", lookups=circle)


def test_columns_of_a_join_are_read_together_and_keys_must_be_unique(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "shop.duckdb")
    with open_duckdb(path) as connection:
        connection.execute(MADE_OF + "('DE', 1, 'Germany'), ('DE', 2, 'GDR'), (NULL, 1, 'none'), (NULL, 1, 'nor this')")
    joined = Lookup("c.name", table="country", key="code", value="name", more_keys=("zone",), on=("a", "n"))
    lookups = [joined, replace(joined, name="c.code", value="code")]
    source = database.open_source(f"duckdb:///{path}")
    try:
        found = load_lookups(lookups, source)
        assert found["c.name"].keys is found["c.code"].keys
        result = evaluate([("x", "c.name || c.code")], [("DE", "", 2, None, None)], lookups=found)
        assert result.columns == [["GDRDE"]]
        single = load_lookups([replace(joined, more_keys=(), on=("a",))], source)
        with pytest.raises(InvalidLookup, match=r"c\.name cannot be used: 1 key occurs more than once"):
            value("c.name", lookups=single)
        monkeypatch.setattr(load, "LARGEST_JOIN", 11)
        with pytest.raises(InvalidLookup, match="3 columns of its table are more than 11 values: read fewer of them"):
            load_lookups(lookups, source)
    finally:
        source.close()


def test_only_a_join_on_one_text_is_pushed_down() -> None:
    columns = [Column("b", parse_type("text")), Column("name", parse_type("text")), Column("n", parse_type("bigint"))]
    text = LookupTable(["N"], ["Nord"], TEXT, TEXT, on=("b",))
    pushed = push_down(columns, [("x", "c.name")], {"c.name": text})
    assert pushed is not None
    assert "'Nord'" in pushed.outputs["x"].sql
    assert 'dms_row."name"' not in pushed.outputs["x"].sql
    pair = replace(text, more_keys=(([1], INTEGER),), on=("b", "n"))
    assert push_down(columns, [("x", "c.name")], {"c.name": pair}) is None
