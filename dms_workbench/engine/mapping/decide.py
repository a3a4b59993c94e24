"""Decisions about suggestions: what a mapping file holds of them already, and how new ones are entered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from ..matching.confirmed import ColumnName, Confirmed
from ..matching.suggest import Suggestions
from .model import ColumnMap, Decision, Mapping, TableMap

CERTAIN = 1.0
ELSEWHERE = "accepted, but its source is in another table: add a join, and an expression that reads it"

KEEPING = "keeps what was turned down; nothing is carried out"


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision about a target column: made of a source or an expression, or a source turned down."""

    target: ColumnName
    source: ColumnName | None = None
    """With an expression: only its table counts, if a table map has to be made."""
    expression: str | None = None
    rejected: ColumnName | None = None
    confidence: float | None = None
    """Of the suggestion that was decided on."""


def confirmed_by(mapping: Mapping) -> Confirmed:
    """What a mapping file says is decided: what is mapped without being open, what was accepted and turned down.

    A table map with nothing but open columns is as open as they are.
    """
    accepted: set[tuple[ColumnName, ColumnName]] = set()
    rejected: set[tuple[ColumnName, ColumnName]] = set()
    tables: set[tuple[str, str]] = set()
    for table in mapping.tables:
        if not is_open(table) and not table.rejected and not unseen(table):
            tables.add((table.source, table.target))
        for column in table.columns or ():
            target = (table.target, column.target)
            if column.decision is not None:
                rejected |= {(column_name(each), target) for each in column.decision.rejected if "." in each}
            source = source_of(table, column)
            if source is not None:
                accepted.add((source, target))
    return Confirmed(frozenset(accepted), frozenset(rejected), frozenset(tables))


def decided_columns(mapping: Mapping) -> dict[ColumnName, tuple[str, str]]:
    """Target columns that are decided, by a decision or by what is mapped.

    Each with ``accepted`` or ``rejected`` and what it is made of: ``table.column``, or an expression.
    """
    found: dict[ColumnName, tuple[str, str]] = {}
    for table in mapping.tables:
        for column in table.columns or ():
            source = source_of(table, column)
            if column.decision is not None and column.decision.status == "rejected":
                found[table.target, column.target] = ("rejected", "")
            elif source is not None:
                found[table.target, column.target] = ("accepted", ".".join(source))
            elif column.made and not is_open(column):
                found[table.target, column.target] = ("accepted", column.expression or "")
    return found


def source_of(table: TableMap, column: ColumnMap) -> ColumnName | None:
    """The source column that a column was decided to be made of; None while it is open, and for expressions."""
    if column.source is not None and not is_open(column):
        return table.source, column.source
    decision = column.decision
    if decision is not None and decision.confidence == CERTAIN and len(decision.candidates) == 1 and not column.made:
        return column_name(decision.candidates[0])
    return None


def is_open(noted: TableMap | ColumnMap) -> bool:
    """Is it still to be decided?"""
    return noted.decision is not None and noted.decision.status == "open"


def unseen(table: TableMap) -> bool:
    """Was it filled in by a suggestion, and nothing of it decided yet?"""
    return bool(table.columns) and table.decision is None and all(is_open(each) for each in table.columns or ())


def column_name(text: str) -> ColumnName:
    """``table.column`` as both; the table's name may hold points too."""
    table, _, column = text.rpartition(".")
    return table, column


def with_decisions(mapping: Mapping, decided: Iterable[Decided], *, by: str, at: str) -> Mapping:
    """The mapping with decisions entered, each in the line of its column; lines and table maps are made where missing.

    by, at: who decided, and when (ISO 8601 in UTC). The mapping's text stays the old one.
    """
    for each in decided:
        mapping = with_decision(mapping, each, Decision("accepted", by=by, at=at, confidence=each.confidence))
    return mapping


def with_decision(mapping: Mapping, each: Decided, decision: Decision) -> Mapping:
    """One of them."""
    table, column = each.target
    place = map_of(mapping, table, each.source[0] if each.source else None)
    if place is None and each.rejected is not None:
        place = keeping_of(mapping, table)
    if place is None:
        wanted = each.source or each.rejected
        if wanted is None:
            return mapping
        made = entered(ColumnMap(column), each, decision, wanted[0])
        begun = TableMap(wanted[0], table, (made,))
        if each.rejected is not None:
            begun = replace(begun, remark=KEEPING, decision=Decision("rejected", by=decision.by, at=decision.at))
        return replace(mapping, tables=(*mapping.tables, begun))
    known = mapping.tables[place]
    return put(mapping, place, column, lambda old: entered(old, each, decision, known.source))


