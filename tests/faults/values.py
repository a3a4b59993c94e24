"""Values that are hard to hold: times of every kind, and rows that a target cannot take."""

from __future__ import annotations

from typing import Any

from tests.faults.registry import Pair, scenario
from tests.faults.scene import Scene
from tests.faults.tables import anew, brief, expect_exact_books, expect_message

PAIRS: tuple[Pair, ...] = (
    ("postgres", "postgres"), ("postgres", "mariadb"), ("mariadb", "postgres"), ("sqlite", "postgres"),
    ("postgres", "sqlite"), ("postgres", "duckdb"), ("mariadb", "duckdb"),
)  # fmt: skip
ZONES = ("Pacific/Apia", "America/St_Johns", "Asia/Kathmandu", "Europe/London", "Pacific/Chatham")
TIMES = {
    "postgres": """
create table times (id int primary key, at timestamptz, wall timestamp, day date, clock time, clock_zone timetz, said text);
insert into times (id, at, wall, day, clock, clock_zone, said) values
  (1, '2024-03-31 00:59:59.999999Z', '2024-03-31 01:30:00', '2024-03-31', '24:00:00', '23:59:59+14', '2016-12-31T23:59:60Z'),
  (2, '2024-03-31 01:00:00Z', '2024-03-31 02:30:00', '0001-01-01', '00:00:00', '00:00:00-12', '23:59:60'),
  (3, '2024-10-27 00:30:00Z', '2024-10-27 02:30:00', '9999-12-31', '12:34:56.789012', '12:00:00+05:45', '0000-00-00'),
  (4, '2024-10-27 01:30:00Z', '2024-10-27 02:30:00', '2011-12-30', '01:00:00', '01:00:00+00', '2011-12-30'),
  (5, 'infinity', null, null, null, null, null), (6, null, '-infinity', null, null, null, null),
  (7, null, null, 'infinity', null, null, null), (8, '0044-03-15 12:00:00Z BC', null, null, null, null, null),
  (9, null, '4713-01-01 00:00:00 BC', null, null, null, null), (10, null, null, '0044-03-15 BC', null, null, null),
  (11, '1883-11-18 17:00:00Z', '1883-11-18 12:03:57', '1883-11-18', '00:00:00.000001', '00:00:00+15:59', 'local mean time'),
  (12, '294276-12-31 23:59:59Z', '294276-12-31 23:59:59', '5874897-12-31', null, null, null);
""",
    "mariadb": """
set time_zone = '+00:00', sql_mode = '';
create table times (id int primary key, at timestamp(6) null, wall datetime(6), day date, clock time(6), said varchar(40));
insert into times values
  (1, '2024-03-31 00:59:59.999999', '2024-03-31 01:30:00', '2024-03-31', '24:00:00', '2016-12-31T23:59:60Z'),
  (2, '2024-03-31 01:00:00', '2024-03-31 02:30:00', '1000-01-01', '00:00:00', '23:59:60'),
  (3, '2024-10-27 00:30:00', '2024-10-27 02:30:00', '9999-12-31', '12:34:56.789012', '0000-00-00'),
  (4, '2024-10-27 01:30:00', '2024-10-27 02:30:00', '2011-12-30', '-01:00:00', '2011-12-30'),
  (5, null, '0000-00-00 00:00:00', null, null, null), (6, null, null, '0000-00-00', null, null),
  (7, null, null, '2024-02-00', null, null), (8, null, null, '2024-00-01', null, null),
  (9, null, null, null, '838:59:59', null), (10, '0000-00-00 00:00:00', null, null, null, null),
  (11, '1970-01-01 00:00:01', '9999-12-31 23:59:59.999999', '0001-01-01', '00:00:00.000001', 'first second');
""",
    "sqlite": """
create table times (id integer primary key, at timestamp, wall datetime, day date, clock time, said text);
insert into times values
  (1, '2024-03-31 00:59:59.999999', '2024-03-31 02:30:00', '2024-03-31', '23:59:59', '2016-12-31T23:59:60Z'),
  (2, '2024-10-27 02:30:00', '2024-10-27 02:30:00', '0001-01-01', '00:00:00', '23:59:60'),
  (3, null, '0000-00-00 00:00:00', null, null, null), (4, null, null, '0000-00-00', null, null),
  (5, null, null, '2024-02-30', null, null), (6, null, '2016-12-31 23:59:60', null, null, null);
""",
}


