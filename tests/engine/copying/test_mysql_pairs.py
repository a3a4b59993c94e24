"""MariaDB with every other product, both ways: books closed, every row proved, and what cannot be kept named."""

from __future__ import annotations

import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions
from dms_workbench.engine.databases.mysql.read import MysqlSource
from dms_workbench.engine.databases.postgres.read import PostgresSource
from tests.engine.copying.conftest import run_sql

pytestmark = pytest.mark.mariadb
OTHERS = ("postgres", "sqlite", "duckdb", "mysql")
FULL = (
    "create table parent (id integer not null primary key, name varchar(20) not null unique)",
    "create table child (id integer not null primary key, parent_id integer references parent (id), amount decimal(10,2), "
    "moment timestamp, day date, done boolean, ratio double precision, note text)",
    "create table loose (a integer, b varchar(10))",
    "insert into parent values (1, 'one'), (2, 'two')",
    "insert into child values (1, 1, 1.50, '2024-02-29 12:30:00', '2024-02-29', true, 0.1, 'tab\tand \"quote\" {back}'), "
    "(2, 2, -99999999.99, null, null, false, 1e300, ''), (3, null, null, '1999-12-31 23:59:59', '9999-12-31', null, null, null)",
    "insert into loose values (1, 'x'), (1, 'x'), (null, null)",
)
EQUAL = {("parent", 2, 2, "equal"), ("child", 3, 3, "equal"), ("loose", 3, 3, "equal")}


@pytest.fixture
def new(new_database, mariadb, request):
    """A fresh, empty database of a product, MariaDB among them."""

    def make(product: str) -> str:
        if product != "mysql":
            return new_database(product)
        url = mariadb.create_database()
        request.addfinalizer(lambda: mariadb.drop_database(url))
        return url

    return make


@pytest.fixture
def run(mariadb):
    """Run statements on a database of any product."""

    def execute(url: str, *statements: str) -> list[tuple]:
        if not url.startswith("mysql"):
            return run_sql(url, *statements)
        rows: list[tuple] = []
        for statement in statements:
            rows = mariadb.execute(statement, url.rpartition("/")[2])
        return rows

    return execute


def fill(url: str, run) -> str:
    back = "back\\\\slash" if url.startswith("mysql") else "back\\slash"
    moment = "datetime" if url.startswith("mysql") else "timestamp"
    run(url, *(statement.replace("{back}", back).replace("moment timestamp", f"moment {moment}") for statement in FULL))
    return url


def outcome(result) -> set[tuple]:
    return {(table.source, table.read, table.written, table.verified) for table in result.tables}


@pytest.mark.parametrize("other", OTHERS)
def test_from_mariadb_every_row_arrives_and_is_proved(other, new, run, migrate):
    result = migrate(fill(new("mysql"), run), new(other))
    assert result.status == "succeeded", (result.error, result.tables, result.quarantine)
    assert outcome(result) == EQUAL


@pytest.mark.parametrize("other", ["postgres", "sqlite", "duckdb"])
def test_into_mariadb_every_row_arrives_and_is_proved(other, new, run, migrate):
    target = new("mysql")
    result = migrate(fill(new(other), run), target)
    assert result.status == "succeeded", (result.error, result.tables, result.quarantine)
    assert outcome(result) == EQUAL
    with pytest.raises(Exception, match="foreign key"):
        run(target, "insert into child (id, parent_id) values (9, 99)")


@pytest.mark.parametrize("target", ["postgres", "duckdb"])
def test_a_zero_date_goes_to_quarantine_naming_its_cell(target, new, run, migrate):
    source = new("mysql")
    run(
        source,
        "create table t (id int primary key, day date)",
        "set sql_mode = ''; insert into t values (1, '0000-00-00'), (2, '2024-00-15'), (3, '0009-12-04'), (4, null)",
    )
    result = migrate(source, new(target))
    assert result.status == "succeeded_with_quarantine"
    assert [(row.key, row.column, row.code) for row in result.quarantine] == [
        ({"id": 1}, "day", "invalid-value"),
        ({"id": 2}, "day", "invalid-value"),
    ]
    assert outcome(result) == {("t", 4, 2, "equal")}


