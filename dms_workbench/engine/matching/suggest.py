"""Suggestions for every table and column of a target: sources with a confidence each, reasons, and what would be filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .assign import assigned
from .confirmed import CERTAIN, Confirmed
from .dictionary import Dictionary, shipped_dictionary
from .explain import reasons
from .features import Evidence, evidence
from .feedback import Feedback, shipped_feedback
from .hints import Hint, shifted
from .model import Model, shipped_model
from .names import Matrix
from .outline import SchemaOutline
from .pairs import Pairs
from .situation import situation

CONFIDENT = 0.9
"""From here on a suggestion is filled in without asking."""
ASSIGNED = 0.75
"""From here on a suggestion is offered as the answer; below, the column stays open with its candidates."""
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """A source column that may be what a target column is made of."""

    table: str
    column: str
    confidence: float
    """The chance that it is right, 0 to 1."""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnSuggestion:
    """What is suggested for a target column."""

    table: str
    column: str
    candidates: tuple[Candidate, ...]
    """Best first."""
    assigned: Candidate | None = None
    """The one that would be filled in or offered; None leaves the column open."""


@dataclass(frozen=True, slots=True)
class TableSuggestion:
    """What a target table seems to be made of."""

    table: str
    sources: tuple[tuple[str, float], ...]
    """Source tables, the likeliest first, each with the share of the table's columns that it gives."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """All of them, in the order of the target's tables and columns."""

    tables: tuple[TableSuggestion, ...]
    columns: tuple[ColumnSuggestion, ...]


def suggest(  # noqa: PLR0913  two schemas, and what may be known besides
    source: SchemaOutline,
    target: SchemaOutline,
    *,
    least: float = ASSIGNED,
    dictionary: Dictionary | None = None,
    model: Model | None = None,
    hints: Sequence[Hint] = (),
    confirmed: Confirmed | None = None,
    feedback: Feedback | None = None,
) -> Suggestions:
    """Suggest sources for every column of the target. The same schemas give the same suggestions.

    least: the confidence from which a suggestion is offered as the answer.
    hints: further evidence, each changing the log-odds of pairs in its turn.
    confirmed: what people decided already; it spreads to the columns that are open.
    feedback: other weights of that than the shipped ones.

    Either schema may be empty: then nothing is suggested.
    """
    if not source.columns or not target.columns:
        return nothing(target)
    words, weights = dictionary or shipped_dictionary(), model or shipped_model()
    source, target = without_empty(source), without_empty(target)
    known = evidence(source, target, confirmed.learned(source, target, words) if confirmed else words)
    pairs = Pairs.of(known, confirmed.favoured(known) if confirmed else None)
    plain = odds = weights.log_odds(known, pairs)
    for hint in hints:
        odds = hint.log_odds(known, pairs, odds)
    moved = odds - plain
    if confirmed:
        spread = (feedback or shipped_feedback()).spread
        odds, confidence = spread(known, pairs, odds, confirmed, weights.confidence)
    else:
        confidence = weights.confidence.of(situation(known, pairs, odds).figures)
    return Listing(known, pairs, odds, shifted(confidence, odds, moved), least, hints).suggestions()


def without_empty(schema: SchemaOutline) -> SchemaOutline:
    """The tables that have columns."""
    return SchemaOutline(tuple(table for table in schema.tables if table.columns))


def nothing(target: SchemaOutline) -> Suggestions:
    """No suggestion for any column."""
    return Suggestions(
        tuple(TableSuggestion(table.name, ()) for table in target.tables),
        tuple(ColumnSuggestion(table.name, column.name, ()) for table in target.tables for column in table.columns),
    )


@dataclass(slots=True)
class Listing:
    """Turns figures into suggestions."""

    evidence: Evidence
    pairs: Pairs
    odds: Matrix
    confidence: Matrix
    least: float
    hints: Sequence[Hint] = ()

    def suggestions(self) -> Suggestions:
        """All of them."""
        sources, targets = names_of(self.evidence.source.schema), names_of(self.evidence.target.schema)
        chosen = assigned(self.pairs, self.odds, self.confidence, self.least)
        columns = []
        for number, (table, column) in enumerate(targets):
            candidates = self.candidates(number, sources)
            source = sources[chosen[number]] if number in chosen else None
            pick = next((each for each in candidates if (each.table, each.column) == source), None)
            columns.append(ColumnSuggestion(table, column, candidates, pick))
        return Suggestions(tuple(self.tables(columns)), tuple(columns))

    def candidates(self, target: int, sources: Sequence[tuple[str, str]]) -> tuple[Candidate, ...]:
        """The sources of a target column, best first; the others' confidence follows from how far they are behind."""
        most = len(self.pairs.target) // self.evidence.base.shape[1]
        odds = self.odds[target * most : (target + 1) * most]
        order = np.array([place for place in np.argsort(-odds, kind="stable")[:SHOWN] if odds[place] > -CERTAIN], int)
        top = float(self.confidence[target])
        chance = 1 / (1 + np.exp(-odds.astype(np.float64)))
        found = []
        for rank, place in enumerate(order):
            share = 1.0 if rank == 0 else float(chance[place] / max(1e-9, chance[order[0]]))
            confidence = top if rank == 0 else min(top, (1 - top) * share)
            at = int(self.pairs.source[target * most + place])
            told = tuple(reason for hint in self.hints for reason in hint.reasons(at, target))
            found.append(Candidate(*sources[at], round(confidence, 4), reasons(self.evidence, at, target) + told))
        return tuple(found)

    def tables(self, columns: Sequence[ColumnSuggestion]) -> list[TableSuggestion]:
        """The source tables of each target table, by what their columns are suggested for."""
        shares: dict[str, dict[str, float]] = {table.name: {} for table in self.evidence.target.schema.tables}
        sizes = {table.name: len(table.columns) for table in self.evidence.target.schema.tables}
        for each in columns:
            if each.candidates:
                best = each.candidates[0]
                shares[each.table][best.table] = shares[each.table].get(best.table, 0.0) + best.confidence
        return [
            TableSuggestion(
                table,
                tuple(
                    (source, round(total / sizes[table], 4))
                    for source, total in sorted(found.items(), key=lambda item: (-item[1], item[0]))
                ),
            )
            for table, found in shares.items()
        ]


def names_of(schema: SchemaOutline) -> list[tuple[str, str]]:
    """Table and column of every column."""
    return [(table.name, column.name) for table in schema.tables for column in table.columns]
