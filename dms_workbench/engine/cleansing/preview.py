"""What a mapping makes of the first rows of a table: each row's source values, its result, or why it would be rejected."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..databases.catalogue import Table
from ..databases.urls import database_for
from ..expressions import compile_evaluator, load_lookups
from ..mapping.edit import place_of
from ..mapping.model import ColumnMap
from ..mapping.parse import parse_mapping
from ..mapping.settle import settled
from .candidates import spelled
from .write import listed

if TYPE_CHECKING:
    from ..databases.base import Source

LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class PreviewedRow:
    """One row."""

    source: dict[str, Any]
    result: dict[str, Any] | None
    """By target column; None where the row is filtered or rejected."""
    reason: str = ""
    """Why there is no result: the target column and the cause, or that the filter leaves the row out."""


def previewed(
    url: str, mapping_text: str, target: str, *, rows: int = 100, schema: str | None = None
) -> list[PreviewedRow]:
    """The first rows of a table map's source, transformed as a run would do; types of the target are not asked for.

    target: the target table of the table map. Raises InvalidMapping, NoSuchLine, InvalidExpression, InvalidLookup, the errors
    of a connection.
    """
    parsed = parse_mapping(mapping_text)
    with closing(database_for(url).open_source(url)) as source:
        catalogue = source.catalogue(schema)
        mapping = settled(parsed, catalogue)
        table_map = mapping.tables[place_of(mapping, target)]
        table = next((each for each in catalogue.tables if each.name.name == table_map.source), None)
        if table is None:
            return []
        columns = table_map.columns if table_map.columns is not None else listed(table_map, catalogue)
        outputs = [(each.target, expression_of(each)) for each in columns if each.made]
        lookups = load_lookups(mapping.lookups, source, schema)
        evaluator = compile_evaluator(table.copied_columns, outputs, table_map.where, lookups)
        with closing(evaluator):
            return transformed(evaluator, table, first_rows(source, table, rows), [name for name, _ in outputs])


def expression_of(column: ColumnMap) -> str:
    """What a column is made of, as an expression."""
    return column.expression if column.expression is not None else spelled(str(column.source))


def first_rows(source: Source, table: Table, rows: int) -> list[list[Any]]:
    """The first rows of a table, by column."""
    names = [column.name for column in table.copied_columns]
    found: list[list[Any]] = [[] for _ in names]
    for batch in source.read(table, names, batch_rows=rows):
        for kept, values in zip(found, batch.columns, strict=True):
            kept.extend(values[: rows - len(kept)])
        if not found or len(found[0]) >= rows:
            break
    return found


def transformed(evaluator: Any, table: Table, columns: list[list[Any]], names: Sequence[str]) -> list[PreviewedRow]:
    """The rows with what the evaluator makes of them."""
    count = len(columns[0]) if columns else 0
    result = evaluator.evaluate(columns, count)
    place = {row: number for number, row in enumerate(result.kept)}
    why = {
        reject.row: f"{reject.column}: {reject.reason}" if reject.column else reject.reason for reject in result.rejects
    }
    shown = []
    for row in range(count):
        before = {column.name: plain(values[row]) for column, values in zip(table.copied_columns, columns, strict=True)}
        number = place.get(row)
        after = None if number is None else {n: plain(v[number]) for n, v in zip(names, result.columns, strict=True)}
        shown.append(PreviewedRow(before, after, why.get(row, "" if after is not None else "left out by the filter")))
    return shown


def plain(value: Any) -> Any:
    """A value as JSON can hold it; a long text by its beginning."""
    if isinstance(value, bytes):
        return "0x" + value[:40].hex()
    if isinstance(value, str):
        text = value.encode("utf-8", "backslashreplace").decode()
        return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
    return value if isinstance(value, int | bool | None) else str(value)
