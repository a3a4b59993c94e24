"""Random schemas with rows travel into another product and back: keys, references, indexes, defaults and rows return."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from itertools import permutations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dms_workbench.engine.copying import RunResult
from dms_workbench.engine.databases.catalogue import Table
from dms_workbench.engine.databases.urls import database_for
from tests.torture.cases import run

Migrate = Callable[..., RunResult]
NewDatabase = Callable[[str], str]

DEFAULTS = {"integer": "7", "bigint": "-9000000000", "varchar(20)": "'it''s'", "decimal(9,2)": "1.50"}
VALUES = {
    "integer": st.integers(-(2**31), 2**31 - 1).map(str),
    "bigint": st.integers(-(2**63) + 1, 2**63 - 1).map(str),
    "varchar(20)": st.text(st.sampled_from("abcXYZ äß'%_0"), max_size=8).map(
        lambda text: "'" + text.replace("'", "''") + "'"
    ),
    "decimal(9,2)": st.decimals(-999999, 999999, places=2, allow_nan=False, allow_infinity=False).map(str),
}


@dataclass
class Drawn:
    """One table: columns with their types, and what is said of them."""

    number: int
    columns: dict[str, str]
    required: set[str]
    with_default: set[str]
    unique: tuple[str, ...] = ()
    parents: dict[str, int] = field(default_factory=dict)
    """Column -> number of the table it refers to."""
    indexes: list[tuple[str, ...]] = field(default_factory=list)
    pair_key: bool = False
    """The key has two columns."""
    rows: list[list[str]] = field(default_factory=list)

    def statements(self) -> list[str]:
        """The table, its indexes and rows, in SQL that every product takes."""
        lines = ["id integer not null"] + (["part integer not null"] if self.pair_key else [])
        for name, type_ in self.columns.items():
            default = f" default {DEFAULTS[type_]}" if name in self.with_default else ""
            lines.append(f"{name} {type_}{default}{' not null' if name in self.required else ''}")
        lines.append(f"primary key ({'part, id' if self.pair_key else 'id'})")
        lines += [f"unique ({', '.join(self.unique)})"] if self.unique else []
        lines += [f"foreign key ({name}) references t{parent} (id)" for name, parent in self.parents.items()]
        made = [f"create table t{self.number} ({', '.join(lines)})"]
        made += [
            f"create index t{self.number}_i{at} on t{self.number} ({', '.join(of)})"
            for at, of in enumerate(self.indexes)
        ]
        return made + [f"insert into t{self.number} values ({', '.join(row)})" for row in self.rows]


@st.composite
def schemas(draw: st.DrawFn) -> list[Drawn]:
    """A few tables; later ones may refer to earlier ones with a key of one column."""
    tables: list[Drawn] = []
    for number in range(draw(st.integers(2, 4))):
        names = [f"c{at}" for at in range(draw(st.integers(1, 4)))]
        columns = {name: draw(st.sampled_from(sorted(VALUES))) for name in names}
        table = Drawn(
            number, columns, set(draw(st.sets(st.sampled_from(names)))), set(draw(st.sets(st.sampled_from(names))))
        )
        table.pair_key = draw(st.booleans())
        candidates = [other.number for other in tables if not other.pair_key]
        refers = draw(st.booleans())
        if candidates and refers:
            table.columns["parent"] = "integer"
            table.parents["parent"] = draw(st.sampled_from(candidates))
        if draw(st.booleans()):
            table.indexes.append(tuple(draw(st.permutations(names))[:2]))
        if draw(st.booleans()):
            table.columns["code"] = "integer"
            table.unique = ("code",)
        table.rows = [draw(row(table, at)) for at in range(draw(st.integers(0, 5)))]
        tables.append(table)
    return tables


@st.composite
def row(draw: st.DrawFn, table: Drawn, at: int) -> list[str]:
    """A row: its number is the key, and unique; it refers to no parent, since parents may have no rows."""
    values = [str(at)] + (["1"] if table.pair_key else [])
    for name, type_ in table.columns.items():
        if name == "parent":
            values.append("null")
        elif name == "code":
            values.append(str(1000 + at))
        else:
            values.append(draw(VALUES[type_] if name in table.required else st.just("null") | VALUES[type_]))
    return values


def structure(url: str, numbers: int) -> dict[str, object]:
    """What must return, as the product itself says it."""
    found: dict[str, object] = {}
    with closing(database_for(url).open_source(url)) as source:
        catalogue = source.catalogue()
        for number in range(numbers):
            table = catalogue.table(f"t{number}")
            rows = [
                values
                for batch in source.read(table, [c.name for c in table.columns])
                for values in zip(*batch.columns, strict=True)
            ]
            found[f"t{number}"] = (facts(table), sorted(rows, key=repr))
    return found


def facts(table: Table) -> dict[str, object]:
    """Keys, references, indexes, defaults and NULLs."""
    keyed = table.primary_key.columns if table.primary_key else ()
    unique = {key.columns for key in table.unique_keys}
    unique |= {tuple(part.column or "" for part in index.parts) for index in table.indexes if index.unique}
    referring = {key.columns for key in table.foreign_keys}
    return {
        "key": keyed,
        "unique": unique,
        "references": {(key.columns, key.references.name, key.referenced_columns) for key in table.foreign_keys},
        "indexes": {tuple(part.column for part in index.parts) for index in table.indexes if not index.unique}
        - referring,
        "required": {column.name for column in table.columns if not column.nullable} - set(keyed),
        "defaults": {column.name for column in table.columns if column.default is not None},
    }


@pytest.mark.parametrize(("first", "second"), list(permutations(("postgres", "mysql", "sqlite", "duckdb"), 2)))
def test_structures_and_rows_return_as_they_left(
    first: str, second: str, new_database: NewDatabase, migrate: Migrate
) -> None:
    @settings(
        max_examples=2,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(schemas())
    def travel(tables: list[Drawn]) -> None:
        home, away, back = new_database(first), new_database(second), new_database(first)
        run(first, home, iter([statement for table in tables for statement in table.statements()]))

        there = migrate(home, away)
        again = migrate(away, back)

        assert (there.status, again.status) == ("succeeded", "succeeded"), (there, again)
        assert structure(back, len(tables)) == structure(home, len(tables))

    travel()
