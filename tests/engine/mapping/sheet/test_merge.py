from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dms_workbench.engine.databases.catalogue import Catalogue, Column
from dms_workbench.engine.mapping import ColumnMap, Decision, Mapping, TableMap, parse_mapping, write_mapping
from dms_workbench.engine.mapping.sheet import (
    SheetConflict,
    SheetRefused,
    merge_sheet,
    read_sheet,
    sheet_of,
    write_csv,
    write_xlsx,
)
from dms_workbench.engine.mapping.text_with import text_with
from tests.engine.mapping.samples import SHOP, SOURCE, TARGET, TEXT, catalogue, table
from tests.engine.mapping.sheet.shop import AT, BY, MAPPING, exported, filled_in, merged


def test_a_sheet_that_nobody_touched_changes_nothing() -> None:
    found = merged(exported())

    assert (found.changes, found.notes) == ((), ())
    assert text_with(MAPPING, found.mapping) == SHOP


def test_what_was_filled_in_changes_those_lines_alone_and_comments_stay() -> None:
    found = merged(filled_in(exported(), id={"remark": "from the old till", "status": "accepted"}))

    assert [str(change) for change in found.changes] == [
        "customer.id, Status: (nothing) → accepted",
        "customer.id, Remark: (nothing) → from the old till",
    ]
    changed = [
        (old, new)
        for old, new in zip(SHOP.splitlines(), text_with(MAPPING, found.mapping).splitlines(), strict=True)
        if old != new
    ]
    assert changed == [
        (
            "      id: cust_id   # a plain word: that source column",
            '      id: {source: cust_id, remark: "from the old till", decision: {status: accepted, by: ann,'
            " at: 2026-01-05T10:00:00Z}}   # a plain word: that source column",
        )
    ]


def test_another_source_column_and_another_rule_are_taken() -> None:
    found = merged(
        filled_in(exported(), id={"source_column": "cust_type"}, first_name={"expression": "trim(cust_name)"})
    )
    columns = {column.target: column for column in found.mapping.tables[0].columns or ()}

    assert columns["id"].source == "cust_type"
    assert columns["first_name"].expression == "trim(cust_name)"


def test_a_rule_may_take_the_place_of_a_source_column() -> None:
    found = merged(filled_in(exported(), id={"source_column": "", "expression": "cust_id + 1"}))
    [column] = found.columns.values()

    assert (column.source, column.expression) == (None, "cust_id + 1")


def test_what_is_made_of_nothing_any_more_is_open_not_gone() -> None:
    found = merged(filled_in(exported(), origin={"expression": ""}))

    assert found.columns[0, "origin"] == replace(
        found.columns[0, "origin"], source=None, expression=None, decision=Decision("open", by=BY, at=AT)
    )


def test_a_rejected_row_turns_its_source_down_and_remembers_it() -> None:
    found = merged(filled_in(exported(), id={"status": "rejected"}))
    column = found.columns[0, "id"]

    assert column.source is None
    assert column.decision == Decision("rejected", by=BY, at=AT, rejected=("tbl_customer.cust_id",))


def test_a_row_of_a_column_that_nothing_was_mapped_to_maps_it() -> None:
    wider = catalogue(table("customer", *TARGET.tables[0].columns, "email"))
    sheet = sheet_of(MAPPING, SOURCE, wider)
    found = merged(filled_in(sheet, email={"source_column": "cust_old_fax"}))

    assert (found.mapping.tables[0].columns or ())[-1] == ColumnMap("email", source="cust_old_fax")


def test_rows_that_were_sorted_otherwise_or_deleted_change_nothing() -> None:
    sheet = exported()
    found = merged(replace(sheet, rows=tuple(reversed(sheet.rows[1:]))))

    assert found.changes == ()
    assert found.notes == ("Not in the sheet, and left as they are: customer.id.",)


def test_cells_that_follow_from_elsewhere_are_said_and_not_taken() -> None:
    found = merged(filled_in(exported(), id={"target_type": "BIGINT", "where": "true"}))

    assert found.changes == ()
    assert found.notes == (
        "Row 2, Target type: 'BIGINT' was not taken over; it follows from the schemas.",
        "Row 2, Filter of the table: 'true' was not taken over; it is changed in the mapping file.",
    )


