"""The bench on which rules are proposed and tested: every table as typed columns in which what could be repaired is repaired.

Rules are looked at in an order in which each can rely on what the earlier ones repaired: a date written otherwise is read
before dates are compared, a price that is off by a hundred is put right before sums are tested.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ..databases.duckdb.capabilities import literal
from ..profiling.figures import Held
from ..profiling.kinds import Reading
from ..profiling.kinds.dates import DateReading
from ..profiling.kinds.numbers import NumberReading
from ..profiling.model import ColumnProfile, ReferenceCandidate
from ..profiling.references import Profiled
from ..profiling.workspace import Workspace
from .model import Check, Finding, Rule, RuleResult

KNOWN = ("equal", "sum")
"""Checks that know what a value should be from other rows; their fixes stand against guesses."""
Measure = Literal["number", "time", "text"]
LONGEST_TEXT = 80
AT_ONCE = 50_000
"""Values that are handed to the workspace at a time."""


@dataclass(slots=True, eq=False)
class BenchColumn:
    """A column on the bench."""

    held: Held
    profile: ColumnProfile
    measure: Measure
    scale: int = 0
    """Digits after the point that its numbers are written with."""
    reading: Reading | None = None

    @property
    def name(self) -> str:
        """As the source calls it."""
        return self.held.name

    @property
    def place(self) -> str:
        """In SQL."""
        return self.held.place

    def written(self, number: float) -> str:
        """A number as the column writes it."""
        text = f"{number:.{self.scale}f}" if self.scale else f"{number:.10g}"
        if isinstance(self.reading, NumberReading) and self.reading.comma:
            return text.replace(".", ",")
        return text

    @property
    def as_text(self) -> bool:
        """The source holds it as text."""
        return self.held.form == "text"


@dataclass(slots=True, eq=False)
class BenchTable:
    """A table on the bench: the relation ``q0`` … with ``r``, ``doubt`` and one column for each of ``columns``."""

    profiled: Profiled
    relation: str
    columns: dict[str, BenchColumn]
    key: tuple[str, ...] = ()
    """The columns that tell its rows apart, but for duplicates."""

    @property
    def name(self) -> str:
        """The table's name."""
        return self.profiled.gathered.name

    @property
    def rows(self) -> int:
        """How many rows are looked at."""
        return self.profiled.gathered.sampling.rows_read

    @property
    def raw(self) -> str:
        """The relation with the rows as they are."""
        return self.profiled.gathered.relation

    def numbers(self) -> Iterator[BenchColumn]:
        """Columns that measure something: numbers that neither identify nor refer."""
        for column in self.columns.values():
            if column.measure == "number":
                yield column

    def times(self) -> Iterator[BenchColumn]:
        """Days and moments."""
        for column in self.columns.values():
            if column.measure == "time":
                yield column


