from __future__ import annotations

import pytest

from dms_workbench.engine.databases.catalogue import DataType
from dms_workbench.engine.databases.postgres.types import parse_type
from tests.servers import PostgresServer

SPELLINGS = [
    "BOOLEAN", "bool", "Int", "INTEGER", "int2", "INT8", "float", "FLOAT4", "DOUBLE  PRECISION", "VARCHAR(80)", "varchar",
    "character varying ( 80 )", "CHAR", "char(3)", "DECIMAL(10, 2)", "dec(7)", "NUMERIC", "TEXT", "BYTEA", "DATE", "TIME",
    "TIMESTAMP", "timestamp(3)", "TIMESTAMPTZ", "timestamptz(2)", "TIMESTAMP(3) WITH TIME ZONE", "Interval", "UUID",
    "JSONB",
]  # fmt: skip


@pytest.mark.parametrize("written", SPELLINGS)
def test_a_type_means_the_same_as_people_write_it_and_as_the_server_prints_it(
    postgres: PostgresServer, written: str
) -> None:
    printed = postgres.execute(
        f"CREATE TEMPORARY TABLE written (value {written});"
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'written'::regclass AND attnum = 1"
    )[0][0]
    assert parse_type(written) == parse_type(printed)
    assert parse_type(written).kind != "other"


@pytest.mark.parametrize("written", ["inet", "integer[]", '"Mood"', "shop.mood", "time with time zone"])
def test_a_type_without_a_common_meaning_stays_as_it_is_written(written: str) -> None:
    assert parse_type(written) == DataType("other", written)
