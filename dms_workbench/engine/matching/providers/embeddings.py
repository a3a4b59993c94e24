"""Embeddings: how near the meanings of two names are, by a local model; blended in where names are words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..features import Evidence
from ..names import Matrix
from ..pairs import Pairs
from ..words import split_name
from .base import Option, Question
from .bert import Bert, Vectors, read_bert

WEIGHT = 0.5
"""Log-odds for each standard deviation by which a candidate is nearer than the target's other candidates."""
LOWEST, HIGHEST = -1.0, 2.5
"""Standard deviations that count at most."""
NEAREST = 1.5


@dataclass(slots=True)
class Embeddings:
    """A provider that scores candidates by the cosine of their names' vectors with the target's, each name with its table's."""

    model: Bert
    name: str = "embeddings"
    notes: list[str] = field(default_factory=list)

    @staticmethod
    def read(folder: Path) -> Embeddings:
        """From a model folder. Raises EmbeddingModelUnusable."""
        return Embeddings(read_bert(folder))

    def rank(self, questions: Sequence[Question]) -> Sequence[Sequence[float] | None]:
        """Cosines, -1 to 1; none for a question without candidates."""
        options = [option for each in questions for option in (each.target, *each.candidates)]
        texts = list(dict.fromkeys(map(text_of, options)))
        vectors: Vectors = self.model.vectors(texts) if texts else np.zeros((0, 1), dtype=np.float32)
        place = {text: number for number, text in enumerate(texts)}
        return [
            [float(vectors[place[text_of(each.target)]] @ vectors[place[text_of(one)]]) for one in each.candidates]
            if each.candidates else None
            for each in questions
        ]  # fmt: skip

    def plain(self, option: Option) -> float:
        """The share of a name's words that the model was taught as whole words: 0 for codes and abbreviations."""
        words = split_name(option.column)
        return sum(self.model.tokens.whole(word) for word in words) / len(words) if words else 0.0


def text_of(option: Option) -> str:
    """A column as a phrase: the words of its table and its own."""
    return " ".join((*split_name(option.table), *split_name(option.column)))


@dataclass(slots=True)
class EmbeddingHint:
    """Embeddings as further evidence.

    A candidate gains by how far it is nearer than the target's other candidates, in standard deviations. The gain is
    multiplied by the share of both names that are words: what a model makes of ``CUSTBAL2`` is noise, and left out.
    """

    provider: Embeddings
    near: dict[tuple[int, int], float] = field(default_factory=dict)

    def log_odds(self, evidence: Evidence, pairs: Pairs, odds: Matrix) -> Matrix:
        """The log-odds with each candidate's gain or loss."""
        targets = evidence.base.shape[1]
        most = len(pairs.target) // targets
        mine, theirs = options_of(evidence, "source"), options_of(evidence, "target")
        places = pairs.source.reshape(targets, most)
        questions = [
            Question(theirs[number], tuple(mine[place] for place in places[number])) for number in range(targets)
        ]
        scores = np.array(self.provider.rank(questions), dtype=np.float32)
        spread = scores.std(axis=1, keepdims=True)
        away = (scores - scores.mean(axis=1, keepdims=True)) / np.maximum(spread, 1e-6)
        plain = [np.array([self.provider.plain(option) for option in options]) for options in (mine, theirs)]
        gate = plain[0][places] * plain[1][:, None]
        gain = WEIGHT * gate * np.clip(away, LOWEST, HIGHEST)
        self.near = {
            (int(places[number, place]), int(number)): float(scores[number, place])
            for number, place in zip(*np.nonzero((away >= NEAREST) & (gate > 0)), strict=True)
        }
        return np.asarray(odds + gain.ravel(), dtype=np.float32)

    def reasons(self, source: int, target: int) -> tuple[str, ...]:
        """Near in meaning, by how much."""
        found = self.near.get((source, target))
        return () if found is None else (f"near in meaning by the embeddings ({found:.2f})",)


def options_of(evidence: Evidence, side: str) -> list[Option]:
    """The columns of a schema, in their order."""
    schema = getattr(evidence, side).schema
    return [Option(table.name, column.name, column.kind) for table in schema.tables for column in table.columns]
