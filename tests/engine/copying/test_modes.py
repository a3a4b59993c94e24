"""Write modes: what is in the target afterwards, in which account each row stands, and that a killed run ends the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from dms_workbench.engine.copying import RunResult
from dms_workbench.engine.copying.modes.merging import Merging
from dms_workbench.engine.planning.modes import KeyNeeded, KeyUnknown, ModeNeedsTables, ReplaceReferenced
from tests.engine.copying.killed import copy, killed_at
from tests.engine.copying.products import PRODUCTS, New, Sql, new, sql  # noqa: F401  fixtures
from tests.engine.databases.postgres_structure import dump

TABLE = "create table t (id integer not null primary key, v varchar(20) not null, u integer unique)"
ROWS = [(number, f"v{number}", number) for number in range(1, 31)]
THERE = [(3, "v3", 3), (4, "other", 4), (101, "mine", 101), (102, "mine", 5)]
REJECTED = 5
"""Its ``u`` is that of a row of another key in the target."""


def values(rows: list[tuple[int, str, int]]) -> str:
    return ", ".join(map(str, rows))


def source_of(new: New, sql: Sql, rows: list[tuple[int, str, int]] = ROWS, table: str = TABLE) -> str:  # noqa: F811
    url = new("sqlite")
    sql(url, table, f"insert into t values {values(rows)}")
    return url


def target_of(new: New, sql: Sql, product: str, rows: list[tuple[int, str, int]]) -> str:  # noqa: F811
    url = new(product)
    sql(url, TABLE, f"insert into t values {values(rows)}")
    return url


def rows_of(sql: Sql, url: str) -> list[tuple]:  # noqa: F811
    return sorted(sql(url, "select * from t"))


def books(result: RunResult) -> tuple[int, ...]:
    table = result.tables[0]
    assert table.closed
    assert table.verified == "equal", (table.reason, result.error)
    return table.written, table.unchanged, table.merged, table.quarantined


def expected(mode: str) -> list[tuple[int, str, int]]:
    """What the target holds after a mode has met `THERE`."""
    if mode == "replace":
        return ROWS
    kept = {row[0]: row for row in THERE}
    new_rows = {row[0]: row for row in ROWS if row[0] != REJECTED}
    both = {**kept, **new_rows} if mode == "upsert" else {**new_rows, **kept}
    return sorted(both.values())


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize(
    ("mode", "accounts"),
    [("upsert", (27, 1, 1, 1)), ("insert-missing", (27, 2, 0, 1)), ("replace", (30, 0, 0, 0))],
)
def test_a_mode_meets_rows_that_are_there(product, mode, accounts, new, sql, tmp_path):  # noqa: F811
    source, target = source_of(new, sql), target_of(new, sql, product, THERE)

    result = copy(source, target, tmp_path / "spool", mode=mode)

    assert books(result) == accounts
    assert rows_of(sql, target) == expected(mode)
    assert [(row.key, row.code) for row in result.quarantine] == ([({"id": 5}, "unique")] if accounts[3] else [])


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("from_product", "product"),
    [
        ("postgres", "duckdb"),
        ("postgres", "postgres"),
        pytest.param("postgres", "mysql", marks=pytest.mark.mariadb),
        pytest.param("mysql", "postgres", marks=pytest.mark.mariadb),
    ],
)
@pytest.mark.parametrize(
    ("mode", "accounts"),
    [
        ("upsert", (28, 1, 1, 0)),
        ("insert-missing", (28, 2, 0, 0)),
        ("replace", (30, 0, 0, 0)),
        ("append", (30, 0, 0, 0)),
    ],
)
def test_rows_that_pass_as_lines_meet_rows_that_are_there(
    from_product,
    product,
    mode,
    accounts,
    new,  # noqa: F811
    sql,  # noqa: F811
    tmp_path,
    monkeypatch,
):
    passed = []
    write_lines = Merging.write_lines

    def told(self, *given):
        passed.append(self)
        return write_lines(self, *given)

    monkeypatch.setattr(Merging, "write_lines", told)
    source, there = new(from_product), [(101, "mine", 101), *(THERE[:2] if mode != "append" else [])]
    sql(source, TABLE, f"insert into t values {values(ROWS)}")
    target = target_of(new, sql, product, there)

    assert books(copy(source, target, tmp_path / "spool", mode=mode)) == accounts

    kept = {row[0]: row for row in there if mode != "replace"}
    both = {**dict(zip(range(1, 31), ROWS, strict=True)), **(kept if mode == "insert-missing" else {})}
    assert rows_of(sql, target) == sorted({**kept, **both}.values())
    assert passed or mode == "replace"


@pytest.mark.parametrize("product", PRODUCTS)
def test_append_adds_beside_what_is_there(product, new, sql, tmp_path):  # noqa: F811
    source, target = source_of(new, sql), target_of(new, sql, product, [(101, "mine", 101)])

    assert books(copy(source, target, tmp_path / "spool", mode="append")) == (30, 0, 0, 0)

    assert rows_of(sql, target) == [*ROWS, (101, "mine", 101)]


KILLS = [
    ("upsert", "modes.prepared"),
    ("upsert", "chunk.rows-written:2"),
    ("upsert", "chunk.before-commit:2"),
    ("insert-missing", "chunk.committed:2"),
    ("append", "chunk.checkpoint-moved:3"),
    ("replace", "chunk.committed:2"),
    ("replace", "swap.before-commit"),
    ("replace", "swap.done"),
]


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize(("mode", "point"), KILLS)
def test_a_killed_run_ends_as_if_it_had_not_been(product, mode, point, new, sql, tmp_path):  # noqa: F811
    there = [(101, "mine", 101)] if mode == "append" else THERE
    source, target = source_of(new, sql), target_of(new, sql, product, there)

    killed_at(point, "copy", source, target, tmp_path / "spool", mode=mode)
    result = copy(source, target, tmp_path / "spool", mode=mode)

    books(result)
    assert rows_of(sql, target) == ([*ROWS, (101, "mine", 101)] if mode == "append" else expected(mode))


@pytest.mark.parametrize("product", PRODUCTS)
def test_of_two_source_rows_with_one_key_the_second_is_set_apart(product, new, sql, tmp_path):  # noqa: F811
    plain = "create table t (id integer not null, v varchar(20) not null, u integer)"
    twice = [*ROWS[:10], (2, "again", 52), *ROWS[10:], (3, "late", 53)]
    source, target = source_of(new, sql, twice, plain), target_of(new, sql, product, [(2, "old", 2)])

    result = copy(source, target, tmp_path / "spool", mode="upsert")

    assert books(result) == (29, 0, 1, 2)
    assert rows_of(sql, target) == ROWS
    assert {row.code for row in result.quarantine} == {"unique"}


@pytest.mark.parametrize("product", PRODUCTS)
def test_any_columns_can_be_the_key(product, new, sql, tmp_path):  # noqa: F811
    plain = "create table t (id integer, v varchar(20) not null, u integer)"
    source, target = source_of(new, sql), new(product)
    sql(target, plain, "insert into t values (1, 'old', 1), (77, 'old', 7), (78, 'twice', 9), (79, 'twice', 9)")

    result = copy(source, target, tmp_path / "spool", mode="upsert", keys=("t: u",))

    assert (result.tables[0].written, result.tables[0].merged, result.tables[0].quarantined) == (27, 2, 1)
    assert sorted(sql(target, "select * from t where u in (7, 9)")) == [
        (7, "v7", 7),
        (78, "twice", 9),
        (79, "twice", 9),
    ]


def test_a_table_without_key_needs_one(new, sql, tmp_path):  # noqa: F811
    source, target = source_of(new, sql), new("sqlite")
    sql(target, "create table t (id integer, v text, u integer)")

    with pytest.raises(KeyNeeded, match="upsert"):
        copy(source, target, tmp_path, mode="upsert")
    with pytest.raises(KeyUnknown, match="w is no column"):
        copy(source, target, tmp_path, mode="upsert", keys=("t: w",))


def test_files_are_only_made_new(new, sql, tmp_path: Path):  # noqa: F811
    source = source_of(new, sql)

    with pytest.raises(ModeNeedsTables, match="replace"):
        copy(source, f"csv:///{tmp_path}", tmp_path / "spool", mode="replace")


def test_replace_is_refused_where_rows_of_other_tables_refer_to_the_table(new, sql, tmp_path):  # noqa: F811
    source, target = source_of(new, sql), target_of(new, sql, "sqlite", THERE)
    sql(target, "create table child (id integer primary key, t_id integer references t (id))")

    with pytest.raises(ReplaceReferenced, match="child"):
        copy(source, target, tmp_path, mode="replace")


@pytest.mark.postgres
def test_replace_keeps_rights_indexes_views_and_numbers(new, sql, tmp_path):  # noqa: F811
    source, target = source_of(new, sql), new("postgres")
    sql(
        target,
        "create table t (id integer generated by default as identity primary key, v varchar(20) not null, u integer)",
        "create index by_v on t (v)",
        "create view seen as select count(*) as n from t",
        "grant select on t to public",
        "insert into t (v, u) values ('old', 1)",
    )
    asked = (
        "select relacl::text, relhasindex, oid from pg_class where relname = 't'",
        "select indexname from pg_indexes where tablename = 't' order by 1",
    )
    before = [sql(target, query) for query in asked]

    assert books(copy(source, target, tmp_path / "spool", mode="replace")) == (30, 0, 0, 0)

    assert [sql(target, query) for query in asked] == before
    assert sql(target, "select n from seen") == [(30,)]
    assert sql(target, "insert into t (v) values ('next') returning id") == [(31,)]


AROUND = (
    "create role {role}",
    "create sequence numbers start 100",
    "create table c (id int primary key default nextval('numbers'), p_id int, v text)",
    "alter sequence numbers owned by c.id",
    "create table p (id int generated always as identity primary key, v text check (v <> ''), n numeric(5,2))",
    "alter table c add constraint of_p foreign key (p_id) references p (id) on delete cascade deferrable initially deferred",
    "create unique index p_lower on p (lower(v)) include (n) with (fillfactor = 70)",
    "cluster p using p_pkey",
    "alter table p alter v set statistics 500, alter v set storage external",
    "alter table p set (autovacuum_enabled = off)",
    "create statistics p_both (ndistinct) on v, n from p",
    "alter table p owner to {role}",
    "grant select, update (v) on p to public",
    "alter table p enable row level security",
    "create policy own on p using (n > 0)",
    "create function seen_by() returns trigger language plpgsql as 'begin return new; end'",
    "create trigger after_all after insert on p for each statement execute function seen_by()",
    "alter table p disable trigger after_all",
    "create rule quiet as on delete to p where old.n < 0 do instead nothing",
    "create view reading with (security_barrier) as select p.v, c.v as w from p join c on c.p_id = p.id",
    "create materialized view kept as select count(*) from p",
    "comment on table p is 'parents'",
    "comment on column p.v is 'said'",
    "comment on index p_lower is 'found by'",
    "create publication told for table p where (n > 1), c",
    "alter table p replica identity using index p_pkey",
    "insert into p (v, n) values ('old', 1)",
    "insert into c (p_id, v) values (1, 'old')",
)


@pytest.mark.postgres
def test_replace_leaves_all_that_stands_around_the_rows_as_it_was(new, sql, tmp_path):  # noqa: F811
    source, target = new("postgres"), new("postgres")
    role = target.rpartition("/")[2] + "_owner"
    sql(
        source,
        "create table p (id int primary key, v text, n numeric(5,2))",
        "create table c (id int primary key, p_id int references p (id), v text)",
        "insert into p select g, 'v' || g, g from generate_series(1, 20) g",
        "insert into c select g, g, 'v' || g from generate_series(1, 20) g",
    )
    sql(target, *(statement.format(role=role) for statement in AROUND))
    try:
        before, asked = (
            dump(target, rights=True),
            "select oid, relname from pg_class where relname in ('p', 'c') order by 2",
        )
        same = sql(target, asked)

        done = copy(source, target, tmp_path / "spool", mode="replace")

        assert [(table.written, table.verified) for table in done.tables] == [(20, "equal")] * 2, done.error
        assert dump(target, rights=True) == before
        assert sql(target, asked) == same, "the tables are the same ones"
        assert sql(target, "insert into p (v) values ('next') returning id") == [(21,)]
    finally:
        sql(target, f"reassign owned by {role} to current_user", f"drop owned by {role}", f"drop role {role}")


@pytest.mark.postgres
def test_rows_are_equal_only_to_the_last_digit(new, sql, tmp_path):  # noqa: F811
    source, target = new("postgres"), new("postgres")
    table = "create table t (id integer primary key, n numeric, j json, b interval, f float8)"
    sql(source, table, "insert into t values (1, 1.00, '{\"a\": 1}', '1 mon', '-0'), (2, 1.0, '{}', '30 days', 0)")
    sql(target, table, "insert into t values (1, 1.0, '{\"a\":1}', '30 days', 0), (2, 1.0, '{}', '30 days', 0)")

    result = copy(source, target, tmp_path / "spool", mode="upsert")

    assert books(result) == (0, 1, 1, 0)
    assert sql(target, "select n::text, j::text, b::text, f::text from t where id = 1") == [
        ("1.00", '{"a": 1}', "1 mon", "-0")
    ]
