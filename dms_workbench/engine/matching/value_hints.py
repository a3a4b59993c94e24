"""Values as evidence: what they look like confirms a pair or speaks against it, by a short table of weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from .features import Evidence
from .names import Matrix, meanings_of
from .outline import ColumnOutline
from .pairs import Pairs
from .values import Profile

WEIGHTS = {
    "found": 1.5,
    "partly found": 0.7,
    "same look": 1.0,
    "other look": -1.5,
    "same shape": 0.4,
    "as named": 1.5,
    "not as named": -1.0,
    "times": 1.0,
    "no times": -1.0,
    "letters": -2.0,
    "more than two": -1.5,
    "too long": -1.0,
}
"""What each finding adds to a pair's log-odds: chosen by hand, small beside names and structure (which reach from -8 to 8)."""

LOWEST, HIGHEST = -3.0, 2.0
"""All findings of a pair together."""
FEWEST_DISTINCT = 20
"""Distinct values from which on it means something that they occur on the other side, too."""
FEWEST_FILLED = 5
ALL_FOUND, MANY_FOUND = 0.9, 0.5
SHAPED = 0.6
NAMES = {
    "e-mail addresses": frozenset({"email", "mail", "e-mail"}),
    "URLs": frozenset({"url", "uri", "link", "website", "homepage", "page", "site", "web"}),
    "IP addresses": frozenset({"ip", "host"}),
    "UUIDs": frozenset({"uuid", "guid"}),
    "MD5 hashes": frozenset({"password", "hash", "md5", "digest", "token"}),
    "SHA hashes": frozenset({"password", "hash", "sha", "digest", "token"}),
}
"""The words by which a column says that it holds such values."""
OTHER_NAMES = frozenset(
    {"phone", "telephone", "fax", "street", "city", "postcode", "country", "title", "description", "comment"}
)
"""Words that say what a column holds, and that none of `NAMES` can be."""
NUMBERS = frozenset({"integer", "decimal", "float"})
TIMES = frozenset({"date", "timestamp"})
SPEAKING = frozenset({"text", "longtext", "integer", "other"})
"""Kinds whose values say more than the kind does: a date is a date, and its pattern is that of all dates."""


@dataclass(slots=True)
class ValueHint:
    """Profiles of the source, and of the target where it has rows. Columns without a profile are left as they are."""

    source: Mapping[tuple[str, str], Profile]
    target: Mapping[tuple[str, str], Profile]
    mine: list[Profile | None] = field(default_factory=list)
    theirs: list[Profile | None] = field(default_factory=list)
    columns: list[ColumnOutline] = field(default_factory=list)
    """Of the target."""
    words: list[frozenset[str]] = field(default_factory=list)
    """What the words of each target column's name may stand for."""

    def log_odds(self, evidence: Evidence, pairs: Pairs, odds: Matrix) -> Matrix:
        """The log-odds with the findings' weights."""
        self.mine, self.theirs = listed(evidence, self.source, "source"), listed(evidence, self.target, "target")
        self.mine = [
            profile if column.kind in SPEAKING else None
            for profile, column in zip(self.mine, evidence.source.columns, strict=True)
        ]
        self.columns = evidence.target.columns
        self.words = [
            frozenset(meaning for word in name for meaning in meanings_of(word, evidence.dictionary))
            for name in evidence.target.words.bare
        ]
        moved = [
            min(HIGHEST, max(LOWEST, sum(WEIGHTS[finding] for finding, _ in self.findings(int(s), int(t)))))
            for s, t in zip(pairs.source, pairs.target, strict=True)
        ]
        return np.asarray(odds + np.array(moved, dtype=np.float32), dtype=np.float32)

    def reasons(self, source: int, target: int) -> tuple[str, ...]:
        """The findings in words."""
        return tuple(words for _, words in self.findings(source, target))

    def findings(self, source: int, target: int) -> Iterator[tuple[str, str]]:
        """What values say of a pair: a name of the table above, and words."""
        mine, theirs = self.mine[source], self.theirs[target]
        if mine is None or mine.filled < FEWEST_FILLED:
            return
        yield from against_type(mine, self.columns[target])
        yield from against_name(mine, self.words[target])
        if theirs is not None and theirs.filled >= FEWEST_FILLED:
            yield from against_values(mine, theirs)


def listed(evidence: Evidence, profiles: Mapping[tuple[str, str], Profile], side: str) -> list[Profile | None]:
    """The profiles in the order of a schema's columns."""
    schema = getattr(evidence, side).schema
    return [profiles.get((table.name, column.name)) for table in schema.tables for column in table.columns]


def against_type(mine: Profile, target: ColumnOutline) -> Iterator[tuple[str, str]]:
    """The source's values and the type that they would go into."""
    unix = mine.looks.startswith("Unix times")
    if target.kind in TIMES and (unix or mine.looks == "dates"):
        yield "times", f"the values are {mine.looks}"
    elif target.kind in TIMES and mine.numeric > 0.9:
        yield "no times", "but the values are numbers that are no times"
    elif unix and target.kind in {"text", "longtext", "boolean"}:
        yield "no times", f"but the values are {mine.looks}, and the target is {target.kind}"
    elif target.kind in TIMES and not mine.date_form and mine.lettered > 0.5:
        yield "letters", f"but the values hold letters and no dates, and the target is {target.kind}"
    if target.kind in NUMBERS | {"time"} and mine.lettered > 0.5 and mine.looks != "yes or no" and mine.numeric < 0.1:
        yield "letters", f"but the values hold letters, and the target is {target.kind}"
    if target.kind == "boolean" and mine.distinct > 3 and mine.looks != "yes or no":
        yield "more than two", "but the values are more than two"
    if target.kind == "text" and target.length is not None and mine.longest > target.length:
        yield "too long", f"but values are longer than {target.length} characters"


def against_name(mine: Profile, words: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The source's values and what the target's name says."""
    named = NAMES.get(mine.looks)
    if named is None:
        return
    if words & named:
        yield "as named", f"the values are {mine.looks}, as the name says"
    elif words & OTHER_NAMES:
        yield "not as named", f"but the values are {mine.looks}"


def against_values(mine: Profile, theirs: Profile) -> Iterator[tuple[str, str]]:
    """The values of both sides."""
    if mine.looks and mine.looks == theirs.looks:
        yield "same look", f"both hold {mine.looks}"
    elif mine.looks in NAMES and (theirs.looks or theirs.numeric > 0.9):
        yield "other look", f"but these values are {mine.looks}, and the target's are {theirs.looks or 'numbers'}"
    elif alike_shapes(mine, theirs):
        yield "same shape", "the values are written alike"
    if min(len(mine.marks), len(theirs.marks)) < FEWEST_DISTINCT or mine.numeric > 0.5:
        return  # numbers occur on both sides by accident
    share = mine.found_in(theirs)
    if share >= MANY_FOUND:
        yield (
            "found" if share >= ALL_FOUND else "partly found",
            f"{share:.0%} of the values occur in the target's column",
        )


def alike_shapes(mine: Profile, theirs: Profile) -> bool:
    """Are most values of both sides written in one and the same pattern, that is more than a word or a number?"""
    first, second = mine.shapes[0], theirs.shapes[0]
    return first[0] == second[0] and min(first[1], second[1]) >= SHAPED and len(first[0]) > 2
