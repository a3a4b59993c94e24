"""A whole profile: tables of one source, gathered once, measured, read, and held against each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...kernel.errors import WorkbenchError
from ..databases.urls import database_for
from .figures import Held, Shape, basic_figures, held_columns, shapes
from .keys import correlations, dependencies, duplicate_rows, is_key, key_candidates
from .model import ColumnProfile, KeyCandidate, Meaning, Profile, Sampling, TableProfile
from .pii import personal_of
from .references import Profiled, reference_candidates
from .values import issues_of, meaning_of, patterns_of, texts_of
from .workspace import MEMORY_BYTES, Gathered, Workspace

if TYPE_CHECKING:
    from ..databases.base import Source
    from ..databases.catalogue import Table

SAMPLE_ABOVE_ROWS = 5_000_000
SAMPLE_ROWS = 1_000_000
DUPLICATES_UP_TO = 20_000_000

Progress = Callable[[str, str, int], None]
"""Told the table, what is being done, and rows read."""


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """What to profile and how thoroughly."""

    tables: tuple[str, ...] = ()
    """Names; all tables if none."""
    sample_rows: int | None = SAMPLE_ROWS
    """Of tables of more than `SAMPLE_ABOVE_ROWS` rows about so many are looked at; None reads all."""
    seed: int = 0
    everything: bool = True
    """Also forms, meanings, keys, dependencies and references."""
    memory_bytes: int = MEMORY_BYTES


def profile_url(url: str, asked: Asked, *, schema: str | None = None, progress: Progress | None = None) -> Profile:
    """Profile tables of a database or files. A table that cannot be read is told in its ``problem``; the others go on.

    Raises the errors of a connection, SchemaMissing, and TableNotThere for a table that is not there.
    """
    source = database_for(url).open_source(url)
    try:
        tables = wanted(source.catalogue(schema).tables, asked.tables)
        folders = sorted({str(path.parent) for table in tables for path in parquet_files(source, table)})
        with Workspace(asked.memory_bytes, folders) as space:
            return profile_tables(space, source, tables, asked, progress)
    finally:
        source.close()


def wanted(tables: Sequence[Table], names: Sequence[str]) -> list[Table]:
    """The tables of these names. Raises TableNotThere."""
    if not names:
        return [table for table in tables if table.columns]
    found = []
    for name in names:
        match = [table for table in tables if name in (str(table.name), table.name.name)]
        if not match:
            raise TableNotThere(table=name, there=", ".join(str(table.name) for table in tables[:20]) or "none")
        found += match[:1]
    return found


class TableNotThere(WorkbenchError, code="table-not-there"):
    """There is no table {table} here. Nothing was read. There are: {there}.

    Name one of them; with a schema before it where several schemas have it.
    """


def parquet_files(source: Source, table: Table) -> list[Path]:
    """The Parquet files of a table, which are read as they lie; [] for all others."""
    if dict(table.options).get("format") != "parquet":
        return []
    found = getattr(source, "found", None)
    return list(found(table).paths) if found is not None else []


def profile_tables(
    space: Workspace, source: Source, tables: Sequence[Table], asked: Asked, progress: Progress | None = None
) -> Profile:
    """Each table by itself, then all of them together."""
    done: list[Profiled] = []
    failed: list[TableProfile] = []
    for table in tables:
        try:
            done.append(profile_table(space, gathered(space, source, table, asked, progress), asked, progress))
        except WorkbenchError as error:
            failed.append(TableProfile(str(table.name), Sampling(None, 0), (), problem=str(error)))
    references = reference_candidates(space, done) if asked.everything and len(done) > 0 else ()
    order = {str(table.name): place for place, table in enumerate(tables)}
    profiles = [each.profile for each in done] + failed
    return Profile(tuple(sorted(profiles, key=lambda each: order[each.name])), references)


def gathered(space: Workspace, source: Source, table: Table, asked: Asked, progress: Progress | None) -> Gathered:
    """The table's rows in the workspace, all or a sample."""
    total = table.rows_estimate
    if total is None or total < 0:
        total = source.count(table)
    fraction = 1.0
    if asked.sample_rows is not None and total > SAMPLE_ABOVE_ROWS:
        fraction = asked.sample_rows / total
    sampling = Sampling(total, 0, fraction, asked.seed, total_is_exact=False)
    if files := parquet_files(source, table):
        return space.view_files(table, files, sampling=sampling)
    watch = None if progress is None else lambda rows: progress(str(table.name), "reading", rows)
    found = space.gather(source, table, sampling=sampling, watch=watch)
    if found.sampling.whole:
        found.sampling = dataclasses.replace(found.sampling, rows_total=found.sampling.rows_read, total_is_exact=True)
    return found


