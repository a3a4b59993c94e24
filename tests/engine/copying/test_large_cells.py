"""Cells of 64 MB pass within half a gigabyte: a large one is not held while the next one is read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import run_sql

pytestmark = pytest.mark.postgres
REPOSITORY = Path(__file__).parents[3]
MEGABYTE = 1024 * 1024
CELL_BYTES = 64 * 1024 * 1024
FILL = (
    "create table big (k int primary key, b bytea, s text)",
    *(f"insert into big select {k}, decode(repeat(md5('{k}'), {CELL_BYTES // 16}), 'hex'), null" for k in range(2)),
    *(f"insert into big select {k}, null, repeat(md5('{k}'), {CELL_BYTES // 32})" for k in range(2, 3)),
)
LIMITS = {("postgres", "lines"): 150, ("postgres", "values"): 512, ("sqlite", "values"): 450}
"""In MB, of the whole process. As lines a cell is never in memory as a whole."""
FROM_SQLITE = 350
"""In MB, of a copy from SQLite to PostgreSQL with its verification."""
VALUES = (
    "from dms_workbench.engine.databases.postgres.read import PostgresSource as P; P.gives_lines = lambda *_: False; "
)
COPY = "import sys; from tests.benchmarks import one_copy; sys.exit(one_copy.main(sys.argv[1:]))"


def peak_bytes(source: str, target: str, way: str, *options: str) -> int:
    """The most memory that a process of its own has had for a copy."""
    code = (VALUES if way == "values" else "") + COPY
    done = subprocess.run(
        [sys.executable, "-c", code, source, target, *options],
        cwd=REPOSITORY, env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return int(json.loads(done.stdout.splitlines()[-1])["peak_bytes"])


@pytest.fixture
def source(new_database: Callable[[str], str]) -> str:
    """Two cells of bytes and one of text, 64 MB each."""
    url = new_database("postgres")
    run_sql(url, *FILL)
    return url


@pytest.mark.parametrize(("product", "way"), LIMITS)
def test_large_cells_need_half_a_gigabyte_at_most(product, way, source, new_database):
    target = new_database(product)
    assert peak_bytes(source, target, way) <= LIMITS[product, way] * MEGABYTE
    size = "octet_length(b)" if product == "postgres" else "length(b)"
    assert run_sql(target, f"select count(*), sum({size}), sum(length(s)) from big") == [
        (3, 2 * CELL_BYTES, CELL_BYTES)
    ]


def test_large_cells_are_verified_within_half_a_gigabyte_where_sqlite_is_on_a_side(source, new_database):
    file = new_database("sqlite")
    assert peak_bytes(source, file, "values", "--verify") <= LIMITS["sqlite", "values"] * MEGABYTE
    assert peak_bytes(file, new_database("postgres"), "lines", "--verify") <= FROM_SQLITE * MEGABYTE
    assert peak_bytes(file, new_database("sqlite"), "lines", "--verify") <= 512 * MEGABYTE


def test_large_cells_are_verified_within_half_a_gigabyte_where_both_databases_compute_hashes(source, new_database):
    assert peak_bytes(source, new_database("postgres"), "values", "--verify") <= 512 * MEGABYTE


def test_large_cells_reach_duckdb_within_half_a_gigabyte_and_little_more_than_duckdb_needs_alone(
    new_database, tmp_path
):
    url, target = new_database("postgres"), new_database("duckdb")
    run_sql(url, *FILL)
    run_sql(url, "insert into big select k + 3, b, s from big")
    command = [sys.executable, "-m", "tests.engine.copying.duckdb_alone", str(tmp_path / "alone.duckdb"), "4"]
    alone = subprocess.run([*command, str(CELL_BYTES)], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    ours = peak_bytes(url, target, "lines", "--verify")
    said = f"ours {ours // MEGABYTE} MB, DuckDB alone {int(alone.stdout) // MEGABYTE} MB"
    assert ours <= 512 * MEGABYTE, said
    assert ours - int(alone.stdout) <= 80 * MEGABYTE, said
    assert run_sql(target, "select count(*), sum(octet_length(b)), sum(strlen(s)) from big") == [
        (6, 4 * CELL_BYTES, 2 * CELL_BYTES)
    ]
