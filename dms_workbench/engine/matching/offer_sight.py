"""What the rules for offers look at: one source table that feeds one target table, names as words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .dictionary import Dictionary
from .lexicon import Lexicon, Name
from .names import meanings_of
from .outline import ColumnOutline, SchemaOutline, TableOutline
from .suggest import Candidate, ColumnSuggestion
from .values import Profile
from .words import stem

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RESERVED = frozenset({
    "all", "and", "any", "as", "asc", "at", "between", "both", "by", "case", "cast", "check", "collate", "column",
    "constraint", "create", "cross", "current", "date", "default", "desc", "distinct", "do", "else", "end",
    "except", "exists", "extract", "false", "for", "foreign", "from", "full", "grant", "group", "having", "ilike",
    "in", "inner", "intersect", "interval", "into", "is", "join", "key", "lateral", "leading", "left", "like",
    "limit", "natural", "not", "null", "offset", "on", "only", "or", "order", "outer", "over", "position",
    "primary", "references", "right", "select", "set", "similar", "some", "substring", "table", "then", "time",
    "timestamp", "to", "trailing", "trim", "true", "union", "unique", "user", "using", "values", "when", "where",
    "window", "with",
})  # fmt: skip
"""Words that a name is put in quotes for."""

TEXTS = frozenset({"text", "longtext"})


@dataclass(frozen=True, slots=True)
class LookupLine:
    """A lookup that an expression needs: a line under ``lookups`` of the mapping file."""

    name: str
    table: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Offer:
    """An expression that may fill a target column, for a person to take or leave."""

    kind: str
    """``split`` ``merge`` ``copy`` ``coalesce`` ``lookup`` ``convert`` ``constant``."""
    table: str
    column: str
    """Of the target."""
    source_table: str
    sources: tuple[str, ...]
    """The columns that the expression uses."""
    expression: str
    confidence: float
    """How good the offer is, 0 to 1: a judgement by rule, not a calibrated chance; it never fills a column in."""
    reasons: tuple[str, ...]
    lookup: LookupLine | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A column with its name as words."""

    outline: ColumnOutline
    words: Name
    """Without the words of its table's name."""
    meanings: tuple[frozenset[str], ...]
    """What each word may stand for."""

    @property
    def name(self) -> str:
        """The column's name."""
        return self.outline.name

    @property
    def kind(self) -> str:
        """The kind, with long texts as texts."""
        return "text" if self.outline.kind in TEXTS else self.outline.kind

    @property
    def concepts(self) -> frozenset[str]:
        """All that its words may stand for."""
        return frozenset(meaning for word in self.meanings for meaning in word)

    @property
    def quoted(self) -> str:
        """The column as an expression names it."""
        return quoted(self.name)

    def without(self, words: frozenset[str]) -> tuple[frozenset[str], ...]:
        """Its words but those that mean one of these."""
        return tuple(word for word in self.meanings if not word & words)


def quoted(name: str) -> str:
    """A column's name in an expression."""
    if PLAIN.fullmatch(name) and name.lower() not in RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def same(mine: Sequence[frozenset[str]], theirs: Sequence[frozenset[str]]) -> bool:
    """Do the words of two names mean the same, in their order?"""
    return len(mine) == len(theirs) > 0 and all(one & other for one, other in zip(mine, theirs, strict=True))


@dataclass(slots=True)
class Sight:
    """One source table and the target table it feeds."""

    source: TableOutline
    target: TableOutline
    schema: SchemaOutline
    """Of the source."""
    sources: list[Named]
    targets: list[Named]
    suggestions: Mapping[str, ColumnSuggestion]
    """By the target's column."""
    lexicon: Lexicon
    dictionary: Dictionary
    line: float
    profiles: Mapping[tuple[str, str], Profile]
    """Of source columns, where rows were read."""

    def doubtful(self, column: Named) -> bool:
        """Is nothing sure for this target column?"""
        assigned = self.suggestions[column.name].assigned
        return assigned is None or assigned.confidence < self.line

    @property
    def wanted(self) -> list[Named]:
        """The target columns that are open or doubtful."""
        return [column for column in self.targets if self.doubtful(column)]

    def candidates(self, column: Named) -> Iterator[tuple[Named, Candidate]]:
        """The suggested sources of a target column that are in this source table, best first."""
        mine = {each.name: each for each in self.sources}
        for each in self.suggestions[column.name].candidates:
            if each.table == self.source.name:
                yield mine[each.column], each

    def profile(self, column: Named) -> Profile | None:
        """What its values look like, where rows were read."""
        return self.profiles.get((self.source.name, column.name))

    def offer(self, kind: str, target: Named, sources: Sequence[Named], expression: str, judged: Judged) -> Offer:
        """An offer between these two tables."""
        names = tuple(source.name for source in sources)
        return Offer(
            kind, self.target.name, target.name, self.source.name, names, expression, round(judged.confidence, 2),
            judged.reasons, judged.lookup,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judged:
    """How good an offer is, and why."""

    confidence: float
    reasons: tuple[str, ...]
    lookup: LookupLine | None = None


def judged(confidence: float, *reasons: str, lookup: LookupLine | None = None) -> Judged:
    """A judgement in words."""
    return Judged(confidence, reasons, lookup)


def named(table: TableOutline, lexicon: Lexicon) -> list[Named]:
    """A table's columns with their words; those of the table itself are left out where others stay."""
    own = {stem(word) for word in lexicon.words(table.name)}
    found = []
    for column in table.columns:
        words = lexicon.words(column.name)
        bare = tuple(word for word in words if stem(word) not in own) or words
        found.append(Named(column, bare, tuple(meanings_of(word, lexicon.dictionary) for word in bare)))
    return found
