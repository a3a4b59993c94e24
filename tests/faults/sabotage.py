"""Is every difference found? Targets are changed behind the run's back in every way and in every type, and compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

from tests.faults.registry import Pair, scenario
from tests.faults.scene import Scene
from tests.faults.tables import FINISHED, anew, brief, expect_message
from tests.torture.cases import load

TARGETS: tuple[Pair, ...] = (
    ("postgres", "postgres"), ("postgres", "mariadb"), ("postgres", "sqlite"), ("postgres", "duckdb")
)  # fmt: skip
FEWEST_TYPES = 40
NEW = 9_999
Change = Callable[[str, int, int], list[str]]


def copied_from(table: str, one: int, other: int) -> list[str]:
    """A cell gets the value of another row."""
    return [f"update {table} set v = (select k.v from keep_{table} k where k.id = {other}) where id = {one}"]


def swapped(table: str, one: int, other: int) -> list[str]:
    """Two rows change places."""
    return copied_from(table, one, other) + copied_from(table, other, one)


def dropped(table: str, one: int, other: int) -> list[str]:
    """A row is gone."""
    return [f"delete from {table} where id = {one}"]


def added(table: str, one: int, other: int) -> list[str]:
    """A row is there twice, under another key."""
    return [f"insert into {table} (id, v) select {NEW}, v from keep_{table} where id = {one}"]


def emptied(table: str, one: int, other: int) -> list[str]:
    """A cell is NULL."""
    return [f"update {table} set v = null where id = {one}"]


KINDS: dict[str, Change] = {
    "copied": copied_from, "swapped": swapped, "dropped": dropped, "added": added, "emptied": emptied
}  # fmt: skip
FINE: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "postgres": (
        (r"(small|big)?int.*", ("v # 1",)),
        (r"numeric.*", ("v + power(10::numeric, -scale(v))", "v - power(10::numeric, -scale(v))")),
        (r"real|double.*", ("v * (1 + 3e-7)",)),
        (r"(char|text|\"char\"|name).*", ("v || ' '", "upper(v)", "lower(v)", "reverse(v)")),
        (r"bytea", ("set_bit(v, 0, 1 - get_bit(v, 0))",)),
        (r"(timestamp|time|interval).*", ("v + interval '1 microsecond'", "v + interval '1 hour'")),
        (r"date", ("v + 1",)),
        (r"boolean", ("not v",)),
    ),
    "mariadb": (
        (r".*int.*", ("v ^ 1", "v - 1")),
        (r"decimal.*", ("v + 1", "v - 1")),
        (r"float|double", ("-v",)),
        (r"(char|varchar|.*text).*", ("concat(v, ' ')", "upper(v)", "lower(v)", "reverse(v)")),
        (r".*(blob|binary).*", ("concat(v, char(0))",)),
        (r"(datetime|timestamp).*", ("v + interval 1 microsecond", "v + interval 1 hour")),
        (r"date", ("v + interval 1 day",)),
    ),
    "sqlite": (
        (r".*int.*", ("v + 1", "v - 1")),
        (r"real|double.*", ("v * (1 + 3e-15)", "v || ' '", "upper(v)", "lower(v)", "cast(v as blob)")),
        (r"blob", ("cast(v || x'00' as blob)",)),
        (r".*", ("v || ' '", "upper(v)", "lower(v)", "replace(v, ':', '.')")),
    ),
    "duckdb": (
        (r".*INT.*", ("xor(v, 1)", "v - 1")),
        (r"DECIMAL.*", ("v + 0.01", "v - 0.01", "v + 1")),
        (r"FLOAT|DOUBLE", ("v * (1 + 3e-7)",)),
        (r"VARCHAR", ("v || ' '", "upper(v)", "lower(v)", "reverse(v)")),
        (r"BLOB", ("v || '\\x00'::blob",)),
        (r"TIME.*|INTERVAL", ("v + interval 1 microsecond", "v + interval 1 hour")),
        (r"DATE", ("v + 1",)),
        (r"BOOLEAN", ("not v",)),
    ),
}
"""By product and type: changes that are as small as can be (a bit, a blank, a case, a last digit, a microsecond, an hour)."""
TYPES = {
    "postgres": "select relname, format_type(atttypid, atttypmod) from pg_attribute join pg_class c on c.oid = attrelid"
    " where attname = 'v' and relname ~ '^t[0-9]+$' and relkind = 'r'",
    "mariadb": "select table_name, column_type from information_schema.columns where column_name = 'v'"
    " and table_schema = database() and table_name regexp '^t[0-9]+$'",
    "sqlite": "select m.name, c.type from sqlite_master m, pragma_table_xinfo(m.name) c where c.name = 'v'"
    " and m.name glob 't[0-9]*' and m.type = 'table'",
    "duckdb": "select table_name, data_type from duckdb_columns() where column_name = 'v' and table_name similar to 't[0-9]+'",
}


SHOWN = {
    "postgres": "v::text",
    "mariadb": "coalesce(hex(cast(v as char)), hex(v))",
    "sqlite": "typeof(v) || ' ' || case typeof(v) when 'real' then printf('%!.20g', v) else hex(v) end",
    "duckdb": "v::varchar",
}
"""A value as a text that shows every difference."""


@scenario(TARGETS, filled=False)
def target_changed_in_every_type(scene: Scene) -> None:
    """A bit, a cell, a row, a blank, a case, a digit, an hour, in each of 40 types: all found, keys named, nothing else."""
    torture = load("postgres")
    anew(scene, ";".join(torture.statements()))
    copied = scene.start().wait()
    assert copied.get("status") in FINISHED, brief(copied)
    database = Database(scene)
    types = dict(database.query(TYPES[scene.target_product]))
    rows = {table: [row[0] for row in database.query(f"select id from {table} order by id")] for table in types}
    database.each([f"create table keep_{table} as select * from {table}" for table in types])
    expect_found(scene, {})
    planted: dict[str, int] = {}
    cases = torture.tables()
    for kind, change in KINDS.items():
        chosen = {
            table: ids for table, ids in rows.items() if ids and (len(ids) > 1 or kind not in ("copied", "swapped"))
        }
        planted[kind] = sabotage(
            scene, database, {table: change(table, *two(scene, ids)) for table, ids in chosen.items()}
        )
    for number in range(max(len(changes) for _, changes in FINE[scene.target_product])):
        finest = {}
        for table, type_ in types.items():
            if blanks_do_not_count(cases[table][0].type, expressions_of(scene, type_)[number : number + 1]):
                continue
            expressions = expressions_of(scene, type_)
            if number < len(expressions):
                finest[table] = [f"update {table} set v = {expressions[number]} where id = {at}" for at in rows[table]]
        planted[f"fine {number}"] = sabotage(scene, database, finest)
    scene.facts |= {"types": len(types), "planted": planted}
    assert len(types) >= FEWEST_TYPES, len(types)
    assert planted["dropped"] >= FEWEST_TYPES, planted


def expressions_of(scene: Scene, type_: str) -> tuple[str, ...]:
    """The smallest changes of a column of the target."""
    return next((found for shape, found in FINE[scene.target_product] if re.fullmatch(shape, type_, re.IGNORECASE)), ())


def blanks_do_not_count(type_: str, expressions: Sequence[str]) -> bool:
    """Blanks at the end mean nothing in the source's char(n), nor in the JSON that becomes of its arrays and composites."""
    holds_none = re.match(r"char|place$|.*\[\]$", type_) is not None
    return holds_none and any("' '" in expression for expression in expressions)