def profile_table(space: Workspace, found: Gathered, asked: Asked, progress: Progress | None = None) -> Profiled:
    """All figures of one gathered table."""
    if progress is not None:
        progress(found.name, "measuring", found.sampling.rows_read)
    columns = held_columns(space, found)
    basic = basic_figures(space, found, columns)
    if asked.everything:
        shaped = shapes(space, found, columns, basic)
        basic = [joined(each, shape) for each, shape in zip(basic, shaped, strict=True)]
        basic = read_values(space, found, columns, basic)
    profile = TableProfile(found.name, found.sampling, tuple(basic), problem=records_problem(found))
    if asked.everything and found.sampling.rows_read:
        keys = key_candidates(space, found, columns, basic)
        profile = dataclasses.replace(
            profile,
            columns=tuple(counted_as_key(column, keys) for column in basic),
            keys=keys,
            dependencies=dependencies(space, found, columns, basic),
            correlations=correlations(space, found, columns, basic),
            duplicate_rows=0
            if any(map(is_key, keys))
            else duplicate_rows(space, found, columns)
            if found.sampling.rows_read <= DUPLICATES_UP_TO
            else None,
        )
    return Profiled(found, columns, profile)


def counted_as_key(column: ColumnProfile, keys: Sequence[KeyCandidate]) -> ColumnProfile:
    """The column with its distinct values as they were counted when it was looked at as a key."""
    for key in keys:
        if key.columns == (column.name,):
            return dataclasses.replace(
                column, distinct=column.rows - key.nulls - key.duplicates, distinct_is_exact=True
            )
    return column


def records_problem(found: Gathered) -> str:
    """What is to be said of lines of a file that are no rows."""
    return (
        f"{found.no_records} lines of the file are no rows; they are not in these figures" if found.no_records else ""
    )


def joined(column: ColumnProfile, shape: Shape) -> ColumnProfile:
    """A column's figures of both passes."""
    return dataclasses.replace(
        column,
        distinct=shape.distinct if shape.distinct is not None else column.distinct,
        distinct_is_exact=shape.distinct is not None or column.distinct_is_exact,
        top=shape.top,
        histogram=shape.histogram,
        outliers=shape.outliers,
        blank_edges=shape.blank_edges,
        numeric_texts=shape.numeric_texts,
        control=shape.control,
    )


def read_values(
    space: Workspace, found: Gathered, columns: Sequence[Held], figures: Sequence[ColumnProfile]
) -> list[ColumnProfile]:
    """Forms, meanings, oddities and personal data, from the values themselves and the columns' names."""
    asked = [(held, each) for held, each in zip(columns, figures, strict=True) if held.form == "text" and each.longest]
    texts = texts_of(space, found, asked)
    names = [column.name for column in columns]
    made = []
    for each in figures:
        seen = texts.get(each.name)
        reading = meaning_of(each.name, seen) if seen is not None else None
        personal = personal_of(found.name, each.name, each.kind, reading, names)
        if seen is not None:
            meaning = None if reading is None else Meaning(reading.kind, round(reading.share, 4), reading.detail)
            each = dataclasses.replace(  # noqa: PLW2901
                each, patterns=patterns_of(seen), meaning=meaning, issues=issues_of(seen, reading, each.rows)
            )
        made.append(dataclasses.replace(each, personal=personal))
    return made
