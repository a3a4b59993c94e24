"""From the values of a source to proposals: judged as profiles and rules judge them, tried with the product's own evaluator."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from ..databases.catalogue import Column, DataType
from ..databases.urls import database_for
from ..expressions import InvalidExpression, LookupTable, compile_evaluator, lookup_of_values
from ..profiling.distinct import distinct_texts, repeated_rows
from ..profiling.figures import Held
from ..profiling.kinds import Reading, Verdict, tidy
from ..profiling.kinds.codes import country_codes
from ..profiling.pii import personal_of
from ..profiling.profile import Asked, gathered, profile_table, wanted
from ..profiling.references import Profiled
from ..profiling.values import meaning_of, texts_of
from ..profiling.workspace import Workspace
from ..quality.bench import BenchColumn
from ..quality.texts import NAMES, verdict_of
from .candidates import candidates, spelled, without_words
from .model import Cleansing, CleansingExample, Cleansings, NotCleansed

MOST_VALUES = 300_000
"""Distinct values of a column that are judged; of more nothing is proposed, and that is told."""
MOST_ENTRIES = 500
"""Values that a lookup of the mapping file may list."""
EXAMPLES = 5
LONGEST_EXAMPLE = 80
TEXT = DataType("text", "VARCHAR")
DUPLICATES = (
    "rows are equal to another row in all columns. A mapping writes each row by itself, so they are not merged here: a key in the "
    "target with the mode insert-missing writes the first of them alone"
)

LISTABLE = frozenset(("city", "country"))
"""Classes of personal data whose values may stand in the mapping file: by themselves they name no one."""

Rows = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Judged:
    """The distinct values of a column and what is to become of them."""

    table: str
    column: str
    reading: Reading | None
    personal: str
    rows: Rows
    """Each distinct value with its rows."""
    verdicts: Mapping[str, Verdict]
    """Of the values that are not as they should be."""
    nothing: frozenset[str]
    """Values that are words for nothing and may become NULL."""
    measured_on: str

    def allowed(self, value: str, made: str | None) -> bool:
        """May the value become this? A clean one stays, a wrong one becomes what is known, or is tidied."""
        if value in self.nothing:
            return made is None or made in (value, tidy(value))
        verdict = self.verdicts.get(value)
        if verdict is None:
            return made == value
        return made in (value, verdict.repaired or value, tidy(value)) and made is not None

    def right(self, value: str, made: str | None) -> bool:
        """Is that what it should be?"""
        if value in self.nothing:
            return made is None
        verdict = self.verdicts.get(value)
        return made == value if verdict is None else made is not None and made == verdict.repaired

    def should_be(self, value: str) -> str | None:
        """What the value should be; itself where that is not known."""
        if value in self.nothing:
            return None
        verdict = self.verdicts.get(value)
        return value if verdict is None or verdict.repaired is None else verdict.repaired


@dataclass(slots=True)
class Tried:
    """An expression and what it makes of the values."""

    expression: str
    made: Mapping[str, str | None]
    entries: dict[str, str | None] = field(default_factory=dict)


def propose_cleansings(
    url: str, *, tables: Sequence[str] = (), schema: str | None = None, sample_rows: int | None = 1_000_000
) -> Cleansings:
    """What cleans the text columns of a database or files. sample_rows: of very large tables; None reads all rows.

    Raises the errors of a connection, SchemaMissing, TableNotThere.
    """
    asked = Asked(tuple(tables), sample_rows, everything=False)
    proposals: list[Cleansing] = []
    left: list[NotCleansed] = []
    with closing(database_for(url).open_source(url)) as source, Workspace() as space:
        for table in wanted(source.catalogue(schema).tables, asked.tables):
            profiled = profile_table(space, gathered(space, source, table, asked, None), asked)
            of_table(space, profiled, proposals, left)
    return Cleansings(tuple(proposals), tuple(left))


def of_table(space: Workspace, profiled: Profiled, proposals: list[Cleansing], left: list[NotCleansed]) -> None:
    """Add what is proposed for one table, and what is not."""
    name = profiled.gathered.table.name.name
    texts = [
        (held, profiled.profile.column(held.name))
        for held in profiled.columns
        if held.form == "text" and held.kind == "text" and profiled.profile.column(held.name).distinct
    ]
    looked_at = texts_of(space, profiled.gathered, texts)
    for held, figures in texts:
        if figures.distinct > MOST_VALUES:
            left.append(NotCleansed(name, held.name, 0, f"more than {MOST_VALUES:,} distinct values: not judged"))
            continue
        reading = meaning_of(held.name, looked_at[held.name])
        judged = judge(space, profiled, BenchColumn(held, figures, "text", 0, reading))
        found = proposal_of(judged) if judged.verdicts else None
        if found is not None:
            proposals.append(found)
        left += not_cleansed(judged, 0 if found is None else found.still_wrong, tried=found is not None)
    if repeated := equal_rows(space, profiled):
        left.append(NotCleansed(name, "", repeated, DUPLICATES))


def equal_rows(space: Workspace, profiled: Profiled) -> int:
    """Rows beyond the first of each set that is equal in all columns; none where a key forbids it."""
    if profiled.gathered.table.primary_key is not None or not profiled.columns:
        return 0
    return repeated_rows(space, profiled.gathered, profiled.columns)


def judge(space: Workspace, profiled: Profiled, column: BenchColumn) -> Judged:
    """Judge every distinct value of a column."""
    found, held = profiled.gathered, column.held
    rows = distinct_texts(space, found, held)
    names = [each.name for each in profiled.columns]
    personal = personal_of(found.name, held.name, held.kind, column.reading, names)
    verdicts = {value: verdict for value in rows if (verdict := verdict_of(column, value)) is not None}
    kind = personal.kind if personal is not None else ""
    may_be_null = nullable(profiled, held) and kind not in NAMES
    nothing = frozenset(
        value for value, verdict in verdicts.items()
        if may_be_null and verdict.code == "missing-word" and verdict.repaired is None and value.upper() not in country_codes()
    )  # fmt: skip
    return Judged(found.table.name.name, held.name, column.reading, kind, rows, verdicts, nothing, str(found.sampling))


def nullable(profiled: Profiled, held: Held) -> bool:
    """May the column be NULL?"""
    return any(column.name == held.name and column.nullable for column in profiled.gathered.table.columns)


def proposal_of(judged: Judged) -> Cleansing | None:
    """The expression that puts most rows right and touches no clean value; None where nothing changes."""
    best: Tried | None = None
    for expression in expressions(judged):
        tried = kept_exact(judged, expression)
        if tried is not None and (best is None or rows_right(judged, tried) > rows_right(judged, best)):
            best = tried
    if best is None or all(best.made[value] == value for value in judged.rows):
        return None
    return described(judged, best)


def expressions(judged: Judged) -> list[str]:
    """The candidates, each also with NULL for the words for nothing that the column has."""
    plain = list(candidates(judged.column, judged.reading, judged.verdicts))
    if not judged.nothing:
        return plain
    return [*plain, *(without_words(each, sorted(judged.nothing)) for each in plain)]


def kept_exact(judged: Judged, expression: str) -> Tried | None:
    """The expression tried; what it makes wrong or leaves wrong goes into a lookup, if that may be written into a file."""
    made = made_of(judged.column, expression, judged.rows, {})
    if made is None:
        return None
    harmed = [value for value in judged.rows if not judged.allowed(value, made[value])]
    if judged.personal and judged.personal not in LISTABLE:
        return None if harmed else Tried(expression, made)
    missed = [
        value for value, verdict in judged.verdicts.items()
        if verdict.repaired is not None and not judged.right(value, made[value])
    ]  # fmt: skip
    listed = sorted({*harmed, *missed})
    if not listed or len(listed) > MOST_ENTRIES:
        return None if harmed else Tried(expression, made)
    entries = {value: judged.should_be(value) for value in listed}
    name = lookup_name(judged)
    looked = f"lookup({quoted(name)}, {spelled(judged.column)}, {expression})"
    again = made_of(judged.column, looked, judged.rows, {name: lookup_of_values(entries)})
    if again is None or not all(judged.allowed(value, again[value]) for value in judged.rows):
        return None if harmed else Tried(expression, made)
    return Tried(looked, again, entries)


def quoted(text: str) -> str:
    """A text as an expression has it."""
    return "'" + text.replace("'", "''") + "'"


def lookup_name(judged: Judged) -> str:
    """The name of a column's lookup."""
    return re.sub(r"\W+", "_", f"{judged.table}_{judged.column}_as_it_should_be")


