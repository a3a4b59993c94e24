"""Rules for single values as they are written: tidy texts, one form a column, no words for nothing, nothing missing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from ..profiling.kinds import Reading, Verdict, judge_text, missing_word
from ..profiling.kinds.numbers import NumberReading
from ..profiling.kinds.texts import could_be_formula, is_test_word
from ..profiling.model import ColumnProfile, ReferenceCandidate
from ..profiling.pii import ordered_words
from ..profiling.references import Profiled
from ..profiling.values import meaning_of, texts_of
from ..profiling.workspace import Workspace
from .bench import LONGEST_TEXT, Bench, BenchColumn, BenchTable, typed
from .model import Check, Finding, Rule, Severity

AT_ONCE = 50_000
"""Distinct values that are judged at a time."""
FEW_MISSING = 0.02
"""Share of missing values up to which a column is meant to be filled."""
LEAST_ROWS = 50
MOST_DIGITS = 6
NEARLY_ALL = 0.97
NAMES = frozenset(("given_name", "family_name", "full_name"))
TIDY = frozenset(
    (
        "invalid-utf8",
        "mojibake",
        "replacement-character",
        "control-characters",
        "html-entities",
        "not-nfc",
        "invisible-characters",
        "white-space",
    )
)
FREE_TEXT_LENGTH = 200

Judged = Mapping[str, Verdict]
"""The verdicts on distinct values, by value."""


def bench_of(space: Workspace, tables: Sequence[Profiled], references: tuple[ReferenceCandidate, ...]) -> Bench:
    """All tables on the bench; their texts are judged and repaired on the way."""
    bench = Bench(space, [], references)
    for number, profiled in enumerate(tables):
        table = BenchTable(profiled, f"q{number}", {})
        bench.tables.append(table)
        lay_out(bench, table)
    return bench


def lay_out(bench: Bench, table: BenchTable) -> None:
    """Judge the texts of one table, then put its columns on the bench, typed and repaired."""
    profiled = table.profiled
    table.key = key_of(profiled)
    asked = [
        (held, profiled.profile.column(held.name))
        for held in profiled.columns
        if held.form == "text" and profiled.profile.column(held.name).longest
    ]
    texts = texts_of(bench.space, profiled.gathered, asked)
    selected, joins = ["t.r", "FALSE AS doubt"], []
    for place, held in enumerate(profiled.columns):
        figures = profiled.profile.column(held.name)
        reading = meaning_of(held.name, texts[held.name]) if held.name in texts else None
        measure, _ = typed(held, reading, held.place)
        column = BenchColumn(held, figures, measure, scale_of(held.native, reading), reading)
        table.columns[held.name] = column
        value = f"t.{held.place}"
        if held.form == "text":
            repairs = judge_column(bench, table, column)
            if repairs:
                name = f"{table.relation}_f{place}"
                keep(bench, name, repairs)
                joins.append(f"LEFT JOIN {name} ON {name}.v = t.{held.place}")
                value = f"CASE WHEN {name}.v IS NULL THEN {value} ELSE {name}.f END"
        missing(bench, table, column)
        if held.form in ("bytes", "other") or (measure == "text" and (figures.mean_length or 0) > LONGEST_TEXT):
            selected.append(f"NULL::VARCHAR AS {held.place}")
        else:
            selected.append(f"{typed(held, reading, value)[1]} AS {held.place}")
    bench.query(f"CREATE TABLE {table.relation} AS SELECT {', '.join(selected)} FROM {table.raw} t {' '.join(joins)}")
    for column in table.numbers():
        if not column.scale:
            column.scale = digits_of(bench, table, column)


def digits_of(bench: Bench, table: BenchTable, column: BenchColumn) -> int:
    """Digits after the point with which nearly all numbers of a column are written; 0 where more than `MOST_DIGITS` are needed."""
    fits = ", ".join(
        f"avg(CAST(abs({column.place} - round({column.place}, {digits})) < 1e-9 * greatest(1, abs({column.place})) AS DOUBLE))"
        for digits in range(MOST_DIGITS + 1)
    )
    shares = bench.query(f"SELECT {fits} FROM {table.relation} WHERE isfinite({column.place})")[0]
    return next((digits for digits, share in enumerate(shares) if share is not None and share >= NEARLY_ALL), 0)


def scale_of(native: str, reading: Reading | None) -> int:
    """Digits after the point."""
    if isinstance(reading, NumberReading):
        return reading.scale or 0
    inside = native.rpartition("(")[2].rstrip(")").split(",")
    return int(inside[1]) if len(inside) == 2 and inside[1].strip().isdigit() else 0


def keep(bench: Bench, name: str, repairs: Mapping[str, str | None]) -> None:
    """Values and what they should be, as a table to join."""
    bench.keep(name, {"v": list(repairs), "f": list(repairs.values())}, {"v": "VARCHAR", "f": "VARCHAR"})


def judge_column(bench: Bench, table: BenchTable, column: BenchColumn) -> dict[str, str | None]:
    """Judge all distinct values of a column; returns those that are wrong with what they should be, None if unknown."""
    wrong: dict[str, tuple[Check, Verdict]] = {}
    for values in distinct_values(bench, table, column):
        for value in values:
            verdict = verdict_of(column, value)
            if verdict is not None:
                wrong[value] = (check_of(verdict), verdict)
    rows = column.profile.rows - column.profile.nulls - (column.profile.empty or 0)
    found = rows_with(bench, table, column, wrong)
    rules: dict[Check, Rule] = {
        "tidy": bench.rule(table, [column.name], "tidy", "no wrong encodings, control characters and stray blanks")
    }
    if column.reading is not None:
        rules["format"] = rule_format(bench, table, column, column.reading)
    elif any(check == "format" for check, _ in wrong.values()):
        rules["format"] = bench.rule(table, [column.name], "format", "a word for nothing is no value", kind="text")
    if any(check == "not-test" for check, _ in wrong.values()):
        rules["not-test"] = bench.rule(table, [column.name], "not-test", "no formulas and no words of tests")
    for check, rule in rules.items():
        bench.report(rule, rows, [dataclasses.replace(each, rule=rule.id) for each, of in found if of == check])
    return {value: verdict.repaired for value, (_, verdict) in wrong.items()}


def check_of(verdict: Verdict) -> Check:
    """The check that a verdict belongs to."""
    if verdict.code in TIDY:
        return "tidy"
    return "not-test" if verdict.code in ("formula", "test-word") else "format"


def rule_format(bench: Bench, table: BenchTable, column: BenchColumn, reading: Reading) -> Rule:
    """One form a column."""
    because = f"{reading.share:.0%} of the values are of the kind {reading.kind}"
    if reading.detail:
        because += f" ({reading.detail})"
    return bench.rule(table, [column.name], "format", because, kind=reading.kind, detail=reading.detail)


def verdict_of(column: BenchColumn, value: str) -> Verdict | None:
    """What is wrong with a value; of a value that is repaired as a text, what is still wrong then decides the repair."""
    verdict = judge_text(value) or missing_word(value)
    if verdict is None and column.reading is not None:
        verdict = column.reading.judge(value)
    elif verdict is not None and verdict.repaired and column.reading is not None:
        again = column.reading.judge(verdict.repaired)
        if again is not None:
            verdict = dataclasses.replace(verdict, repaired=again.repaired)
    if verdict is None and could_be_formula(value) and column.measure == "text":
        return Verdict("formula", "warning", "a spreadsheet would take it for a formula")
    if verdict is not None and verdict.code == "unknown-category" and could_be_formula(value):
        return Verdict("formula", "warning", "a spreadsheet would take it for a formula")
    personal = column.profile.personal
    if personal is not None and personal.kind in NAMES and is_test_word(value):
        return Verdict("test-word", "error", "a word of a test instead of a name")
    return verdict


def distinct_values(bench: Bench, table: BenchTable, column: BenchColumn) -> Iterator[list[str]]:
    """All distinct texts of a column, some at a time; of long texts the beginning does not decide, so they are read whole."""
    result = bench.space.connection.cursor().execute(
        f"SELECT DISTINCT {column.place} FROM {table.raw} WHERE {column.place} <> ''"
    )
    while rows := result.fetchmany(AT_ONCE):
        yield [row[0] for row in rows]


def rows_with(
    bench: Bench, table: BenchTable, column: BenchColumn, wrong: Mapping[str, tuple[Check, Verdict]]
) -> list[tuple[Finding, Check]]:
    """The rows that hold these values, with the check that each breaks."""
    if not wrong:
        return []
    name = f"{table.relation}_w"
    keep(bench, name, dict.fromkeys(wrong))
    rows = bench.query(f"SELECT r, {column.place} FROM {table.raw} SEMI JOIN {name} ON v = {column.place} ORDER BY r")
    bench.query(f"DROP TABLE {name}")
    made = []
    for row, value in rows:
        check, verdict = wrong[value]
        severity: Severity = verdict.severity
        made.append(
            (
                Finding(table.name, int(row), column.name, "", verdict.code, severity, verdict.text, verdict.repaired),
                check,
            )
        )
    return made


def missing(bench: Bench, table: BenchTable, column: BenchColumn) -> None:
    """A column that nearly all rows fill is meant to be filled; one of the key, without doubt."""
    figures = column.profile
    empty = figures.nulls + (figures.empty or 0)
    if figures.rows < LEAST_ROWS or empty > FEW_MISSING * figures.rows:
        return
    severity: Severity = "error" if column.name in table.key else "warning"
    rule = Rule(
        f"{table.name}.{column.name}.not-null", table.name, (column.name,), "not-null", {}, severity, 0.9,
        f"{1 - empty / figures.rows:.1%} of the rows have it",
    )  # fmt: skip
    found: list[Finding] = []
    if empty:
        test = f"{column.place} IS NULL" + (f" OR {column.place} = ''" if column.held.form == "text" else "")
        rows = bench.query(f"SELECT r FROM {table.raw} WHERE {test}")
        found = [
            Finding(
                table.name,
                int(row),
                column.name,
                rule.id,
                "missing",
                severity,
                "nothing where nearly all rows have something",
            )
            for (row,) in rows
        ]
    bench.report(rule, figures.rows, found)


def key_of(profiled: Profiled) -> tuple[str, ...]:
    """The columns that tell rows apart: as declared, else the candidate that is most like a key by place and name."""
    declared = profiled.gathered.table.primary_key
    if declared is not None:
        return tuple(declared.columns)
    places = {column.name: place for place, column in enumerate(profiled.columns)}
    rows = max(1, profiled.gathered.sampling.rows_read)

    def worth(columns: tuple[str, ...], duplicates: int) -> tuple[float, ...]:
        named = sum(
            bool({*ordered_words(name)} & {"id", "key", "no", "code", "sku", "number", "nr", "uid", "uuid"})
            for name in columns
        )
        return (
            duplicates > 0.06 * rows,
            len(columns) > 1 and named < len(columns) - 1,
            places[columns[0]] > 0,
            len(columns),
            duplicates,
        )

    measured = {column.name for column in profiled.profile.columns if is_fraction(column)}
    candidates = sorted(
        (worth(key.columns, key.duplicates + key.nulls), key.columns)
        for key in profiled.profile.keys
        if not measured & set(key.columns)
    )
    return candidates[0][1] if candidates and not candidates[0][0][0] else ()


def is_fraction(column: ColumnProfile) -> bool:
    """Does a column hold numbers with digits after the point, as text? They measure, and tell no rows apart."""
    meaning = column.meaning
    return meaning is not None and meaning.kind == "number" and meaning.detail.startswith("scale")
