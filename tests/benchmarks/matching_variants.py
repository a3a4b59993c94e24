"""Variants of schema pairs for training: names abbreviated, prefixed, put in other words or other letters, types of another
product, columns in another order, left out or added, tables of other domains among them. All from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from dms_workbench.engine.matching.dictionary import Dictionary, shipped_dictionary
from dms_workbench.engine.matching.lexicon import Lexicon
from dms_workbench.engine.matching.names import skeleton
from dms_workbench.engine.matching.outline import ColumnOutline, SchemaOutline, TableOutline
from dms_workbench.engine.matching.words import stem
from tests.benchmarks.matching_cases import ColumnName, Problem
from tests.benchmarks.matching_folders import without_source_of

Style = Callable[[Sequence[str]], str]

STYLES: dict[str, Style] = {
    "snake": "_".join,
    "upper": lambda words: "_".join(words).upper(),
    "camel": lambda words: "".join(word.capitalize() for word in words),
    "run together": "".join,
}
OTHER_KINDS = {
    "boolean": ("integer", "text"), "timestamp": ("integer", "date", "timestamp"), "longtext": ("text",), "text": ("longtext", "text"),
    "decimal": ("float", "decimal"), "integer": ("decimal", "integer", "text"), "uuid": ("text",), "date": ("timestamp", "text"),
}  # fmt: skip
"""What a column of a kind may have become elsewhere."""


class Writer:
    """Names one schema anew in one style."""

    def __init__(self, dice: random.Random, lexicon: Lexicon, *, short: float, other: float) -> None:
        """short: the share of words that are abbreviated; other: the share that is put in other words."""
        self.dice = dice
        self.lexicon = lexicon
        self.style = STYLES[dice.choice(list(STYLES))]
        self.short, self.other = short, other
        self.prefix = dice.choice(("", "", "table", "letter"))
        self.known: dict[str, str] = {}
        self.abbreviations = reversed_meanings(lexicon.dictionary)

    def name(self, name: str, table: str | None = None) -> str:
        """A column's (or table's) new name; equal words become equal words."""
        words = [self.word(word) for word in self.lexicon.words(name)]
        if table is not None and self.prefix == "table":
            words = [*(self.word(word) for word in self.lexicon.words(table)), *words]
        if table is not None and self.prefix == "letter":
            words = [table[:1].lower(), *words]
        return self.style([word for word in words if word] or ["x"])

    def word(self, word: str) -> str:
        """The word that stands for a word in the whole schema."""
        if word not in self.known:
            self.known[word] = self.new_word(word)
        return self.known[word]

    def new_word(self, word: str) -> str:
        """Another word for it, perhaps shorter."""
        synonyms = sorted(self.lexicon.dictionary.synonyms.get(stem(word), ()))
        if synonyms and self.dice.random() < self.other:
            word = self.dice.choice(synonyms)
        if len(word) < 4 or self.dice.random() >= self.short:
            return word
        ways = [word[:3], word[:4], skeleton(word), skeleton(word)[:3], word[0] + word[-1], word[:1]]
        return self.dice.choice([*self.abbreviations.get(stem(word), ()), *ways[: self.dice.choice((3, 5, 6))]])


def reversed_meanings(dictionary: Dictionary) -> dict[str, list[str]]:
    """The abbreviations of each word."""
    found: dict[str, list[str]] = {}
    for short, meanings in dictionary.meanings.items():
        for meaning in meanings:
            if len(meaning) == 1:
                found.setdefault(meaning[0], []).append(short)
    return {word: sorted(shorts) for word, shorts in found.items()}


def rewritten(problem: Problem, seed: str, *, side: str, short: float, other: float, retype: float) -> Problem:
    """One side of the problem with other names and types, some columns in another place or gone."""
    dice = random.Random(seed)
    schema = getattr(problem, side)
    lexicon = Lexicon.of(shipped_dictionary(), (problem.source, problem.target))
    writer = Writer(dice, lexicon, short=short, other=other)
    renamed: dict[ColumnName, ColumnName] = {}
    tables = []
    for table in schema.tables:
        made, names = rewritten_table(table, writer, dice, retype)
        tables.append(made)
        renamed |= names
    new_names = {table.name: made.name for table, made in zip(schema.tables, tables, strict=True)}
    linked = [
        replace(table, links=tuple(replace(link, table=new_names.get(link.table, link.table)) for link in table.links))
        for table in tables
    ]
    made_schema = SchemaOutline(tuple(linked))
    if side == "target":
        truth = {renamed[target]: sources for target, sources in problem.truth.items() if target in renamed}
        return replace(problem, name=seed, target=made_schema, truth=truth)
    truth = {
        target: kept
        for target, sources in problem.truth.items()
        if (kept := frozenset(renamed[source] for source in sources if source in renamed))
    }
    return replace(problem, name=seed, source=made_schema, truth=truth)


def rewritten_table(
    table: TableOutline, writer: Writer, dice: random.Random, retype: float
) -> tuple[TableOutline, dict[ColumnName, ColumnName]]:
    """A table anew, and what its columns are called now."""
    name = writer.name(table.name)
    columns: list[ColumnOutline] = []
    names: dict[str, str] = {}
    for column in table.columns:
        new = unused(writer.name(column.name, table.name), names.values())
        names[column.name] = new
        columns.append(replace(column, name=new, kind=other_kind(column.kind, dice, retype)))
    if dice.random() < 0.3:
        at = dice.randrange(len(columns))
        columns.insert(dice.randrange(len(columns)), columns.pop(at))
    made = replace(
        table,
        name=name,
        columns=tuple(columns),
        primary_key=tuple(names[key] for key in table.primary_key),
        unique_keys=tuple(tuple(names[key] for key in keys) for keys in table.unique_keys),
        links=tuple(
            replace(link, columns=tuple(names[column] for column in link.columns)) for link in table.links
        ) if dice.random() < 0.6 else (),
    )  # fmt: skip
    return made, {(table.name, old): (name, new) for old, new in names.items()}


def unused(name: str, taken: Iterable[str]) -> str:
    """The name, with a number where it is taken."""
    known, wanted, number = set(taken), name, 2
    while wanted in known:
        wanted, number = f"{name}{number}", number + 1
    return wanted


def other_kind(kind: str, dice: random.Random, share: float) -> str:
    """A kind that columns of this kind have elsewhere."""
    return dice.choice(OTHER_KINDS[kind]) if kind in OTHER_KINDS and dice.random() < share else kind


def turned(problem: Problem) -> Problem:
    """The same from target to source."""
    truth: dict[ColumnName, set[ColumnName]] = {}
    for target, sources in problem.truth.items():
        for source in sources:
            truth.setdefault(source, set()).add(target)
    return Problem(
        f"{problem.name} turned", problem.target, problem.source,
        {target: frozenset(sources) for target, sources in truth.items()}, problem.complete,
    )  # fmt: skip


def twin(problem: Problem, side: str) -> Problem:
    """A schema and itself."""
    schema = getattr(problem, side)
    truth = {
        (table.name, column.name): frozenset({(table.name, column.name)})
        for table in schema.tables
        for column in table.columns
    }
    return Problem(f"{problem.name} {side} twin", schema, schema, truth)


def crowded(problem: Problem, others: Sequence[Problem], seed: str, most: int) -> Problem:
    """With tables of other domains on both sides, which have no counterpart."""
    dice = random.Random(seed)
    sides = []
    for side in ("source", "target"):
        own: SchemaOutline = getattr(problem, side)
        names = {table.name for table in own.tables}
        strangers = []
        for other in dice.sample(list(others), k=min(len(others), 2)):
            if other.name.split()[0] != problem.name.split()[0]:
                tables = list(getattr(other, side).tables)
                strangers += [
                    table for table in dice.sample(tables, k=min(len(tables), most)) if table.name not in names
                ]
        listed = [*own.tables, *{table.name: table for table in strangers}.values()]
        dice.shuffle(listed)
        sides.append(SchemaOutline(tuple(listed)))
    return replace(problem, name=seed, source=sides[0], target=sides[1])


def orphaned(problem: Problem, seed: str) -> Problem:
    """Without the source tables of one target table: nothing may be suggested for it."""
    dice = random.Random(seed)
    table = dice.choice(sorted({target[0] for target in problem.truth}))
    left = without_source_of(problem, table, seed)
    return left if left.source.tables else problem


def variants(problems: Sequence[Problem], seed: int = 0) -> list[Problem]:
    """What the model is trained on besides the problems themselves. seed: 0 gives those of the shipped model."""
    found: list[Problem] = []
    dice = f" {seed}" if seed else ""
    for problem in problems:
        found += [turned(problem), crowded(problem, problems, f"{problem.name} crowded{dice}", 6)]
        found.append(
            crowded(turned(problem), [turned(each) for each in problems], f"{problem.name} turned crowded{dice}", 6)
        )
        for number, (short, other, retype) in enumerate(((0.0, 0.25, 0.2), (0.5, 0.2, 0.3), (0.85, 0.0, 0.2))):
            side = ("target", "source")[number % 2]
            base = twin(problem, side)
            found.append(
                rewritten(
                    base,
                    f"{problem.name} {side} {number}{dice}",
                    side="source",
                    short=short,
                    other=other,
                    retype=retype,
                )
            )
        found.append(
            rewritten(problem, f"{problem.name} rewritten{dice}", side="source", short=0.2, other=0.3, retype=0.2)
        )
        found.append(orphaned(problem, f"{problem.name} orphaned{dice}"))
    return found