def test_from_mariadb_to_mariadb_zero_dates_stay(new, run, migrate):
    source, target = new("mysql"), new("mysql")
    run(
        source,
        "create table t (id int primary key, day date)",
        "set sql_mode = ''; insert into t values (1, '0000-00-00'), (2, '2024-00-15')",
    )
    assert migrate(source, target).status == "succeeded"
    assert run(target, "select cast(day as char) from t order by id") == [("0000-00-00",), ("2024-00-15",)]


def test_rows_that_the_target_refuses_go_to_quarantine(new, run, migrate):
    source, target = new("sqlite"), new("mysql")
    run(
        source,
        "create table t (id integer primary key, v text)",
        "insert into t values (1, 'abc'), (2, 'abcd'), (3, 'ABC')",
    )
    run(target, "create table t (id int primary key, v varchar(3) collate utf8mb4_general_ci unique)")
    result = migrate(source, target, mode="append")
    assert {(row.key["id"], row.code) for row in result.quarantine} == {(2, "too-long"), (3, "unique")}
    assert outcome(result) == {("t", 3, 1, "equal")}


def test_blanks_at_the_end_are_not_lost_in_char(new, run, migrate):
    source, target = new("sqlite"), new("mysql")
    run(source, "create table t (id integer primary key, v text)", "insert into t values (1, 'ab '), (2, ' ab')")
    run(target, "create table t (id int primary key, v char(5))")
    result = migrate(source, target, mode="append")
    assert [(row.key["id"], row.code) for row in result.quarantine] == [(1, "loses-precision")]
    assert outcome(result) == {("t", 2, 1, "equal")}


def test_the_padding_of_postgres_means_nothing_in_char(new, run, migrate):
    source, target = new("postgres"), new("mysql")
    run(source, "create table t (id integer primary key, v char(5))", "insert into t values (1, 'ab'), (2, '')")
    assert outcome(migrate(source, target)) == {("t", 2, 2, "equal")}
    assert run(target, "select v from t order by id") == [("ab",), ("",)]


def test_a_target_changed_behind_our_back_is_found(new, run, migrate):
    source, target = fill(new("sqlite"), run), new("mysql")
    run(
        target,
        "create table parent (id int not null primary key, name varchar(20) not null)",
        "create trigger t before insert on parent for each row set new.name = concat(new.name, '!')",
    )
    result = migrate(source, target, mode="append", tables=("parent",))
    assert result.status == "differences"
    assert result.tables[0].reason == "2 changed"


