"""The expressions and filter of one table map as DuckDB SQL, for the evaluator and for a verifier alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..databases.catalogue import Column
from .columns import Columns
from .compile import compile_expression, new_scope
from .errors import InvalidExpression
from .lookups import LookupTable
from .parts import Faults, Part, first_of
from .scope import Join, Scope

ALWAYS = Part("TRUE")


@dataclass(frozen=True, slots=True)
class CompiledSelect:
    """One table map in SQL.

    Every output and the filter is an expression over the columns of the source rows (``c0``, ``c1`` … or as they were
    spelled to `compile_select`) and over the lookups that `joins` joins.
    """

    names: tuple[str, ...]
    """The target column of each output."""
    outputs: tuple[Part, ...]
    where: Part
    used: tuple[int, ...]
    """The numbers of the source columns that are used, ascending."""
    joined: tuple[Join, ...]
    lookup_tables: Mapping[str, str]
    """The table that must be there for each lookup used (`create_lookup_table` makes it)."""
    faults: Faults
    repairs: frozenset[tuple[str, tuple[str, ...]]] = frozenset()
    """The functions that must be known to the connection (`teach` makes them so)."""

    @property
    def joins(self) -> str:
        """The LEFT JOINs of the lookups, to stand after the FROM."""
        return "".join(
            f" LEFT JOIN {self.lookup_tables[join.lookup]} AS {join.alias} ON {join.alias}.dms_key = {join.key}"
            for join in self.joined
        )

    @property
    def fault(self) -> str:
        """SQL of the number of a row's first error or missing key, NULL if it has none; "" if none can have one."""
        return first_of([self.where.fault, *(output.fault for output in self.outputs)])


def compile_select(
    columns: Sequence[Column],
    outputs: Sequence[tuple[str, str]],
    where: str | None,
    lookups: Mapping[str, LookupTable],
    *,
    spelled: Sequence[str] = (),
    row: str = '"row"',
) -> CompiledSelect:
    """Compile expressions without evaluating them.

    columns: the source columns; in the SQL their types must be those of `input_type`.
    outputs: target column and expression of each output; where: the filter.
    spelled: the SQL of each source column, by default ``c0``, ``c1`` …
    row: SQL of a column that is there on every row and never negative (``t.rowid`` of a DuckDB table ``t``).
    Raises InvalidExpression, its ``where`` naming the target column or the filter.
    """
    scope = new_scope(Columns(columns, spelled), lookups, f"{row} >= 0")
    condition = ALWAYS if where is None else located(scope, where, None)
    parts = tuple(located(scope, expression, name) for name, expression in outputs)
    numbers = {name: f"lookup_{number}" for number, name in enumerate(lookups)}
    return CompiledSelect(
        names=tuple(name for name, _ in outputs),
        outputs=parts,
        where=condition,
        used=tuple(sorted(scope.columns.used)),
        joined=tuple(scope.joins),
        lookup_tables={join.lookup: numbers[join.lookup] for join in scope.joins},
        faults=scope.faults,
        repairs=frozenset(scope.repairs),
    )


def located(scope: Scope, text: str, target: str | None) -> Part:
    """Compile one expression, naming in an error what it is for."""
    try:
        return compile_expression(scope, text, target)
    except InvalidExpression as error:
        error.where = place(target)
        raise


def place(target: str | None) -> str:
    """What an expression is for, in words."""
    return "the filter (where)" if target is None else f"the expression for {target}"