def made_of(
    column: str, expression: str, rows: Rows, lookups: Mapping[str, LookupTable]
) -> dict[str, str | None] | None:
    """What the product's evaluator makes of each value; None where it refuses the expression or rejects a value."""
    try:
        evaluator = compile_evaluator([Column(column, TEXT)], [(column, expression)], None, lookups)
    except InvalidExpression:
        return None
    values = list(rows)
    with closing(evaluator):
        result = evaluator.evaluate([list(values)], len(values))
    if len(result.kept) != len(values):
        return None
    return {values[row]: made for row, made in zip(result.kept, result.columns[0], strict=True)}


def rows_right(judged: Judged, tried: Tried) -> tuple[int, int]:
    """Rows that are as they should be then; fewer entries in a lookup are better."""
    right = sum(rows for value, rows in judged.rows.items() if judged.right(value, tried.made[value]))
    return right, -len(tried.entries)


def described(judged: Judged, tried: Tried) -> Cleansing:
    """The proposal with its counts and examples."""
    rows = judged.rows
    changed = [value for value in rows if tried.made[value] != value]
    shown = sorted(changed, key=lambda value: (-rows[value], value))[:EXAMPLES]
    return Cleansing(
        judged.table,
        judged.column,
        tried.expression,
        reasons(judged, changed),
        rows=sum(rows.values()),
        wrong=sum(rows[value] for value in judged.verdicts),
        changed=sum(rows[value] for value in changed),
        emptied=sum(rows[value] for value in changed if tried.made[value] is None),
        still_wrong=sum(rows[value] for value in judged.verdicts if not judged.right(value, tried.made[value])),
        measured_on=judged.measured_on,
        lookup=lookup_name(judged) if tried.entries else "",
        entries=tuple(tried.entries.items()),
        personal=judged.personal,
        examples=tuple(example(judged, value, tried.made[value]) for value in shown),
    )