@pytest.mark.parametrize("whole", [True, False], ids=["with databases", "without"])
@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"target_table": "custmer"}, "row 3, Target table: .*no table map for 'custmer'; did you mean 'customer'"),
        ({"target_column": "frst_name"}, "row 3, Target column: .*no column 'frst_name'; did you mean 'first_name'"),
        ({"source_table": "tbl_custmer"}, "row 3, Source table: the mapping has no table map from 'tbl_custmer' to customer"),
        ({"expression": "", "source_column": "cust_nam"}, "row 3, Source column: .*no column 'cust_nam'; did you mean 'cust_name'"),
        ({"expression": "trim(cust_nam)"}, "row 3, Rule: .*no column 'cust_nam'; did you mean 'cust_name'"),
        ({"expression": "trim(("}, "row 3, Rule: this bracket or CASE is not closed"),
        ({"source_column": "cust_name"}, "row 3, Rule: there is a source column as well"),
        ({"status": "done"}, "row 3, Status: 'done' is no status"),
        ({"status": "rejected"}, "row 3, Status: a rejected column is made of nothing: clear its rule"),
        ({"expression": "", "status": "accepted"}, "row 3, Status: nothing is accepted here"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_refused_with_row_and_column(
    cells: dict[str, str], message: str, whole: bool
) -> None:
    schemas = {"source": SOURCE, "target": TARGET} if whole else {}

    with pytest.raises(SheetRefused, match=message):
        merge_sheet(MAPPING, filled_in(exported(), first_name=cells), by=BY, at=AT, **schemas)


def test_every_wrong_row_is_told_at_once() -> None:
    with pytest.raises(SheetRefused) as error:
        merged(filled_in(exported(), id={"source_column": "nix"}, origin={"status": "maybe"}))

    assert [(each["row"], each["column"]) for each in error.value.facts["problems"]] == [
        (2, "Source column"),
        (6, "Status"),
    ]


def test_a_target_column_that_stands_twice_is_refused() -> None:
    sheet = exported()
    with pytest.raises(SheetRefused, match="row 7, Target column: this target column stands in row 2 already"):
        merged(replace(sheet, rows=(*sheet.rows, replace(sheet.rows[0], number=7))))


NEWER = SHOP.replace("origin: {constant: legacy}", "origin: {constant: legacy, owner: Bob}").replace(
    "# a plain", "# the plain"
)


def test_a_sheet_of_an_older_version_adds_its_changes_to_the_newer_ones() -> None:
    found = merged(filled_in(exported(), origin={"remark": "why?"}, id={"owner": "Eve"}), NEWER)

    text = text_with(parse_mapping(NEWER), found.mapping)
    assert "origin: {constant: legacy, owner: Bob, remark: why?}" in text.replace('"', "")
    assert "id: {source: cust_id, owner: Eve}   # the plain" in text


def test_a_cell_that_both_have_changed_is_a_conflict_and_nothing_is_taken() -> None:
    with pytest.raises(SheetConflict, match="row 6, Owner: the sheet says 'Eve', the mapping meanwhile 'Bob'"):
        merged(filled_in(exported(), origin={"owner": "Eve"}, id={"remark": "fine"}), NEWER)


def test_both_having_changed_a_cell_alike_is_no_conflict() -> None:
    assert merged(filled_in(exported(), origin={"owner": "Bob"}), NEWER).changes == ()


def test_another_source_here_and_a_rule_there_are_a_conflict() -> None:
    newer = SHOP.replace("id: cust_id   #", "id: {expression: cust_id + 1}   #")
    with pytest.raises(SheetConflict, match="row 2, Source column"):
        merged(filled_in(exported(), id={"source_column": "cust_type"}), newer)


def test_a_table_map_that_is_gone_meanwhile_is_a_conflict_only_where_the_sheet_changed_it() -> None:
    gone = SHOP.replace("target: customer", "target: client")
    assert merged(exported(), gone).changes == ()
    with pytest.raises(SheetConflict, match="no table map from tbl_customer to customer any more"):
        merged(filled_in(exported(), id={"owner": "Eve"}), gone)


def test_a_row_whose_mark_was_lost_may_fill_in_but_not_overwrite() -> None:
    sheet = exported()
    assert len(merged(filled_in(sheet, id={"mark": "", "owner": "Eve"})).changes) == 1
    with pytest.raises(SheetConflict, match="row 2, Source column"):
        merged(filled_in(sheet, id={"mark": "", "source_column": "cust_type"}))


def test_a_table_map_of_namesakes_is_written_out_when_a_row_changes_it() -> None:
    text = "format: dms-mapping/1\nname: n\ntables:\n  - source: tbl_country\n    target: country\n"
    mapping = parse_mapping(text)
    sheet = sheet_of(mapping, SOURCE, catalogue(table("country", "cntry_cd", "cntry_nm")))
    changed = filled_in(sheet, cntry_nm={"expression": "trim(cntry_nm)", "source_column": ""})
    found = merge_sheet(mapping, read_sheet(write_csv(changed)), by=BY, at=AT)

    assert found.mapping.tables[0].columns == (
        ColumnMap("cntry_cd", source="cntry_cd"),
        ColumnMap("cntry_nm", expression="trim(cntry_nm)"),
    )


NAMES = (
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=1, max_size=12)
    .map(str.strip)
    .filter(bool)
)
NOTES = st.none() | NAMES
STATUSES = st.sampled_from([Decision("accepted"), Decision("open")])


