"""References that lead somewhere, and what all rules between tables share."""

from __future__ import annotations

from ..profiling.model import ReferenceCandidate
from .bench import Bench, BenchColumn, BenchTable
from .model import Finding, Rule
from .numbers import is_identifier

FEW = 0.05
"""Share of rows that may break a relation which is taken for the rule."""
LEAST_ROWS = 50
MANY_VALUES = 20
TOLERANCE = 0.0051
"""Half a cent and a little: sums are rounded."""


def reference_rules(bench: Bench) -> None:
    """Every reference leads to a row, but for a few."""
    for reference in bench.references:
        table, to_table = bench.table(reference.table), bench.table(reference.to_table)
        column, key = table.columns[reference.columns[0]], to_table.columns[reference.to_columns[0]]
        rule = Rule(
            f"{table.name}.{column.name}.foreign-key", table.name, reference.columns, "foreign-key",
            {"table": to_table.name, "columns": list(reference.to_columns)}, "error", 0.9,
            f"{reference.values - reference.missing} of {reference.values} values are in {to_table.name}",
        )  # fmt: skip
        filled = f" AND {column.held.place} <> ''" if column.as_text else ""
        rows = bench.query(
            f"SELECT r FROM {table.raw} WHERE {column.held.place} IS NOT NULL{filled} AND {column.held.place} NOT IN "
            f"(SELECT {key.held.place} FROM {to_table.raw} WHERE {key.held.place} IS NOT NULL)"
        )
        if len(rows) <= FEW * max(1, table.rows):
            found = [
                Finding(
                    table.name,
                    int(row),
                    column.name,
                    rule.id,
                    "no-such-row",
                    "error",
                    f"there is no such row of {to_table.name}",
                )
                for (row,) in rows
            ]
            bench.report(rule, table.rows, found)


def parent_join(bench: Bench, table: BenchTable, reference: ReferenceCandidate, parent: BenchTable, number: int) -> str:
    """The join to a parent's rows, one for each key."""
    mine, theirs = table.columns[reference.columns[0]].place, parent.columns[reference.to_columns[0]].place
    bench.query(
        f"CREATE OR REPLACE VIEW {parent.relation}_one AS SELECT * FROM {parent.relation} "
        f"QUALIFY row_number() OVER (PARTITION BY {theirs} ORDER BY r) = 1"
    )
    return f"LEFT JOIN {parent.relation}_one p{number} ON p{number}.{theirs} = t.{mine}"


def measures(table: BenchTable, column: BenchColumn, bench: Bench) -> bool:
    """Does a column measure something? Neither a key of its own nor a reference."""
    referring = {name for reference in bench.references if reference.table == table.name for name in reference.columns}
    alone = len(table.key) == 1 and column.name in table.key
    return not alone and column.name not in referring and not is_identifier(column) and column.profile.distinct > 1


def allowed(target: BenchColumn) -> str:
    """By how much sums may differ: half a unit of the last digit."""
    return repr(TOLERANCE * 100 / 10**target.scale) if target.scale else "0.501"
