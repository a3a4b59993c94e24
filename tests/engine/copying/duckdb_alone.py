"""What DuckDB alone needs for large cells: each of them inserted from memory in a transaction of its own.

    python -m tests.engine.copying.duckdb_alone FILE CELLS CELL_BYTES

Prints the most memory this process has had, in bytes.
"""

from __future__ import annotations

import struct
import sys

import pyarrow as pa

from dms_workbench.engine.databases.duckdb.connection import open_duckdb
from tests.benchmarks.one_copy import peak_bytes


def batch(number: int, size: int) -> pa.RecordBatch:
    """One cell of bytes, which Arrow does not copy."""
    content = (b"%08d" % number) * (size // 8)
    ends = pa.py_buffer(struct.pack("=ii", 0, len(content)))
    cell = pa.Array.from_buffers(pa.binary(), 1, [None, ends, pa.py_buffer(content)])
    return pa.RecordBatch.from_arrays([cell], names=["b"])


def main(path: str, cells: str, size: str) -> None:
    """Fill a new file."""
    database = open_duckdb(path)
    database.execute("create table big (k integer, b blob)")
    for number in range(int(cells)):
        schema = pa.schema([("b", pa.binary())])
        reader = pa.RecordBatchReader.from_batches(schema, iter([batch(number, int(size))]))
        database.execute("begin transaction")
        database.register("incoming", reader)
        database.execute(f"insert into big select {number}, b from incoming")
        database.unregister("incoming")
        database.execute("commit")
    database.close()
    sys.stdout.write(f"{peak_bytes()}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