def reasons(judged: Judged, values: Sequence[str]) -> str:
    """What is wrong with some values, with rows, most first."""
    counts: Counter[str] = Counter()
    for value in values:
        counts[judged.verdicts[value].text] += judged.rows[value]
    return "; ".join(f"{text}: {rows:,} rows" for text, rows in counts.most_common())


def example(judged: Judged, value: str, made: str | None) -> CleansingExample:
    """A value before and after, as it may be shown."""
    show = masked if judged.personal else short
    return CleansingExample(show(value), None if made is None else show(made))


def masked(text: str) -> str:
    """Every letter as ``x`` or ``X`` and every digit as ``9``: its form alone."""
    return short("".join("9" if c.isdigit() else "X" if c.isupper() else "x" if c.isalpha() else c for c in text))


def short(text: str) -> str:
    """The beginning of a long text; what cannot be seen is written out."""
    seen = "".join(c if c.isprintable() or c == " " else c.encode("unicode_escape").decode() for c in text)
    return seen if len(seen) <= LONGEST_EXAMPLE else seen[:LONGEST_EXAMPLE] + "…"


def not_cleansed(judged: Judged, still_wrong: int, *, tried: bool) -> list[NotCleansed]:
    """What stays wrong in a column, told with why."""
    stays = [
        value for value, verdict in judged.verdicts.items() if verdict.repaired is None and value not in judged.nothing
    ]
    rows = still_wrong if tried else sum(judged.rows[value] for value in judged.verdicts)
    if not rows:
        return []
    why = reasons(judged, stays) or "the repair is known, but no expression makes it without listing personal values"
    return [NotCleansed(judged.table, judged.column, rows, why)]
