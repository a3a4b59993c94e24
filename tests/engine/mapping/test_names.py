from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.engine.databases.catalogue import Column
from dms_workbench.engine.mapping import (
    ColumnMap,
    NamesCollide,
    NoName,
    check_mapping,
    namesake_mapping,
    parse_mapping,
    snake_case,
)
from tests.engine.mapping.samples import INTEGER, SOURCE, catalogue, table


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("TblCustomerID", "tbl_customer_id"),
        ("tbl_customer", "tbl_customer"),
        ("Order Details", "order_details"),
        ("HTTPServer2Log", "http_server2_log"),
        ("a--B", "a_b"),
        ("_x_", "x"),
        ("2ndName", "2nd_name"),
        ("ÄndDatum", "änd_datum"),
        ("CUSTOMER", "customer"),
        ("", ""),
        ("--", ""),
    ],
)
def test_a_name_in_snake_case(name: str, expected: str) -> None:
    assert snake_case(name) == expected


@given(st.text())
def test_snake_case_twice_is_snake_case_once_for_plain_letters(name: str) -> None:
    plain = "".join(character for character in name if character.isascii())
    assert snake_case(snake_case(plain)) == snake_case(plain)


def test_without_a_file_every_table_and_column_maps_to_its_namesake() -> None:
    mapping = namesake_mapping(SOURCE, None)
    assert [(t.source, t.target) for t in mapping.tables] == [("tbl_country",) * 2, ("tbl_customer",) * 2]
    assert mapping.tables[0].columns == (
        ColumnMap("cntry_cd", source="cntry_cd"),
        ColumnMap("cntry_nm", source="cntry_nm"),
    )
    assert check_mapping(mapping, SOURCE, None) == []
    assert parse_mapping(mapping.text).name == mapping.name


def test_names_may_become_snake_case() -> None:
    (mapped,) = namesake_mapping(catalogue(table("ArtistAlbum", "ArtistId")), None, "snake_case").tables
    assert (mapped.target, mapped.columns) == ("artist_album", (ColumnMap("artist_id", source="ArtistId"),))


def test_a_target_that_spells_a_name_in_other_capitals_is_met_there() -> None:
    target = catalogue(table("artist", "artistid", "Name"))
    (mapped,) = namesake_mapping(catalogue(table("Artist", "ArtistId", "Name")), target).tables
    assert mapped.target == "artist"
    assert [column.target for column in mapped.columns or ()] == ["artistid", "Name"]


def test_a_target_with_the_name_in_two_capitals_is_met_only_exactly() -> None:
    target = catalogue(table("ARTIST", "a"), table("artist", "a"))
    assert namesake_mapping(catalogue(table("Artist", "a")), target).tables[0].target == "Artist"
    assert namesake_mapping(catalogue(table("artist", "a")), target).tables[0].target == "artist"


def test_two_names_that_become_one_are_refused_with_both() -> None:
    with pytest.raises(NamesCollide, match="the table 'OrderItem' and 'order_item' would both be named order_item"):
        namesake_mapping(catalogue(table("OrderItem", "a"), table("order_item", "a")), None, "snake_case")
    with pytest.raises(NamesCollide, match="the column of t 'a b' and 'A_B' would both be named a_b"):
        namesake_mapping(catalogue(table("t", "a b", "A_B")), None, "snake_case")


def test_a_name_without_letters_cannot_become_snake_case() -> None:
    with pytest.raises(NoName, match="'---' holds no letter or digit"):
        namesake_mapping(catalogue(table("---", "a")), None, "snake_case")


def test_generated_columns_are_left_out() -> None:
    source = catalogue(table("t", Column("id", INTEGER), Column("twice", INTEGER, generated="id * 2")))
    mapping = namesake_mapping(source, None)
    assert mapping.tables[0].columns == (ColumnMap("id", source="id"),)
    assert mapping.tables[0].ignore == ("twice",)
    assert check_mapping(mapping, source, None) == []
