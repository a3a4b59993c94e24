"""Why a pair is suggested, in words and figures that a person can check."""

from __future__ import annotations

from .features import Evidence
from .names import abbreviation, meanings_of
from .words import stem

NAMED = 0.6
TABLES_TOLD = 0.5


def reasons(evidence: Evidence, source: int, target: int) -> tuple[str, ...]:
    """The reasons for a pair, the strongest kind first: names, tables, keys, types."""
    found = [of_names(evidence, source, target), of_tables(evidence, source, target)]
    found += [of_roles(evidence, source, target), of_types(evidence, source, target)]
    return tuple(reason for reason in found if reason)


def of_names(evidence: Evidence, source: int, target: int) -> str:
    """What the names share."""
    mine, theirs = evidence.source.words.bare[source], evidence.target.words.bare[target]
    if mine == theirs:
        return f"same name {' '.join(theirs)!r}"
    shared = [word for word in theirs if stem(word) in {stem(other) for other in mine}]
    others = [link for word in theirs if word not in shared for other in mine if (link := bond(word, other, evidence))]
    parts = [f"same words {', '.join(repr(word) for word in shared)}"] if shared else []
    return "; ".join(parts + others[:2])


def bond(word: str, other: str, evidence: Evidence) -> str:
    """How another word of the source is bound to a word of the target; "" if it is not."""
    dictionary = evidence.dictionary
    meanings, others = meanings_of(word, dictionary), meanings_of(other, dictionary)
    if meanings & others:
        return f"{other!r} is short for {word!r}" if len(other) < len(word) else f"{word!r} is short for {other!r}"
    if any(synonym in meanings for known in others for synonym in dictionary.synonyms.get(known, ())):
        return f"{other!r} means {word!r}"
    if abbreviation(other, word) >= NAMED:
        return f"{other!r} abbreviates {word!r}"
    return f"{word!r} abbreviates {other!r}" if abbreviation(word, other) >= NAMED else ""


def of_tables(evidence: Evidence, source: int, target: int) -> str:
    """How well the tables fit."""
    a, b = evidence.source.table_of[source], evidence.target.table_of[target]
    share = float(evidence.inside[a, b])
    if share < TABLES_TOLD:
        return ""
    names = evidence.source.schema.tables[a].name, evidence.target.schema.tables[b].name
    return f"{names[0]} has something like {share:.0%} of the columns of {names[1]}"


def of_roles(evidence: Evidence, source: int, target: int) -> str:
    """Keys and links on both sides."""
    if evidence.source.key[source] == evidence.target.key[target] == 1:
        return "both are the primary key"
    leads = evidence.source.linked[source], evidence.target.linked[target]
    if min(leads) >= 0:
        names = evidence.source.schema.tables[leads[0]].name, evidence.target.schema.tables[leads[1]].name
        return f"both lead to a table ({names[0]}, {names[1]})"
    return ""


def of_types(evidence: Evidence, source: int, target: int) -> str:
    """Types that fit, or do not."""
    mine, theirs = evidence.source.columns[source], evidence.target.columns[target]
    if mine.kind == theirs.kind:
        return f"both {mine.kind}"
    fits = float(evidence.kinds[source, target])
    return f"{mine.kind} fits {theirs.kind}" if fits >= NAMED else f"but {mine.kind} is not {theirs.kind}"
