from __future__ import annotations

from dataclasses import replace

import pytest

from dms_workbench.engine.databases.catalogue import Catalogue, Column
from dms_workbench.engine.databases.urls import database_for
from dms_workbench.engine.mapping import Mapping, parse_mapping
from dms_workbench.engine.mapping.rebase import Rebased, Side, rebase_mapping
from dms_workbench.engine.mapping.text_with import text_with
from tests.engine.mapping.samples import INTEGER, TEXT, catalogue, table

TEXT_FILE = """\
format: dms-mapping/1
name: shop
tables:
  - source: cust
    target: customer
    where: "kind <> 'X'"
    columns:
      id: id   # the key
      full_name: {expression: "trim(name)"}
      phone: {source: phone_no, remark: asked Bob}
      fax: fax
"""
SOURCE = catalogue(table("cust", Column("id", INTEGER), "name", "phone_no", "fax", "kind"))
TARGET = catalogue(table("customer", Column("id", INTEGER), "full_name", "phone", "fax"))
BY, AT = "ann", "2026-01-05T10:00:00Z"
DATABASE = database_for("sqlite:///shop.sqlite")


def taken(
    source: Catalogue = SOURCE, target: Catalogue = TARGET, *, known: bool = True, text: str = TEXT_FILE
) -> Rebased:
    """The mapping taken to other schemas."""
    return rebase_mapping(
        parse_mapping(text),
        Side(SOURCE if known else None, source, DATABASE),
        Side(TARGET if known else None, target, DATABASE),
        by=BY,
        at=AT,
    )


def lines(found: Rebased, text: str = TEXT_FILE) -> list[str]:
    """The lines of the file that are new, without fingerprints."""
    new = text_with(parse_mapping(text), found.mapping).splitlines()
    return [line.strip() for line in new if line not in text.splitlines() and "fingerprint" not in line]


def said(found: Rebased) -> list[tuple[str, str, str]]:
    return [(each.kind, each.side, f"{each.table}.{each.column}".rstrip(".")) for each in found.findings]


def test_unchanged_schemas_leave_the_mapping_as_it_is_and_name_their_fingerprints() -> None:
    found = taken()

    assert (found.findings, found.problems, lines(found)) == ((), (), [])
    assert found.mapping.source_fingerprint == SOURCE.fingerprint()
    assert found.mapping.target_fingerprint == TARGET.fingerprint()


def test_a_renamed_column_is_written_open_with_its_confidence_and_its_former_name() -> None:
    now = catalogue(table("cust", Column("id", INTEGER), "name", "phone_number", "fax", "kind"))
    [finding] = [each for each in taken(now).findings if each.kind == "renamed"]

    assert (finding.successor, finding.line, finding.place) == ("phone_number", 10, 7)
    assert finding.confidence is not None
    assert 0.5 < finding.confidence < 1
    [line] = lines(taken(now))
    assert line.startswith(
        'phone: {source: phone_number, remark: "asked Bob; source column cust.phone_no seems to be phone_number now"'
    )
    assert f"decision: {{status: open, by: ann, at: {AT}, confidence: {finding.confidence:.2f}}}" in line


def test_a_column_that_is_gone_stays_in_the_file_open_and_the_check_names_its_place() -> None:
    found = taken(catalogue(table("cust", Column("id", INTEGER), "name", "phone_no", "kind")))

    assert said(found) == [("gone", "source", "cust.fax")]
    assert lines(found) == [
        f'fax: {{source: fax, remark: "source column cust.fax is gone", decision: {{status: open, by: ann, at: {AT}}}}}'
    ]
    assert [str(each) for each in found.problems] == [
        "line 11, column 12: cust has no column 'fax'; there is id, name, phone_no, kind"
    ]


def test_an_expression_that_reads_what_is_gone_is_named_with_its_position() -> None:
    found = taken(catalogue(table("cust", Column("id", INTEGER), "phone_no", "fax", "kind")))

    assert said(found) == [("expression", "source", "cust.name")]
    assert "line 9, column 37: full_name: there is no column 'name'" in str(found.problems[0])
    assert "full_name" in lines(found)[0]
    assert "status: open" in lines(found)[0]


