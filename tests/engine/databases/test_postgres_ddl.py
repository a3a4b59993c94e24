"""PostgreSQL's DDL for objects that come from elsewhere: without a definition, from their parts."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from dms_workbench.engine.databases.catalogue import (
    Check,
    Column,
    ForeignKey,
    Index,
    IndexPart,
    Key,
    Sequence,
    SequenceOptions,
    Table,
    TableName,
    UserType,
    View,
)
from dms_workbench.engine.databases.ddl import NotExpressible
from dms_workbench.engine.databases.postgres import database
from dms_workbench.engine.databases.postgres.types import parse_type

ddl = database.ddl
NAME = TableName("public", "Odd table")
TABLE = Table(
    name=NAME,
    columns=(
        Column("id", parse_type("bigint"), nullable=False, identity="by default", counter=SequenceOptions(7, 2)),
        Column("a b", parse_type("character varying(20)"), default="'it''s'", comment="its 'own'"),
        Column("n", parse_type("integer"), default="1 + 1"),
        Column("twice", parse_type("integer"), generated="n * 2"),
    ),
    primary_key=Key(("id",), "odd key"),
    unique_keys=(Key(("a b",), include=("n",), nulls_not_distinct=True, deferrable=True, initially_deferred=True),),
    checks=(Check("n > 0", "positive", comment="above zero"), Check("n < 9", "late", validated=False)),
    comment="a table",
)


@pytest.fixture
def run(postgres_url):
    def made(statements: list[str]) -> None:
        with psycopg.connect(postgres_url) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    return made


@pytest.fixture
def ask(postgres_url):
    def asked(sql: str) -> list[tuple]:
        with psycopg.connect(postgres_url) as connection:
            return connection.execute(sql.encode()).fetchall()

    return asked


def test_a_table_is_made_from_its_parts_with_its_comments(run, ask):
    run([*ddl.table(TABLE), *ddl.comments(TABLE)])
    run(['insert into "Odd table" default values'])
    assert ask('select * from "Odd table"') == [(7, "it's", 2, 4)]
    assert ask(
        "select conname, contype::text from pg_constraint where conrelid = '\"Odd table\"'::regclass order by 1"
    ) == [
        ("Odd table_a b_n_key", "u"),
        ("odd key", "p"),
        ("positive", "c"),
    ]
    assert ask("select obj_description('\"Odd table\"'::regclass)") == [("a table",)]


def test_a_check_that_was_not_validated_takes_the_rows_that_break_it(run, ask):
    run(ddl.table(TABLE))
    run(['insert into "Odd table" (n) values (10)', *ddl.add_check(NAME, TABLE.checks[1])])
    assert ask("select convalidated from pg_constraint where conname = 'late'") == [(False,)]


def test_foreign_keys_are_added_not_validated_and_validated_later(run, ask):
    key = ForeignKey(("id",), NAME, ("id",), "to itself", "SET NULL", "CASCADE", "FULL", deferrable=True)
    run(ddl.table(TABLE))
    run(ddl.add_foreign_key(NAME, key, validated=False))
    assert ask("select convalidated, condeferrable, confmatchtype::text from pg_constraint where contype = 'f'") == [
        (False, True, "f")
    ]
    run(ddl.validate_foreign_key(NAME, key))
    assert ask("select convalidated from pg_constraint where contype = 'f'") == [(True,)]
    assert "NOT VALID" in ddl.add_foreign_key(NAME, replace(key, validated=False))[0]


def test_indexes_are_made_from_their_parts(run, ask):
    parts = (
        IndexPart("n", descending=True, nulls="last"),
        IndexPart("a b", prefix=5),
        IndexPart(expression='lower("a b")', collation="C", operator_class="text_pattern_ops"),
    )
    index = Index("odd index", parts, unique=True, where="n > 0", include=("id",), comment="an index")
    run([*ddl.table(TABLE), *ddl.index(NAME, index)])
    ((found,),) = ask("select indexdef from pg_indexes where indexname = 'odd index'")
    assert "n DESC NULLS LAST" in found
    assert '"left"(("a b")::text, 5)' in found
    assert 'lower(("a b")::text) COLLATE "C" text_pattern_ops' in found
    assert found.endswith("INCLUDE (id) WHERE (n > 0)")


def test_types_sequences_and_views_are_made_from_their_parts(run, ask):
    mood = UserType(TableName("public", "mood"), "enum", (), labels=("a", "it's"))
    even = UserType(
        TableName("public", "even"),
        "domain",
        (),
        base=parse_type("integer"),
        default="2",
        checks=(Check("VALUE % 2 = 0"),),
    )
    both = UserType(TableName("public", "both"), "composite", (), fields=(Column("x y", parse_type("integer")),))
    for made in (mood, even, both):
        run(ddl.user_type(made))
    run(
        ddl.sequence(
            Sequence(TableName("public", "odd seq"), SequenceOptions(5, -1, -9, 9, 3, True), type="bigint(20)")
        )
    )
    run(
        [
            *ddl.table(TABLE),
            *ddl.view(
                View(
                    TableName("public", "v"),
                    'SELECT n FROM public."Odd table"',
                    "",
                    columns=(Column("m n", parse_type("integer")),),
                )
            ),
        ]
    )
    assert ask("select 'it''s'::mood, 4::even, row(1)::\"both\"::text") == [("it's", 4, "(1)")]
    assert ask("select nextval('\"odd seq\"')") == [(5,)]
    assert ask('select "m n" from v') == []


def test_names_that_would_be_cut_are_refused(run):
    long = "ü" * 32
    with pytest.raises(NotExpressible, match="63 bytes"):
        ddl.table(replace(TABLE, name=TableName("public", long)))
    with pytest.raises(NotExpressible, match="63 bytes"):
        ddl.index(NAME, Index(long, (IndexPart("n"),)))
    run(ddl.table(replace(TABLE, name=TableName("public", long[:31]))))


def test_an_index_of_another_kind_is_refused_with_its_reason():
    with pytest.raises(NotExpressible, match="fulltext"):
        ddl.index(NAME, Index("i", (IndexPart("n"),), method="fulltext"))