@scenario(PAIRS, filled=False)
def times_in_other_zones(scene: Scene) -> None:
    """Gaps and folds of summer time, infinity, BC, zero dates, leap seconds; worker and servers in other zones: kept, or rejected."""
    anew(scene, TIMES[scene.source_product])
    first, second, third = scene.dice.sample(ZONES, 3)
    for product, url, zone in (
        (scene.source_product, scene.source, second), (scene.target_product, scene.target, third)
    ):  # fmt: skip
        server = scene.source_server if url == scene.source and product != "sqlite" else None
        server = scene.target_server if url == scene.target and product in ("postgres", "mariadb") else server
        if product == "postgres" and server is not None:
            server.execute(f"alter database {scene.name(url)} set timezone = '{zone}'")
        elif product == "mariadb" and server is not None:
            offset = scene.dice.choice(("+13:00", "-03:30", "+05:45"))
            server.execute(f"set global time_zone = '{offset}'")
            scene.stack.callback(server.execute, "set global time_zone = 'SYSTEM'")
    result = scene.start(environment={"TZ": first}).wait()
    expect_rows_kept_or_rejected(scene, result)


def expect_rows_kept_or_rejected(scene: Scene, result: dict[str, Any]) -> None:
    """Books that are exact; what is not in quarantine is the same by the oracle, what is there is only missing."""
    tables = expect_exact_books(scene, result)
    quarantined = sum(table["quarantined"] for table in tables.values())
    counts = scene.ask_oracle()
    scene.facts |= {"rejected": quarantined, "codes": sorted({row["code"] for row in result["quarantine"]})}
    assert counts == {"lost": quarantined, "duplicated": 0, "altered": 0, "extra": 0}, (counts, result["quarantine"])


POISON = {
    "postgres": """
create type shade as enum ('light', 'dark');
create table poison (id int primary key, amount numeric, ratio double precision, word text, shade shade, doc jsonb);
insert into poison select i, i / 4.0, i / 8.0, 'word ' || i, 'light', '{"a": 1}' from generate_series(1, 2000) i;
update poison set amount = 'NaN' where id = 17; update poison set ratio = 'Infinity' where id = 400;
update poison set ratio = '-0' where id = 401; update poison set ratio = 'NaN' where id = 402;
update poison set amount = 99999999999999999999999999999999999999 where id = 900;
update poison set amount = 1e200::numeric where id = 901; update poison set word = repeat('w', 300) where id = 1300;
update poison set word = U&'e\\0301', shade = 'dark' where id = 1301; update poison set word = U&'\\00e9' where id = 1302;
create table names (name text collate "C" primary key, n int);
insert into names values (U&'e\\0301t', 1), (U&'\\00e9t', 2), ('Strasse', 3), ('Straße', 4), ('STRASSE', 5), ('a', 6), ('a ', 7);
""",
    "sqlite": """
create table poison (id integer primary key, amount int, ratio real, word varchar(20), doc text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)
insert into poison select i, i, i / 8.0, 'word ' || i, '{"a": 1}' from n;
update poison set amount = 'x' where id = 17; update poison set ratio = 9e999 where id = 400;
update poison set ratio = -0.0 where id = 401; update poison set amount = 9223372036854775807 where id = 900;
update poison set amount = 1.5 where id = 901; update poison set word = 'nul' || char(0) || 'here' where id = 1300;
update poison set word = cast(x'ff80' as text) where id = 1301; update poison set word = cast(x'eda080' as text) where id = 1302;
update poison set word = 'longer than twenty characters' where id = 1303;
create table names (name text primary key not null, n int);
insert into names values ('e' || char(769) || 't', 1), (char(233) || 't', 2), ('Strasse', 3), ('Straße', 4), ('STRASSE', 5),
  ('a', 6), ('a ', 7);
""",
    "mariadb": """
create table poison (id int primary key, amount decimal(38, 0), ratio double, word varchar(400), doc longtext);
insert into poison select seq, seq, seq / 8e0, concat('word ', seq), '{"a": 1}' from seq_1_to_2000;
update poison set amount = 99999999999999999999999999999999999999 where id = 900; update poison set ratio = -0e0 where id = 401;
update poison set word = concat('nul', char(0), 'here') where id = 1300; update poison set word = repeat('w', 300) where id = 1303;
create table names (name varchar(40) character set utf8mb4 collate utf8mb4_bin primary key, n int);
insert into names values (_utf8mb4 x'65cc8174', 1), (_utf8mb4 x'c3a974', 2), ('Strasse', 3), ('Straße', 4), ('STRASSE', 5), ('a', 6);
""",
}


