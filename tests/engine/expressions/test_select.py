from __future__ import annotations

from dms_workbench.engine.databases.duckdb.connection import open_duckdb
from dms_workbench.engine.expressions import compile_select, create_lookup_table
from tests.engine.expressions.samples import COLUMNS, LOOKUPS


def test_a_whole_table_is_read_through_the_same_expressions() -> None:
    spelled = [f'"{column.name}"' for column in COLUMNS]
    select = compile_select(
        COLUMNS,
        [("x", "lookup('status', b)"), ("y", "CAST(a AS INTEGER) + n")],
        "n > 1",
        LOOKUPS,
        spelled=spelled,
        row="t.rowid",
    )
    connection = open_duckdb()
    connection.execute("CREATE TABLE t (a VARCHAR, b VARCHAR, n BIGINT, d DATE, m DECIMAL(10,2))")
    connection.execute("INSERT INTO t VALUES ('1', 'N', 1), ('2', 'P', 2), ('3', 'N', 3)".replace(")", ", NULL, NULL)"))
    for name, table in select.lookup_tables.items():
        create_lookup_table(connection, table, name, LOOKUPS[name])
    outputs = ", ".join(part.sql for part in select.outputs)
    rows = connection.execute(f"SELECT {outputs} FROM t{select.joins} WHERE {select.where.sql} ORDER BY n").fetchall()
    connection.close()
    assert rows == [("paid", 4), ("new", 6)]
    assert (select.names, select.used) == (("x", "y"), (0, 1, 2))


def test_without_a_filter_every_row_is_kept() -> None:
    assert compile_select(COLUMNS, [("x", "a")], None, {}).where.sql == "TRUE"


def test_only_lookups_that_are_used_are_joined_and_the_same_one_once() -> None:
    select = compile_select(COLUMNS, [("x", "a"), ("y", "b")], None, LOOKUPS)
    assert (select.joins, dict(select.lookup_tables)) == ("", {})
    select = compile_select(COLUMNS, [("x", "lookup('status', a)"), ("y", "lookup('status', a, 'z')")], None, LOOKUPS)
    assert len(select.joined) == 1
