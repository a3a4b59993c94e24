"""DuckDB as a source, type by type: each value arrives exactly, by its documented conversion, or goes to quarantine."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.engine.copying.conftest import run_sql

CASES = Path(__file__).parents[2] / "cases" / "types" / "duckdb.toml"
TYPES: list[dict[str, Any]] = tomllib.loads(CASES.read_text())["types"]
FOUND = {
    "postgres": "select id, v::text from t{0} order by id",
    "sqlite": "select id, case typeof(v) when 'blob' then 'hex:' || hex(v) else cast(v as text) end from t{0} order by id",
}
PLACES = {"postgres": 1, "sqlite": 2}


@pytest.fixture
def source(new_database: Any) -> str:
    url: str = new_database("duckdb")
    statements = []
    for number, case in enumerate(TYPES):
        statements.append(f"create table t{number} (id integer primary key, v {case['native']})")
        for row, (literal, *_) in enumerate(case["values"]):
            statements.append(f"insert into t{number} values ({row}, {literal})")
    run_sql(url, *statements)
    return url


@pytest.mark.parametrize("product", ["postgres", "sqlite"])
def test_every_value_arrives_as_expected_or_is_in_quarantine(
    product: str, source: str, new_database: Any, migrate: Any
) -> None:
    aim = new_database(product)
    result = migrate(source, aim)
    texts = dict(run_sql(source, "; ".join(texts_of(source))))
    wrong = []
    for number, case in enumerate(TYPES):
        found = dict(
            run_sql(aim, "set timezone = 'UTC'" if product == "postgres" else "select 1", FOUND[product].format(number))
        )
        for row, value in enumerate(case["values"]):
            wanted = value[PLACES[product]] if len(value) > 1 else texts[f"{number}.{row}"]
            got = found.get(row, "Q")
            if got != wanted and not (wanted == "Q" and row not in found):
                wrong.append((case["native"], value[0], wanted, got))
    assert wrong == []
    differing = [table.target for table in result.tables if table.verified != "equal"]
    assert [TYPES[int(name.rpartition("t")[2])]["native"] for name in differing] == []
    assert result.status == "succeeded_with_quarantine"


def texts_of(source: str) -> list[str]:
    parts = [f"select '{number}.' || id as k, cast(v as varchar) as v from t{number}" for number in range(len(TYPES))]
    return [" union all ".join(parts)]


def test_duckdb_into_duckdb_is_exact(source: str, new_database: Any, migrate: Any) -> None:
    aim = new_database("duckdb")
    result = migrate(source, aim)
    assert result.status == "succeeded"
    path, other = source.partition("///")[2], aim.partition("///")[2]
    attach = (f"attach '{path}' as here (read_only)", f"attach '{other}' as there (read_only)")
    differing = [
        case["native"]
        for number, case in enumerate(TYPES)
        if run_sql(
            "duckdb:///:memory:",
            *attach,
            f"select 1 from here.t{number} a full join there.t{number} b using (id) "
            "where a.v is distinct from b.v or typeof(a.v) <> typeof(b.v)",
        )
    ]
    assert differing == []