def test_a_filter_that_reads_what_is_gone_opens_its_table_map() -> None:
    found = taken(catalogue(table("cust", Column("id", INTEGER), "name", "phone_no", "fax")))
    decision = found.mapping.tables[0].decision

    assert said(found) == [("expression", "source", "cust.kind")]
    assert decision is not None
    assert decision.status == "open"


def test_another_type_on_either_side_opens_the_line_and_says_both_types() -> None:
    source = catalogue(table("cust", Column("id", TEXT), "name", "phone_no", "fax", "kind"))
    target = catalogue(table("customer", Column("id", INTEGER), "full_name", Column("phone", INTEGER), "fax"))
    found = taken(source, target)

    assert said(found) == [("retyped", "source", "cust.id"), ("retyped", "target", "customer.phone")]
    assert "source column cust.id was INTEGER and is TEXT now" in lines(found)[0]
    assert "# the key" in lines(found)[0]


def test_a_new_target_column_is_open_with_the_candidates_of_the_matcher() -> None:
    target = catalogue(table("customer", *TARGET.tables[0].columns, "kind"))
    found = taken(target=target)

    assert said(found) == [("new", "target", "customer.kind")]
    assert lines(found) == [f"kind: {{decision: {{status: open, by: ann, at: {AT}, candidates: [cust.kind]}}}}"]


def test_new_source_columns_and_tables_are_said() -> None:
    source = catalogue(table("cust", *SOURCE.tables[0].columns, "mail"), table("orders", "number"))

    assert said(taken(source)) == [("new", "source", "cust.mail"), ("new", "source", "orders")]


def test_a_renamed_table_is_followed_and_open() -> None:
    found = taken(catalogue(table("customer", *SOURCE.tables[0].columns)))
    [new] = found.mapping.tables
    [finding] = found.findings

    assert (finding.kind, finding.successor) == ("renamed", "customer")
    assert new.decision is not None
    assert (new.decision.status, new.source, new.target) == ("open", "customer", "customer")
    assert "  - source: customer\n" in text_with(parse_mapping(TEXT_FILE), found.mapping)


def test_a_table_that_is_gone_keeps_every_line_of_its_map() -> None:
    found = taken(catalogue(table("something_else", "x")))

    assert said(found)[0] == ("gone", "source", "cust")
    assert [column.target for column in found.mapping.tables[0].columns or ()] == ["id", "full_name", "phone", "fax"]


def test_without_the_former_schema_names_are_guessed_and_a_doubtful_one_is_not_written() -> None:
    source = catalogue(table("cust", Column("id", INTEGER), "name", "phone_number", "fax", "kind"))
    found = taken(source, known=False)

    assert said(found) == [("renamed", "source", "cust.phone_no")]
    assert found.findings[0].message.endswith("by its name alone)")
    assert "{source: phone_no," in lines(found)[0]


@pytest.mark.parametrize("known", [True, False])
def test_taking_a_mapping_a_second_time_says_nothing_again(known: bool) -> None:
    source = catalogue(table("cust", Column("id", INTEGER), "name", "phone_no", "kind"))
    first = taken(source, known=known)
    text = text_with(parse_mapping(TEXT_FILE), first.mapping)
    again = rebase_mapping(
        parse_mapping(text), Side(source, source, DATABASE), Side(TARGET, TARGET, DATABASE), by=BY, at=AT
    )

    assert again.findings == ()
    assert text_with(parse_mapping(text), again.mapping) == text


def test_a_target_that_is_not_there_yet_is_no_change() -> None:
    found = rebase_mapping(parse_mapping(TEXT_FILE), Side(SOURCE, SOURCE, DATABASE), None, by=BY, at=AT)

    assert found.findings == ()
    assert isinstance(replace(found.mapping, name="x"), Mapping)
