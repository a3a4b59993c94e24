"""What is pushed down gives in PostgreSQL what it gives here, row by row, or fails there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dms_workbench.engine.databases.catalogue import Column
from dms_workbench.engine.databases.postgres.text import parse_column, split_lines, unescape
from dms_workbench.engine.databases.postgres.types import parse_type
from dms_workbench.engine.expressions import InvalidExpression, compile_evaluator, lookup_of_values
from dms_workbench.engine.expressions.pushing import push_down
from tests.servers import PostgresServer

NATIVES = {
    "i": "bigint", "n": "smallint", "s": "text", "v": "character varying(9)", "c": "character(4)", "d": "numeric(12,2)",
    "w": "numeric(38,4)", "e": "numeric(4,3)", "b": "boolean", "dt": "date", "ts": "timestamp without time zone",
}  # fmt: skip
COLUMNS = [Column(name, parse_type(native)) for name, native in NATIVES.items()]
LOOKUPS = {"state": lookup_of_values({"a": "Alpha", "1": "One", "": None}), "none": lookup_of_values({})}
TEXTS = [
    "", " ", "a", "A b", "  a  ", "\u00a0x\u00a0", "\u3000", "ünï", "İI", "e\u0301e\u0301", "😀👍🏽x", "\t a\n", "12", "-7", "007", " 12",
    "1.5", "1e3", "2024-02-29", "2023-02-29", "2024-1-5", "0000-01-01", "9999-12-31", "a%b_c", "a\\b", "'", "ß", "x" * 60, "9" * 30,
]  # fmt: skip
DAYS = [
    "0001-01-01",
    "2024-02-29",
    "1999-12-31",
    "9999-12-31",
    "9999-12-30",
    "infinity",
    "0044-03-15 BC",
    "10000-01-01",
]
MOMENTS = [
    "2024-01-31 23:59:59.999999",
    "0001-01-01 00:00:00",
    "1970-01-01 00:00:00",
    "-infinity",
    "9999-12-31 23:59:59",
]


def row_of(draw: Any) -> dict[str, Any]:
    big = st.one_of(st.integers(-9, 9), st.sampled_from([2**63 - 1, -(2**63), 10**15, -(10**17)]))
    return {
        "i": draw(big),
        "n": draw(st.integers(-300, 300)),
        "s": draw(st.sampled_from(TEXTS)),
        "v": draw(st.sampled_from(TEXTS))[:9],
        "c": draw(st.sampled_from(TEXTS)).rstrip(" ")[:4],
        "d": draw(st.sampled_from(["0.00", "-0.01", "9999999999.99", "-9999999999.99", "12.50", "NaN"])),
        "w": draw(st.sampled_from(["0.0000", "1.2345", "9" * 34 + ".9999", "-" + "9" * 34 + ".0001"])),
        "e": draw(st.sampled_from(["0.000", "9.999", "-1.500", "0.125"])),
        "b": draw(st.booleans()),
        "dt": draw(st.sampled_from(DAYS)),
        "ts": draw(st.sampled_from(MOMENTS)),
    }


@st.composite
def rows(draw: Any) -> list[dict[str, Any]]:
    made = [row_of(draw) for _ in range(draw(st.integers(1, 6)))]
    return [{name: None if draw(st.integers(0, 7)) == 0 else value for name, value in row.items()} for row in made]


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


written = st.sampled_from([text for text in TEXTS if len(text) < 20]).map(quoted)
counts = st.integers(0, 7).map(str)
texts: st.SearchStrategy[str] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["s", "v", "c"]),
        written,
        st.builds(
            "{}({})".format, st.sampled_from(["upper", "lower", "trim", "ltrim", "rtrim", "md5", "sha256"]), texts
        ),
        st.builds("{}({}, {})".format, st.sampled_from(["trim", "ltrim", "rtrim"]), texts, written),
        st.builds("{}({}, {})".format, st.sampled_from(["left", "right", "repeat"]), texts, counts),
        st.builds("substring({}, {}, {})".format, texts, counts, counts),
        st.builds("{}({}, {}, {})".format, st.sampled_from(["lpad", "rpad"]), texts, counts, written),
        st.builds("replace({}, {}, {})".format, texts, written, texts),
        st.builds("split_part({}, {}, {})".format, texts, written, counts),
        st.builds("({} || {})".format, texts, st.one_of(texts, wholes, decimals)),
        st.builds(
            "concat({}, {}, {})".format, texts, st.one_of(texts, wholes, decimals, truths), st.one_of(texts, days)
        ),
        st.builds("concat_ws({}, {}, {})".format, written, texts, texts),
        st.builds("{}({}, {})".format, st.sampled_from(["coalesce", "nullif"]), texts, texts),
        st.builds("case when {} then {} else {} end".format, truths, texts, st.one_of(texts, st.just("NULL"))),
        st.builds("case {} when {} then {} end".format, texts, texts, texts),
        st.builds("lookup('state', {}, {})".format, texts, st.one_of(texts, st.just("NULL"))),
        st.builds("lookup('{}', {})".format, st.sampled_from(["state", "none"]), st.one_of(texts, wholes)),
        st.builds("cast({} as varchar)".format, st.one_of(wholes, decimals, days, truths)),
    )
)
wholes: st.SearchStrategy[str] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["i", "n", "i", "1", "0", "9223372036854775807", "100"]),
        st.builds("({} {} {})".format, wholes, st.sampled_from("+-*"), wholes),
        st.builds("({} {} {})".format, wholes, st.sampled_from(["//", "%"]), st.sampled_from(["1", "7", "10"])),
        st.builds("{}({})".format, st.sampled_from(["abs", "-"]), wholes),
        st.builds("length({})".format, texts),
        st.builds("strpos({}, {})".format, texts, written),
        st.builds("{}({})".format, st.sampled_from(["year", "month", "day"]), days),
        st.builds("date_part('{}', {})".format, st.sampled_from(["quarter", "dow", "isodow", "doy", "year"]), days),
        st.builds(
            "cast({} as {})".format, st.one_of(texts, wholes), st.sampled_from(["bigint", "integer", "smallint"])
        ),
        st.builds("{}({}, {})".format, st.sampled_from(["coalesce", "nullif"]), wholes, wholes),
        st.builds("if({}, {}, {})".format, truths, wholes, wholes),
        st.builds("({} - {})".format, st.just("dt"), st.just("dt")),
    )
)
decimals: st.SearchStrategy[str] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["d", "e", "w", "1.5", "0.001", "d", "e"]),
        st.builds("({} {} {})".format, decimals, st.sampled_from("+-*"), st.one_of(decimals, wholes)),
        st.builds("{}({})".format, st.sampled_from(["abs", "-"]), decimals),
        st.builds(
            "cast({} as decimal({}))".format,
            st.one_of(decimals, wholes),
            st.sampled_from(["12,2", "20,6", "38,3", "5,1"]),
        ),
        st.builds("coalesce({}, {})".format, decimals, st.one_of(decimals, st.just("0"))),
        st.builds("if({}, {}, {})".format, truths, decimals, decimals),
    )
)
days: st.SearchStrategy[str] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["dt", "ts", "dt"]),
        st.builds("(dt {} {})".format, st.sampled_from("+-"), st.sampled_from(["1", "31", "4000"])),
        st.builds(
            "({} {} interval '{}' {})".format, days, st.sampled_from("+-"), st.integers(-14, 14),
            st.sampled_from(["day", "month", "year", "hour", "week", "second"]),
        ),
        st.builds("cast({} as {})".format, days, st.sampled_from(["date", "timestamp"])),
        st.builds("cast({} as date)".format, texts),
        st.builds("coalesce(dt, cast({} as date))".format, written),
    )
)  # fmt: skip
truths: st.SearchStrategy[str] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["b", "true", "false"]),
        *(
            st.builds("({} {} {})".format, kind, st.sampled_from(["=", "<>", "<", ">=", "is not distinct from"]), kind)
            for kind in (texts, wholes, decimals, days)
        ),
        st.builds("({} > {})".format, decimals, wholes),
        st.builds("({} {} {})".format, truths, st.sampled_from(["and", "or"]), truths),
        st.builds("(not {})".format, truths),
        st.builds("({} is {})".format, truths, st.sampled_from(["true", "not false", "null"])),
        st.builds("({} is null)".format, st.one_of(texts, wholes, decimals, days)),
        st.builds("({} in ({}, {}))".format, texts, written, written),
        st.builds("({} between {} and {})".format, wholes, wholes, wholes),
        st.builds("({} like {})".format, texts, st.sampled_from(["'a%'", "'%b_c'", "'_'", "'%'", "''", "'__'"])),
        st.builds("{}({}, {})".format, st.sampled_from(["contains", "starts_with", "ends_with"]), texts, written),
    )
)


@pytest.fixture(scope="module")
def connection(postgres: PostgresServer) -> Iterator[psycopg.Connection]:
    url = postgres.create_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table t (row_no integer, " + ", ".join(f"{n} {t}" for n, t in NATIVES.items()) + ")")
        yield connection
    postgres.drop_database(url)


def in_postgres(connection: psycopg.Connection, sql: str, where: str, kind: Any, number: int) -> list[Any] | None:
    """The value of a row in a list; None where the query fails."""
    query = f"copy (select {sql} from t dms_row where ({where}) and row_no = {number}) to stdout"
    try:
        with connection.cursor().copy(query) as copy:
            made = [bytes(line).decode()[:-1] for line in copy]
    except (psycopg.errors.DataError, psycopg.errors.ProgramLimitExceeded):
        return None
    return parse_column([None if text == r"\N" else unescape(text) for text in made], kind)


def check(connection: psycopg.Connection, expression: str, given: list[dict[str, Any]]) -> bool:
    """Compare both; was it pushed down at all?"""
    try:
        evaluator = compile_evaluator(COLUMNS, [("made", expression)], None, LOOKUPS)
    except InvalidExpression:
        return False
    pushed = push_down(COLUMNS, [("made", expression)], LOOKUPS)
    if pushed is None:
        evaluator.close()
        return False
    connection.execute("truncate t")
    for number, row in enumerate(given):
        connection.execute(f"insert into t values (%s{', %s' * len(row)})".encode(), [number, *row.values()])
    with connection.cursor().copy(
        "copy (select {} from t order by row_no) to stdout".format(", ".join(NATIVES))
    ) as copy:
        raw = split_lines([bytes(line) for line in copy], len(NATIVES))
    values = [parse_column(column, of.type.kind) for column, of in zip(raw, COLUMNS, strict=True)]
    try:
        found = evaluator.evaluate(values, len(given))
        kind = evaluator.types[0].kind
    finally:
        evaluator.close()
    column = pushed.outputs["made"]
    assert column.type == evaluator.types[0]
    ours = dict(zip(found.kept, found.columns[0], strict=True))
    for number in range(len(given)):
        theirs = in_postgres(connection, column.sql, pushed.where, kind, number)
        assert theirs is None or theirs == [ours.get(number, "rejected")], (expression, given[number], theirs)
    return True


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(expression=st.one_of(texts, wholes, decimals, days, truths), made=rows())
def test_a_random_expression_gives_the_same_there_or_fails(
    connection: psycopg.Connection, expression: str, made: list[dict[str, Any]]
) -> None:
    check(connection, expression, made)


ROW = {"i": 12, "n": 3, "s": " Ab ", "v": "x", "c": "q", "d": "12.50", "w": "1.2345", "e": "0.125", "b": True,
       "dt": "2024-01-31", "ts": "2024-01-31 10:00:00"}  # fmt: skip


@pytest.mark.parametrize(
    "expression",
    [
        "upper(trim(s))", "s || ' x'", "coalesce(v, '?')", "case when c = 'O' then 'open' else 'done' end", "i + 1",
        "d * (1 - e)", "dt + interval '1' month", "cast(i as varchar)", "cast('12' as integer)", "year(ts)", "i // 5",
        "concat(s, '-', i)", "substring(s, 2, 2)", "lookup('state', v, 'none')", "lpad(v, 5, '0')", "d > 100",
    ],
)  # fmt: skip
def test_everyday_expressions_are_pushed_down(connection: psycopg.Connection, expression: str) -> None:
    assert check(connection, expression, [ROW, dict.fromkeys(ROW)])


@pytest.mark.parametrize(
    "expression",
    [
        "regexp_replace(s, 'a', 'b')", "strip_accents(s)", "try_cast(s as integer)", "s ilike 'a%'", "i / 2", "round(d, 1)",
        "reverse(s)", "cast(d as integer)", "cast(d as decimal(5,1))", "error('no')", "i // n", "cast(d as double)",
        "date_trunc('month', dt)",
    ],
)  # fmt: skip
def test_what_the_two_may_do_differently_is_not_pushed_down(expression: str) -> None:
    assert push_down(COLUMNS, [("made", expression)], LOOKUPS) is None


def test_what_guards_rows_does_not_lead_the_planner_away_from_the_key(connection: psycopg.Connection):
    connection.execute("create table many (id integer primary key, s text)")
    connection.execute("insert into many select i, repeat('long ', 40) from generate_series(1, 20000) i; analyze many")
    columns = [Column("id", parse_type("integer")), Column("s", parse_type("text"))]
    pushed = push_down(columns, [("made", "upper(trim(s))")], {})
    assert pushed is not None
    select = f"select id, {pushed.outputs['made'].sql} from many dms_row where ({pushed.where}) order by id"
    plan = connection.execute(f"explain {select}".encode()).fetchall()
    assert "Index Scan" in plan[0][0]


@pytest.mark.parametrize(
    ("expression", "guards"), [("upper(trim(s))", 1), ("trim(s) || upper(v)", 2), ("lower(ltrim(rtrim(s)))", 1)]
)
def test_letters_that_are_asked_for_once_are_not_asked_for_again(expression: str, guards: int):
    pushed = push_down(COLUMNS, [("made", expression)], {})
    assert pushed is not None
    assert pushed.where.count(" OR (") == guards


@pytest.mark.parametrize(
    "expression", ["upper(trim(s))", "trim(upper(s))", "lower(ltrim(rtrim(s)))", "trim(s) || upper(v)"]
)
def test_blanks_and_letters_of_every_kind_are_the_same_there_or_fail(connection: psycopg.Connection, expression: str):
    assert check(connection, expression, [{**ROW, "s": text, "v": text[:9]} for text in TEXTS])