@dataclass(slots=True)
class Bench:
    """All tables, and what has been found."""

    space: Workspace
    tables: list[BenchTable]
    references: tuple[ReferenceCandidate, ...]
    rules: list[Rule] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    results: list[RuleResult] = field(default_factory=list)
    unsure: dict[tuple[str, str], dict[int, float]] = field(default_factory=dict)
    """By table and column what numbers should be by one rule, where that rule alone is not sure: by row."""

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Ask the workspace."""
        return self.space.query(sql, parameters)

    def table(self, name: str) -> BenchTable:
        """The table of that name. Raises KeyError."""
        for table in self.tables:
            if name in (table.name, table.profiled.name):
                return table
        raise KeyError(name)

    def parents(self, table: BenchTable) -> Iterator[tuple[ReferenceCandidate, BenchTable]]:
        """The tables that it refers to by one column."""
        for reference in self.references:
            if reference.table == table.name and reference.to_table != table.name:
                yield reference, self.table(reference.to_table)

    def rule(
        self,
        table: BenchTable,
        columns: Sequence[str],
        check: Check,
        because: str,
        *,
        name: str = "",
        **parameters: Any,
    ) -> Rule:
        """A rule of severity error; ``name`` ends its id where the check alone does not tell it from others."""
        about = "+".join(columns) if len(columns) <= len(table.key) + 1 else ""
        id = ".".join(part for part in (table.name, about, name or check) if part)
        return Rule(id, table.name, tuple(columns), check, parameters, because=because)

    def report(self, rule: Rule, rows: int, found: Sequence[Finding]) -> None:
        """Take over what a rule found."""
        self.rules.append(rule)
        better = {(each.table, each.row, each.column) for each in found if each.fix is not None}
        if better and rule.check in KNOWN:
            self.findings = [
                replace(each, fix=None) if (each.table, each.row, each.column) in better else each
                for each in self.findings
            ]
        self.findings += found
        self.results.append(RuleResult(rule, rows, len({finding.row for finding in found})))

    def confirm(self, table: BenchTable, column: BenchColumn, rows: Collection[int]) -> None:
        """Take what rows should be as known, since another rule says the same; their findings offer it then."""
        values = {row: value for row, value in self.unsure.get((table.name, column.name), {}).items() if row in rows}
        self.findings = [
            replace(each, fix=column.written(values[each.row]))
            if each.table == table.name and each.column == column.name and each.row in values and each.fix is None
            else each
            for each in self.findings
        ]
        self.repair(table, column, {row: column.written(value) for row, value in values.items()})

    def keep(self, name: str, columns: Mapping[str, Sequence[Any]], types: Mapping[str, str]) -> None:
        """Lay values down as a table, some at a time; what is there under the name is gone.

        columns: values by name, all of one length. types: DuckDB's, by name.
        """
        self.query(f"CREATE OR REPLACE TABLE {name} ({', '.join(f'{each} {type}' for each, type in types.items())})")
        length = max((len(values) for values in columns.values()), default=0)
        unnested = ", ".join(f"unnest(?::{types[each]}[])" for each in columns)
        for start in range(0, length, AT_ONCE):
            part = [list(values[start : start + AT_ONCE]) for values in columns.values()]
            self.query(f"INSERT INTO {name} ({', '.join(columns)}) SELECT {unnested}", part)

    def keep_rows(self, rows: Collection[int]) -> str:
        """Lay row numbers down as the table ``chosen_rows`` with the column ``r``; returns its name."""
        self.keep("chosen_rows", {"r": list(rows)}, {"r": "BIGINT"})
        return "chosen_rows"

    def repair(self, table: BenchTable, column: BenchColumn, fixes: Mapping[int, str]) -> None:
        """Put values right on the bench, by row."""
        if not fixes:
            return
        type = {"number": "DOUBLE", "time": "TIMESTAMP", "text": "VARCHAR"}[column.measure]
        plain = "replace(f.v, ',', '.')" if column.measure == "number" else "f.v"
        self.keep("chosen_fixes", {"r": list(fixes), "v": list(fixes.values())}, {"r": "BIGINT", "v": "VARCHAR"})
        self.query(
            f"UPDATE {table.relation} SET {column.place} = TRY_CAST({plain} AS {type}) FROM chosen_fixes f "
            f"WHERE {table.relation}.r = f.r"
        )

    def blank(self, table: BenchTable, column: BenchColumn, rows: Collection[int]) -> None:
        """Take values that are wrong, and cannot be put right, off the bench."""
        if rows:
            chosen = self.keep_rows(rows)
            self.query(f"UPDATE {table.relation} SET {column.place} = NULL WHERE r IN (SELECT r FROM {chosen})")

    def leave_out(self, table: BenchTable, rows: Collection[int]) -> None:
        """Take rows off the bench, so that nothing is counted twice."""
        if rows:
            chosen = self.keep_rows(rows)
            self.query(f"DELETE FROM {table.relation} WHERE r IN (SELECT r FROM {chosen})")

    def doubt(self, table: BenchTable, rows: Collection[int]) -> None:
        """Mark rows from which nothing is to be concluded about others."""
        if rows:
            chosen = self.keep_rows(rows)
            self.query(f"UPDATE {table.relation} SET doubt = TRUE WHERE r IN (SELECT r FROM {chosen})")


def typed(column: Held, reading: Reading | None, value: str) -> tuple[Measure, str]:
    """What a column is on the bench, and the SQL that makes it of ``value``."""
    if column.form == "number":
        return "number", f"CAST({value} AS DOUBLE)"
    if column.form == "time" and column.kind != "time":
        return "time", f"CAST({value} AS TIMESTAMP)"
    if isinstance(reading, NumberReading):
        plain = f"replace({value}, ',', '.')" if reading.comma else value
        return "number", f"TRY_CAST({plain} AS DOUBLE)"
    if isinstance(reading, DateReading):
        day = reading.form.name
        forms = [f"{day}{separator}%H:%M:%S" for separator in (" ", "T")] + [day]
        return "time", f"try_strptime({value}, [{', '.join(literal(each) for each in forms)}])"
    return "text", f"CAST({value} AS VARCHAR)"
