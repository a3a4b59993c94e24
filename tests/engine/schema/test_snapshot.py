from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dms_workbench.engine.databases.catalogue import Catalogue, Column, DataType, Sequence, Table, TableName
from dms_workbench.engine.databases.objects import Routine
from dms_workbench.engine.databases.plain import field_types
from dms_workbench.engine.databases.table_parts import SequenceOptions, SequenceState
from dms_workbench.engine.schema.snapshot import SnapshotUnreadable, ordered, read_snapshot, write_snapshot
from dms_workbench.engine.schema.snapshot_read import SnapshotTooNew

ODD = ("", " ", "a b", "null", "NO", "on", "1", "-1", "a: b", "- x", "{", "]", '"', "'", "\\", "\n", "\ud800\udc00",
       "\x85", "\u2028", "x" * 63, "naïve", "名前", "#", "|-",
        "a,b", "tab\tname", "🙂", "\U000e0001", "1e5",
        "numeric(8,3)", "character varying(20)", "double precision", "a.b", "f(x)", "f(", "~", "=")  # fmt: skip
TEXT = st.one_of(
    st.sampled_from(ODD),
    st.text(st.characters(), max_size=12),
    st.lists(st.text(max_size=8), max_size=4).map("\n".join),
)


def of(form: Any) -> st.SearchStrategy[Any]:
    """Any value of a type that catalogues are made of."""
    if form is str:
        return TEXT
    if form is int:
        return st.integers(-(2**70), 2**70)
    if form is bool:
        return st.booleans()
    origin, arguments = typing.get_origin(form), typing.get_args(form)
    if origin is typing.Literal:
        return st.sampled_from(arguments)
    if origin in (typing.Union, types.UnionType):
        return st.none() | of(next(each for each in arguments if each is not type(None)))
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(of(arguments[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(of, arguments))
    return st.deferred(lambda: any_of(form))


def any_of(form: type) -> st.SearchStrategy[Any]:
    """A dataclass, most fields at their default."""
    needed: dict[str, st.SearchStrategy[Any]] = {}
    others: dict[str, st.SearchStrategy[Any]] = {}
    for each in dataclasses.fields(form):
        strategy = of(field_types(form)[each.name])
        (needed if each.default is dataclasses.MISSING else others)[each.name] = strategy
    return st.fixed_dictionaries(needed, optional=others).map(lambda values: form(**values))


def distinct(values: tuple[Any, ...], key: str) -> tuple[Any, ...]:
    """Values whose names differ, as in every catalogue."""
    return tuple({getattr(value, key): value for value in values}.values())


def possible(catalogue: Catalogue) -> Catalogue:
    """The catalogue without namesakes."""
    tables = tuple(
        dataclasses.replace(table, columns=distinct(table.columns, "name"))
        for table in distinct(catalogue.tables, "name")
    )
    return dataclasses.replace(catalogue, tables=tables, sequences=distinct(catalogue.sequences, "name"))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_of(Catalogue).map(possible))
def test_any_catalogue_comes_back_exactly(catalogue: Catalogue) -> None:
    text = write_snapshot(catalogue)

    text.encode()
    assert read_snapshot(text) == ordered(catalogue)
    assert write_snapshot(read_snapshot(text)) == text


def small() -> Catalogue:
    """A catalogue with one table, one sequence and one function."""
    integer = DataType("integer", "integer", bits=32)
    columns = (
        Column("id", integer, nullable=False, identity="always", counter_state=SequenceState(7)),
        Column("name", DataType("text", "character varying(20)", length=20), comment="who"),
    )
    return Catalogue(
        "postgres", "16.2", "public",
        tables=(Table(TableName("public", "customers"), columns, rows_estimate=12, size_bytes=8192),),
        sequences=(Sequence(TableName("public", "numbers"), SequenceOptions(start=1), SequenceState(3)),),
        routines=(Routine(TableName("public", "f"), "f()", "CREATE FUNCTION f()\n  RETURNS int\n\nAS $$SELECT 1$$"),),
    )  # fmt: skip


def test_a_column_is_one_line_and_a_routine_keeps_its_lines() -> None:
    lines = write_snapshot(small()).splitlines()

    assert lines[0] == "format: dms-schema/1"
    assert any(line.startswith("      - {name: id, type: {kind: integer") for line in lines)
    assert "      RETURNS int" in "\n".join(lines)
    assert "" in lines


def test_what_moves_stands_at_the_end_or_is_left_out() -> None:
    text = write_snapshot(small())
    structure, _, moving = text.partition("moving:\n")

    assert "8192" not in structure
    assert moving.count("\n") == 3
    assert write_snapshot(small(), moving=False) == structure


def test_the_order_of_a_catalogue_does_not_matter() -> None:
    table = small().tables[0]
    other = dataclasses.replace(table, name=TableName("public", "addresses"))
    one, two = (dataclasses.replace(small(), tables=tables) for tables in ((table, other), (other, table)))

    assert write_snapshot(one) == write_snapshot(two)


def test_the_text_is_yaml_too() -> None:
    loaded = yaml.safe_load(write_snapshot(small()))

    assert loaded["tables"][0]["columns"][1]["comment"] == "who"
    assert loaded["routines"][0]["definition"] == small().routines[0].definition


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("format: dms-schema/1\ndatabase: sqlite\ntables:\n  - name: [a\n", 4),
        ("format: dms-schema/1\ndatabase: sqlite\ndatabase: sqlite\n", 3),
        ("format: dms-schema/1\nhello\n", 2),
        ("database: sqlite\n", 1),
    ],
)
def test_a_broken_file_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(SnapshotUnreadable) as raised:
        read_snapshot(text)

    assert raised.value.facts["line"] == line


@pytest.mark.parametrize("text", ["format: dms-schema/1\ndatabase: sqlite\n", "format: dms-schema/1\nwhat: 1\n"])
def test_a_file_without_what_it_needs_is_told(text: str) -> None:
    with pytest.raises(SnapshotUnreadable):
        read_snapshot(text)


def test_a_later_form_is_refused() -> None:
    with pytest.raises(SnapshotTooNew):
        read_snapshot("format: dms-schema/2\n")
