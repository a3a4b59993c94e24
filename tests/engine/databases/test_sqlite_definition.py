from __future__ import annotations

import pytest

from dms_workbench.engine.databases.sqlite.definition import default_expression, read_definition, virtual_module


def test_generated_expressions_are_read_through_quotes_comments_and_parentheses() -> None:
    definition = read_definition(
        "CREATE TABLE t (a int, -- as (1)\n"
        '"b,(" text GENERATED ALWAYS AS (a || \',)\' || ")") STORED, /* c as (2) */ [d] AS ((a + 1) * 2))'
    )
    assert definition.generated == {"b,(": "a || ',)' || \")\"", "d": "(a + 1) * 2"}


def test_checks_have_their_expression_their_name_and_their_column() -> None:
    definition = read_definition("CREATE TABLE t (a int CHECK (a > 0), CONSTRAINT small CHECK (a < 9) CHECK (a <> 5))")
    assert [(check.expression, check.name, check.column) for check in definition.checks] == [
        ("a > 0", None, "a"),
        ("a < 9", "small", None),
        ("a <> 5", None, None),
    ]


def test_options_behind_the_columns_are_seen_and_names_like_them_are_not() -> None:
    assert read_definition("CREATE TABLE t (a int primary key) WITHOUT ROWID, STRICT").without_rowid
    assert read_definition("CREATE TABLE t (a int primary key) WITHOUT ROWID, STRICT").strict
    named = read_definition('CREATE TABLE "strict" (rowid int, "strict" int)')
    assert not named.strict
    assert not named.without_rowid


def test_autoincrement_is_the_keyword_not_a_name_or_text() -> None:
    assert read_definition("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT)").autoincrement
    assert not read_definition("CREATE TABLE t (\"autoincrement\" int default 'autoincrement')").autoincrement


def test_the_module_of_a_virtual_table_is_found() -> None:
    assert virtual_module('CREATE VIRTUAL TABLE "a" USING FTS5(x)') == "fts5"
    assert virtual_module("CREATE TABLE a (x)") is None
    assert virtual_module(None) is None


@pytest.mark.parametrize(
    ("declared", "expression"),
    [
        ("7", "7"),
        ("'it''s'", "'it''s'"),
        ('"dq ""string"', "'dq \"string'"),
        ("bare", "'bare'"),
        ("CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP"),
        ("null", "null"),
        ("true", "true"),
        ("abs(-5)", "abs(-5)"),
        ("x'00'", "x'00'"),
        ("-1.5", "-1.5"),
        (None, None),
    ],
)
def test_a_default_is_an_expression_that_stands_anywhere(declared: str | None, expression: str | None) -> None:
    assert default_expression(declared) == expression


def test_names_and_deferral_of_foreign_keys_stand_in_the_text() -> None:
    definition = read_definition(
        "CREATE TABLE t (a int CONSTRAINT mine REFERENCES p (x) DEFERRABLE INITIALLY DEFERRED, b int REFERENCES p,"
        " CONSTRAINT two FOREIGN KEY (a, b) REFERENCES q NOT DEFERRABLE)"
    )
    assert [(each.name, each.deferrable, each.initially_deferred) for each in definition.references] == [
        ("mine", True, True),
        (None, False, False),
        ("two", False, False),
    ]


def test_keys_have_their_name_their_columns_and_what_happens_at_a_conflict() -> None:
    definition = read_definition(
        "CREATE TABLE t (a int CONSTRAINT pk PRIMARY KEY ON CONFLICT REPLACE, b text COLLATE nocase,"
        " CONSTRAINT u UNIQUE (b, [c d] COLLATE rtrim DESC))"
    )
    assert [(key.name, key.columns, key.primary, key.conflict) for key in definition.keys] == [
        ("pk", ("a",), True, "REPLACE"),
        ("u", ("b", "c d"), False, None),
    ]
    assert definition.collations == {"b": "nocase"}
