"""Preview a mapping on the first rows of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Ge, Le, MaxLen

from ...engine.mapping.errors import InvalidMapping
from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Query
from ..connections import resolve_url
from .propose import MOST_CHARACTERS


@dataclass(frozen=True)
class TransformedRow:
    """A row before and after."""

    source: dict[str, Any]
    result: dict[str, Any] | None
    """By target column; null where the row is filtered or rejected."""
    reason: str = ""
    """Why there is no result."""


@dataclass(frozen=True)
class TransformPreview:
    """The first rows of a table, as the mapping makes them."""

    table: str
    rows: tuple[TransformedRow, ...]

    @property
    def rejected(self) -> int:
        """Rows without a result."""
        return sum(row.result is None for row in self.rows)


class PreviewMapping(
    Query[TransformPreview],
    route="POST /connections/{connection_id}/transforms/preview",
    scope="rows:read",
    raises=(InvalidMapping,),
    reads_rows=True,
):
    """Show what a mapping makes of the first rows of a table: source values, result, or the reason of failure.

    connection_id: where the rows come from.
    mapping_text: the content of the mapping file.
    table: the target table of the table map.
    rows: so many rows.
    schema: the source's schema; its default one if left out.
    """

    connection_id: str
    mapping_text: Annotated[str, MaxLen(MOST_CHARACTERS)]
    table: str
    rows: Annotated[int, Ge(1), Le(200)] = 100
    schema: str | None = None


@handles(PreviewMapping)
def preview_mapping(query: PreviewMapping, ctx: Context) -> TransformPreview:
    from ...engine.cleansing.preview import previewed

    url = resolve_url(ctx, query.connection_id)
    found = previewed(url, query.mapping_text, query.table, rows=query.rows, schema=query.schema)
    return TransformPreview(query.table, tuple(TransformedRow(row.source, row.result, row.reason) for row in found))
