"""Columns and lookups that the tests of expressions share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dms_workbench.engine.databases.catalogue import Column, DataType
from dms_workbench.engine.expressions import Evaluated, LookupTable, compile_evaluator, lookup_of_values

TEXT = DataType("text", "TEXT")
INTEGER = DataType("integer", "BIGINT", bits=64)
DATE = DataType("date", "DATE")
MONEY = DataType("decimal", "DECIMAL(10,2)", precision=10, scale=2)

COLUMNS = (Column("a", TEXT), Column("b", TEXT), Column("n", INTEGER), Column("d", DATE), Column("m", MONEY))
LOOKUPS: Mapping[str, LookupTable] = {"status": lookup_of_values({"N": "new", "P": "paid"})}
ROW: Sequence[Any] = ("Ada Lovelace", "N", 7, "2024-02-29", "12.50")


def evaluate(
    outputs: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[Any]] = (ROW,),
    *,
    where: str | None = None,
    columns: Sequence[Column] = COLUMNS,
    lookups: Mapping[str, LookupTable] = LOOKUPS,
) -> Evaluated:
    """Evaluate expressions over rows."""
    evaluator = compile_evaluator(columns, outputs, where, lookups)
    try:
        return evaluator.evaluate(
            [list(column) for column in zip(*rows, strict=True)] or [[] for _ in columns], len(rows)
        )
    finally:
        evaluator.close()


def value(expression: str, row: Sequence[Any] = ROW, **options: Any) -> Any:
    """What one expression gives for one row, which must not be rejected."""
    result = evaluate([("x", expression)], [row], **options)
    assert not result.rejects, result.rejects
    return result.columns[0][0]


def shown(result: Any) -> str:
    """A value as the documentation writes it."""
    if result is None:
        return "NULL"
    return str(result).lower() if isinstance(result, bool) else str(result)


def type_of(expression: str) -> DataType:
    """The type of an expression's result."""
    evaluator = compile_evaluator(COLUMNS, [("x", expression)], None, LOOKUPS)
    evaluator.close()
    return evaluator.types[0]
