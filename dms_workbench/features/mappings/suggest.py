"""Suggest a mapping between two schemas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Le

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Query
from ...kernel.shown import Readable
from .deciding import Decisions
from .memory import remembered
from .offered import SuggestedOffer
from .providers import ProviderName
from .save import Text
from .suggesting import Asked, Made, made, seen

if TYPE_CHECKING:
    from ...engine.matching import ColumnSuggestion
    from .suggest_by_values import SuggestMappingByValues


@dataclass(frozen=True)
class SourceCandidate(Readable):
    """A source column that a target column may be made of."""

    table: str
    column: str
    confidence: float
    """The chance that it is right, 0 to 1."""
    reasons: tuple[str, ...] = ()
    """In words: names, tables, keys, types."""

    def __str__(self) -> str:
        return f"{self.table}.{self.column} ({self.confidence:.2f})"


@dataclass(frozen=True)
class SuggestedColumn(Readable):
    """A target column and its candidates, best first."""

    table: str
    column: str
    candidates: tuple[SourceCandidate, ...]
    filled_in: bool = False
    """The best candidate stands in the suggested mapping."""
    offers: tuple[SuggestedOffer, ...] = ()
    """Expressions that may fill it, best first, for a person to take or leave."""
    decision: str = ""
    """``accepted`` or ``rejected`` (nothing is written there), where a person decided; else it is open."""
    made_of: str = ""
    """What it is made of by a person's decision, else in the suggested mapping: ``table.column``, or an expression."""


@dataclass(frozen=True)
class SuggestedTable(Readable):
    """A target table and the source tables it seems to be made of, each with its share of the columns."""

    table: str
    sources: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class SuggestedMapping(Readable):
    """What is suggested between two schemas."""

    tables: tuple[SuggestedTable, ...]
    columns: tuple[SuggestedColumn, ...]
    min_confidence: float
    text: str
    """A mapping file with what is filled in; the open columns stand in its comments."""
    notes: tuple[str, ...] = ()
    """What was read, and how providers did, in sentences."""
    decided_text: str | None = None
    """The mapping file with the decisions alone, to go on from; None while nothing is decided."""

    @property
    def open_columns(self) -> tuple[SuggestedColumn, ...]:
        """Target columns for which nothing is filled in."""
        return tuple(each for each in self.columns if not each.filled_in)

    def __str__(self) -> str:
        filled = len(self.columns) - len(self.open_columns)
        return f"{filled} of {len(self.columns)} target columns filled in at {self.min_confidence:.2f} or more"

    def _repr_html_(self) -> str:
        from .suggested_html import suggested_html

        return suggested_html(self)


Side = tuple[str, str | None]
"""A connection and a schema."""


class SuggestMapping(Query[SuggestedMapping], route="POST /mappings/suggest", scope="mappings:edit"):
    """Suggest what each column of the target is made of, from names, types, keys and structure; no row is read.

    source_connection_id: where the rows come from.
    target_connection_id: where they go; its tables must be there.
    min_confidence: suggestions from there on are filled in.
    source_schema: the source's schema; its default one if left out.
    target_schema: the target's schema; its default one if left out.
    providers: further judgements, as this process has them set up: ``embeddings``, ``llm``.
    mapping_text: the content of a mapping file to go on from: what it maps, accepts and rejects counts as decided.
    accept: target columns, each ``table.column``, whose best candidate is accepted; ``table.column=source.column`` accepts
        another one.
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
    providers: tuple[ProviderName, ...] = ()
    mapping_text: Text | None = None
    accept: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()
    correct: tuple[str, ...] = ()
    accept_all: Annotated[float, Ge(0), Le(1)] | None = None
    dictionary_text: Text | None = None
    project_id: str | None = None


@handles(SuggestMapping)
def suggest_mapping(query: SuggestMapping, ctx: Context) -> SuggestedMapping:
    return suggested(ctx, sides_of(query), asked_of(query, ctx))


def sides_of(query: SuggestMapping | SuggestMappingByValues) -> tuple[Side, Side]:
    """Source and target of a query."""
    return (query.source_connection_id, query.source_schema), (query.target_connection_id, query.target_schema)


def asked_of(query: SuggestMapping | SuggestMappingByValues, ctx: Context) -> Asked:
    """What a query asks for, and who decides."""
    decisions = Decisions(
        query.mapping_text,
        query.accept,
        query.reject,
        query.correct,
        query.accept_all,
        by=ctx.caller.name,
        at=f"{ctx.now:%Y-%m-%dT%H:%M:%SZ}",
        remembered=remembered(ctx, query.project_id),
    )
    return Asked(query.min_confidence, query.providers, dictionary_text=query.dictionary_text, decisions=decisions)


def suggested(ctx: Context, sides: tuple[Side, Side], asked: Asked) -> SuggestedMapping:
    """The answer to a query about a source and a target. Raises the errors of connecting and of providers."""
    source, target = (seen(ctx, *side, asked.sample_rows) for side in sides)
    result = made(source, target, asked)
    return SuggestedMapping(
        tuple(SuggestedTable(each.table, each.sources) for each in result.found.tables),
        tuple(
            column_of(
                each,
                result,
                tuple(one for one in result.offers if (one.table, one.column) == (each.table, each.column)),
            )
            for each in result.found.columns
        ),
        asked.min_confidence,
        result.draft.text,
        tuple(result.notes),
        result.settled.text() if result.settled is not None else None,
    )


def column_of(each: ColumnSuggestion, result: Made, offers: tuple[SuggestedOffer, ...] = ()) -> SuggestedColumn:
    """One column as a result."""
    name = (each.table, each.column)
    decision, made_of = result.settled.decision(name) if result.settled is not None else ("", "")
    candidates = tuple(SourceCandidate(one.table, one.column, one.confidence, one.reasons) for one in each.candidates)
    made_of = made_of or result.draft.made.get(name, "")
    return SuggestedColumn(*name, candidates, name in result.draft.filled, offers, decision, made_of)
