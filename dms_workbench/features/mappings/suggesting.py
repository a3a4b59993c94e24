"""How suggestions are made: both catalogues, values where they are asked for, providers, offers and the draft."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...kernel.context import Context
from ..connections import resolve_url
from .deciding import Decisions, Settled, settle
from .offered import offer_of
from .providers import ProviderName, embeddings, language_model

if TYPE_CHECKING:
    from ...engine.databases.catalogue import Catalogue
    from ...engine.mapping import Draft
    from ...engine.matching import Suggestions
    from ...engine.matching.hints import Hint
    from ...engine.matching.values import Profile
    from .offered import SuggestedOffer

Profiles = dict[tuple[str, str], "Profile"]


@dataclass(frozen=True)
class Asked:
    """What is asked for."""

    min_confidence: float
    providers: Sequence[ProviderName] = ()
    sample_rows: int | None = None
    """Rows read of each table; None reads none."""
    tell_patterns: bool = False
    """May the language model be told the patterns of values?"""
    dictionary_text: str | None = None
    decisions: Decisions = field(default_factory=Decisions)


@dataclass
class Made:
    """What came of it."""

    found: Suggestions
    draft: Draft
    offers: tuple[SuggestedOffer, ...]
    notes: list[str] = field(default_factory=list)
    settled: Settled | None = None
    """Where anything was decided."""


@dataclass
class Seen:
    """One database: its catalogue, and what its values look like."""

    catalogue: Catalogue
    profiles: Profiles = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    """Tables that could not be read, or were not in time."""


def seen(ctx: Context, connection_id: str, schema: str | None, sample_rows: int | None) -> Seen:
    """Look at a database; rows are read only if their number is given. Raises the errors of connecting, SchemaMissing."""
    from ...engine.databases.urls import database_for
    from ...engine.matching.values import sampled

    url = resolve_url(ctx, connection_id)
    with closing(database_for(url).open_source(url)) as source:
        catalogue = source.catalogue(schema)
        if sample_rows is None:
            return Seen(catalogue)
        sample = sampled(source, catalogue, rows=sample_rows)
        return Seen(catalogue, sample.profiles, sample.unread)


def made(source: Seen, target: Seen, asked: Asked) -> Made:
    """Suggestions, offers and the draft. Raises the errors of providers that are not set up."""
    from ...engine import matching
    from ...engine.mapping import draft_mapping
    from ...engine.mapping.offered import working
    from ...engine.matching.offers import offers
    from ...engine.matching.providers import EmbeddingHint, reranked
    from ...engine.matching.value_hints import ValueHint

    outlines = matching.outline_of(source.catalogue), matching.outline_of(target.catalogue)
    model = language_model() if "llm" in asked.providers else None
    hints: list[Hint] = [ValueHint(source.profiles, target.profiles)] if source.profiles else []
    hints += [EmbeddingHint(embeddings())] if "embeddings" in asked.providers else []
    words = None if asked.dictionary_text is None else matching.own_dictionary(asked.dictionary_text)
    least = min(matching.ASSIGNED, asked.min_confidence)
    settled = settle(
        asked.decisions,
        outlines,
        lambda known: matching.suggest(*outlines, least=least, dictionary=words, hints=hints, confirmed=known),
    )
    found = settled.found
    notes = values_notes(source, target, asked)
    if model is not None:
        told = source.profiles if asked.tell_patterns else None
        found = reranked(found, model, outlines, line=asked.min_confidence, profiles=told)
        notes += model.notes
    possible = offers(*outlines, found, line=asked.min_confidence, profiles=source.profiles)
    good = working(possible, source.catalogue, target.catalogue)
    settled.take_lookups(good)
    left = [each for each in good if not settled.is_done((each.table, each.column))]
    draft = draft_mapping(found, min_confidence=asked.min_confidence, offers=left)
    shown = tuple(offer_of(each) for each in left)
    if not settled.mapping.tables:
        return Made(found, draft, shown, notes)
    settled.found = found
    return Made(found, settled.draft(draft), shown, notes, settled)


def values_notes(source: Seen, target: Seen, asked: Asked) -> list[str]:
    """What was read, in sentences."""
    if asked.sample_rows is None:
        return []
    notes = [
        f"Values were looked at: at most {asked.sample_rows:,} rows of each table, {tables(source)} of the source and "
        f"{tables(target)} of the target that hold any."
    ]
    unread = [f"{name} ({side})" for side, each in (("source", source), ("target", target)) for name in each.unread]
    if unread:
        more = f" and {len(unread) - 5} more" if len(unread) > 5 else ""
        notes.append(f"Not read, for lack of rights or time: {', '.join(unread[:5])}{more}.")
    return notes


def tables(side: Seen) -> str:
    """How many tables had rows."""
    number = len({table for table, _ in side.profiles})
    return f"{number} table{'' if number == 1 else 's'}"
