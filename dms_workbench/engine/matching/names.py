"""How alike words and names are: words by meaning, abbreviation and spelling; names by the words they share, weighed by rarity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import cdist
from scipy.sparse import csr_array

from .dictionary import Dictionary
from .words import stem

Matrix = NDArray[np.float32]
Half = NDArray[np.float16]

SAME, STEM, MEANING, SYNONYM, OPPOSITE = 1.0, 0.98, 0.9, 0.72, 0.5
FUZZY_FROM = 0.86
FILLER_WEIGHT = 0.45


def word_likeness(source: Sequence[str], target: Sequence[str], dictionary: Dictionary) -> Matrix:
    """How alike every two words are, 0 to 1: shape (source words, target words)."""
    likeness = np.asarray(cdist(source, target, scorer=JaroWinkler.normalized_similarity, dtype=np.float32))
    likeness = likeness.reshape(len(source), len(target))
    likeness[likeness < FUZZY_FROM] = 0
    likeness *= 0.85
    index = Index.of(target, dictionary)
    for row, word in enumerate(source):
        for column, found in index.related(word, dictionary):
            likeness[row, column] = max(likeness[row, column], found)
    return likeness


@dataclass(slots=True)
class Index:
    """The words of one side by spelling, meaning and first letter."""

    words: Sequence[str]
    by_stem: dict[str, list[int]]
    by_meaning: dict[str, list[int]]
    by_letter: dict[str, list[int]]

    @staticmethod
    def of(words: Sequence[str], dictionary: Dictionary) -> Index:
        """The index of these words."""
        index = Index(words, {}, {}, {})
        for place, word in enumerate(words):
            index.by_stem.setdefault(stem(word), []).append(place)
            index.by_letter.setdefault(word[:1], []).append(place)
            for meaning in meanings_of(word, dictionary):
                index.by_meaning.setdefault(meaning, []).append(place)
        return index

    def related(self, word: str, dictionary: Dictionary) -> Iterator[tuple[int, float]]:
        """Places of words that are related to one, and how far; a place may come several times."""
        for place in self.by_letter.get(word[:1], ()):
            other = self.words[place]
            found = max(abbreviation(word, other), abbreviation(other, word))
            if found:
                yield place, found
        for meaning in meanings_of(word, dictionary):
            for place in self.by_meaning.get(meaning, ()):
                yield place, MEANING
            for synonym in dictionary.synonyms.get(meaning, ()):
                yield from ((place, SYNONYM) for place in self.by_meaning.get(synonym, ()))
            for opposite in dictionary.opposites.get(meaning, ()):
                yield from ((place, OPPOSITE) for place in self.by_meaning.get(opposite, ()))
        for place in self.by_stem.get(stem(word), ()):
            yield place, SAME if self.words[place] == word else STEM


def meanings_of(word: str, dictionary: Dictionary) -> frozenset[str]:
    """What a word may stand for: itself and its single-word meanings."""
    single = (meaning[0] for meaning in dictionary.meanings.get(word, ()) if len(meaning) == 1)
    return frozenset((stem(word), *single))


def abbreviation(short: str, long: str) -> float:
    """How well ``short`` abbreviates ``long``: its first letters, its consonants, or some of its letters in their order."""
    if not short or len(short) >= len(long) or short[0] != long[0] or not short.isalpha():
        return 0.0
    share = len(short) / len(long)
    if long.startswith(short):
        return 0.3 if len(short) == 1 else min(0.88, 0.5 + 0.1 * len(short))
    if short == skeleton(long):
        return 0.85
    if skeleton(long).startswith(short) and len(short) > 2:
        return 0.75
    if in_order(short, long):
        return min(0.7, 0.35 + 0.4 * share + (0.1 if short[-1] == long[-1] else 0.0))
    return 0.0


def skeleton(word: str) -> str:
    """The first letter and the consonants after it."""
    return word[:1] + "".join(letter for letter in word[1:] if letter not in "aeiou")


def in_order(short: str, long: str) -> bool:
    """All letters of one occur in the other in their order."""
    letters = iter(long)
    return all(letter in letters for letter in short)


@dataclass(slots=True)
class Words:
    """The words of one side's names."""

    vocabulary: list[str]
    names: list[tuple[int, ...]]
    """The places in the vocabulary of each name's words."""

    @staticmethod
    def of(names: Sequence[Sequence[str]], places: dict[str, int]) -> Words:
        """The words by their places in a vocabulary, which takes in those that it does not have."""
        listed = [tuple(places.setdefault(word, len(places)) for word in name) for name in names]
        return Words(list(places), listed)


def weights(words: Words, counts: dict[str, int], total: int, dictionary: Dictionary) -> Matrix:
    """The weight of every word: rare ones say more, fillers little."""
    return np.array(
        [
            np.log1p(total / counts.get(stem(word), 1))
            * (FILLER_WEIGHT if word in dictionary.fillers or word.isdigit() else 1.0)
            for word in words.vocabulary
        ],
        dtype=np.float32,
    )


def incidence(words: Words, weight: Matrix) -> csr_array:
    """Shape (names, vocabulary), nearly empty: each word's share of its name's weight."""
    places = np.array([place for name in words.names for place in name], dtype=np.int64)
    lengths = np.array([len(name) for name in words.names], dtype=np.int64)
    rows = np.repeat(np.arange(len(words.names)), lengths)
    shares = weight[places]
    totals = np.bincount(rows, shares, minlength=len(words.names))
    shares = (shares / np.maximum(totals[rows], 1e-9)).astype(np.float32)
    return csr_array((shares, (rows, places)), shape=(len(words.names), len(words.vocabulary)))


def best_of_names(likeness: Matrix, words: Words, axis: int) -> Matrix:
    """For each name the best likeness of its words to every word of the other side.

    axis 0: names of the source, giving (names, target words); axis 1: names of the target, giving (source words, names).
    """
    side = likeness if axis == 0 else likeness.T
    best = np.zeros((len(words.names), side.shape[1]), dtype=np.float32)
    for row, name in enumerate(words.names):
        if name:
            best[row] = side[list(name)].max(axis=0)
    return best if axis == 0 else best.T


def coverage(
    likeness: Matrix, source: Words, target: Words, source_weight: Matrix, target_weight: Matrix
) -> tuple[Matrix, Matrix]:
    """How far each source name covers each target name and the reverse; both of shape (source names, target names)."""
    of_target = (incidence(target, target_weight) @ best_of_names(likeness, source, 0).T).T
    of_source = incidence(source, source_weight) @ best_of_names(likeness, target, 1)
    return of_target, of_source
