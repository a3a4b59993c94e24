"""Tables of every kind of key and of none, killed at random moments, with several lanes."""

from __future__ import annotations

import time

from tests.faults.registry import Pair, scenario
from tests.faults.scene import Scene
from tests.faults.tables import anew

PAIRS: tuple[Pair, ...] = (
    ("postgres", "postgres"), ("mariadb", "postgres"), ("postgres", "mariadb"), ("sqlite", "postgres"),
    ("postgres", "duckdb"),
)  # fmt: skip
KEYS = {
    "postgres": """
create table keyless (n int, word varchar(20));
create table nullable (n int unique, word varchar(20));
create table composed (a smallint, b varchar(20) collate "C", c date, primary key (a, b, c));
create table worded (word varchar(40) collate "und-x-icu" primary key, n int);
create table identified (id uuid primary key, n int);
create table floating (x double precision primary key, n int);
create table gaps (id bigint primary key, n int);
insert into keyless select i % 7, case when i % 5 > 0 then 'word ' || i % 3 end from generate_series(1, 900) i;
insert into nullable select case when i % 3 > 0 then i end, 'word ' || i % 11 from generate_series(1, 900) i;
insert into composed select i % 9 - 4, 'part ' || i % 50, date '2000-01-01' + i from generate_series(1, 900) i;
insert into worded select case i % 3 when 0 then 'Straße ' when 1 then 'strasse ' else 'Éa-' end || i, i
  from generate_series(1, 900) i;
insert into identified select overlay(overlay(md5(i::text) placing '4' from 13) placing '8' from 17)::uuid, i
  from generate_series(1, 900) i;
insert into floating select (i - 450) / 7.0 * 10 ^ (i % 30 - 15), i from generate_series(1, 900) i where i <> 450;
insert into gaps select (i - 450) * 1000000000::bigint + i % 3, i from generate_series(1, 900) i order by md5(i::text);
""",
    "mariadb": """
create table keyless (n int, word varchar(20));
create table nullable (n int unique, word varchar(20));
create table composed (a smallint, b varchar(20) collate utf8mb4_bin, c date, primary key (a, b, c));
create table worded (word varchar(40) collate utf8mb4_german2_ci primary key, n int);
create table identified (id uuid primary key, n int);
create table floating (x double primary key, n int);
create table gaps (id bigint primary key, n int);
insert into keyless select seq % 7, if(seq % 5, concat('word ', seq % 3), null) from seq_1_to_900;
insert into nullable select if(seq % 3, seq, null), concat('word ', seq % 11) from seq_1_to_900;
insert into composed select cast(seq % 9 as signed) - 4, concat('part ', seq % 50), date '2000-01-01' + interval seq day
  from seq_1_to_900;
insert into worded select concat(elt(1 + seq % 3, 'Straße ', 'strasse ', 'Éa-'), seq), seq from seq_1_to_900;
insert into identified select concat(left(md5(seq), 12), '4', substr(md5(seq), 14, 3), '8', substr(md5(seq), 18)), seq
  from seq_1_to_900;
insert into floating select (cast(seq as signed) - 450) / 7e0 * pow(10, cast(seq % 30 as signed) - 15), seq
  from seq_1_to_900 where seq <> 450;
insert into gaps select (cast(seq as signed) - 450) * 1000000000 + cast(seq % 3 as signed), seq from seq_1_to_900 order by md5(seq);
""",
    "sqlite": """
create table keyless (n int, word varchar(20));
create table nullable (n int unique, word varchar(20));
create table composed (a int not null, b varchar(20) not null, c text not null, primary key (a, b, c)) without rowid;
create table worded (word varchar(40) primary key not null, n int);
create table floating (x real primary key not null, n int);
create table gaps (id integer primary key, n int);
create temp table seq as with recursive n(i) as (select 1 union all select i + 1 from n where i < 900) select i from n;
insert into keyless select i % 7, case when i % 5 then 'word ' || i % 3 end from seq;
insert into nullable select case when i % 3 then i end, 'word ' || i % 11 from seq;
insert into composed select i % 9 - 4, 'part ' || i % 50, date('2000-01-01', i || ' days') from seq;
insert into worded select case i % 3 when 0 then 'Straße ' when 1 then 'strasse ' else 'Éa-' end || i, i from seq;
insert into floating select (i - 450) / 7.0, i from seq where i <> 450;
insert into gaps select (i - 450) * 1000000000 + i % 3, i from seq order by hex(i * 7919 % 1009);
""",
}


@scenario(PAIRS, kills=True, filled=False)
def keys_of_every_kind(scene: Scene) -> None:
    """Tables with no key, duplicates, nullable, composed, text, uuid, float and far apart keys: killed, and nothing is skipped."""
    anew(scene, KEYS[scene.source_product])
    for _ in range(scene.dice.randint(1, 3)):
        worker = scene.start(lanes=scene.dice.choice((1, 3)), chunk_rows=60, lane_rows=200)
        worker.until_copying(scene.dice.randrange(1, 900))
        time.sleep(scene.dice.uniform(0, 0.6))
        scene.kills += worker.kill()
    scene.finish(lanes=scene.dice.choice((1, 3)), chunk_rows=60, lane_rows=200)
