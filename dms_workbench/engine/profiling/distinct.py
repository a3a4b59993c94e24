"""All distinct texts of a column, and rows that are there more than once."""

from __future__ import annotations

from collections.abc import Sequence

from .figures import Held
from .workspace import Gathered, Workspace


def distinct_texts(space: Workspace, found: Gathered, column: Held) -> dict[str, int]:
    """Each distinct text with its rows; the empty text is not among them."""
    place = column.place
    query = f"SELECT {place}, count(*) FROM {found.holding(place)} WHERE {place} <> '' GROUP BY 1"
    return {str(value): int(rows) for value, rows in space.query(query)}


def repeated_rows(space: Workspace, found: Gathered, columns: Sequence[Held]) -> int:
    """Rows beyond the first of each set that is equal in all columns."""
    places = ", ".join(column.place for column in columns)
    groups = f"SELECT count(*) AS n FROM {found.relation} GROUP BY {places}"
    return int(space.query(f"SELECT coalesce(sum(n - 1), 0) FROM ({groups})")[0][0])
