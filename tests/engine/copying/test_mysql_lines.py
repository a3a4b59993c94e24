"""MariaDB as a fast side of a copy: what passes as lines is what conversion makes of the same values, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import Any

import pytest

from dms_workbench.engine.converting import Pair, convert_column
from dms_workbench.engine.databases import mysql, postgres
from dms_workbench.engine.databases.base import LineColumn, LineLimits, LineQuery, RowsRefused
from dms_workbench.engine.databases.catalogue import Table

pytestmark = pytest.mark.mariadb
Case = tuple[str, str | None, list[str]]
"""A type, the type it goes into (None: the one a plan chooses), and values in SQL; NULL is always among them."""
TEXTS = [
    "''", "' '", "'a'", "'a  '", "'tab\\tline\\nreturn\\rback\\\\slash'", "'\\\\N'", "'\\\\.'", "'é€'", "'\\b\\0'", "x'0c0b08'",
    "'it''s \"q\"'", "'{\"a\":1}'",
]  # fmt: skip
CLOCKED = [
    "'0000-00-00'",
    "'2024-00-15'",
    "'0000-01-01'",
    "'0001-01-01'",
    "'0099-12-31'",
    "'2024-02-29'",
    "'9999-12-31'",
]
MOMENTS = [*CLOCKED, "'2024-02-29 23:59:59.999999'", "'2024-02-29 12:00:00.5'", "'2024-02-29 12:00:00.123'"]
FROM_MARIADB: dict[str, list[Case]] = {
    "numbers": [
        ("tinyint", None, ["-128", "0", "127"]),
        ("tinyint(1)", "boolean", ["0", "1", "2", "-1"]),
        ("bit(1)", "boolean", ["b'0'", "b'1'"]),
        ("bit(1)", "integer", ["b'0'", "b'1'"]),
        ("bit(12)", None, ["b'0'", "b'101'"]),
        ("int(6) zerofill", None, ["0", "42"]),
        ("int(6) zerofill", "text", ["0", "42"]),
        ("int(6) zerofill", "boolean", ["0", "1", "42"]),
        ("bigint unsigned", None, ["0", "18446744073709551615"]),
        ("bigint unsigned", "bigint", ["0", "18446744073709551615"]),
        ("int", "smallint", ["32767", "32768"]),
        ("int", "numeric(3,1)", ["99", "100"]),
        ("int", "double precision", ["2147483647", "-1"]),
        ("smallint", "real", ["32767"]),
        ("year", None, ["0", "1901", "2155"]),
        ("year", "text", ["0", "2155"]),
        ("decimal(65,30)", None, ["0.000000000000000000000000000001", "-99999999999999999999999999999999999.9", "0"]),
        ("decimal(8,2) zerofill", None, ["5.5"]),
        ("decimal(8,2) zerofill", "text", ["5.5"]),
        ("decimal(10,3)", "numeric(10,1)", ["1.5", "1.55", "-0.001", "1234567.1"]),
        ("decimal(10,3)", "numeric(5,3)", ["99.999", "100"]),
        ("decimal(20,0)", "bigint", ["9223372036854775807", "9223372036854775808"]),
        ("decimal(10,2)", "text", ["-1.50", "0"]),
        ("float", None, ["0.1", "16777216", "3.4e38", "1.4e-45", "-0.0", "33554433"]),
        ("float", "double precision", ["0.1", "16777216"]),
        (
            "double",
            None,
            ["0.1", "5e-324", "1.7976931348623157e308", "-0.0", "123456789012345680", "0.30000000000000004", "1e22"],
        ),
        ("double", "real", ["0.5", "0.1"]),
        ("double(10,2)", None, ["0.1", "12345678.91"]),
    ],
    "clocks": [
        ("date", None, CLOCKED),
        ("date", "timestamp", CLOCKED),
        ("date", "text", CLOCKED),
        ("datetime", None, MOMENTS[:8]),
        ("datetime(6)", None, MOMENTS),
        ("datetime(6)", "timestamp(1)", MOMENTS),
        ("datetime(6)", "date", MOMENTS),
        ("datetime(6)", "text", MOMENTS),
        ("timestamp(6) null", None, ["'0000-00-00'", "'1970-01-01 00:00:01'", "'2038-01-19 03:14:07.999999'"]),
        ("timestamp(3) null", "text", ["'0000-00-00'", "'1970-01-01 00:00:01'", "'2030-01-19 03:14:07.120'"]),
        ("timestamp(3) null", "timestamptz(1)", ["'2030-01-19 03:14:07.120'", "'2030-01-19 03:14:07.1'"]),
        (
            "time(6)",
            None,
            ["'-838:59:59'", "'-00:00:01'", "'00:00:00'", "'23:59:59.999999'", "'24:00:00'", "'25:30:00'"],
        ),
        ("time(6)", "interval", ["'-838:59:59'", "'00:00:00.5'", "'25:30:00'"]),
        ("time(6)", "text", ["'-838:59:59'", "'00:00:00.5'"]),
        ("time(6)", "time(0)", ["'12:00:00'", "'12:00:00.5'"]),
    ],
    "texts": [
        ("varchar(50)", None, TEXTS),
        ("varchar(50)", "varchar(2)", [*TEXTS, "'ab'", "'ab '", "'ab    '", "'abc'"]),
        ("varchar(50)", "char(3)", ["'ab'", "'abc '", "'abcd'"]),
        ("varchar(50)", "json", TEXTS),
        ("varchar(50)", "uuid", ["'123E4567-e89b-12d3-a456-426655440000'", "'x'"]),
        ("varchar(50)", "integer", ["'1'", "'x'"]),
        ("char(5)", None, ["'ab  '", "''", "'\\\\N'"]),
        ("char(36)", "uuid", ["'123E4567-e89b-12d3-a456-426655440000'"]),
        ("tinytext", None, TEXTS),
        ("text", None, [*TEXTS, "'😀'", "repeat('é\\n', 20000)"]),
        ("longtext", None, TEXTS),
        ("varchar(20) character set latin1", None, ["_latin1 0x80", "'é\\t'"]),
        ("varchar(20) character set sjis", None, ["_sjis 0x8140", "_sjis 0xF040", "'a'"]),
        ("varchar(20) character set ucs2", None, ["'é\\\\'"]),
        ("varchar(9) character set utf8mb3", None, ["'é'"]),
        ("varchar(9) character set ascii", None, ["'x'"]),
        ("varchar(9)", None, ["_utf8mb4 0x61EDA080", "'ok'"]),
        ("enum('b', 'a', 'x\\ty')", None, ["'a'", "'x\\ty'", "'no such'"]),
        ("set('x', 'y', 'z')", None, ["''", "'z,x'"]),
        ("json", None, ['\'{"a": [1, 2.50, "\\\\\\\\ \\\\n é"]}\'', "'null'", "'\"\\\\\\\\u0000\"'"]),
        ("json", "text", ["'{\"a\":1}'"]),
        ("json", "jsonb", ['\'{"a":1,"a":2}\'', "'1e400'"]),
    ],
    "others": [
        ("varbinary(20)", None, ["''", "x'00ff5c0a09'"]),
        ("binary(3)", None, ["x'01'"]),
        ("longblob", None, ["x''", "repeat(x'00ff', 5000)"]),
        ("uuid", None, ["'123e4567-e89b-12d3-a456-426655440000'"]),
        ("uuid", "text", ["'123e4567-e89b-12d3-a456-426655440000'"]),
        ("inet6", None, ["'::ffff:1.2.3.4'"]),
        ("inet6", "inet", ["'::1'"]),
        ("inet4", None, ["'1.2.3.4'"]),
        ("geometry", None, ["ST_GeomFromText('POINT(0.1 -2)', 4326)", "ST_GeomFromText('POINT(1 2)')"]),
        ("point", None, ["ST_GeomFromText('POINT(0.1 -2)')"]),
    ],
}


VALUE_BY_VALUE = {
    ("float", "double precision"), ("double", "real"), ("datetime(6)", "date"), ("varchar(50)", "json"), ("varchar(50)", "uuid"),
    ("varchar(50)", "integer"), ("char(36)", "uuid"),
}  # fmt: skip
"""Pairs whose values are converted one by one."""
TO_MARIADB: dict[str, list[Case]] = {
    "numbers": [
        ("boolean", None, ["true", "false"]),
        ("boolean", "bit(1)", ["true", "false"]),
        ("smallint", None, ["-32768", "32767"]),
        ("bigint", None, ["-9223372036854775808", "9223372036854775807"]),
        ("bigint", "int", ["2147483647", "2147483648"]),
        ("bigint", "int unsigned", ["4294967295", "-1"]),
        ("integer", "year", ["2024", "70", "0", "5"]),
        ("integer", "decimal(4,1)", ["999", "1000"]),
        ("integer", "double", ["2147483647"]),
        ("integer", "varchar(3)", ["123", "1234"]),
        ("integer", "boolean", ["0", "1", "200"]),
        ("numeric(12,2)", None, ["1234567890.12", "-0.01", "0", "'NaN'"]),
        ("numeric(12,2)", "decimal(5,1)", ["1234.5", "1234.55", "12345", "1.50"]),
        (
            "numeric",
            None,
            ["1e-30", "123456789012345678901234567890.5", "'NaN'", "'Infinity'", "1e-31", "1e35", "0.10"],
        ),
        ("numeric(10,0)", "int", ["2147483647", "2147483648", "'NaN'"]),
        ("numeric(12,2)", "varchar(20)", ["1.50", "'NaN'"]),
        ("money", None, ["1234.56", "-0.01"]),
        ("real", None, ["0.1", "16777216", "3.4e38", "1.4e-45", "'-0'", "'NaN'", "'Infinity'"]),
        ("real", "double", ["0.1", "16777216", "'-0'", "'NaN'"]),
        (
            "double precision",
            None,
            ["0.1", "5e-324", "1.7976931348623157e308", "'-0'", "'NaN'", "'-Infinity'", "1e22", "0"],
        ),
        ("double precision", "float", ["0.5", "0.1"]),
    ],
    "clocks": [
        (
            "date",
            None,
            ["'2024-02-29'", "'0001-01-01'", "'9999-12-31'", "'10000-01-01'", "'0044-03-15 BC'", "'infinity'"],
        ),
        (
            "timestamp",
            None,
            ["'2024-02-29 12:30:00.123456'", "'0001-01-01'", "'0044-03-15 BC'", "'-infinity'", "'10000-01-01'"],
        ),
        ("timestamp", "datetime", ["'2024-02-29 12:30:00'", "'2024-02-29 12:30:00.5'", "'infinity'"]),
        (
            "timestamptz",
            None,
            ["'2024-02-29 12:30:00.12+05:30'", "'infinity'", "'9999-12-31 23:59:59.999999-01'", "'0001-01-01+01'"],
        ),
        (
            "timestamptz",
            "timestamp(6) null",
            ["'2024-11-03 05:30:00+00'", "'1970-01-01 00:00:00+00'", "'2040-01-01+00'"],
        ),
        ("timestamptz", "datetime(3)", ["'2024-02-29 12:30:00.123+00'", "'2024-02-29 12:30:00.1234+00'"]),
        ("time", None, ["'00:00:00'", "'23:59:59.999999'", "'24:00:00'"]),
        ("time", "time(1)", ["'12:00:00.5'", "'12:00:00.55'"]),
        ("interval", None, ["'1 year 2 mons 3 days 04:05:06.7'", "'-1 day'"]),
    ],
    "texts": [
        (
            "text",
            None,
            [
                "''",
                "' '",
                "'a  '",
                "E'tab\\tline\\nreturn\\rback\\\\slash'",
                "E'\\\\N'",
                "E'\\b\\f\\x0b\\x1a'",
                "E'C:\\\\file\\\\very\\\\\\f'",
                "'é€😀'",
                "'NULL'",
                "'\"q\"'",
                "repeat('é', 30000)",
            ],
        ),
        ("text", "varchar(3)", ["'abc'", "'abcd'", "'abc '", "'ab '", "'éé€'"]),
        ("text", "char(3)", ["'ab'", "'ab '", "'abc'", "'abcd'", "''"]),
        ("text", "varchar(5) character set latin1", ["'é'", "'😀'", "'ж'"]),
        ("text", "tinytext", ["repeat('x', 255)", "repeat('x', 256)"]),
        ("varchar(5)", None, ["'abc  '", "''"]),
        ("char(5)", None, ["'ab'", "''", "' b'"]),
        ("char(5)", "varchar(9)", ["'ab'"]),
        ("char(5)", "varchar(3)", ["'ab'", "'abc'", "'abcd'", "'é  '", "''"]),
        ("char(2)", "char(5)", ["'ab'"]),
        ("char(5)", "char(2)", ["'ab'"]),
        ("text", "json", ["'{}'", "'x'"]),
        ("text", "int", ["'1'", "'x'"]),
        ("text", "enum('a', 'b')", ["'a'", "'A'", "'1'", "''"]),
        ("mood", "enum('happy', 'sad', '1')", ["'happy'", "'1'"]),
        ("mood", None, ["'sad'"]),
        ("mood", "varchar(4)", ["'sad'", "'happy'"]),
        ("json", None, ['E\'{"a": [1, 2.50, "\\\\\\\\ \\\\n"]}\'', "'null'"]),
        ("jsonb", None, ['\'{"b":1,"a":"é"}\'']),
        ("jsonb", "text", ["'[1, 2]'"]),
    ],
    "others": [
        ("bytea", None, ["''", "'\\x00ff5c0a09'", "decode(repeat('00ff', 5000), 'hex')"]),
        ("bytea", "varbinary(2)", ["'\\x00ff'", "'\\x00ff00'"]),
        ("bytea", "binary(2)", ["'\\x00ff'", "'\\x00'"]),
        ("uuid", None, ["'123e4567-e89b-12d3-a456-426655440000'", "'eccbc87e-4b5c-e2fe-2830-8fd9f2a7baf3'"]),
        ("uuid", "char(36)", ["'123e4567-e89b-12d3-a456-426655440000'"]),
        ("uuid", "varchar(36)", ["'123e4567-e89b-12d3-a456-426655440000'"]),
        ("inet", None, ["'1.2.3.4/24'"]),
        ("int4range", None, ["'[1,5)'"]),
        ("bit(3)", None, ["b'101'"]),
        ("integer[]", None, ["'{1,2}'", "'[0:1]={1,2}'"]),
        ("xml", None, ["'<a/>'"]),
    ],
}
ALSO_VALUE_BY_VALUE = {
    ("integer", "year"), ("integer", "varchar(3)"), ("numeric(12,2)", "varchar(20)"), ("double precision", "float"), ("text", "json"),
    ("text", "int"), ("text", "enum('a', 'b')"), ("bytea", "binary(2)"), ("uuid", "char(36)"), ("char(5)", "char(2)"), ("integer[]", None),
    ("char(5)", "varchar(3)"),
}  # fmt: skip


class Ways:
    """One table copied both ways, a row at a time, inside a transaction that is rolled back."""

    def __init__(self, source: Any, target: Any, pair: tuple[Table, Table]) -> None:
        self.source, self.target = source, target
        self.of, self.to = pair
        self.names = [column.name for column in self.of.copied_columns]
        self.pair = Pair(source.can.database, target.can.database)

    def query(self, form: str) -> LineQuery:
        """What is asked for."""
        columns = [LineColumn(self.to.column(name), self.of.column(name)) for name in self.names]
        return LineQuery(self.of, tuple(columns), form)

    def stored(self, write: Callable[[], Any]) -> list[tuple[Any, ...]] | None:
        """What the target's table holds after a write into an empty one; None if it refuses."""
        try:
            with self.target.savepoint():
                write()
                shown, name = ("hex(v)", "") if self.pair.target == "mysql" else ("v::text", "public.")
                rows = self.target.query(f"select id, {shown}, v is null from {name}{self.to.name.name}")
                raise Undone(rows)
        except Undone as undone:
            return undone.rows
        except RowsRefused:
            return None

    def by_lines(self, form: str) -> Iterator[list[tuple[Any, ...]] | None]:
        """Row by row as lines."""
        columns = [self.to.column(name) for name in self.names]
        for lines in self.source.read_lines(self.query(form), limits=LineLimits(rows=1)):
            yield self.stored(partial(self.target.write_lines, self.to, columns, lines))
            lines.drain()

    def by_values(self) -> Iterator[list[tuple[Any, ...]] | None]:
        """Row by row as values, converted."""
        columns = [self.to.column(name) for name in self.names]
        for batch in self.source.read(self.of, self.names, batch_rows=1):
            made = [
                convert_column(values, self.of.column(name).type, self.to.column(name), self.pair)
                for name, values in zip(self.names, batch.columns, strict=True)
            ]
            values = [column for column, _ in made]
            rejected = any(rejects for _, rejects in made)
            yield None if rejected else self.stored(partial(self.target.write, self.to, columns, values))


