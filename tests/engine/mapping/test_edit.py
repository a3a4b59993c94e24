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
from tests.engine.mapping.test_write import columns, decisions, mappings, names, tables

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "mapping" / "edits.yaml").read_text("utf-8"))
EDITS: dict[str, Any] = {
    "set_column": lambda text, table, **made: set_column(text, table, ColumnMap(**made)),
    "note_column": lambda text, table, column, decision=None, **notes: note_column(
        text, table, column, **notes, **({"decision": Decision(**decision)} if decision else {})
    ),
    "unlink_column": unlink_column,
    "note_table": lambda text, table, ignore=None, **fields: note_table(
        text, table, **fields, **({"ignore": tuple(ignore)} if ignore is not None else {})
    ),
    "remove_table": remove_table,
}


@pytest.mark.parametrize("case", CASES, ids=[case["about"] for case in CASES])
def test_one_change_is_made_and_everything_else_stays(case: dict[str, Any]) -> None:
    name, *arguments = case["edit"]
    options = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
    assert EDITS[name](case["text"], *arguments, **options) == case["then"]


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
        table = made[place]
        has = {column.target for column in table.columns or ()}
        new = draw(columns)
        match draw(st.integers(0, 6)):
            case 0 if new.target not in has:
                made[place] = replace(table, columns=(*(table.columns or ()), new))
            case 1 if table.columns:
                old = draw(st.sampled_from(table.columns))
                made[place] = replace(
                    table,
                    columns=tuple(replace(new, target=old.target) if each is old else each for each in table.columns),
                )
            case 2 if table.columns and len(table.columns) > 1:
                gone = draw(st.sampled_from(table.columns))
                made[place] = replace(table, columns=tuple(each for each in table.columns if each is not gone))
            case 3:
                made[place] = replace(table, owner=draw(st.none() | names), remark=draw(st.none() | names))
            case 4:
                other = draw(tables)
                made[place] = replace(table, where=other.where, joins=other.joins, ignore=other.ignore, mode=other.mode)
            case 5:
                made.append(draw(tables))
            case 6 if len(made) > 1:
                made.pop(place)
            case _:
                made[place] = replace(table, decision=draw(st.none() | decisions))
    return replace(mapping, tables=tuple(made))


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