class PausedAfter(Control):
    """Wishes a pause after so many looks."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def wish(self):
        """The wish."""
        self.looks -= 1
        return "run" if self.looks > 0 else "pause"


@pytest.mark.parametrize(("source", "target"), [("mysql", "mysql"), ("mysql", "postgres"), ("sqlite", "mysql")])
def test_a_paused_run_goes_on_where_it_stood(source, target, new, run, migrate):
    left, right = new(source), new(target)
    run(left, "create table t (id integer primary key, v varchar(9))")
    run(left, "insert into t values " + ", ".join(f"({number}, 'v{number}')" for number in range(400)))
    options = RunOptions(chunk_rows=50)
    assert migrate(left, right, control=PausedAfter(4), options=options).status == "paused"
    result = migrate(left, right, options=options)
    assert outcome(result) == {("t", 400, 400, "equal")}


def test_lanes_read_one_snapshot_together(new, run, migrate):
    source, target = new("mysql"), new("mysql")
    run(source, "create table t (id int primary key, v varchar(20))")
    run(source, "insert into t select seq, concat('v', seq) from seq_1_to_30000")
    result = migrate(source, target, options=RunOptions(lanes=3, chunk_rows=5000))
    assert outcome(result) == {("t", 30_000, 30_000, "equal")}
    assert run(target, "select count(distinct lane_no) from dms_ledger_chunks") == [(3,)]


def as_values(patched: pytest.MonkeyPatch) -> None:
    """Nothing passes as lines any more."""
    for source in (MysqlSource, PostgresSource):
        patched.setattr(source, "gives_lines", lambda *_: False)


@pytest.mark.parametrize(("source", "target"), [("mysql", "postgres"), ("postgres", "mysql")])
def test_bad_rows_among_lines_are_set_apart_as_among_values(source, target, new, run, migrate, monkeypatch):
    left = new(source)
    run(left, "create table t (id int primary key, v varchar(20), n int)")
    run(left, "insert into t values " + ", ".join(f"({at}, 'v{at}', {at})" for at in range(300)))
    run(left, "update t set v = 'much too long' where id in (7, 299)", "update t set n = 40000 where id = 100")
    outcomes, contents = [], []
    for lines in (True, False):
        right = new(target)
        run(right, "create table t (id int primary key, v varchar(5), n smallint)")
        if not lines:
            as_values(monkeypatch)
        result = migrate(left, right, mode="append", options=RunOptions(chunk_rows=50))
        outcomes.append((outcome(result), [(row.key["id"], row.column, row.code) for row in result.quarantine]))
        contents.append(run(right, "select * from t order by id"))
    assert outcomes[0] == outcomes[1]
    assert contents[0] == contents[1]
    assert [row[:2] for row in outcomes[0][1]] == [(7, "v"), (100, "n"), (299, "v")]


@pytest.mark.parametrize(("source", "target"), [("mysql", "postgres"), ("postgres", "mysql")])
@pytest.mark.parametrize("first", ["lines", "values"])
def test_a_run_paused_on_one_way_goes_on_on_the_other(source, target, first, new, run, migrate, monkeypatch):
    left, right = new(source), new(target)
    run(left, "create table t (k varchar(20) not null, m date not null, v text, primary key (k, m))")
    rows = ", ".join(f"('k{at % 20}\t{at}', '2024-01-{at % 28 + 1:02}', 'v{at}')" for at in range(400))
    run(left, f"insert into t values {rows}")
    options = RunOptions(chunk_rows=50)
    for way in (first, "values" if first == "lines" else "lines"):
        with monkeypatch.context() as patched:
            if way == "values":
                as_values(patched)
            control = PausedAfter(4) if way == first else Control()
            result = migrate(left, right, control=control, options=options)
            assert result.status == ("paused" if way == first else "succeeded"), result.error
    assert outcome(result) == {("t", 400, 400, "equal")}


def test_lanes_of_one_session_take_turns(mariadb, new, run, migrate):
    source, target = new("mysql"), new("postgres")
    run(source, "create table t (id int primary key, v varchar(20))")
    run(
        source,
        "insert into t select seq, concat('v', seq) from seq_1_to_30000",
        "update t set v = concat('v', char(0)) where id = 9",
    )
    name = source.rpartition("/")[2]
    mariadb.execute("create or replace user lockless identified by 'x'")
    mariadb.execute(f"grant select on `{name}`.* to lockless")
    reader = mariadb.url(name, user="lockless", password="x")
    result = migrate(reader, target, options=RunOptions(lanes=3, chunk_rows=5000))
    assert outcome(result) == {("t", 30_000, 29_999, "equal")}
    assert [row.code for row in result.quarantine] == ["nul-character"]
    assert any("RELOAD" in note for note in result.notes)


def test_a_run_killed_while_it_makes_its_tables_can_be_begun_again(new, run, migrate, monkeypatch):
    from dms_workbench.engine.copying import beginning

    source, target = fill(new("sqlite"), run), new("mysql")

    def killed(run, missing, made):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(beginning, "note_tables", killed)
        with pytest.raises(KeyboardInterrupt):
            migrate(source, target)
    run(target, "drop table loose")
    result = migrate(source, target)
    assert outcome(result) == EQUAL


def test_the_ledger_is_no_table_of_the_schema(new, run, migrate):
    source, middle = fill(new("sqlite"), run), new("mysql")
    migrate(source, middle)
    result = migrate(middle, new("sqlite"))
    assert outcome(result) == EQUAL
