"""Whoever watches a copy is told how wide the rows of each table are."""

from __future__ import annotations

from pathlib import Path

import pytest

from dms_workbench.engine.control import Control, Progress
from dms_workbench.engine.copying import RunOptions

from .conftest import run_sql

ROWS = 5_000
NARROW, WIDE = 10, 1_000
FILL = {
    "postgres": "insert into {table} select i, repeat('x', {width}) from generate_series(1, {rows}) i",
    "sqlite": "with recursive n (i) as (select 1 union all select i + 1 from n where i < {rows}) "
    "insert into {table} select i, substr(replace(hex(zeroblob({width})), '0', 'x'), 1, {width}) from n",
}
KEPT = {"postgres": "alter table {table} alter column body set storage external"}


class Widths(Control):
    """Keeps the width that was told last of each table."""

    def __init__(self) -> None:
        self.told: dict[str, int] = {}

    def report(self, progress: Progress) -> None:
        if progress.row_bytes:
            self.told[progress.source.rpartition(".")[2]] = progress.row_bytes


@pytest.mark.parametrize("product", FILL)
def test_the_catalogue_tells_which_of_two_tables_of_as_many_rows_is_a_hundred_times_as_wide(
    product, new_database, migrate
):
    source, control = new_database(product), Widths()
    for table, width in (("narrow", NARROW), ("wide", WIDE)):
        run_sql(
            source,
            f"create table {table} (id integer primary key, body text)",
            FILL[product].format(table=table, width=width, rows=ROWS),
            *([KEPT[product].format(table=table)] if product in KEPT else []),
        )
    migrate(source, new_database("sqlite"), control=control, options=RunOptions(verify=False))
    assert NARROW <= control.told["narrow"] <= 15 * NARROW
    assert WIDE <= control.told["wide"] <= 3 * WIDE


def test_the_first_chunk_tells_it_where_there_is_no_catalogue(tmp_path: Path, new_database, migrate):
    folder, control = tmp_path / "in", Widths()
    folder.mkdir()
    for table, width in (("narrow", NARROW), ("wide", WIDE)):
        lines = [f"{number},{'x' * width}" for number in range(ROWS)]
        (folder / f"{table}.csv").write_text("\n".join(["id,body", *lines, ""]), encoding="utf-8")
    migrate(f"csv:///{folder}", new_database("postgres"), control=control, options=RunOptions(verify=False))
    assert NARROW <= control.told["narrow"] <= 3 * NARROW
    assert WIDE <= control.told["wide"] <= 1.1 * WIDE
