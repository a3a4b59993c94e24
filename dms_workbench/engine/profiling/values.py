"""What the texts of a column look like: their forms, what they mean, what is odd about them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .figures import Held
from .kinds import Reading, judge_text, missing_word, reading_of
from .model import ColumnProfile, Issue, Pattern
from .workspace import CHANCES, Gathered, Workspace

VALUES = 5_000
"""Distinct values (or rows of columns of many values) that are looked at one by one."""
LOOKED_AT_CHARACTERS = 1_000
PATTERNS = 5
LONGEST_PATTERN = 60
RUN = re.compile(r"(.)\1*")


@dataclass(frozen=True, slots=True)
class Texts:
    """The values of a text column that were looked at."""

    counts: dict[str, int]
    """Distinct values, with rows; the empty text is not among them."""
    rows: int
    whole: bool
    """These are all values of the rows that were read."""


def texts_of(space: Workspace, found: Gathered, columns: Sequence[tuple[Held, ColumnProfile]]) -> dict[str, Texts]:
    """Values of text columns, by name: all of columns of few values, those of some rows of the others."""
    made: dict[str, Texts] = {}
    many = []
    for column, figures in columns:
        if figures.distinct <= VALUES:
            rows = space.query(
                f"SELECT left({column.place}, {LOOKED_AT_CHARACTERS}), count(*) FROM {found.holding(column.place)} "
                f"WHERE {column.place} <> '' GROUP BY 1 ORDER BY 2 DESC, 1"
            )
            made[column.name] = Texts({str(value): int(times) for value, times in rows}, figures.rows, whole=True)
        else:
            many.append(column)
    by_relation: dict[str, list[Held]] = {}
    for column in many:
        by_relation.setdefault(found.holding(column.place), []).append(column)
    for relation, together in by_relation.items():
        made |= some_texts(space, found, relation, together)
    return made


def some_texts(space: Workspace, found: Gathered, relation: str, columns: Sequence[Held]) -> dict[str, Texts]:
    """Values of columns in rows chosen by their number: the same ones each time."""
    rows = found.sampling.rows_read
    share = min(CHANCES, int(VALUES / max(1, rows) * CHANCES) + 1)
    listed = ", ".join(f"left({column.place}, {LOOKED_AT_CHARACTERS})" for column in columns)
    read = space.query(f"SELECT {listed} FROM {relation} WHERE hash(r) % {CHANCES} < {share}")
    made = {}
    for number, column in enumerate(columns):
        counts = Counter(row[number] for row in read if row[number])
        made[column.name] = Texts(dict(counts.most_common()), len(read), whole=len(read) >= rows)
    return made


def form_of(value: str) -> str:
    """The learned form of a text: runs of capitals, small letters and digits with their lengths, other characters as they are."""
    classed = "".join(
        "9" if letter.isdecimal() else "A" if letter.isupper() else "a" if letter.isalpha() else letter
        for letter in value[:200]
    )
    return RUN.sub(lambda run: run[0] if len(run[0]) == 1 else f"{run[1]}{{{len(run[0])}}}", classed)


def patterns_of(texts: Texts) -> tuple[Pattern, ...]:
    """The most frequent forms, lengths left open where there would be too many."""
    exact: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for value, rows in texts.counts.items():
        form = form_of(value)
        exact[form] += rows
        examples.setdefault(form, value)
    total = sum(exact.values())
    if not total:
        return ()
    if exact.most_common(1)[0][1] < 0.2 * total:
        open_forms: Counter[str] = Counter()
        for form, rows in exact.items():
            loose = re.sub(r"([Aa9])(?:\{\d+\})?", r"\1+", form)
            open_forms[loose] += rows
            examples.setdefault(loose, examples[form])
        exact = open_forms
    return tuple(
        Pattern(form[:LONGEST_PATTERN], round(rows / total, 4), examples[form][:LONGEST_PATTERN])
        for form, rows in exact.most_common(PATTERNS)
        if rows >= 0.01 * total
    )


def issues_of(texts: Texts, reading: Reading | None, rows: int) -> tuple[Issue, ...]:
    """What is odd about the values, most rows first. rows: of the table, which a part of the values stands for."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for value, times in texts.counts.items():
        verdict = judge_text(value) or missing_word(value) or (reading.judge(value) if reading is not None else None)
        if verdict is not None:
            counts[verdict.code, verdict.severity, verdict.text] += times
    scale = 1.0 if texts.whole or not texts.rows else rows / texts.rows
    return tuple(
        Issue(code, severity, max(1, round(times * scale)), text)
        for (code, severity, text), times in counts.most_common()
    )


def meaning_of(column: str, texts: Texts) -> Reading | None:
    """How the values are to be read."""
    return reading_of(column, texts.counts)
