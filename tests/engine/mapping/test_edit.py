from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.engine.mapping import ColumnMap, Decision, InvalidMapping, Mapping, parse_mapping, write_mapping
from dms_workbench.engine.mapping.edit import (
    NoSuchLine,
    NotEditable,
    add_table,
    note_column,
    note_table,
    remove_table,
    rewritten,
    set_column,
    unlink_column,
)
from dms_workbench.engine.mapping.rewrite import unordered
from tests.engine.mapping.samples import SHOP
from tests.engine.mapping.test_write import columns, mappings, tables

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "mapping" / "edits.yaml").read_text("utf-8"))
EDITS: dict[str, Any] = {
    "set_column": lambda text, table, made: set_column(text, table, ColumnMap(**made)),
    "note_column": lambda text, table, column, notes: note_column(text, table, column, **decided(notes)),
    "unlink_column": unlink_column,
    "note_table": lambda text, table, fields: note_table(text, table, **decided(fields)),
    "remove_table": remove_table,
}


@pytest.mark.parametrize("case", CASES, ids=[case["about"] for case in CASES])
def test_one_change_is_made_and_everything_else_stays(case: dict[str, Any]) -> None:
    name, *arguments = case["edit"]
    assert EDITS[name](case["text"], *arguments) == case["then"]


def decided(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields of a case as those of a mapping."""
    made = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
    return made | ({"decision": Decision(**fields["decision"])} if "decision" in fields else {})


def commented(text: str, marks: list[int]) -> str:
    """The canonical text with a comment behind each line, and lines of comment between."""
    lines = []
    for number, line in enumerate(text.splitlines() if "\n" in text else [text]):
        mark = marks[number % len(marks)]
        lines += [f"{' ' * mark}# before {number}"] * (mark % 3 == 0)
        lines += [f"{line}   # behind {number}"]
        lines += [""] * (mark % 4 == 0)
    return "\n".join(lines) + "\n"


def split(text: str) -> list[str]:
    return text.split("\n")


plain_names = st.text(st.sampled_from("abcdefgh_ .:#'\"é"), min_size=1, max_size=8)
marks = st.lists(st.integers(0, 9), min_size=1, max_size=7)


@st.composite
def changed(draw: st.DrawFn, mapping: Mapping) -> Mapping:
    """The mapping after a few changes of any kind."""
    made = list(mapping.tables)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(made) - 1))
        kind = draw(st.sampled_from(["columns", "fields", "more", "less"]))
        if kind == "more":
            made.append(draw(tables))
        elif kind == "less" and len(made) > 1:
            made.pop(place)
        elif kind == "fields":
            made[place] = replace(
                draw(tables), **{name: getattr(made[place], name) for name in ("source", "target", "columns")}
            )
        else:
            made[place] = replace(made[place], columns=draw(changed_columns(made[place].columns)))
    return replace(mapping, tables=tuple(made))


@st.composite
def changed_columns(draw: st.DrawFn, before: tuple[ColumnMap, ...] | None) -> tuple[ColumnMap, ...] | None:
    """Columns of which one is another, one is new, or one is gone."""
    known = {column.target: column for column in before or ()}
    new = draw(columns)
    if draw(st.booleans()) or not known:
        known.setdefault(new.target, new)
    else:
        old = draw(st.sampled_from(list(known)))
        if len(known) > 1 and draw(st.booleans()):
            del known[old]
        else:
            known[old] = replace(new, target=old)
    return tuple(known.values())


@given(st.data())
def test_a_file_changed_to_hold_another_mapping_holds_it_and_the_same_mapping_changes_nothing(
    data: st.DataObject,
) -> None:
    mapping = data.draw(mappings)
    text = commented(write_mapping(mapping), data.draw(marks))
    after = data.draw(changed(mapping))
    result = rewritten(text, after)
    assert unordered(parse_mapping(result)) == unordered(after)
    assert rewritten(text, mapping) == text
    assert rewritten(result, after) == result


@given(st.data())
def test_changing_a_column_leaves_every_other_line_and_its_own_comment(data: st.DataObject) -> None:
    mapping = data.draw(mappings.filter(lambda made: any(table.columns for table in made.tables)))
    text = commented(write_mapping(mapping), data.draw(marks))
    number = next(number for number, table in enumerate(mapping.tables) if table.columns)
    table = mapping.tables[number]
    old = data.draw(st.sampled_from(table.columns or ()))
    new = replace(data.draw(columns), target=old.target)
    chosen = tuple(new if column is old else column for column in table.columns or ())
    after = replace(
        mapping,
        tables=tuple(replace(table, columns=chosen) if n == number else t for n, t in enumerate(mapping.tables)),
    )
    before, then = split(text), split(rewritten(text, after))
    assert len(before) == len(then)
    differing = [place for place, (one, other) in enumerate(zip(before, then, strict=True)) if one != other]
    assert len(differing) <= 1
    for place in differing:
        assert before[place][before[place].rindex("   # behind") :] == then[place][then[place].rindex("   # behind") :]


def test_a_column_that_is_rejected_lists_what_it_was_made_of() -> None:
    text = note_column(SHOP, "customer", "id", decision=Decision("rejected", by="ana"))
    assert (
        "      id: {decision: {status: rejected, by: ana, rejected: [tbl_customer.cust_id]}}   # a plain word" in text
    )


def test_a_table_map_is_put_behind_the_last_one() -> None:
    (table,) = parse_mapping(SHOP).tables
    text = add_table(SHOP, replace(table, target="person"))
    assert text.startswith(SHOP)
    assert [each.target for each in parse_mapping(text).tables] == ["customer", "person"]


def test_what_is_not_there_is_told_with_what_is_nearest() -> None:
    with pytest.raises(NoSuchLine, match=r"no line for customer\.first_nam; did you mean 'first_name'\?"):
        note_column(SHOP, "customer", "first_nam", owner="ana")
    with pytest.raises(NoSuchLine, match=r"no table map into custmer; did you mean 'customer'\?"):
        unlink_column(SHOP, "custmer", "id")
    twice = add_table(SHOP, replace(parse_mapping(SHOP).tables[0], source="tbl_person"))
    with pytest.raises(NoSuchLine, match=r"there are 2, from tbl_customer, tbl_person\. Name the source table too"):
        note_table(twice, "customer", owner="ana")
    assert note_table(twice, "customer", owner="ana", source="tbl_person").count("owner: ana") == 1


def test_a_change_that_would_leave_no_mapping_is_refused() -> None:
    with pytest.raises(NotEditable):
        remove_table(SHOP, "customer")
    with pytest.raises(InvalidMapping):
        set_column("format: none", "customer", ColumnMap("id", source="cust_id"))
