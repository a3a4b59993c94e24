"""Suggest a mapping with a look at values."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Le

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Query
from .providers import ProviderName
from .suggest import SuggestedMapping, suggested
from .suggesting import Asked


class SuggestMappingByValues(
    Query[SuggestedMapping], route="POST /mappings/suggest-by-values", scope="rows:read", reads_rows=True
):
    """Suggest what each column of the target is made of, with a look at values: they confirm a suggestion or speak against it.

    Some rows of the source and, where it has any, of the target are read; of their values only figures are kept (patterns,
    lengths, what they look like), and no value is in the answer.

    source_connection_id: where the rows come from.
    target_connection_id: where they go; its tables must be there, rows need not be.
    min_confidence: suggestions from there on are filled in.
    source_schema: the source's schema; its default one if left out.
    target_schema: the target's schema; its default one if left out.
    sample_rows: rows read of each table at most.
    providers: further judgements, as this process has them set up: ``embeddings``, ``llm``.
    tell_patterns: the language model is told the patterns of values (``Aa 9``), too, not only names and types.
    """

    source_connection_id: str
    target_connection_id: str
    min_confidence: Annotated[float, Ge(0), Le(1)] = 0.9
    source_schema: str | None = None
    target_schema: str | None = None
    sample_rows: Annotated[int, Ge(1), Le(10_000)] = 1000
    providers: tuple[ProviderName, ...] = ()
    tell_patterns: bool = False


@handles(SuggestMappingByValues)
def suggest_mapping_by_values(query: SuggestMappingByValues, ctx: Context) -> SuggestedMapping:
    asked = Asked(query.min_confidence, query.providers, query.sample_rows, query.tell_patterns)
    sides = (
        (query.source_connection_id, query.source_schema),
        (query.target_connection_id, query.target_schema),
    )
    return suggested(ctx, sides, asked)