def two(scene: Scene, ids: Sequence[int]) -> tuple[int, int]:
    """Two rows by lot."""
    return tuple(scene.dice.sample(list(ids), 2)) if len(ids) > 1 else (ids[0], ids[0])  # type: ignore[return-value]


def sabotage(scene: Scene, database: Database, statements: dict[str, list[str]]) -> int:
    """Do it, look whether it is found, and undo it; returns how many tables were changed."""
    database.each([text for texts in statements.values() for text in texts])
    differing = {table: found for table in statements if (found := database.differing(table))}
    expect_found(scene, differing)
    for table in statements:
        database.each([f"delete from {table}", f"insert into {table} (id, v) select id, v from keep_{table}"])
    return len(differing)


def expect_found(scene: Scene, differing: dict[str, set[str]]) -> None:
    """The verification names exactly the rows that differ, in exactly those tables."""
    result = scene.start(command="verify").wait()
    tables = {table["source"]: table for table in result.get("tables", ())}
    assert tables, brief(result)
    for name, table in tables.items():
        named = {str(finding["key"]["id"]) for finding in table["findings"]}
        wanted = differing.get(name, set())
        assert table["verified"] == ("different" if wanted else "equal"), (name, table["reason"], wanted, named)
        assert named == wanted, (name, wanted, named)


class Database:
    """The target, changed by its own driver."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.product, self.url = scene.target_product, scene.target

    def open(self) -> Any:
        """A connection in autocommit."""
        path = self.url.partition("///")[2]
        if self.product == "sqlite":
            import sqlite3

            return sqlite3.connect(path, isolation_level=None)
        if self.product == "duckdb":
            import duckdb

            return duckdb.connect(path)
        return self.scene.target_server.connect(self.scene.name(self.url))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows."""
        with closing(self.open()) as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()]

    def each(self, statements: Sequence[str]) -> None:
        """Each of them for itself; what a type does not take is left."""
        with closing(self.open()) as connection:
            cursor = connection.cursor()
            for statement in statements:
                try:
                    cursor.execute(statement)
                except Exception as error:
                    if statement.startswith(("create", "insert", "delete")):
                        raise RuntimeError(f"{statement}: {error}") from error

    def differing(self, table: str) -> set[str]:
        """Keys of rows that are not as they were: by their text, which shows what each type can hold."""
        shown = SHOWN[self.product]
        now, then = (dict(self.query(f"select id, {shown} from {name}")) for name in (table, f"keep_{table}"))
        return {
            str(key) for key in now.keys() | then.keys() if (key in now, now.get(key)) != (key in then, then.get(key))
        }


@scenario((("postgres", "postgres"), ("mariadb", "postgres"), ("postgres", "mariadb")))
def verification_cut_off(scene: Scene) -> None:
    """The verification's reader is cut off in mid-way: not verified, never equal, and nothing is called different."""
    scene.finish()
    side = scene.dice.choice(("source", "target"))
    url = scene.source if side == "source" else scene.target
    for _ in range(4):
        proxy = scene.proxy(side)
        proxy.faults.cut_after_bytes = scene.dice.randrange(2_000, 80_000)
        way: dict[str, Any] = {side: proxy.url(url)}
        result = scene.start(command="verify", **way).wait()
        was_cut = proxy.faults.cut_after_bytes is None
        scene.facts["cut"] = scene.facts.get("cut", 0) + was_cut
        verdicts = {table["verified"] for table in result.get("tables", ())}
        assert "different" not in verdicts, brief(result)
        if was_cut:
            assert result.get("status") != "succeeded", brief(result)
        if result.get("error"):
            expect_message(result)
        elif was_cut:
            assert "not_verified" in verdicts, brief(result)
    assert scene.facts["cut"], "nothing was cut"
    assert scene.start(command="verify").wait()["status"] == "succeeded"
