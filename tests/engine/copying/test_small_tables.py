"""Many small tables: packs of them in one transaction, objects made together, and no statement more for each table than needed."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import psycopg
import pytest

from dms_workbench.engine.control import Control, Progress
from dms_workbench.engine.copying import RunOptions
from tests.engine.copying.conftest import PRODUCTS, run_sql
from tests.engine.copying.killed import copy, killed_at

pytestmark = pytest.mark.postgres
TABLES = 12


def small(url: str, tables: int = TABLES, rows: int = 5) -> str:
    """Tables t00, t01 and so on, each with a key, an index and some rows; the last one is empty."""
    for number in range(tables):
        name = f"t{number:02}"
        run_sql(url, f"create table {name} (id integer primary key, name varchar(40) not null)")
        run_sql(url, f"create index {name}_by_name on {name} (name)")
        if number < tables - 1:
            values = ", ".join(f"({row}, 'row {row} of {name}')" for row in range(1, rows + 1))
            run_sql(url, f"insert into {name} values {values}")
    return url


def rows_in(url: str, tables: int = TABLES) -> list[int]:
    """How many rows each table has."""
    return [run_sql(url, f"select count(*) from t{number:02}")[0][0] for number in range(tables)]


@pytest.mark.parametrize("source", PRODUCTS)
@pytest.mark.parametrize("target", PRODUCTS)
def test_small_tables_arrive_whole_and_are_proved(source, target, new_database, migrate):
    place = new_database(target)
    result = migrate(small(new_database(source)), place)
    assert result.status == "succeeded", (result.error, result.tables)
    assert [(table.read, table.written, table.verified) for table in result.tables] == [
        *[(5, 5, "equal")] * (TABLES - 1),
        (0, 0, "equal"),
    ]
    assert rows_in(place) == [*[5] * (TABLES - 1), 0]


def test_small_tables_share_a_transaction_with_their_entries_in_the_ledger(new_database, migrate):
    target = new_database("postgres")
    migrate(small(new_database("postgres")), target)
    chunks = run_sql(target, "select map_no, transaction_id, rows_written from dms_ledger.chunks order by 1")
    assert len(chunks) == TABLES - 1
    assert {rows for _, _, rows in chunks} == {5}
    assert len({transaction for _, transaction, _ in chunks}) == 1
    written_by = {run_sql(target, f"select xmin::text from t{number:02}")[0][0] for number in range(TABLES - 1)}
    assert written_by == {chunks[0][1]}
    assert run_sql(target, "select count(*) from dms_ledger.checkpoints where done = 1") == [(TABLES,)]


def test_a_refused_row_in_a_pack_is_quarantined_and_the_other_tables_lack_nothing(new_database, migrate):
    source, target = small(new_database("postgres")), new_database("postgres")
    run_sql(target, "create table t03 (id integer primary key, name varchar(40) not null, check (id <> 4))")
    result = migrate(source, target)
    assert result.status == "succeeded_with_quarantine", (result.error, result.tables)
    assert [(row.table, row.key, row.code) for row in result.quarantine] == [("t03", {"id": 4}, "check")]
    assert rows_in(target) == [5, 5, 5, 4, *[5] * (TABLES - 5), 0]


@pytest.mark.parametrize("point", ["chunk.rows-written:3", "chunk.before-commit", "chunk.committed", "table.done:2"])
def test_a_pack_that_was_killed_is_there_once_after_the_same_command(point, new_database, tmp_path):
    source, target = small(new_database("postgres")), new_database("postgres")
    killed_at(point, "copy", source, target, tmp_path / "spool")
    there = sum(rows_in(target))
    assert there == (5 * (TABLES - 1) if point in ("chunk.committed", "table.done:2") else 0)
    result = copy(source, target, tmp_path / "spool")
    assert (result.status, rows_in(target)) == ("succeeded", [*[5] * (TABLES - 1), 0])


def test_an_object_that_cannot_be_made_is_named_and_the_others_are_made(new_database, migrate):
    source, target = small(new_database("postgres")), new_database("postgres")
    run_sql(source, "create function odd(integer) returns boolean language sql immutable as 'select $1 % 2 = 1'")
    run_sql(source, "create index t05_odd on t05 (odd(id))")
    run_sql(
        target, "create function odd(integer) returns boolean language plpgsql volatile as 'begin return true; end'"
    )
    result = migrate(source, target)
    left_out = [
        (item.kind, item.name.rpartition(".")[2])
        for item in result.objects
        if item.outcome == "left_out" and item.kind == "index"
    ]
    assert left_out == [("index", "t05_odd")]
    made = run_sql(target, "select count(*) from pg_indexes where schemaname = 'public' and indexname like '%by_name'")
    assert made == [(TABLES,)]


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry, how many statements were sent so far; COPY is not among them."""
    sent, execute = [0], psycopg.Connection.execute

    def counted(self, *args, **kwargs):
        sent[0] += 1
        return execute(self, *args, **kwargs)

    monkeypatch.setattr(psycopg.Connection, "execute", counted)
    return sent


def test_a_table_more_costs_less_than_a_statement(
    statements: list[int], new_database: Callable[[str], str], migrate: Callable[..., object]
) -> None:
    costs = []
    for tables in (10, 60):
        source, target = small(new_database("postgres"), tables), new_database("postgres")
        before = statements[0]
        migrate(source, target, options=RunOptions(verify=False))
        costs.append(statements[0] - before)
    assert costs[1] - costs[0] < 50, costs


def test_a_table_larger_than_a_chunk_goes_by_itself(new_database, migrate):
    source, target = small(new_database("postgres"), 3), new_database("postgres")
    run_sql(source, f"insert into t01 select i, '{uuid.uuid4()}' from generate_series(10, 29) i")
    result = migrate(source, target, options=RunOptions(chunk_rows=10))
    assert result.status == "succeeded"
    chunks = run_sql(target, "select map_no, count(*) from dms_ledger.chunks group by 1 order by 1")
    assert chunks == [(0, 1), (1, 3)]


class TakenOver(Control):
    """Another worker takes the run over when the first rows are about to be read."""

    def __init__(self, target: str) -> None:
        self.target, self.done = target, False

    def report(self, progress: Progress) -> None:
        if progress.phase == "copy" and not self.done:
            self.done = True
            run_sql(self.target, "update dms_ledger.runs set epoch = epoch + 1")


def test_a_pack_of_a_worker_that_was_taken_over_from_is_not_committed(new_database, migrate):
    source, target = small(new_database("postgres")), new_database("postgres")
    result = migrate(source, target, control=TakenOver(target))
    assert result.error is not None
    assert (result.error["code"], sum(rows_in(target))) == ("ledger-conflict", 0)
    assert run_sql(target, "select count(*) from dms_ledger.checkpoints") == [(0,)]
