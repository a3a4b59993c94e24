"""Hashes that two databases compute alike: equal exactly where the comparison of the values themselves finds them equal."""

from __future__ import annotations

import random
import secrets
import sys
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.databases.urls import database_for
from dms_workbench.engine.verifying import sql, verify
from dms_workbench.engine.verifying.hashed import HashedSide
from dms_workbench.engine.verifying.pairs import hashed_pair
from tests.engine.verifying.conftest import Bench

MakeBench = Callable[[str, str], Bench]
HASHES, ROWS = "hashes in both databases", "rows compared here"


def texts(draw: random.Random) -> str:
    """Texts that run together, differ in case, accents and blanks, or hold what separates values."""
    parts = ["a", "A", "b", " ", ",", ":", "1", "N", "é", "e\u0301", "ß", "ss", "🙂", "\\", "\n", "\t", "%", '"']
    text = "".join(draw.choices(parts, k=draw.randrange(4)))
    return "'" + text.replace("'", "''") + "'"


def moments(draw: random.Random) -> str:
    """Times whose fractions end in zeros, and such that lie close together."""
    fraction = draw.choice(["", ".5", ".500000", ".1", ".000001", ".100000", ".999999"])
    day = f"{draw.choice([1971, 1999, 2024])}-0{draw.randint(1, 3)}-1{draw.randint(0, 2)}"
    return f"'{day} 0{draw.randint(0, 2)}:00:0{draw.randint(0, 1)}{fraction}'"


def whole(low: int, high: int) -> Callable[[random.Random], str]:
    """Small numbers, and those at the ends."""
    return lambda draw: str(draw.choice([low, low + 1, -1, 0, 1, 2, 10, 100, high - 1, high]))


VALUES: dict[str, Callable[[random.Random], str]] = {
    "small": whole(-32768, 32767),
    "big": whole(-(2**63), 2**63 - 1),
    "bit": lambda draw: draw.choice(["0", "1"]),
    "truth": lambda draw: draw.choice(["true", "false"]),
    "decimal": lambda draw: draw.choice(["0", "-0.01", "0.01", "-0", "12.5", "12.50", "-99999999.99", "99999999.99", "10", "100"]),
    "text": texts,
    "bytes": lambda draw: draw.choice(["", "00", "0000", "41", "4100", "61", "ff", "2c", "4e"]),
    "date": lambda draw: draw.choice(["'2024-02-29'", "'2024-02-28'", "'1000-01-01'", "'9999-12-31'", "'1999-12-31'"]),
    "moment": moments,
    "time": lambda draw: draw.choice(["'00:00:00'", "'00:00:00.5'", "'00:00:00.500'", "'23:59:59.999999'", "'10:20:30'", "'10:20:00'"]),
    "uuid": lambda draw: f"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1{draw.randint(0, 3)}'",
    "json": lambda draw: draw.choice(["'{\"a\":1}'", "'{\"a\": 1}'", "'{\"a\":2}'", "'null'", "'[]'", "'\"é\"'"]),
    "double": lambda draw: draw.choice(["0.1", "0.5", "1e30", "-1e30", "1.5e0", "0"]),
}  # fmt: skip
ACROSS = {
    # what is drawn: types of PostgreSQL and of MariaDB that hold it
    "small": [
        ("smallint", "smallint"),
        ("integer", "int"),
        ("bigint", "bigint"),
        ("integer", "mediumint"),
        ("smallint", "decimal(5,0)"),
    ],
    "big": [("bigint", "bigint"), ("bigint", "decimal(20,0)"), ("numeric(20,0)", "bigint")],
    "bit": [("boolean", "tinyint(1)"), ("boolean", "bit(1)"), ("integer", "tinyint(1) zerofill")],
    "decimal": [("numeric(10,2)", "decimal(10,2)"), ("numeric(20,2)", "decimal(12,2)")],
    "text": [
        ("text", "text collate utf8mb4_bin"),
        ("varchar(20)", "varchar(20) collate utf8mb4_unicode_ci"),
        ("text", "longtext"),
        ("text", "mediumtext"),
        ("char(12)", "char(12)"),
        ("text", "varchar(20) collate utf8mb4_nopad_bin"),
    ],
    "bytes": [("bytea", "varbinary(20)"), ("bytea", "longblob"), ("bytea", "blob")],
    "date": [("date", "date")],
    "moment": [("timestamp", "datetime(6)"), ("timestamptz", "timestamp(6) null")],
    "time": [("time", "time(6)")],
    "uuid": [("uuid", "uuid")],
    "json": [("json", "json")],
}
WITHIN = {
    "mysql": {
        "small": ["smallint", "mediumint", "decimal(7,1)"],
        "big": ["bigint"],
        "bit": ["bit(1)", "tinyint(1)"],
        "decimal": ["decimal(10,2)"],
        "text": ["varchar(20)", "text", "longtext", "char(12)", "varchar(20) collate utf8mb4_nopad_bin"],
        "date": ["date", "datetime"],
        "bytes": ["varbinary(20)", "blob", "longblob"],
        "moment": ["datetime(6)", "datetime(3)", "timestamp(6) null"],
        "time": ["time(6)", "time"],
        "uuid": ["uuid"],
        "json": ["json"],
        "double": ["double", "float"],
    },
    "duckdb": {
        "small": ["smallint", "hugeint"],
        "big": ["bigint"],
        "truth": ["boolean"],
        "decimal": ["decimal(10,2)"],
        "text": ["varchar"],
        "bytes": ["blob"],
        "date": ["date"],
        "moment": ["timestamp", "timestamptz"],
        "time": ["time"],
        "uuid": ["uuid"],
        "json": ["json"],
        "double": ["double", "real"],
    },
    "sqlite": {
        "small": ["integer", "text", "blob", "real"],
        "big": ["integer"],
        "decimal": ["decimal(10,2)"],
        "text": ["text", "integer", ""],
        "bytes": ["blob"],
        "date": ["date"],
        "moment": ["timestamp"],
        "double": ["real"],
        "json": ["json"],
    },
}
BYTES = {"sqlite": "x'{}'", "mysql": "x'{}'", "duckdb": "unhex('{}')", "postgres": "decode('{}', 'hex')"}
CASES = [
    *(("postgres", "mysql", drawn, *pair) for drawn, pairs in ACROSS.items() for pair in pairs if pair[1] != "char(12)"),
    ("postgres", "mysql", "moment", "timestamptz", "datetime(6)"),
    *(("mysql", "postgres", drawn, mine, theirs) for drawn, pairs in ACROSS.items() for theirs, mine in pairs),
    *((product, product, drawn, type_, type_) for product, kinds in WITHIN.items() for drawn, types in kinds.items() for type_ in types),
]  # fmt: skip


