"""Random tables: equal ones raise no alarm, and any one cell changed is found."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.engine.verifying.conftest import Bench

COLUMNS = {
    # name: type in SQLite, in DuckDB, values
    "i": ("INTEGER", "BIGINT", st.integers(-(2**63), 2**63 - 1)),
    "f": ("REAL", "DOUBLE", st.floats(allow_nan=False).map(lambda number: number or 0.0)),
    "s": ("TEXT", "VARCHAR", st.text(st.characters(exclude_categories=["Cs"]), max_size=6)),
    "b": ("BLOB", "BLOB", st.binary(max_size=4)),
    "d": ("DATE", "DATE", st.dates().map(str)),
    "t": ("TIMESTAMP", "TIMESTAMP", st.datetimes().map(str)),
    "n": ("DECIMAL(12,3)", "DECIMAL(12,3)", st.decimals(-(10**9) + 1, 10**9 - 1, places=3).map(str)),
    "w": ("BOOLEAN", "BOOLEAN", st.booleans()),
}
ROW = st.tuples(*(st.one_of(st.none(), values) for _, _, values in COLUMNS.values()))
CASES = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def made(folder: str, source: list[tuple[Any, ...]], target: list[tuple[Any, ...]], *, keyed: bool) -> Bench:
    """Table t in a SQLite file and in a DuckDB file, with a running number as key or as a column."""
    urls = {"source": f"{folder}/a.sqlite", "target": f"{folder}/b.duckdb"}
    number = "id INTEGER PRIMARY KEY" if keyed else "id INTEGER"
    marks = ", ".join("?" * (len(COLUMNS) + 1))
    with closing(sqlite3.connect(urls["source"])) as file:
        file.execute(
            f"CREATE TABLE t ({number}, {', '.join(f'{name} {type_}' for name, (type_, _, _) in COLUMNS.items())})"
        )
        file.executemany(f"INSERT INTO t VALUES ({marks})", [(place, *row) for place, row in enumerate(source)])
        file.commit()
    with duckdb.connect(urls["target"]) as connection:
        connection.execute(
            f"CREATE TABLE t ({number}, {', '.join(f'{name} {type_}' for name, (_, type_, _) in COLUMNS.items())})"
        )
        for place, row in enumerate(target):
            connection.execute(f"INSERT INTO t VALUES ({marks})", [place, *row])
    return Bench(Path(folder), urls)


@CASES
@given(st.lists(ROW, max_size=12), st.booleans())
def test_equal_tables_raise_no_alarm(rows: list[tuple[Any, ...]], keyed: bool) -> None:
    with TemporaryDirectory() as folder:
        result = made(folder, rows, rows, keyed=keyed).verify()
    assert (result.result, result.target_rows, result.findings) == ("equal", len(rows), ())


@CASES
@given(st.lists(ROW, min_size=1, max_size=8), st.booleans(), st.data())
def test_any_one_cell_changed_is_found(rows: list[tuple[Any, ...]], keyed: bool, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    number = data.draw(st.integers(0, len(COLUMNS) - 1))
    name, (_, _, values) = list(COLUMNS.items())[number]
    value = data.draw(st.one_of(st.none(), values))
    assume(value != rows[place][number])
    changed = [*rows]
    changed[place] = (*rows[place][:number], value, *rows[place][number + 1 :])
    with TemporaryDirectory() as folder:
        result = made(folder, rows, changed, keyed=keyed).verify()
    found = [(finding.kind, (finding.key or {}).get("id"), finding.columns) for finding in result.findings]
    assert (result.result, result.changed, found) == (
        "different",
        1,
        [("changed", str(place) if keyed else None, (name,))],
    )
