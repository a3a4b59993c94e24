"""From names to words: cut at capitals, digits and underscores, run-together names cut by what words there are."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

PIECES = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_A-Za-z]+")
SHORTEST_CUT = 2
COMMON_COST = 4.0
LONGEST_WORD = 24


def plain(name: str) -> str:
    """Without accents and width variants, letters as they are."""
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))


def split_name(name: str) -> tuple[str, ...]:
    """``CustomerID2`` → customer, id, 2; small letters."""
    return tuple(piece.lower() for piece in PIECES.findall(plain(name)))


@lru_cache(65536)
def stem(word: str) -> str:
    """The word without its plural ending: ``categories`` → category, ``addresses`` → address, ``status`` stays."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "news")):
        return word[:-1]
    return word


class Cutter:
    """Cuts run-together names into the most probable words (Viterbi over word costs)."""

    def __init__(self, common: Iterable[str], own: Iterable[str]) -> None:
        """common: words of a dictionary, all equally likely; own: pieces of both schemas, once for each use."""
        self.cost: dict[str, float] = {}
        counts = Counter(own)
        for piece, count in counts.items():
            if piece.isalpha() and len(piece) > SHORTEST_CUT:
                for word in (piece, stem(piece)):
                    self.learn(word, 5.0 + 0.9 * len(word) - min(2.0, math.log(count)))
        for word in common:
            for form in (word, stem(word), word + "s"):
                self.learn(form, COMMON_COST if len(word) > 3 else COMMON_COST + 1.3 * (4 - len(word)))

    def learn(self, word: str, cost: float) -> None:
        """A word may cost this, if it does not cost less already."""
        self.cost[word] = min(self.cost.get(word, cost), cost)

    def cut(self, word: str) -> tuple[str, ...]:
        """The words a piece consists of; itself if it is one, or made of none."""
        if len(word) < 5 or not word.isalpha():
            return (word,)
        best: list[tuple[float, tuple[str, ...]]] = [(0.0, ())]
        for end in range(1, len(word) + 1):
            ways = [
                (best[start][0] + self.of(word[start:end]), (*best[start][1], word[start:end]))
                for start in range(max(0, end - LONGEST_WORD), end)
            ]
            best.append(min(ways))
        return best[-1][1]

    def of(self, part: str) -> float:
        """The cost of a part: of a word what is known of it, of anything else more for each letter."""
        known = self.cost.get(part)
        return known if known is not None else 9.0 + 1.6 * len(part)