def entered(column: ColumnMap, each: Decided, decision: Decision, driving: str) -> ColumnMap:
    """A column's line with a decision."""
    before = column.decision or Decision("open")
    if each.rejected is not None:
        name = ".".join(each.rejected)
        turned_down = tuple(dict.fromkeys((*before.rejected, name)))
        gone = column.source == each.rejected[1] and driving == each.rejected[0]
        left = tuple(other for other in before.candidates if other != name)
        kept = replace(before, rejected=turned_down, candidates=left)
        if gone or not column.made:
            kept = replace(kept, status="open", by=decision.by, at=decision.at, confidence=None)
        return replace(column, source=None if gone else column.source, decision=kept)
    decision = replace(decision, rejected=before.rejected)
    if each.expression is not None:
        return replace(column, source=None, expression=each.expression, decision=decision)
    if each.source is not None and each.source[0] != driving:
        waiting = replace(decision, status="open", confidence=CERTAIN, candidates=(".".join(each.source),))
        return replace(column, source=None, expression=None, remark=ELSEWHERE, decision=waiting)
    remark = None if column.remark == ELSEWHERE else column.remark
    source = each.source[1] if each.source is not None else column.source
    return replace(column, source=source, expression=None, remark=remark, decision=decision)


def keeping_of(mapping: Mapping, target: str) -> int | None:
    """The table map that only keeps what was turned down for a target table."""
    found = (place for place, table in enumerate(mapping.tables) if table.target == target and table.remark == KEEPING)
    return next(found, None)


def map_of(mapping: Mapping, target: str, source: str | None = None) -> int | None:
    """The table map of a target table: the one from this source table, else the first that is not turned down."""
    places = [place for place, table in enumerate(mapping.tables) if table.target == target and not table.rejected]
    return next((place for place in places if mapping.tables[place].source == source), places[0] if places else None)


def put(mapping: Mapping, place: int, column: str, change: Callable[[ColumnMap], ColumnMap]) -> Mapping:
    """The mapping with one column of a table map changed, or added behind the others."""
    table = mapping.tables[place]
    columns = list(table.columns or ())
    at = next((number for number, each in enumerate(columns) if each.target == column), None)
    if at is None:
        columns.append(change(ColumnMap(column)))
    else:
        columns[at] = change(columns[at])
    changed = replace(table, columns=tuple(columns))
    return replace(mapping, tables=(*mapping.tables[:place], changed, *mapping.tables[place + 1 :]))


def filled_in(mapping: Mapping, drafted: Mapping, found: Suggestions) -> Mapping:
    """The mapping with what a draft fills in, standing open; what is decided or made of something stays.

    Nothing is filled in from another source table than the one that a target table's map reads.
    """
    done = {(table.target, column.target) for table in mapping.tables for column in table.columns or () if column.made}
    done |= set(decided_columns(mapping))
    sure = {(each.table, each.column): each.assigned.confidence for each in found.columns if each.assigned is not None}
    for table in drafted.tables:
        place = map_of(mapping, table.target, table.source)
        if place is None:
            place = len(mapping.tables)
            mapping = replace(mapping, tables=(*mapping.tables, TableMap(table.source, table.target, ())))
        if mapping.tables[place].source == table.source:
            for column in table.columns or ():
                target = (table.target, column.target)
                if target not in done:
                    mapping = put(mapping, place, column.target, offered(column, sure.get(target)))
    return mapping


def offered(column: ColumnMap, confidence: float | None) -> Callable[[ColumnMap], ColumnMap]:
    """Fills a line in that is not decided."""

    def change(old: ColumnMap) -> ColumnMap:
        turned_down = old.decision.rejected if old.decision is not None else ()
        decision = Decision("open", confidence=confidence, rejected=turned_down)
        return replace(old, source=column.source, expression=column.expression, decision=decision)

    return change
