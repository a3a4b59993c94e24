"""Lookups as tables of a DuckDB connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..databases.base import Value
from ..databases.catalogue import DataType
from .arrow import arrow_column
from .errors import InvalidLookup
from .joined import combined
from .lookups import LookupTable
from .types import input_type

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def create_lookup_table(connection: duckdb.DuckDBPyConnection, table: str, name: str, lookup: LookupTable) -> None:
    """Make the temporary table that a compiled SELECT joins: dms_key (text), dms_value, dms_found (true).

    Raises InvalidLookup if a key occurs twice or a value is not of its column's type.
    """
    import duckdb
    import pyarrow as pa

    keys = [(lookup.keys, lookup.key_type), *lookup.more_keys]
    given = {f"k{number}": typed(name, "key", *key) for number, key in enumerate(keys)}
    texts = [f"CAST(CAST(k{number} AS {input_type(type)}) AS VARCHAR)" for number, (_, type) in enumerate(keys)]
    values = typed(name, "value", lookup.values, lookup.value_type)
    connection.register("raw_lookup", pa.table({**given, "v": values}))
    try:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {combined(texts)} AS dms_key, "
            f"CAST(v AS {input_type(lookup.value_type)}) AS dms_value, "
            f"TRUE AS dms_found FROM raw_lookup WHERE {' AND '.join(f'{key} IS NOT NULL' for key in given)}"
        )
    except duckdb.ConversionException as error:
        raise InvalidLookup(name=name, reason="a key or value is not of its column's type") from error
    finally:
        connection.unregister("raw_lookup")
    twice = connection.execute(
        f"SELECT count(*) FROM (SELECT dms_key FROM {table} GROUP BY dms_key HAVING count(*) > 1)"
    ).fetchall()[0][0]
    if twice:
        keys_are = "1 key occurs" if twice == 1 else f"{twice:,} keys occur"
        raise InvalidLookup(name=name, reason=f"{keys_are} more than once, so that one key would have several values")


def typed(name: str, what: str, values: list[Value], type: DataType) -> pa.Array[Any]:
    """A column of a lookup; raises InvalidLookup if a value is not of its type."""
    column = arrow_column(values, type)
    if column.bad:
        raise InvalidLookup(name=name, reason=f"{len(column.bad):,} values of its {what} are not of the column's type")
    return column.values
