"""JSON that a target does not take, and rows whose cells are large."""

from __future__ import annotations

from tests.faults.registry import Pair, scenario
from tests.faults.scene import Scene
from tests.faults.tables import anew, expect_exact_books
from tests.faults.values import expect_rows_kept_or_rejected

DOCUMENTS_TO: tuple[Pair, ...] = (("postgres", "postgres"), ("mariadb", "postgres"), ("sqlite", "postgres"))
LARGE_TO: tuple[Pair, ...] = (
    ("postgres", "postgres"), ("postgres", "mariadb"), ("mariadb", "postgres"), ("sqlite", "postgres"),
    ("postgres", "sqlite"), ("postgres", "duckdb"),
)  # fmt: skip
BAD = {
    11: r'{"half": "\ud800"}',
    12: r'{"wrong way round": "\udc00\ud800"}',
    13: r'{"no character": "\u0000"}',
}
"""By id: escapes that the type json keeps as they are and jsonb refuses."""
MALFORMED = {21: '{"open": ', 22: "{'quotes': 1}", 23: "[1, 2,]", 24: "", 25: "NaN", 26: '{"a": 1} trailing'}
"""By id: no JSON at all."""
GOOD = {31: r'{"pair": "\ud83d\ude42"}', 32: "null", 33: '{"a": 1, "a": 2}', 34: "1e400", 35: "[]"}
MAKE = {
    "postgres": "create table documents (id int primary key, doc {type})",
    "mariadb": "create table documents (id int primary key, doc longtext)",
    "sqlite": "create table documents (id integer primary key, doc text)",
}


@scenario(DOCUMENTS_TO, filled=False)
def documents_that_are_none(scene: Scene) -> None:
    """Lone surrogates, NUL and malformed JSON on their way into jsonb: each is in quarantine by key, all others arrive."""
    typed = scene.source_product == "postgres"
    bad = BAD if typed else BAD | MALFORMED
    good = GOOD if typed else {31: GOOD[31]}
    rows = bad | good | {100 + number: '{"n": 1}' for number in range(700)}
    values = ",".join("({}, '{}')".format(key, text.replace("'", "''")) for key, text in sorted(rows.items()))
    if scene.source_product == "mariadb":
        values = values.replace("\\", "\\\\")
    make = MAKE[scene.source_product].replace("{type}", "json")
    anew(scene, f"{make}; insert into documents values {values}")
    scene.in_target("create table documents (id int primary key, doc jsonb)")
    result = scene.start(chunk_rows=250).wait()
    tables = expect_exact_books(scene, result)
    assert tables["documents"]["quarantined"] == len(bad), result["quarantine"]
    assert {int(row["key"]["id"]) for row in result["quarantine"]} == set(bad), result["quarantine"]


CELL_BYTES = 16_000_000
LARGE = {
    "postgres": "create table large (id int primary key, bytes bytea, words text);"
    "insert into large select i, convert_to(repeat(chr(65 + i), {size}), 'UTF8'), repeat(chr(97 + i), {size})"
    " from generate_series(1, 3) i; insert into large select i, '', '' from generate_series(4, 40) i",
    "mariadb": "create table large (id int primary key, bytes longblob, words longtext);"
    "insert into large select seq, repeat(char(65 + seq), {size}), repeat(char(97 + seq), {size}) from seq_1_to_3;"
    "insert into large select seq, '', '' from seq_4_to_40",
    "sqlite": "create table large (id integer primary key, bytes blob, words text);"
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3)"
    " insert into large select i, zeroblob({size}), hex(zeroblob({size} / 2)) from n;"
    "insert into large values (4, zeroblob(0), '')",
}


@scenario(LARGE_TO, filled=False)
def rows_of_two_large_cells(scene: Scene) -> None:
    """Rows with bytes and text of 16 MB each among small ones: each arrives as it is, or lies in quarantine."""
    for server in (scene.source_product, scene.target_product):
        if server == "mariadb":
            found = scene.source_server if server == scene.source_product else scene.target_server
            found.execute("set global max_allowed_packet = 1073741824")
    anew(scene, LARGE[scene.source_product].replace("{size}", str(CELL_BYTES)))
    result = scene.start(chunk_rows=1000, stall_seconds=60.0).wait(240)
    expect_rows_kept_or_rejected(scene, result)
    scene.expect_same()
