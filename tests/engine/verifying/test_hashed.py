"""Row hashes that PostgreSQL computes: every damage in every type is found, and equal tables are equal however they lie."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from itertools import count
from typing import Any

import psycopg
import pytest

from dms_workbench.engine.control import Control, Progress, Stopped
from dms_workbench.engine.databases.urls import database_for
from dms_workbench.engine.verifying import verify
from dms_workbench.engine.verifying.hashed import BUCKETS, HashedPair, differing, rows_in
from dms_workbench.engine.verifying.pairs import hashed_pair
from tests.engine.verifying.conftest import Bench

PLANTED = {
    # type: values and what each becomes when it is damaged
    "smallint": [("1", "2"), ("-1", "1"), ("0", "NULL")],
    "integer": [("1", "3"), ("-2147483648", "2147483647"), ("0", "NULL")],
    "bigint": [("1", "4294967296"), ("-1", "4294967295"), ("5", "-6"), ("9007199254740993", "9007199254740992"), ("0", "NULL")],
    "numeric": [("1.0", "1.00"), ("-5", "5"), ("1", "10000"), ("'NaN'", "'Infinity'"), ("'Infinity'", "'-Infinity'"), ("0", "NULL")],
    "numeric(12,3)": [("-0.001", "0.001"), ("1.5", "1.501"), ("3", "30000"), ("'NaN'", "0"), ("0", "NULL")],
    "real": [("'-0'", "0"), ("0.5", "0.25"), ("'NaN'", "'Infinity'")],
    "double precision": [("'-0'::float8", "0"), ("0.1", "0.10000000000000002"), ("'NaN'", "NULL"), ("5e-324", "0")],
    "money": [("1.00", "-1.00"), ("12.34", "12.35")],
    "boolean": [("true", "false"), ("false", "NULL")],
    "text": [
        ("'plain'", "'plain '"), ("'Case'", "'case'"), ("''", "NULL"),
        ("E'\\u00e9'", "E'e\\u0301'"), ("'01'", "'1'"), ("'N'", "NULL"),
    ],
    "varchar(40)": [("'Strasse'", "'Straße'"), ("'a b'", "'a  b'")],
    "char(6)": [("'a'", "'b'"), ("' a'", "'a'"), ("''", "NULL")],
    '"char"': [("'a'", "'A'")],
    "name": [("'one'", "'One'")],
    "bytea": [("'\\x00ff10'", "'\\x00ff11'"), ("'\\x'", "NULL"), ("'\\x00'", "'\\x'")],
    "uuid": [("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a10'")],
    "date": [
        ("'2024-02-29'", "'2024-02-28'"), ("'infinity'", "'-infinity'"), ("'0044-03-15 BC'", "'0044-03-15'"), ("'2000-01-01'", "NULL"),
    ],
    "time": [("'12:34:56.1'", "'12:34:56.100001'"), ("'24:00'", "'00:00'")],
    "timetz": [("'12:00+01'", "'11:00+00'"), ("'12:00+00'", "'13:00+01'")],
    "timestamp": [
        ("'2024-01-31 12:00'", "'2024-01-31 13:00'"), ("'1969-12-31 23:59:59.999999'", "'1969-12-31 23:59:59.999998'"),
        ("'2000-01-01 00:00:00.000001'", "'2000-01-01 01:11:34.967296'"), ("'infinity'", "'-infinity'"),
    ],
    "timestamptz": [("'2024-01-31 12:00+00'", "'2024-01-31 12:00+01'"), ("'2024-11-03 05:30+00'", "NULL")],
    "interval": [("'1 mon'", "'30 days'"), ("'24:00'", "'1 day'"), ("'-1 sec'", "'1 sec'")],
    "json": [("'{\"a\":1}'", "'{\"a\": 1}'"), ("'{\"a\":1,\"a\":1}'", "'{\"a\":1}'"), ("'null'", "NULL")],
    "jsonb": [("'{\"a\":1}'", "'{\"a\":2}'"), ("'1.0'", "'1.00'"), ("'null'", "NULL"), ("'[]'", "'{}'")],
    "xml": [("'<a/>'", "'<b/>'"), ("'<a> </a>'", "'<a></a>'")],
    "inet": [("'10.0.0.1'", "'10.0.0.1/24'"), ("'::1'", "'::2'")],
    "cidr": [("'10.0.0.0/8'", "'10.0.0.0/9'")],
    "macaddr": [("'08:00:2b:01:02:03'", "'08:00:2b:01:02:04'")],
    "macaddr8": [("'08:00:2b:01:02:03:04:05'", "'08:00:2b:01:02:03:04:06'")],
    "bit(8)": [("'10101010'", "'10101011'")],
    "bit varying(9)": [("'1'", "'10'"), ("'0'", "'00'")],
    "point": [("'(1,2)'", "'(2,1)'"), ("'(0,0)'", "'(-0,0)'")],
    "line": [("'{1,2,3}'", "'{1,2,4}'")],
    "lseg": [("'[(0,0),(1,1)]'", "'[(1,1),(0,0)]'")],
    "box": [("'(1,1),(0,0)'", "'(2,2),(1,1)'")],
    "path": [("'((0,0),(1,1))'", "'[(0,0),(1,1)]'")],
    "polygon": [("'((0,0),(1,1),(2,0))'", "'((1,1),(2,0),(0,0))'")],
    "circle": [("'<(0,0),1>'", "'<(1,0),1>'")],
    "tsvector": [("'a:1'", "'a:2'"), ("'a:1A'", "'a:1'")],
    "tsquery": [("'a & b'", "'a | b'")],
    "oid": [("1", "2")],
    "pg_lsn": [("'0/1'", "'1/0'")],
    "integer[]": [("'{1,2}'", "'{2,1}'"), ("'{1,2}'", "'{{1,2}}'"), ("'[0:1]={1,2}'", "'{1,2}'"), ("'{NULL}'", "'{}'")],
    "numeric(10,2)[]": [("'{1.5,-2}'", "'{1.5,2}'")],
    "text[]": [("'{a,\"b,c\"}'", "'{a,b,c}'"), ("'{\"\"}'", "'{NULL}'")],
    "int4range": [("'[1,2)'", "'[1,3)'"), ("'empty'", "'(,)'")],
    "tstzrange": [("'[2024-01-01+00,2024-01-02+00)'", "'(2024-01-01+00,2024-01-02+00)'")],
    "jsonpath": [("'$.a'", "'$.b'")],
    "public.mood": [("'sad'", "'happy'"), ("'sad'", "NULL")],
    "public.positive": [("1", "2")],
    "public.pair": [("'(1,a)'", "'(1,A)'"), ("'(,)'", "NULL")],
}  # fmt: skip
TYPES = """
CREATE TYPE public.mood AS ENUM ({labels});
CREATE DOMAIN public.positive AS integer CHECK (VALUE > 0);
CREATE TYPE public.pair AS (a integer, b text);
"""
LABELS = {"source": "'sad', 'happy'", "target": "'happy', 'other', 'sad'"}
"""The labels have other numbers in the target."""


def planted() -> list[tuple[int, str, str, str]]:
    """Row number, type, value and damaged value of every change."""
    numbers = count()
    return [(next(numbers), kind, good, bad) for kind, pairs in PLANTED.items() for good, bad in pairs]


def insert(side: str, number: int, kind: str, value: str) -> str:
    """One row that has a value in the column of its type only."""
    return f'INSERT INTO t (id, again, "{kind.replace(chr(34), "")}") VALUES ({number}, {number}, {value})'


def fill(made: Bench, side: str, rows: list[tuple[int, str, str]], key: str) -> None:
    """Make table t with a column a type."""
    columns = ", ".join(f'"{kind.replace(chr(34), "")}" {kind}' for kind in PLANTED)
    made.run(side, TYPES.format(labels=LABELS[side]) + f"CREATE TABLE t (id integer {key}, again integer, {columns})")
    made.run(side, ";\n".join(insert(side, *row) for row in rows))


class Pair:
    """Table t of both sides, opened for hashing."""

    def __init__(self, made: Bench) -> None:
        self.source = database_for(made.urls["source"]).open_source(made.urls["source"])
        self.target = database_for(made.urls["target"]).open_source(made.urls["target"])
        self.plan = made.plan(self.source, self.target, None, {})

    def hashed(self) -> HashedPair:
        pair = hashed_pair(self.plan.tables[0], self.source, self.target, secrets.token_hex(8))
        assert pair is not None
        return pair

    def differ(self) -> bool:
        """Do any sums differ?"""
        return bool(differing(*self.hashed().sums(Control(), lambda _: None)))

    def close(self) -> None:
        self.source.close()
        self.target.close()


@pytest.fixture
def made(bench: Callable[[str, str], Bench]) -> Bench:
    return bench("postgres", "postgres")


@pytest.mark.parametrize("key", ["PRIMARY KEY", ""], ids=["key", "no key"])
def test_every_damage_in_every_type_is_found_and_its_column_named(made: Bench, key: str) -> None:
    rows = planted()
    assert len(PLANTED) >= 40
    for side in ("source", "target"):
        fill(made, side, [(number, kind, good) for number, kind, good, _ in rows], key)
    with closing(Pair(made)) as pair:
        assert not pair.differ()
    made.run("target", "DELETE FROM t")
    made.run("target", ";\n".join(insert("target", number, kind, bad) for number, kind, _, bad in rows))
    result = made.verify()
    named: Counter[Any] = Counter(
        (finding.kind, (finding.key or {}).get("id"), finding.columns) for finding in result.findings
    )
    expected: Counter[Any] = Counter(
        ("changed", str(number) if key else None, (kind.replace('"', ""),)) for number, kind, _, _ in rows
    )
    shown = min(len(rows), 100)
    assert (result.result, result.changed, result.missing, result.extra) == ("different", len(rows), 0, 0)
    assert sum((named & expected).values()) == shown


@pytest.mark.parametrize("kind", PLANTED)
def test_the_hash_itself_tells_a_value_from_the_damaged_one(
    postgres_hash: Callable[[str, str], int], kind: str
) -> None:
    for good, bad in PLANTED[kind]:
        assert postgres_hash(kind, good) != postgres_hash(kind, bad)
        assert postgres_hash(kind, good) == postgres_hash(kind, good)


@pytest.fixture(scope="module")
def hash_database(postgres: Any) -> Any:
    url = postgres.create_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TYPES.format(labels=LABELS["source"]).encode())
        connection.execute("SET search_path = pg_catalog")
        yield connection
    postgres.drop_database(url)


@pytest.fixture
def postgres_hash(hash_database: Any) -> Callable[[str, str], int]:
    """The hash of a row of one value of a type."""
    from dms_workbench.engine.databases.catalogue import Column
    from dms_workbench.engine.databases.postgres import database
    from dms_workbench.engine.databases.postgres.hashing import row_hash
    from dms_workbench.engine.verifying.sql import rendered_by_postgres

    def hashed(kind: str, value: str) -> int:
        ((native,),) = hash_database.execute(
            "SELECT format_type(a.atttypid, a.atttypmod) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            f" WHERE c.oid = '{table_of(kind)}'::regclass AND attname = 'x'"
        ).fetchall()
        column = Column("x", database.parse_type(native))
        expression = row_hash([column], "salt", rendered_by_postgres)
        ((found,),) = hash_database.execute(
            f"SELECT {expression} FROM (SELECT CAST({value} AS {kind}) AS x) r"
        ).fetchall()
        return int(found)

    def table_of(kind: str) -> str:
        hash_database.execute(f"DROP TABLE IF EXISTS public.k; CREATE TABLE public.k (x {kind})")
        return "public.k"

    return hashed


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE t SET a = CASE id WHEN 1 THEN 'two' ELSE 'one' END WHERE id IN (1, 2)",  # two rows exchange a cell
        "UPDATE t SET a = b, b = a WHERE id = 1",
        "UPDATE t SET a = NULL, b = 'one' WHERE id = 3",
        "UPDATE t SET m = m * 10000, n = n * 10000 WHERE id = 1",
        "INSERT INTO t SELECT * FROM t WHERE id = 1",
        "DELETE FROM t WHERE id = 3",
        "DELETE FROM t WHERE id = 3;\nINSERT INTO t SELECT * FROM t WHERE id = 1",
    ],
)
def test_cells_that_move_are_found(made: Bench, damage: str) -> None:
    for side in ("source", "target"):
        made.run(side, "CREATE TABLE t (id integer, a text, b text, m numeric(12,2), n numeric(12,2))")
        made.run(side, "INSERT INTO t VALUES (1, 'one', 'uno', 1, 1), (2, 'two', 'due', 2, 3), (3, 'one', NULL, 0, 0)")
    made.run("target", damage)
    with closing(Pair(made)) as pair:
        assert pair.differ()
    assert made.verify().result == "different"


def test_equal_tables_are_equal_however_they_lie_in_their_files(made: Bench) -> None:
    rows = "SELECT i, repeat(md5(i::text), CASE WHEN i % 50 = 0 THEN 400 ELSE 1 END), i / 7.0, 'Ä' || i FROM generate_series(1, 900) i"
    made.run("source", f"CREATE TABLE t (id integer PRIMARY KEY, a text, n numeric, v text);\nINSERT INTO t {rows}")
    made.run(
        "target",
        'CREATE TABLE t (gone integer, v text COLLATE "C", id integer PRIMARY KEY, n numeric, a text);\n'
        "ALTER TABLE t DROP COLUMN gone;\nALTER TABLE t ALTER a SET STORAGE EXTERNAL;\n"
        f"INSERT INTO t (id, a, n, v) {rows} ORDER BY i DESC;\nUPDATE t SET id = id WHERE id % 3 = 0",
    )
    with closing(Pair(made)) as pair:
        assert not pair.differ()
    assert (made.verify().result, made.verify().target_rows) == ("equal", 900)


def test_a_text_that_a_collation_takes_for_equal_is_different(made: Bench) -> None:
    for side, value in (("source", "Case"), ("target", "case")):
        made.run(
            side,
            "CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);\n"
            f"CREATE TABLE t (id integer PRIMARY KEY, a text COLLATE blind);\nINSERT INTO t VALUES (1, '{value}')",
        )
    assert [finding.columns for finding in made.verify().findings] == [("a",)]


def test_partitions_are_compared_as_one_table(made: Bench) -> None:
    made.run(
        "source",
        "CREATE TABLE t (id integer, a text);\nINSERT INTO t SELECT i, 'r' || i FROM generate_series(1, 100) i",
    )
    made.run(
        "target",
        "CREATE TABLE t (id integer, a text) PARTITION BY HASH (id);\n"
        + ";\n".join(f"CREATE TABLE t{n} PARTITION OF t FOR VALUES WITH (MODULUS 3, REMAINDER {n})" for n in range(3))
        + ";\nINSERT INTO t SELECT i, 'r' || i FROM generate_series(1, 100) i",
    )
    assert made.verify().result == "equal"
    made.run("target", "UPDATE t SET a = a || ' ' WHERE id IN (7, 50);\nDELETE FROM t WHERE id = 60")
    result = made.verify()
    assert (result.changed, result.missing, result.extra) == (2, 1, 0)


def test_all_rows_are_counted_where_all_differ(made: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for side, word in (("source", "a"), ("target", "b")):
        made.run(
            side,
            f"CREATE TABLE t (id integer PRIMARY KEY, a text);\nINSERT INTO t SELECT i, '{word}' FROM generate_series(1, 3000) i",
        )
    assert (made.verify().changed, len(made.verify().findings)) == (3000, 100)
    monkeypatch.setattr("dms_workbench.engine.databases.postgres.hashing.PostgresRows.most_places", 10)
    assert made.verify().changed == 3000


def test_a_large_table_is_summed_part_by_part(made: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dms_workbench.engine.databases.postgres.hashing.STEP_BYTES", 50_000)
    for side in ("source", "target"):
        made.run(
            side,
            "CREATE TABLE t (id integer, a text);\nINSERT INTO t SELECT i, md5(i::text) FROM generate_series(1, 5000) i",
        )
    told: list[int] = []
    with closing(Pair(made)) as pair:
        left, right = pair.hashed().sums(Control(), told.append)
    assert rows_in(left) == rows_in(right) == 5000
    assert left == right
    assert max(left) < BUCKETS
    assert len(told) > 4
    assert told[-1] == 10_000


class Stops(Control):
    """Wishes a pause when the verification has begun."""

    asked = 0

    def wish(self) -> Any:
        return "pause"

    def report(self, progress: Progress) -> None:
        self.asked += 1


def slow(made: Bench) -> None:
    """Two tables that take a while to read."""
    for side in ("source", "target"):
        made.run(
            side,
            "CREATE TABLE t (id bigint, a text);\nINSERT INTO t SELECT i, repeat(md5(i::text), 60) FROM generate_series(1, 60000) i",
        )


def test_a_wish_to_stop_ends_both_sides(made: Bench) -> None:
    slow(made)
    with closing(Pair(made)) as pair, pytest.raises(Stopped):
        verify(pair.plan, pair.source, pair.target, control=Stops(), spool_directory=made.folder)


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_reader_whose_server_process_dies_has_verified_nothing(made: Bench, side: str) -> None:
    slow(made)
    with closing(Pair(made)) as pair:
        pid = getattr(pair, side).connection.info.backend_pid
        made.run(side, f"SELECT pg_terminate_backend({pid})")
        (result,) = verify(pair.plan, pair.source, pair.target, control=Control(), spool_directory=made.folder)
    assert result.result == "not_verified"
    assert result.reason


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_statement_that_runs_out_of_time_has_verified_nothing(made: Bench, side: str) -> None:
    slow(made)
    with closing(Pair(made)) as pair:
        getattr(pair, side).query_nothing("SET LOCAL statement_timeout = 20")
        (result,) = verify(pair.plan, pair.source, pair.target, control=Control(), spool_directory=made.folder)
    assert result.result == "not_verified"