class Undone(Exception):
    """Carries out what a savepoint held."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self.rows = rows
        super().__init__()


def check(
    cases: list[Case], source: str, target: str, products: tuple[Any, Any], execute: Any, apart: set[Any]
) -> None:
    """Copy a table of each case both ways and compare each row."""
    of, to = products
    made = []
    for number, (type_, _, values) in enumerate(cases):
        rows = ", ".join(f"({at}, {value})" for at, value in enumerate([*values, "null"]))
        made += [f"create table t{number} (id int primary key, v {type_})", f"insert into t{number} values {rows}"]
    execute(source, made)
    with closing(of.open_source(source)) as reader, closing(to.open_target(target)) as writer:
        tables = reader.catalogue()
        for number, (_, wanted, _) in enumerate(cases):
            native = wanted or to.render_type(tables.table(f"t{number}").column("v").type)
            name = f"public.t{number}" if to is postgres.database else f"t{number}"
            writer.execute(f"create table {name} (id int primary key, v {native})")
        targets = writer.catalogue()
        form = next(form for form in writer.line_forms if form in ("postgres-text", "mysql-text"))
        with writer.transaction():
            for number, case in enumerate(cases):
                ways = Ways(reader, writer, (tables.table(f"t{number}"), targets.table(f"t{number}")))
                assert reader.gives_lines(ways.query(form)) is (case[:2] not in apart), case
                if case[:2] not in apart:
                    fast, slow = list(ways.by_lines(form)), list(ways.by_values())
                    assert fast == slow, case
                    assert len(fast) == len(case[2]) + 1


@pytest.fixture
def mariadb_execute(mariadb) -> Callable[..., None]:
    """Run statements in a database of MariaDB."""

    def run(url: str, statements: list[str]) -> None:
        mariadb.execute("; ".join(["set sql_mode = ''", *statements]), url.rpartition("/")[2])

    return run


@pytest.fixture
def postgres_execute() -> Callable[..., None]:
    """Run statements in a database of PostgreSQL."""

    def run(url: str, statements: list[str]) -> None:
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    return run


@pytest.mark.parametrize("group", FROM_MARIADB)
def test_a_value_of_mariadb_that_passes_in_a_line_is_what_conversion_makes_of_it(
    group, mariadb_url, postgres_url, mariadb_execute
):
    products = (mysql.database, postgres.database)
    check(FROM_MARIADB[group], mariadb_url, postgres_url, products, mariadb_execute, VALUE_BY_VALUE)


@pytest.mark.parametrize("group", TO_MARIADB)
def test_a_value_of_postgres_that_passes_in_a_line_is_what_conversion_makes_of_it(
    group, mariadb_url, postgres_url, postgres_execute
):
    postgres_execute(postgres_url, ["create type mood as enum ('happy', 'sad', '1')"])
    products = (postgres.database, mysql.database)
    check(TO_MARIADB[group], postgres_url, mariadb_url, products, postgres_execute, ALSO_VALUE_BY_VALUE)
