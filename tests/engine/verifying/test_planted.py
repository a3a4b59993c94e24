"""Every planted difference is found, in every kind, with its key and column; equal tables raise no alarm."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable

import pytest

from tests.engine.verifying.conftest import PRODUCTS, Bench

TYPES = {
    # kind: the column's type by product
    "boolean": {"sqlite": "BOOLEAN", "duckdb": "BOOLEAN", "postgres": "boolean", "mysql": "tinyint(1)"},
    "smallint": {"sqlite": "INTEGER", "duckdb": "SMALLINT", "postgres": "smallint", "mysql": "smallint"},
    "bigint": {"sqlite": "INTEGER", "duckdb": "BIGINT", "postgres": "bigint", "mysql": "bigint"},
    "decimal": {
        "sqlite": "DECIMAL(12,3)",
        "duckdb": "DECIMAL(12,3)",
        "postgres": "numeric(12,3)",
        "mysql": "decimal(12,3)",
    },
    "real": {"sqlite": "REAL", "duckdb": "FLOAT", "postgres": "real", "mysql": "float"},
    "double": {"sqlite": "REAL", "duckdb": "DOUBLE", "postgres": "double precision", "mysql": "double"},
    "text": {"sqlite": "TEXT", "duckdb": "VARCHAR", "postgres": "text", "mysql": "longtext collate utf8mb4_bin"},
    "varchar": {"sqlite": "VARCHAR(40)", "duckdb": "VARCHAR", "postgres": "varchar(40)", "mysql": "varchar(40)"},
    "bytes": {"sqlite": "BLOB", "duckdb": "BLOB", "postgres": "bytea", "mysql": "longblob"},
    "date": {"sqlite": "DATE", "duckdb": "DATE", "postgres": "date", "mysql": "date"},
    "time": {"sqlite": "TIME", "duckdb": "TIME", "postgres": "time", "mysql": "time(6)"},
    "timestamp": {"sqlite": "TIMESTAMP", "duckdb": "TIMESTAMP", "postgres": "timestamp", "mysql": "datetime(6)"},
    "timestamptz": {
        "sqlite": "TIMESTAMPTZ",
        "duckdb": "TIMESTAMPTZ",
        "postgres": "timestamptz",
        "mysql": "timestamp(6) null",
    },
    "interval": {"sqlite": "TEXT", "duckdb": "INTERVAL", "postgres": "interval", "mysql": "varchar(80)"},
    "uuid": {"sqlite": "UUID", "duckdb": "UUID", "postgres": "uuid", "mysql": "uuid"},
    "json": {"sqlite": "JSON", "duckdb": "JSON", "postgres": "json", "mysql": "json"},
}

CHANGES = {
    # kind: values as literals that every product reads, and what each becomes when it is damaged
    "boolean": [("true", "false"), ("false", "NULL")],
    "smallint": [("7", "8"), ("0", "NULL"), ("-32768", "-32767")],
    "bigint": [("9007199254740993", "9007199254740992"), ("-9223372036854775807", "9223372036854775807"), ("0", "NULL")],
    "decimal": [("12.500", "12.501"), ("-0.001", "0.001"), ("999999999.999", "999999999.998"), ("0", "NULL")],
    "real": [("0.5", "0.25"), ("16777216", "16777218"), ("1.5", "NULL")],
    "double": [("0.1", "0.10000000000000002"), ("1e300", "-1e300"), ("5e-324", "0"), ("1.5", "NULL")],
    "text": [
        ("'plain'", "'plain '"), ("'Case'", "'case'"), ("''", "NULL"), ("'a b'", "'a  b'"), ("'\u00e9'", "'e\u0301'"), ("'1.0'", "'1.00'"),
        ("'\\N'", "NULL"), ("'a:b'", "'a;b'"), ("'  '", "' '"), ("'N'", "NULL"), ("'x''y'", "'x\"y'"),
    ],
    "varchar": [("'Straße'", "'Strasse'"), ("'01'", "'1'"), ("'true'", "'t'"), ("'🙂'", "'🙃'")],
    "bytes": [],
    "date": [("'2024-02-29'", "'2024-02-28'"), ("'0001-01-01'", "'0010-01-01'"), ("'9999-12-31'", "NULL")],
    "time": [("'12:34:56.100000'", "'12:34:56.100001'"), ("'00:00:00'", "NULL"), ("'23:59:59'", "'23:59:58'")],
    "timestamp": [
        ("'2024-01-31 12:00:00'", "'2024-01-31 13:00:00'"), ("'1969-12-31 23:59:59.999999'", "'1969-12-31 23:59:59.999998'"),
        ("'2024-01-31 12:00:00.5'", "'2024-01-31 12:00:00'"),
    ],
    "timestamptz": [
        ("'2024-01-31 12:00:00+00'", "'2024-01-31 12:00:00+01'"), ("'2024-11-03 05:30:00+00'", "'2024-11-03 06:30:00+00'"),
    ],
    "interval": [("'1 mon'", "'30 days'"), ("'24:00:00'", "'1 day'"), ("'00:00:01'", "NULL")],
    "uuid": [("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a10'")],
    "json": [("'{\"a\": 1}'", "'{\"a\": 2}'"), ("'null'", "NULL"), ("'{\"a\":1}'", "'{\"a\": 1}'"), ("'[]'", "'[null]'")],
}  # fmt: skip

BYTES = {"sqlite": "x'{}'", "mysql": "x'{}'", "duckdb": "unhex('{}')", "postgres": "decode('{}', 'hex')"}
BYTE_CHANGES = [("00ff10", "00ff11"), ("", None), ("41", "4100"), ("00", "")]
IN_UTC = [("'2024-01-31 12:00:00'", "'2024-01-31 11:00:00'"), ("'2024-11-03 05:30:00'", "'2024-11-03 06:30:00'")]
"""The moments, as MariaDB writes them: it reads no offset."""
PAIRS = [
    *itertools.product(PRODUCTS, PRODUCTS),
    *((product, "mysql") for product in PRODUCTS),
    *(("mysql", product) for product in (*PRODUCTS, "mysql")),
]


def literals(kind: str, product: str) -> list[tuple[str, str]]:
    """The values of a kind and their damaged forms, as a product writes them."""
    if kind == "bytes":
        form = BYTES[product]
        return [(form.format(good), "NULL" if bad is None else form.format(bad)) for good, bad in BYTE_CHANGES]
    if product == "mysql" and kind == "timestamptz":
        return IN_UTC
    if product == "postgres" and kind == "double":
        return [(f"{good}::float8", bad if bad == "NULL" else f"{bad}::float8") for good, bad in CHANGES[kind]]
    return CHANGES[kind]


def planted(product: str) -> list[tuple[int, str, str, str]]:
    """Row number, kind, value and damaged value of every change, as a product writes them."""
    pairs = [(kind, good, bad) for kind in TYPES for good, bad in literals(kind, product)]
    return [(number, kind, good, bad) for number, (kind, good, bad) in enumerate(pairs)]


def fill(made: Bench, products: dict[str, str], *, keyed: bool) -> int:
    """Make table t on both sides, a column a kind, a row a value; returns the rows."""
    for side, product in products.items():
        key = "id INTEGER PRIMARY KEY" if keyed else "id INTEGER"
        columns = ", ".join(f'"{kind}" {types[product]}' for kind, types in TYPES.items())
        made.run(side, f"CREATE TABLE t ({key}, again INTEGER, {columns})")
        inserts = [
            f'INSERT INTO t (id, again, "{kind}") VALUES ({number}, {number}, {good})'
            for number, kind, good, _ in planted(product)
        ]
        made.run(side, ";\n".join([*inserts, "INSERT INTO t (id) VALUES (1000)"]))
    return len(planted(products["source"])) + 1


@pytest.mark.parametrize(("source", "target"), PAIRS)
@pytest.mark.parametrize("keyed", [True, False], ids=["key", "no key"])
def test_equal_values_raise_no_alarm_and_every_change_is_found(
    bench: Callable[[str, str], Bench], source: str, target: str, keyed: bool
) -> None:
    made = bench(source, target)
    rows = fill(made, {"source": source, "target": target}, keyed=keyed)
    equal = made.verify()
    assert (equal.result, equal.source_rows, equal.target_rows, equal.findings) == ("equal", rows, rows, ())
    changes = planted(target)
    made.run(
        "target", f"DELETE FROM t WHERE id < {len(changes)}"
    )  # DuckDB's UPDATE leaves 1 mon as it is when told 30 days
    made.run(
        "target",
        ";\n".join(
            f'INSERT INTO t (id, again, "{kind}") VALUES ({number}, {number}, {bad})'
            for number, kind, _, bad in changes
        ),
    )
    result = made.verify()
    found = Counter((finding.kind, (finding.key or {}).get("id"), finding.columns) for finding in result.findings)
    assert found == Counter(("changed", str(number) if keyed else None, (kind,)) for number, kind, _, _ in changes)
    assert (result.result, result.changed, result.missing, result.extra) == ("different", len(changes), 0, 0)