@scenario(PAIRS, filled=False)
def rows_that_are_poison(scene: Scene) -> None:
    """NUL, bad UTF-8, NaN, overflow, 38 digits, -0.0, equal keys by collation: each row is the same or in quarantine, exactly."""
    anew(scene, POISON[scene.source_product])
    stopped = scene.start(on_reject="stop", chunk_rows=500).wait()
    if stopped.get("status") not in ("succeeded",):
        expect_message(stopped)
        assert stopped["status"] in ("failed", "refused"), brief(stopped)
    limited = scene.start(max_rejects=1, chunk_rows=500).wait()
    result = scene.start(chunk_rows=500).wait()
    scene.facts["stopped"] = [
        (ended.get("error") or {}).get("code") or ended.get("status") for ended in (stopped, limited)
    ]
    expect_rows_kept_or_rejected(scene, result)
    if result["quarantine_total"] > 1:
        assert (limited.get("error") or {}).get("code") == "too-many-rejects", brief(limited)


SEARCH = """
create table items (id int primary key, size int);
insert into items select i, case when i = {bad} then -1 else i end from generate_series(1, 4096) i
"""
HALVINGS = 12
"""Of a chunk of 4,096 rows; the rows behind the bad one are then written in pieces that double, at most as many."""
ENTRIES = 14
"""Rows of the ledger that a run of one chunk enters besides, counted generously."""
PARENTS = {
    "postgres": """
create table sizes (id int primary key);
insert into sizes select generate_series(1, 4096);
create table items (id int primary key, size int references sizes (id));
create sequence tries;
create function tried() returns trigger language plpgsql as $$ begin perform nextval('public.tries'); return null; end $$;
create trigger tried before insert on items for each statement execute function tried();
""",
    "mariadb": """
create table sizes (id int primary key);
insert into sizes select seq from seq_1_to_4096;
create table items (id int primary key, size int, foreign key (size) references sizes (id));
""",
}


@scenario((("postgres", "postgres"), ("postgres", "mariadb")), filled=False)
def one_bad_row_of_many(scene: Scene) -> None:
    """A foreign key, which names no line, refuses one row of a chunk: it is found in as many tries as halving takes."""
    bad = scene.dice.randrange(1, 4097)
    anew(scene, SEARCH.replace("{bad}", str(bad)))
    scene.in_target(PARENTS[scene.target_product])
    before = tries(scene)
    result = scene.start(chunk_rows=4096).wait()
    scene.facts["tries"] = tries(scene) - before
    tables = expect_exact_books(scene, result)
    assert tables["items"]["quarantined"] == 1, tables
    assert {row["key"]["id"] for row in result["quarantine"]} == {bad}, result["quarantine"]
    most = 6 + 2 * HALVINGS + (ENTRIES if scene.target_product == "mariadb" else 0)
    assert scene.facts["tries"] <= most, scene.facts


def tries(scene: Scene) -> int:
    """Statements so far that wrote rows, as the server counts them."""
    if scene.target_product == "postgres":
        return int(scene.in_target("select last_value - 1 + is_called::int from tries")[0][0])
    status = scene.target_server.execute("show global status where variable_name in ('Com_insert', 'Com_load')")
    return sum(int(value) for _, value in status)
