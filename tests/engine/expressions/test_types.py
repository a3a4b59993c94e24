from __future__ import annotations

import pytest

from dms_workbench.engine.databases.catalogue import DataType
from dms_workbench.engine.expressions import input_type, result_type


@pytest.mark.parametrize(
    ("type", "name"),
    [
        (DataType("integer", "INTEGER", bits=32), "BIGINT"),
        (DataType("integer", "BIGINT UNSIGNED", bits=64, unsigned=True), "HUGEINT"),
        (DataType("integer", "INT UNSIGNED", bits=32, unsigned=True), "BIGINT"),
        (DataType("integer", "HUGEINT", bits=128), "HUGEINT"),
        (DataType("decimal", "NUMERIC(10,2)", precision=10, scale=2), "DECIMAL(10,2)"),
        (DataType("decimal", "NUMERIC(38,0)", precision=38), "DECIMAL(38,0)"),
        (DataType("decimal", "NUMERIC"), "VARCHAR"),
        (DataType("decimal", "NUMERIC(50,2)", precision=50, scale=2), "VARCHAR"),
        (DataType("decimal", "NUMERIC(5,-2)", precision=5, scale=-2), "VARCHAR"),
        (DataType("json", "JSONB"), "VARCHAR"),
        (DataType("timestamptz", "TIMESTAMPTZ"), "TIMESTAMPTZ"),
    ],
)
def test_a_source_column_has_a_duckdb_type_in_expressions(type: DataType, name: str) -> None:
    assert input_type(type) == name


def test_a_result_that_no_column_holds_has_no_type() -> None:
    assert result_type("INTEGER[]") is None
    assert result_type("STRUCT(a INTEGER)") is None
