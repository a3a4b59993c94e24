from __future__ import annotations

import pytest

from dms_workbench.engine.databases.catalogue import Column
from dms_workbench.engine.mapping import check_mapping, parse_mapping
from dms_workbench.engine.mapping.from_template import mapping_from_template, template_of, with_place
from dms_workbench.engine.mapping.template import parse_template
from tests.engine.mapping.samples import INTEGER, SHOP, catalogue, table

HEAD = "format: dms-mapping-template/1\nname: ours\nnames: snake_case\n"
SOURCE = catalogue(table("Tbl", Column("RowNo", INTEGER), "Sold_YN", "two words", "select"))


def test_rules_reach_columns_whatever_their_names_are() -> None:
    template = parse_template(HEAD + "columns:\n  - {name: '*', kind: text, expression: 'trim({column})'}\n")
    made = mapping_from_template(template, SOURCE, None, name="m")

    assert [column.expression for column in made.mapping.tables[0].columns or ()] == [
        None,
        "trim(Sold_YN)",
        'trim("two words")',
        'trim("select")',
    ]
    assert check_mapping(parse_mapping(made.mapping.text), SOURCE, None) == []
    assert made.notes == ()


def test_a_rule_that_does_not_work_for_a_column_is_left_out_and_said() -> None:
    template = parse_template(HEAD + "columns:\n  - {name: 'RowNo', expression: 'trim({column})'}\n")
    made = mapping_from_template(template, SOURCE, None, name="m")

    assert (made.mapping.tables[0].columns or ())[0].source == "RowNo"
    assert made.notes[0].startswith("Tbl.RowNo is taken as it is: the rule 'trim(RowNo)' does not work")


def test_a_lookup_whose_table_is_not_there_is_left_out_and_said() -> None:
    template = parse_template(HEAD + "lookups: {c: {table: countries, key: code, value: name}}\n")
    made = mapping_from_template(template, SOURCE, None, name="m")

    assert made.mapping.lookups == ()
    assert made.notes == ("The lookup 'c' was left out: the source has no countries with code, name.",)


def test_both_fingerprints_are_noted() -> None:
    target = catalogue(table("tbl", "row_no", "sold_yn", "two_words", "select"))
    made = mapping_from_template(parse_template(HEAD), SOURCE, target, name="m").mapping

    assert (made.source_fingerprint, made.target_fingerprint) == (SOURCE.fingerprint(), target.fingerprint())


@pytest.mark.parametrize(
    ("expression", "column", "place"),
    [
        ("trim(name)", "name", "trim({column})"),
        ("upper(Name) || name", "NAME", "upper({column}) || {column}"),
        ('trim("two words")', "two words", "trim({column})"),
        ("trim(trim)", "trim", "trim({column})"),
        ("coalesce(name, 'name')", "name", "coalesce({column}, 'name')"),
    ],
)
def test_a_column_in_an_expression_becomes_a_place(expression: str, column: str, place: str) -> None:
    assert with_place(expression, column) == place


def test_the_template_of_a_mapping_is_read_back_as_it_is() -> None:
    template = template_of(parse_mapping(SHOP), name="ours")

    assert parse_template(template.text).columns == template.columns
    assert {rule.name: rule.expression for rule in template.columns if not rule.ignore} == {
        "cust_name": "split_part({column}, ' ', 1)",
        "cntry_cd": "lookup('country', {column})",
        "act_yn": "if({column} = 'Y', true, error('not Y'))",
    }


def test_columns_that_end_alike_and_are_treated_alike_share_a_rule() -> None:
    mapping = parse_mapping(
        "format: dms-mapping/1\nname: m\ntables:\n  - source: t\n    target: t\n    columns:\n"
        "      a: {expression: \"a_yn = 'Y'\"}\n      b: {expression: \"b_yn = 'Y'\"}\n      c: {expression: trim(c_tx)}\n"
    )

    assert [rule.name for rule in template_of(mapping, name="ours").columns] == ["*_yn", "c_tx"]
