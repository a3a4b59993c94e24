from __future__ import annotations

from dms_workbench.engine.databases.catalogue import Column
from dms_workbench.engine.mapping import parse_mapping
from dms_workbench.engine.mapping.sheet import sheet_of
from dms_workbench.engine.mapping.sheet.layout import LONGEST_CELL
from tests.engine.mapping.samples import INTEGER, SHOP, SOURCE, TARGET, catalogue, table
from tests.engine.mapping.sheet.shop import MAPPING, exported


def row(column: str, text: str = SHOP, target: object = TARGET) -> dict[str, str]:
    found = sheet_of(parse_mapping(text), SOURCE, target)  # type: ignore[arg-type]
    return next(each.values for each in found.rows if each.get("target_column") == column)


def test_a_row_says_what_a_target_column_is_and_what_it_is_made_of() -> None:
    assert {key: text for key, text in row("id").items() if text and key != "mark"} == {
        "target_table": "customer",
        "target_column": "id",
        "target_type": "INTEGER",
        "nullable": "no",
        "key": "primary",
        "source_table": "tbl_customer",
        "part": "1",
        "source_column": "cust_id",
        "source_type": "INTEGER",
        "in_words": "as it is",
        "where": "cust_type <> 'TEST'",
    }


def test_a_rule_stands_there_with_the_columns_it_reads_and_in_words() -> None:
    found = row("country")

    assert found["expression"] == "lookup('country', cntry_cd)"
    assert found["source_type"] == "cntry_cd TEXT"
    assert found["in_words"] == "from cntry_cd; looked up in country"


def test_notes_and_decisions_have_columns_of_their_own() -> None:
    noted = SHOP.replace(
        "id: cust_id   #",
        "id: {source: cust_id, owner: Bob, remark: ask, decision: {status: open, confidence: 0.71, candidates: [a.b]}} #",
    )
    found = row("id", noted)

    assert [found[key] for key in ("status", "confidence", "owner", "remark")] == ["open", "0.71", "Bob", "ask"]
    assert found["open_points"] == "to be decided; candidates: a.b"


def test_a_target_column_that_nothing_is_mapped_to_is_an_open_point() -> None:
    wider = catalogue(
        table("customer", Column("id", INTEGER, nullable=False), "email", Column("tax", INTEGER, nullable=False))
    )

    assert row("email", target=wider)["open_points"] == "nothing is mapped to it"
    assert row("tax", target=wider)["open_points"] == "nothing is mapped to it, and it takes no NULL"


def test_what_the_check_says_of_a_column_is_an_open_point() -> None:
    assert (
        "did you mean 'cust_name'"
        in row("first_name", SHOP.replace("split_part(cust_name", "split_part(cust_nam"))["open_points"]
    )


def test_columns_of_target_tables_without_table_map_are_there_too() -> None:
    two = catalogue(*TARGET.tables, table("orders", "number"))

    assert row("number", target=two)["open_points"] == "no table of the source is mapped to this table"


def test_source_columns_left_are_listed_with_the_reason() -> None:
    assert exported().left == (
        ("tbl_country", "cntry_cd", "TEXT", "read by the lookup country"),
        ("tbl_country", "cntry_nm", "TEXT", "read by the lookup country"),
        ("tbl_customer", "cust_old_fax", "TEXT", "ignored on purpose"),
    )


def test_the_overview_counts_and_names_both_versions() -> None:
    overview = dict(exported().overview)

    assert overview["Mapping"] == "shop"
    assert overview["Version"] == exported().sha
    assert overview["Target columns"] == "5, of which 5 are made of something"
    assert TARGET.fingerprint() in overview["Target"]
    assert overview["Table customer"] == "from tbl_customer; where cust_type <> 'TEST'"


def test_lookups_are_written_out() -> None:
    assert exported().lookups == (
        ("order_status", "N", "new"),
        ("order_status", "P", "paid"),
        ("country", "tbl_country.cntry_cd", "tbl_country.cntry_nm"),
    )


def test_a_text_too_long_for_a_cell_is_named_in_its_place() -> None:
    long = SHOP.replace(
        "origin: {constant: legacy}", f"origin: {{constant: legacy, remark: {'x' * (LONGEST_CELL + 1)}}}"
    )

    assert row("origin", long)["remark"].startswith("(32,001 characters, too many for a cell: see the mapping file")


def test_rows_are_those_of_the_target_in_its_order() -> None:
    assert [each.get("target_column") for each in exported().rows] == [
        "id",
        "first_name",
        "country",
        "active",
        "origin",
    ]
    assert MAPPING.name == exported().name
