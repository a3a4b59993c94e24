"""Values become Arrow columns; rows with large cells lie apart, so that they are not copied and can be let go."""

from __future__ import annotations

from typing import Any

from dms_workbench.engine.databases.catalogue import Column, DataType
from dms_workbench.engine.databases.duckdb.arrow import ROW, arrow_table


def test_rows_with_large_cells_arrive_whole_beside_small_ones_and_rejects_keep_their_rows():
    columns = (
        Column("k", DataType("integer", "INTEGER", bits=32)),
        Column("b", DataType("bytes", "BLOB")),
        Column("s", DataType("text", "VARCHAR")),
    )
    big, long = b"\0\xff" * 900_000, "ä€😀" * 500_000
    values: list[list[Any]] = [[0, 1, 2, 3, 4], [b"", big, None, b"x", big], ["a", None, long, "\ud800", long]]
    table, rejects = arrow_table(columns, values)
    assert [batch.num_rows for batch in table.to_batches()] == [1, 1, 1, 1, 1]
    assert [(reject.row, reject.column, reject.code) for reject in rejects] == [(3, "s", "invalid-text")]
    assert table.column("c1").to_pylist() == values[1]
    assert table.column("c2").to_pylist() == ["a", None, long, None, long]
    assert table.column(ROW.strip('"')).to_pylist() == [0, 1, 2, 3, 4]
