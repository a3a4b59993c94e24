"""Taking exactly the quarantined rows out of the source rows, so that a quarantine cannot hide a lost row.

A quarantined row is known by its source key or, where the source has none, by all values that were read of it. Both it and the
spooled source rows are brought to the canonical text of the source column's own type; as many source rows are taken out as
rows are in quarantine, and a quarantined row that the source does not have is a finding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..databases.base import Value
from . import sql
from .canonical import Side, expected
from .model import Finding, QuarantinedRow
from .spool import Spooled, sent_text, stored_text
from .workspace import Workspace


def named_values(row: QuarantinedRow) -> Mapping[str, Value]:
    """A row's key, or where there is none its values."""
    return row.get("key") or row.get("row") or {}


def named_columns(rows: Sequence[QuarantinedRow]) -> tuple[str, ...]:
    """The source columns that the rows are known by."""
    return tuple(dict.fromkeys(name for row in rows for name in named_values(row)))


def take_out(
    workspace: Workspace, source: Spooled, rows: Sequence[QuarantinedRow], salt: str, *, into: str = ""
) -> tuple[int, list[Finding]]:
    """Delete from the spooled source one row for each quarantined one. into: a table of the workspace that takes them.

    Returns the rows deleted, and a finding for each quarantined row that the source does not have.
    """
    groups: dict[tuple[str, ...], list[QuarantinedRow]] = {}
    for row in rows:
        groups.setdefault(tuple(sorted(named_values(row))), []).append(row)
    taken, unknown = 0, []
    for names, alike in groups.items():
        found = take_out_alike(workspace, source, names, alike, salt, into) if known(source, names) else []
        taken += sum(found)
        unknown += [unknown_row(row) for row, times in zip(alike, found or [0] * len(alike), strict=True) if not times]
    return taken, unknown


def known(source: Spooled, names: Sequence[str]) -> bool:
    """Does the source have these columns, and is there any?"""
    return bool(names) and {column.name for column in source.columns}.issuperset(names)


def take_out_alike(
    workspace: Workspace,
    source: Spooled,
    names: Sequence[str],
    rows: Sequence[QuarantinedRow],
    salt: str,
    into: str = "",
) -> list[int]:
    """Take out rows known by the same columns; 1 or 0 for each row, whether the source had it."""
    places = [source.place(name) for name in names]
    sides = [Side(source.database, source.columns[place].type, strict=source.strict) for place in places]
    texts = [
        [spooled_text(named_values(row)[name], side) for row in rows] for name, side in zip(names, sides, strict=True)
    ]
    given = [expected(f"a{index}", side, side, salt) for index, side in enumerate(sides)]
    workspace.execute(sql.create_spool("quarantine", len(names) + 1))
    workspace.insert(sql.fill_spool("quarantine", "batch", [*given, "place"]), arrow_table(texts, len(rows)))
    stored = [expected(f"c{place}", source.side(place), side, salt) for place, side in zip(places, sides, strict=True)]
    workspace.execute(sql.create_matches(source.name, stored))
    if into:
        workspace.execute(sql.keep_matches(into, source.name))
    workspace.execute(sql.delete_matches(source.name))
    matched = {int(place) for (place,) in workspace.execute(sql.MATCHED_PLACES)}
    return [int(index in matched) for index in range(len(rows))]


def arrow_table(texts: list[list[str | None]], rows: int) -> Any:
    """Columns a0, a1 … and the place of each row."""
    import pyarrow as pa

    columns = {f"a{index}": pa.array(column, pa.string()) for index, column in enumerate(texts)}
    return pa.table({**columns, "place": pa.array(map(str, range(rows)), pa.string())})


def spooled_text(value: Value, side: Side) -> str | None:
    """A value of the ledger as the database's rendering would have been spooled."""
    if value is None:
        return None
    if isinstance(value, str) and not side.dynamic:
        return sent_text(value).replace("+00", "") if side.type.kind == "timestamptz" else sent_text(value)
    text = "t" + plain_text(value) if isinstance(value, bool) else stored_text(value)
    if side.dynamic:
        return text
    return text[1:]


def plain_text(value: Value) -> str:
    """A value as text: booleans as words, bytes in hexadecimal."""
    return str(value).lower() if isinstance(value, bool) else stored_text(value)[1:]


def unknown_row(row: QuarantinedRow) -> Finding:
    """A quarantined row without a source row; values only of a key."""
    key = row.get("key")
    return Finding("quarantine_unknown", {name: shown(value) for name, value in key.items()} if key else None)


def shown(value: Value) -> str | None:
    """A key's value as text."""
    return None if value is None else plain_text(value)
