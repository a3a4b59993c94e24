from __future__ import annotations

import pytest

from dms_workbench.engine.databases.catalogue import Column
from dms_workbench.engine.mapping import InvalidMapping
from dms_workbench.engine.mapping.template import ColumnRule, parse_template
from tests.engine.mapping.samples import INTEGER, TEXT

HEAD = "format: dms-mapping-template/1\nname: ours\n"


def test_a_template_is_read_with_all_it_holds() -> None:
    template = parse_template(
        HEAD + "title: Ours\nsource: mysql\ntarget: postgres\nnames: snake_case\ntypes: {date: text}\n"
        "lookups: {state: {values: {A: b}}}\n"
        "columns:\n  - {name: '*_yn', kind: text, expression: \"{column} = 'Y'\", type: BOOLEAN, lossy: cut-text}\n"
    )

    assert (template.source, template.target, template.names) == ("mysql", "postgres", "snake_case")
    assert template.columns == (ColumnRule("*_yn", "*", "text", "{column} = 'Y'", "BOOLEAN", ("cut-text",)),)
    assert [lookup.name for lookup in template.lookups] == ["state"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: x\n", "line 1, column 1: the first line of a template is  format: dms-mapping-template/1"),
        (HEAD + "colums: []\n", "line 3, column 1: unknown key 'colums' in the template; did you mean 'columns'"),
        (HEAD + "source: oracle\n", "source is one of postgres, mysql, sqlite, duckdb, files, not 'oracle'"),
        (HEAD + "names: camel\n", "names is one of keep, snake_case, not 'camel'"),
        (HEAD + "columns: {a: b}\n", "columns must be a list of rules"),
        (HEAD + "columns:\n  - {name: a, kind: number}\n", "kind is one of boolean"),
        (HEAD + "columns:\n  - {name: a, ignore: maybe}\n", "ignore is true or false"),
        (HEAD + "columns:\n  - {name: a, lossy: some}\n", "'some' is no lossy rule"),
        (HEAD + "columns: [&a {name: b}]\n", "anchors are not allowed"),
    ],
)
def test_what_is_wrong_with_a_template_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(InvalidMapping) as error:
        parse_template(text, path="ours.yaml")
    assert message in str(error.value)


def test_the_first_rule_that_fits_name_table_and_kind_decides() -> None:
    template = parse_template(
        HEAD + "columns:\n  - {name: 'A*', table: 'x*', type: one}\n  - {name: 'a*', kind: integer, type: two}\n"
    )

    def decides(table: str, column: Column) -> str | None:
        rule = template.rule_for(table, column)
        return None if rule is None else rule.type

    assert decides("X1", Column("abc", TEXT)) == "one"
    assert decides("y", Column("abc", INTEGER)) == "two"
    assert decides("y", Column("abc", TEXT)) is None
