"""Rows that pass undecoded between two PostgreSQL databases: exactly, resumable at every row."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dms_workbench.engine.databases.base import LineLimits, LinesUnfit, RowsRefused
from dms_workbench.engine.databases.catalogue import DataType
from dms_workbench.engine.databases.postgres.types import parse_type
from tests.engine.databases.postgres_lines import FORMS, Ends, copied, copy, emptied, query, read
from tests.servers import PostgresServer

CASES = Path(__file__).parents[2] / "cases" / "postgres"


@pytest.fixture(scope="module")
def two(postgres: PostgresServer) -> Iterator[Ends]:
    with contextlib.ExitStack() as stack:
        found = Ends(postgres, stack)
        yield found
    for url in found.urls:
        postgres.drop_database(url)


@pytest.fixture
def ends(two: Ends) -> Iterator[Ends]:
    """Two empty databases."""
    with emptied(two):
        yield two


@pytest.mark.parametrize(("name", "form"), [("typed", "postgres-frames"), ("typed", "postgres-text"),
                                            *(("plain", form) for form in FORMS)])  # fmt: skip
def test_values_of_every_type_pass_as_they_are(ends, name, form):
    sql = (CASES / "values.sql").read_text()
    ends.sql(0, sql)
    ends.sql(1, "create type other_oids as (a int); create table first (a int)", sql, "truncate typed, plain, parted")
    copied(ends, form, rows=2, name=name)
    found = ends.rows(name)
    assert found[0] == found[1]
    assert found[0]


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_table_and_one_without_a_key_pass(ends, form):
    ends.both("create table t (a int, b text)", "create table empty (a int)")
    ends.sql(0, "insert into t select i % 7, i::text from generate_series(1, 100) i")
    assert copied(ends, form, rows=30) == 100
    assert copied(ends, form, name="empty") == 0
    found = ends.rows()
    assert found[0] == found[1]


KEYS = {
    "smallint": "i - 20",
    "bigint": "i * 3000000007 - 60000000000",
    'text collate "C"': "chr(200 + i) || E'\\t\\\\' || i",
    "text": "case when i % 2 = 0 then 'Ä' else 'a' end || i",
    "character varying(40)": "repeat('x', i % 30) || i",
    "character(9)": "'c' || i",
    "uuid": "md5(i::text)::uuid",
    "date": "case i when 1 then 'infinity' when 2 then '-infinity' when 3 then '4713-01-01 BC' "
    "when 4 then '0001-12-31 BC' when 5 then '5874897-12-31' else date '1999-12-20' + i end",
    "timestamp": "case i when 1 then 'infinity' when 2 then '0044-03-15 12:00:00.000001 BC' "
    "else timestamp '1999-12-31 23:59:59.5' + i * interval '1.25 hours' end",
    "timestamptz": "case i when 1 then '-infinity' else timestamptz '1970-01-01' - i * interval '1000 days 0.000001 s' end",
    "time": "case i when 1 then '24:00' else time '00:00' + i * interval '7 min 0.1 s' end",
    "numeric": "case i when 1 then 'NaN' when 2 then 0.000000012300 when 3 then 1e30 when 4 then 120000 when 5 then -0.00010001 "
    "else (i - 20) * 12345.678901 end",
    "numeric(30,10)": "(i - 20) / 7.0",
    "real": "i / 3.0::real",
    "double precision": "case i when 1 then 'Infinity' else sqrt(i) * 1e-200 end",
    "bytea": "decode(md5(i::text), 'hex')",
    "oid": "4000000000 + i",
    "interval": "i * interval '1 day 3 hours'",
    "inet": "'10.0.0.0'::inet + i",
    "integer[]": "array[i % 3, i]",
    "money": "i * 1.25::money",
    "kind": "case i % 2 when 0 then 'low' else 'high' end::public.kind",
    "even": "i * 2",
}


@pytest.mark.parametrize("type", KEYS)
@pytest.mark.parametrize("form", ["postgres-frames", "postgres-text"])
def test_rows_resume_behind_every_chunk_whatever_the_key_is(ends, type, form):
    native = f"public.{type}" if type in ("kind", "even") else type
    count = 2 if type == "kind" else 40
    ends.sql(
        0,
        "create type kind as enum ('low', 'high'); create domain even as int check (value % 2 = 0)",
        f"create table t (k {native} primary key, v int)",
        f"insert into t select {KEYS[type]}, i from generate_series(1, {count}) i",
    )
    source = ends.source()
    table = source.catalogue().table("t")
    asked = query(table, table, form)
    assert source.gives_lines(asked)
    whole = [value for batch in source.read(table, ["v"]) for value in batch.columns[0]]
    places = [lines.position for lines in source.read_lines(asked, limits=LineLimits(7)) if read(lines)]
    assert len(places) == -(-count // 7)
    expected = [batch.position for batch in source.read(table, ["v"], batch_rows=7)]
    for number, place in enumerate(places):
        rest = [value for batch in source.read(table, ["v"], after=place) for value in batch.columns[0]]
        assert rest == whole[(number + 1) * 7 :]
    if type not in ("real", "double precision"):
        assert places == expected


def test_keys_of_several_columns_tell_the_place(ends):
    ends.both('create table t (v int, a text collate "C", b date, c numeric, primary key (b, a, c))')
    ends.sql(
        0, "insert into t select i, chr(65 + i % 5), date '2024-01-01' + i % 3, i / 4.0 from generate_series(1, 50) i"
    )
    source, target = ends.source(), ends.target()
    table = source.catalogue().table("t")
    asked = query(table, target.catalogue().table("t"), "postgres-frames")
    assert not source.gives_lines(asked)
    ordered = replace(
        asked, columns=tuple(sorted(asked.columns, key=lambda column: "bac".find(column.target.name) % 4))
    )
    assert source.gives_lines(ordered)
    first = next(iter(source.read_lines(ordered, limits=LineLimits(20))))
    written = target.catalogue().table("t")
    with target.transaction():
        target.write_lines(written, [column.target for column in ordered.columns], first)
    assert len(json.loads(first.position)) == 3
    assert copy(ends.source(), target, ordered, rows=11, after=first.position) == 30
    assert ends.rows()[0] == ends.rows()[1]


@pytest.mark.parametrize("form", FORMS)
def test_a_filter_and_expressions_pass_as_the_server_computes_them(ends, form):
    ends.sql(0, "create table t (id int primary key, v text, n numeric(10,2), w smallint)")
    ends.sql(1, "create table t (id bigint primary key, v varchar(8), n numeric(12,3), w numeric(6,1))")
    ends.sql(0, "insert into t select i, ' v' || i, i / 8.0, i from generate_series(1, 100) i")
    assert copied(ends, form, rows=9, where="v like '%1%'", v="upper(btrim(v))", n="n * 1.5") == 20
    assert ends.sql(1, "select * from t where id > 80") == ends.sql(
        0, "select id, upper(btrim(v)), (n * 1.5)::numeric(12,3), w::numeric(6,1) from t where v like '%1%' and id > 80"
    )


@pytest.mark.parametrize(
    ("type", "sql", "fails"),
    [
        ("varchar(3)", "'abc  '", RowsRefused),
        ("varchar(3)", "'abcd'", RowsRefused),
        ("numeric(4,1)", "1.25", LinesUnfit),
        ("numeric(4,1)", "12345", LinesUnfit),
        ("smallint", "70000", LinesUnfit),
    ],
)
def test_what_an_expression_makes_is_never_cut_or_rounded(ends, type, sql, fails):
    ends.both(f"create table t (id int primary key, v {type})")
    ends.sql(0, "insert into t values (1, null)")
    source, target = ends.source(), ends.target()
    asked = query(source.catalogue().table("t"), target.catalogue().table("t"), "postgres-frames", v=sql)
    wide = {
        "v": DataType("text", "text"),
        "n": DataType("decimal", "numeric"),
        "s": DataType("integer", "bigint", bits=64),
    }
    columns = tuple(replace(column, type=wide[type[0]]) if column.sql else column for column in asked.columns)
    with pytest.raises(fails):
        copy(source, target, replace(asked, columns=columns))
    assert target.query("select count(*) from public.t") == [(0,)]


EXACT = [
    ("smallint", "bigint"), ("integer", "numeric"), ("integer", "numeric(12,2)"), ("varchar(3)", "varchar(9)"), ("varchar(3)", "text"),
    ("numeric(5,2)", "numeric(8,4)"), ("numeric(5,2)", "numeric"), ("timestamp(3)", "timestamp"), ("text", "varchar"),
    ('text collate "C"', "text"),
]  # fmt: skip
CHANGING = [
    ("bigint", "integer"), ("integer", "numeric(11,2)"), ("integer", "double precision"), ("integer", "date"), ("text", "varchar(9)"),
    ("numeric", "numeric(30,10)"), ("numeric(5,2)", "numeric(8,1)"), ("timestamp", "timestamp(3)"), ("timestamptz", "timestamp"),
    ("real", "double precision"), ("char(3)", "text"), ("json", "jsonb"), ("money", "numeric(19,2)"), ("integer[]", "bigint[]"),
    ("double precision", "bigint"), ("text", "char(5)"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "target", "passes"), [*((*pair, True) for pair in EXACT), *((*pair, False) for pair in CHANGING)]
)
def test_only_types_that_hold_every_value_take_rows_undecoded(ends, source, target, passes):
    ends.sql(0, f"create table t (v {source})")
    ends.sql(1, f"create table t (v {target})")
    one, other = ends.source(), ends.target()
    tables = one.catalogue().table("t"), other.catalogue().table("t")
    assert [one.gives_lines(query(*tables, form)) for form in FORMS] == [passes] * 3
    assert parse_type(target.replace(' collate "C"', ""))


def test_large_cells_are_the_same_as_values(ends):
    ends.both("create table t (k bytea primary key, b bytea, s text, n int)")
    ends.sql(
        0,
        r"insert into t values ('\x01', decode(repeat('00ff5c', 6000000), 'hex'), repeat(E'a\\\t\n', 5000000), 1)",
        r"insert into t values ('\x02', null, '\N', null), ('\x03', '', '', 3), ('\x04', '\x5c6e', null, 4)",
    )
    source, target = ends.source(), ends.target()
    table = target.catalogue().table("t")
    batches = list(source.read(source.catalogue().table("t"), [column.name for column in table.columns]))
    for batch in batches:
        with target.transaction():
            target.write(table, table.columns, batch.columns)
    digest = "select k, md5(b), md5(s), n from public.t order by k"
    assert ends.sql(0, digest) == ends.sql(1, digest)
    assert [batch.position for batch in batches] == ['["\\\\x01"]', '["\\\\x04"]']