def written(product: str, drawn: str, type_: str, value: str) -> str:
    """A literal in a product's SQL."""
    if value == "NULL":
        return value
    if drawn == "bytes":
        return BYTES[product].format(value)
    if product == "postgres" and type_ == "boolean":
        return f"{value}::boolean" if drawn == "truth" else f"({value} = 1)"
    zoned = type_ == "timestamptz"
    return f"{value[:-1]}+00'" if zoned else value


def fill(made: Bench, cases: list[tuple[str, str, str]], rows: list[tuple[str, str]], drawn: str) -> None:
    """Table t with a column x on both sides."""
    for place, (side, product, type_) in enumerate(cases):
        made.run(side, f"CREATE TABLE t (id integer PRIMARY KEY, x {type_})")
        values = [f"({number}, {written(product, drawn, type_, pair[place])})" for number, pair in enumerate(rows)]
        made.run(side, f"INSERT INTO t VALUES {', '.join(values)}")


def hashes(side: HashedSide) -> dict[int, int]:
    """Each row's hash by its number."""
    from dms_workbench.engine.databases.sqlite.hashing import SqliteRows

    rows: Any = side.rows
    if isinstance(rows, SqliteRows):
        return {place: first for place, first, _ in rows.rows()}
    named = sql.qualified(side.database.can.database, side.table.name)
    found = [row for some in side.database.stream(f"SELECT id, {rows.hashed} FROM {named}") for row in some]
    return {int(number): int(known) for number, known in found}


@pytest.mark.parametrize(("source", "target", "drawn", "read", "held"), CASES)
def test_hashes_are_equal_exactly_where_the_values_are(
    bench: MakeBench, monkeypatch: pytest.MonkeyPatch, source: str, target: str, drawn: str, read: str, held: str
) -> None:
    draw = random.Random(f"{source} {target} {read} {held}")
    values = [VALUES[drawn](draw) for _ in range(30)] + ["NULL"]
    rows = [(one, one if draw.random() < 0.4 else draw.choice(values)) for one in draw.choices(values, k=120)]
    made = bench(source, target)
    fill(made, [("source", source, read), ("target", target, held)], rows, drawn)
    left = database_for(made.urls["source"]).open_source(made.urls["source"])
    right = database_for(made.urls["target"]).open_source(made.urls["target"])
    with closing(left), closing(right):
        plan = made.plan(left, right, None, {})
        pair = hashed_pair(plan.tables[0], left, right, secrets.token_hex(16))
        assert pair is not None
        ours, theirs = hashes(pair.source), hashes(pair.target)
        differ = {number for number in ours if ours[number] != theirs[number]}
        told: set[int] = set()
        monkeypatch.setattr(sys.modules[verify.__module__], "hashed_pair", lambda *_: None)
        (result,) = verify(
            plan,
            left,
            right,
            control=Control(),
            spool_directory=made.folder,
            every=lambda _, found: told.add(int((found.key or {})["id"] or 0)),
        )
    assert result.compared == ROWS
    assert len(ours) == len(theirs) == 120
    assert 0 < len(told) < 120
    assert differ == told


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_session_of_mariadb_that_is_killed_has_verified_nothing(bench: MakeBench, side: str) -> None:
    made = bench("mysql", "mysql")
    fill(made, [("source", "mysql", "int"), ("target", "mysql", "int")], [("1", "1"), ("2", "2")], "small")
    left = database_for(made.urls["source"]).open_source(made.urls["source"])
    right = database_for(made.urls["target"]).open_source(made.urls["target"])
    with closing(left), closing(right):
        plan = made.plan(left, right, None, {})
        opened: Any = {"source": left, "target": right}[side]
        made.run(side, f"KILL {opened.connection.session}")
        (result,) = verify(plan, left, right, control=Control(), spool_directory=made.folder)
    assert result.result == "not_verified"
    assert result.reason


@pytest.mark.parametrize("product", ["mysql", "duckdb", "sqlite"])
def test_rows_that_differ_are_named_without_reading_the_others(bench: MakeBench, product: str) -> None:
    made = bench(product, product)
    fill(
        made,
        [("source", product, "integer"), ("target", product, "integer")],
        [(str(n), str(n)) for n in range(500)],
        "small",
    )
    assert made.verify().compared == HASHES
    made.run("target", "UPDATE t SET x = -1 WHERE id IN (7, 450);\nDELETE FROM t WHERE id = 9")
    result = made.verify()
    assert (result.compared, result.changed, result.missing, result.extra) == (HASHES, 2, 1, 0)
    assert [(found.key or {})["id"] for found in result.findings] == ["7", "450", "9"]
