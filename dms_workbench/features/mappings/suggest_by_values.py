"""Suggest a mapping with a look at values."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from annotated_types import Ge, Le

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Query
from .providers import ProviderName
from .save import Text
from .suggest import SuggestedMapping, asked_of, sides_of, suggested


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
    mapping_text: the content of a mapping file to go on from: what it maps, accepts and rejects counts as decided.
    accept: target columns whose best candidate is accepted, or ``table.column=source_table.column``.
    reject: candidates that are turned down, each ``table.column=source_table.column``.
    correct: target columns and what they are made of, each ``table.column=expression``.
    accept_all: everything open is accepted that is at least so sure.
    dictionary_text: abbreviations and synonyms of one's own, beside the shipped dictionary.
    project_id: the project; pairs of names that other projects of the organisation share are taken into account.
    """

    source_connection_id: str
    target_connection_id: str
    min_confidence: Annotated[float, Ge(0), Le(1)] = 0.9
    source_schema: str | None = None
    target_schema: str | None = None
    sample_rows: Annotated[int, Ge(1), Le(10_000)] = 1000
    providers: tuple[ProviderName, ...] = ()
    tell_patterns: bool = False
    mapping_text: Text | None = None
    accept: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()
    correct: tuple[str, ...] = ()
    accept_all: Annotated[float, Ge(0), Le(1)] | None = None
    dictionary_text: Text | None = None
    project_id: str | None = None


@handles(SuggestMappingByValues)
def suggest_mapping_by_values(query: SuggestMappingByValues, ctx: Context) -> SuggestedMapping:
    asked = replace(asked_of(query, ctx), sample_rows=query.sample_rows, tell_patterns=query.tell_patterns)
    return suggested(ctx, sides_of(query), asked)
