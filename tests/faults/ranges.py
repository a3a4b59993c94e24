"""Tables whose rows are numbered: a source holds a range of them, and what a run must make of a target is a sum of ranges."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass

from tests.faults.scene import Scene

TABLES = {
    "postgres": """
create table numbers (id bigint primary key, name varchar(60) not null, amount numeric(20, 4), note text);
create table words (word varchar(40) collate "C" primary key, number int not null);
create table pairs (a int, b varchar(20) collate "C", c double precision, primary key (a, b));
create table loose (n int, word varchar(20));
""",
    "mariadb": """
create table numbers (id bigint primary key, name varchar(60) not null, amount decimal(20, 4), note text);
create table words (word varchar(40) character set ascii collate ascii_bin primary key, number int not null);
create table pairs (a int, b varchar(20) character set ascii collate ascii_bin, c double, primary key (a, b));
create table loose (n int, word varchar(20));
""",
    "sqlite": """
create table numbers (id integer primary key, name varchar(60) not null, amount numeric(20, 4), note text);
create table words (word varchar(40) primary key not null, number int not null) without rowid;
create table pairs (a int not null, b varchar(20) not null, c double, primary key (a, b));
create table loose (n int, word varchar(20));
""",
}
KEYED = ("numbers", "words", "pairs")
SERIES = {
    "postgres": "(select i::bigint from generate_series({first}, {last}) g(i)) s",
    "mariadb": "(select cast(seq as signed) as i from seq_{first}_to_{last}) s",
    "sqlite": "(with recursive n(i) as (select {first} union all select i + 1 from n where i < {last}) select i from n) s",
}
ROWS = """
insert into numbers select i * 1000003 - 500000000, {name}, i * 1.25 * {sign}, case when i % 10 > 0 then {note} end from {series};
insert into words select {word}, i * {sign} from {series} where i % 2 = 0;
insert into pairs select i % 100, {part}, i * {sign} / 8e0 from {series} where i % 2 = 0;
insert into loose select i % 50, {loose} from {series} where i % 4 = 0;
"""
TEXTS = {
    "name": ("name of ", "i"),
    "note": ("note ", "i % 40"),
    "word": ("w", "i * 7919 % 1000003"),
    "part": ("part ", "i"),
    "loose": ("word ", "i % 7"),
}


@dataclass(frozen=True)
class Range:
    """Rows ``first`` to ``last``, both among them, as a source holds them, or as they stood ``before``."""

    first: int
    last: int
    before: bool = False

    def sql(self, product: str) -> str:
        """Statements that insert them."""
        if self.first > self.last:
            return ""
        joined = "concat('{}', {})" if product == "mariadb" else "'{}' || ({})"
        texts = {name: joined.format(*parts) for name, parts in TEXTS.items()}
        if self.before:
            texts["name"] = joined.format("older ", "i")
        series = SERIES[product].format(first=self.first, last=self.last)
        return ROWS.format(series=series, sign="-1" if self.before else "1", **texts)


def execute(scene: Scene, url: str, sql: str) -> None:
    """Run statements on a database of the source's product."""
    if scene.source_product != "sqlite":
        scene.source_server.execute(sql, scene.name(url))
        return
    with closing(sqlite3.connect(url.partition("///")[2])) as file:
        file.executescript(sql)
        file.commit()


def hold(scene: Scene, url: str, ranges: Iterable[Range], *more: str) -> None:
    """Let an empty database of the source's product hold ranges; more: statements afterwards."""
    product = scene.source_product
    parts = [TABLES[product], *(each.sql(product) for each in ranges), *more]
    execute(scene, url, ";\n".join(part.strip().rstrip(";") for part in parts if part))


def holding(scene: Scene, ranges: Iterable[Range], *more: str) -> str:
    """Another database beside the source that holds ranges; its URL."""
    url = scene.database(scene.source_product, "source")
    hold(scene, url, ranges, *more)
    return url
