from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.engine.mapping import ColumnMap, InvalidMapping, Mapping, TableMap, parse_mapping, write_mapping
from dms_workbench.engine.mapping.edit import rewritten
from dms_workbench.engine.mapping.merge import merge_mappings
from dms_workbench.engine.mapping.rewrite import unordered
from tests.engine.mapping.samples import SHOP
from tests.engine.mapping.test_edit import changed, commented, marks
from tests.engine.mapping.test_write import columns, mappings

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "mapping" / "merges.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["about"] for case in CASES])
def test_what_two_people_changed_is_put_together(case: dict[str, Any]) -> None:
    merged = merge_mappings(case["base"], case["ours"], case["theirs"])
    assert merged.text == case["then"]
    assert [str(conflict) for conflict in merged.conflicts] == case.get("conflicts", [])


@given(st.data())
def test_a_side_that_changed_nothing_gives_the_other_one_byte_for_byte(data: st.DataObject) -> None:
    mapping = data.draw(mappings)
    base = commented(write_mapping(mapping), data.draw(marks))
    other = rewritten(base, data.draw(changed(mapping)))
    for result in (
        merge_mappings(base, other, base),
        merge_mappings(base, base, other),
        merge_mappings(base, other, other),
    ):
        assert result.clean
        assert result.text == other


@given(st.data())
def test_the_sides_may_change_places(data: st.DataObject) -> None:
    mapping = data.draw(mappings)
    base = commented(write_mapping(mapping), data.draw(marks))
    one, other = (rewritten(base, data.draw(changed(mapping))) for _ in range(2))
    there, back = merge_mappings(base, one, other), merge_mappings(base, other, one)
    assert {conflict.where for conflict in there.conflicts} == {conflict.where for conflict in back.conflicts}
    if there.clean:
        assert unordered(parse_mapping(there.text)) == unordered(parse_mapping(back.text))
    else:
        with pytest.raises(InvalidMapping, match="a merge left a conflict here"):
            parse_mapping(there.text)


@given(st.data())
def test_changes_of_different_lines_never_conflict_and_are_both_there(data: st.DataObject) -> None:
    mapping = data.draw(mappings)
    base = commented(write_mapping(mapping), data.draw(marks))
    lines = [(number, column.target) for number, table in enumerate(mapping.tables) for column in table.columns or ()]
    added = [(number, f"new {side}") for number in range(len(mapping.tables)) for side in range(2)]
    chosen = data.draw(st.lists(st.sampled_from(lines + added), min_size=2, max_size=6, unique=True))
    half = len(chosen) // 2
    made = {place: replace(data.draw(columns), target=place[1]) for place in chosen}
    one, other, both = (
        with_columns(mapping, {place: made[place] for place in part}) for part in (chosen[:half], chosen[half:], chosen)
    )
    merged = merge_mappings(base, rewritten(base, one), rewritten(base, other))
    assert merged.clean, merged.conflicts
    assert unordered(parse_mapping(merged.text)) == unordered(both)
    for line in base.splitlines():
        if line.strip().startswith("# before"):
            assert line in merged.text.splitlines()


def with_columns(mapping: Mapping, made: dict[tuple[int, str], ColumnMap]) -> Mapping:
    tables: list[TableMap] = []
    for number, table in enumerate(mapping.tables):
        known = {column.target: column for column in table.columns or ()}
        known |= {target: column for (at, target), column in made.items() if at == number}
        tables.append(replace(table, columns=tuple(known.values()) or None))
    return replace(mapping, tables=tuple(tables))


def test_a_text_that_is_no_mapping_is_named() -> None:
    with pytest.raises(InvalidMapping, match="theirs cannot be used: line 1"):
        merge_mappings(SHOP, SHOP, "format: dms-mapping/9\n")


def test_files_that_both_added_are_merged_without_a_base() -> None:
    ours = "format: dms-mapping/1\nname: shop\ntables:\n  - source: a\n"
    theirs = "format: dms-mapping/1\nname: shop\ntables:\n  - source: b\n"
    merged = merge_mappings("", ours, theirs)
    assert merged.clean
    assert merged.text == ours + "  - source: b\n"
