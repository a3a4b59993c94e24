"""Texts that two servers sort and compare in different ways: the verification neither takes fright nor is taken in."""

from __future__ import annotations

from typing import Any

from tests.faults.registry import SERVERS, scenario
from tests.faults.scene import Scene
from tests.faults.tables import anew, brief, expect_exact_books

ROWS = 1_500
POSTGRES_SOURCE = ('"C"', '"en-x-icu"', '"sv-x-icu"', '"und-x-icu"')
POSTGRES_TARGET = ('"C"', '"en-x-icu"', '"de-x-icu"', "dms_no_case", '"POSIX"')
MARIADB_SOURCE = ("utf8mb4_bin", "utf8mb4_unicode_ci", "utf8mb4_swedish_ci")
MARIADB_TARGET = ("utf8mb4_bin", "utf8mb4_general_ci", "utf8mb4_unicode_520_ci")
ZONES_OF_WORDS = ("C", "POSIX", "C.UTF-8", "tr_TR.UTF-8", "sv_SE.UTF-8")
"""What LC_ALL may be for the worker; a name that its machine does not have means C."""
WORDS = "array['Ärger', 'arm', 'Zoe', 'éclair', 'eclat', 'İstanbul', 'Iğdir', 'co-op', 'coop', 'ångström', 'ôter', '日本', '🙂']"
KEYS = "({words})[1 + i % 13] || ' ' || i || case when i % 7 = 0 then '_' when i % 7 = 1 then '-' else '' end"
SOURCE = {
    "postgres": """
create table texts (k text collate {collation} primary key, word text collate {collation}, n int);
insert into texts select {keys},
  case when i % 3 = 0 then upper(md5(i::text)) else md5(i::text) || ' ' end, i from generate_series(1, {rows}) i;
create table pairs (a varchar(40) collate {collation}, b varchar(60) collate {collation}, n int, primary key (a, b));
insert into pairs select 'part ' || i % 9, k, i from (select k, n as i from texts) t;
create table loose (word varchar(60) collate {collation}, n int);
insert into loose select word, n % 5 from texts where n <= 400; insert into loose select word, n from loose where n < 2;
""",
    "mariadb": """
create table texts (k varchar(60) character set utf8mb4 collate {collation} primary key,
  word varchar(60) character set utf8mb4 collate {collation}, n int);
insert into texts select concat(elt(1 + seq % 13, 'Ärger', 'arm', 'Zoe', 'éclair', 'eclat', 'İstanbul', 'Iğdir', 'co-op', 'coop',
  'ångström', 'ôter', '日本', '🙂'), ' ', seq, elt(1 + seq % 3, '_', '-', '')),
  if(seq % 3, concat(md5(seq), ' '), upper(md5(seq))), seq from seq_1_to_{rows};
create table pairs (a varchar(40) character set utf8mb4 collate {collation}, b varchar(60) character set utf8mb4 collate {collation},
  n int, primary key (a, b));
insert into pairs select concat('part ', n % 9), k, n from texts;
create table loose (word varchar(60) character set utf8mb4 collate {collation}, n int);
insert into loose select word, n % 5 from texts where n <= 400; insert into loose select word, n from loose where n < 2;
""",
}
TARGET = {
    "postgres": """
create collation dms_no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create table texts (k text collate {collation} primary key, word text collate {collation}, n int);
create table pairs (a varchar(40) collate {collation}, b varchar(60) collate {collation}, n int, primary key (a, b));
create table loose (word varchar(60) collate {collation}, n int);
""",
    "mariadb": """
create table texts (k varchar(60) character set utf8mb4 collate {collation} primary key,
  word varchar(60) character set utf8mb4 collate {collation}, n int);
create table pairs (a varchar(40) character set utf8mb4 collate {collation}, b varchar(60) character set utf8mb4 collate {collation},
  n int, primary key (a, b));
create table loose (word varchar(60) character set utf8mb4 collate {collation}, n int);
""",
}


@scenario(SERVERS, filled=False)
def texts_in_another_order(scene: Scene) -> None:
    """Source, target and worker sort texts differently, keys too: all arrives, equal is equal, another case is a difference."""
    of_source, of_target = collations(scene)
    source = SOURCE[scene.source_product].replace("{collation}", of_source).replace("{rows}", str(ROWS))
    anew(scene, source.replace("{keys}", KEYS.replace("{words}", WORDS)))
    scene.in_target(TARGET[scene.target_product].replace("{collation}", of_target))
    locale = scene.dice.choice(ZONES_OF_WORDS)
    environment = {"LC_ALL": locale, "LANG": locale, "LANGUAGE": locale[:2]}
    scene.facts |= {"source": of_source, "target": of_target, "worker": locale}
    result = scene.start(environment=environment, forked=False, chunk_rows=200, lanes=scene.dice.choice((1, 3))).wait()
    tables = expect_exact_books(scene, result)
    assert not any(table["quarantined"] for table in tables.values()), brief(result)
    scene.expect_same()
    assert verified(scene, environment)["status"] == "succeeded"
    scene.in_target("update texts set word = lower(word) where n = 3")
    scene.in_target("update pairs set a = 'Part 1' where n = 1")
    scene.in_target("update loose set word = lower(word) where n = 3")
    found = verified(scene, environment)
    assert found["status"] == "differences", brief(found)
    assert {table["target"]: table["verified"] for table in found["tables"]} == {
        "texts": "different", "pairs": "different", "loose": "different"
    }, brief(found)  # fmt: skip
    keys = [finding["key"] for table in found["tables"] for finding in table["findings"] if table["target"] == "texts"]
    assert len(keys) == 1, keys


def verified(scene: Scene, environment: dict[str, str]) -> dict[str, Any]:
    """The result of a verification alone."""
    return scene.start(command="verify", environment=environment, forked=False).wait()


def collations(scene: Scene) -> tuple[str, str]:
    """Of source and target, by lot; never the same one."""
    of_source = scene.dice.choice(POSTGRES_SOURCE if scene.source_product == "postgres" else MARIADB_SOURCE)
    others = [
        name
        for name in (POSTGRES_TARGET if scene.target_product == "postgres" else MARIADB_TARGET)
        if name != of_source
    ]
    return of_source, scene.dice.choice(others)