@st.composite
def mappings(draw: st.DrawFn) -> tuple[Mapping, Catalogue, Catalogue]:
    """A mapping of one table with hostile names and notes, and its schemas."""
    names = draw(st.lists(NAMES, min_size=2, max_size=5, unique=True))
    columns = [
        ColumnMap(name, source=name, owner=draw(NOTES), remark=draw(NOTES), decision=draw(st.none() | STATUSES))
        for name in names
    ]
    side = catalogue(table("t", *(Column(name, TEXT) for name in names)))
    mapping = Mapping("m", (TableMap("t", "t", tuple(columns)),))
    return parse_mapping(write_mapping(mapping)), side, side


@given(mappings(), st.sampled_from(["csv", "semicolon", "xlsx"]))
@settings(deadline=None, max_examples=60)
def test_any_sheet_that_nobody_touched_gives_the_same_text(
    given: tuple[Mapping, Catalogue, Catalogue], form: str
) -> None:
    mapping, source, target = given
    sheet = sheet_of(mapping, source, target)
    content = write_xlsx(sheet) if form == "xlsx" else write_csv(sheet, ";" if form == "semicolon" else ",", bom=True)

    found = merge_sheet(mapping, read_sheet(content), by=BY, at=AT, source=source, target=target)

    assert (found.changes, found.notes) == ((), ())
    assert text_with(mapping, found.mapping) == mapping.text


@given(mappings(), st.data(), st.sampled_from(["csv", "xlsx"]))
@settings(deadline=None, max_examples=60)
def test_any_cells_filled_in_are_the_same_edits_of_the_mapping(
    given: tuple[Mapping, Catalogue, Catalogue], data: st.DataObject, form: str
) -> None:
    mapping, source, target = given
    wanted, sheet = [], sheet_of(mapping, source, target)
    for column in mapping.tables[0].columns or ():
        owner, remark = data.draw(NOTES), data.draw(NOTES)
        of = data.draw(st.sampled_from([each.name for each in source.tables[0].columns]))
        sheet = filled_in(sheet, **{column.target: {"owner": owner or "", "remark": remark or "", "source_column": of}})
        wanted.append(replace(column, owner=owner, remark=remark, source=of))

    found = merge_sheet(mapping, read_sheet(write_xlsx(sheet) if form == "xlsx" else write_csv(sheet)), by=BY, at=AT)

    assert found.mapping.tables[0].columns == tuple(wanted)
    again = parse_mapping(text_with(mapping, found.mapping)).tables[0].columns or ()
    assert [replace(each, line=0, column=0) for each in again] == [replace(each, line=0, column=0) for each in wanted]
