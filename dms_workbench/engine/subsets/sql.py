"""The keys of the tables concerned, in DuckDB, and the steps that choose rows among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..databases.base import Source, Value
from ..expressions import LookupTable, compile_evaluator
from .filters import BOOLEAN, Reach, Test
from .graph import Link
from .keys import chosen_by, columns_of, text_of
from .model import InvalidSubset, Subset

if TYPE_CHECKING:
    import duckdb

LARGEST = 5_000_000
"""Rows a table may keep in a subset: their keys are held in memory."""


@dataclass(frozen=True, slots=True)
class Step:
    """From the chosen rows of one table to those rows of another whose column has one of the values."""

    here: int
    there: int
    from_end: str
    to_end: str


class KeySpace:
    """The keys of the tables concerned, in DuckDB: table ``t<n>`` of all rows, ``s<n>`` of those chosen."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, reach: Reach) -> None:
        """reach: the tables concerned, and how they hang together."""
        self.connection = connection
        self.reach = reach
        self.graph = reach.graph

    def ends(self, number: int) -> list[tuple[str, ...]]:
        """Every group of columns of a table that a link or its key names, each once; columns of the table in DuckDB."""
        groups = [self.graph.tables[number].row_key()]
        groups += [link.columns for link in self.graph.links if link.child == number]
        groups += [link.referenced for link in self.graph.links if link.parent == number]
        return [group for group in dict.fromkeys(groups) if group]

    def column(self, number: int, group: tuple[str, ...]) -> str:
        """The name of a group's column."""
        return f"g{self.ends(number).index(group)}"

    def load(self, source: Source, subset: Subset) -> None:
        """Read the keys of every table."""
        for number in self.reach.restricted:
            self.load_table(source, number, subset if number == self.reach.driver else None)

    def load_table(self, source: Source, number: int, subset: Subset | None) -> None:
        """Read the keys of one table; subset: for the driving table, which of its rows are chosen."""
        import pyarrow as pa

        table, groups = self.graph.tables[number], self.ends(number)
        columns = list(table.copied_columns) if subset is not None else columns_of(table, groups)
        outputs = [(f"g{place}", text_of(table, group)) for place, group in enumerate(groups)]
        outputs.append(("chosen", chosen_by(table, subset)))
        made = ", ".join(f"{name} {'BOOLEAN' if name == 'chosen' else 'VARCHAR'}" for name, _ in outputs)
        self.connection.execute(f"CREATE TABLE t{number} (n BIGINT, {made})")
        self.connection.execute(f"CREATE TABLE s{number} (n BIGINT)")
        evaluator = compile_evaluator(columns, outputs, None, {})
        first = 0
        try:
            for batch in source.read(table, [column.name for column in columns]):
                found = evaluator.evaluate(batch.columns, batch.rows)
                arrays: dict[str, Any] = {"n": pa.array([first + row for row in found.kept], pa.int64())}
                arrays |= {name: arrow(values, name) for (name, _), values in zip(outputs, found.columns, strict=True)}
                self.connection.register("keys", pa.table(arrays))
                self.connection.execute(f"INSERT INTO t{number} SELECT * FROM keys")
                self.connection.unregister("keys")
                first += batch.rows
        finally:
            evaluator.close()

    def go_down(self) -> None:
        """Choose the driving rows, and what refers to a chosen row until nothing more is found."""
        driver = self.reach.driver
        self.connection.execute(f"INSERT INTO s{driver} SELECT n FROM t{driver} WHERE chosen")
        self.repeat(
            [Step(link.parent, link.child, self.referenced(link), self.referring(link)) for link in self.inner()]
        )

    def go_up(self) -> None:
        """Choose what a chosen row refers to until nothing more is found."""
        self.repeat(
            [Step(link.child, link.parent, self.referring(link), self.referenced(link)) for link in self.inner()]
        )

    def inner(self) -> list[Link]:
        """The links among tables in which rows are chosen."""
        return [link for link in self.graph.links if link.child in self.reach.concerned]

    def leave_orphans(self) -> None:
        """Of the tables beside, keep all rows but those that refer to a row that is not kept."""
        links = [link for number in self.reach.beside for link in self.reach.parents(number)]
        for number in self.reach.beside:
            self.connection.execute(f"INSERT INTO s{number} SELECT n FROM t{number}")
        while sum(map(self.rows_left, links)):
            pass

    def rows_left(self, link: Link) -> int:
        """Leave the rows of a child whose parent is not kept; how many there were."""
        before = self.size(link.child)
        self.connection.execute(
            f"DELETE FROM s{link.child} WHERE n IN (SELECT c.n FROM t{link.child} c WHERE c.{self.referring(link)} IS NOT NULL "
            f"AND c.{self.referring(link)} NOT IN (SELECT p.{self.referenced(link)} FROM t{link.parent} p "
            f"SEMI JOIN s{link.parent} k ON p.n = k.n WHERE p.{self.referenced(link)} IS NOT NULL))"
        )
        return before - self.size(link.child)

    def referring(self, link: Link) -> str:
        """The column of a link's child end."""
        return self.column(link.child, link.columns)

    def referenced(self, link: Link) -> str:
        """The column of a link's parent end."""
        return self.column(link.parent, link.referenced)

    def repeat(self, steps: Sequence[Step]) -> None:
        """Take steps from chosen rows to rows of other tables until none adds any."""
        while sum(map(self.rows_added, steps)):
            pass

    def rows_added(self, step: Step) -> int:
        """Take one step; how many rows were chosen by it."""
        before = self.size(step.there)
        self.connection.execute(
            f"INSERT INTO s{step.there} SELECT b.n FROM t{step.there} b "
            f"WHERE b.{step.to_end} IN (SELECT a.{step.from_end} FROM t{step.here} a SEMI JOIN s{step.here} c ON a.n = c.n) "
            f"AND NOT EXISTS (SELECT 1 FROM s{step.there} d WHERE d.n = b.n)"
        )
        return self.size(step.there) - before

    def size(self, number: int) -> int:
        """Rows chosen so far."""
        return int(self.connection.execute(f"SELECT count(*) FROM s{number}").fetchall()[0][0])

    def lookups(self, tests: Sequence[Test]) -> dict[str, LookupTable]:
        """The lookups behind the filter of one table, filled with the chosen rows' values."""
        return {test.lookup: lookup_of(test.lookup, self.values(test.origin, test.group)) for test in tests}

    def values(self, number: int, group: tuple[str, ...]) -> list[Value]:
        """The values that the chosen rows of a table have in some columns, each once, without NULLs."""
        column = self.column(number, group)
        query = (
            f"SELECT DISTINCT {column} FROM t{number} t SEMI JOIN s{number} s ON t.n = s.n WHERE {column} IS NOT NULL"
        )
        return [row[0] for row in self.connection.execute(query).fetchall()]


def lookup_of(name: str, keys: list[Value]) -> LookupTable:
    """Keys as a lookup that says true. Raises InvalidSubset where they are too many for memory."""
    if len(keys) > LARGEST:
        raise InvalidSubset(
            spec=repr(name), reason=f"{len(keys):,} rows are more than {LARGEST:,}: take a smaller share."
        )
    return LookupTable(keys, [True] * len(keys), value_type=BOOLEAN)


def arrow(values: list[Value], name: str) -> Any:
    """One output as Arrow."""
    import pyarrow as pa

    return pa.array(values, pa.bool_() if name == "chosen" else pa.string())
