"""A whole database examined: profiled, rules proposed, every row that breaks one named by its key, with what would repair it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from ..databases.base import Source
from ..databases.catalogue import Table
from ..databases.urls import database_for
from ..profiling.kinds import judge_text
from ..profiling.model import Profile
from ..profiling.profile import Asked, Progress, gathered, parquet_files, profile_table, wanted
from ..profiling.references import reference_candidates
from ..profiling.workspace import NO_ROW, Unfit, Workspace
from .bench import Bench, BenchTable
from .model import Finding, Rule, RuleResult
from .propose import proposed


@dataclass(frozen=True, slots=True)
class NamedFinding:
    """A finding with the key of its row, as texts; the row's number if its table has no key."""

    key: tuple[str, ...]
    finding: Finding


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found in a database."""

    profile: Profile
    keys: dict[str, tuple[str, ...]]
    """By table the columns that tell its rows apart."""
    results: tuple[RuleResult, ...]
    findings: tuple[NamedFinding, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that were proposed."""
        return tuple(result.rule for result in self.results)


def examine_url(
    url: str, asked: Asked, *, now: datetime.datetime, schema: str | None = None, progress: Progress | None = None
) -> Examination:
    """Examine tables of a database or files. now: in UTC without a zone.

    Raises the errors of a connection, SchemaMissing, and TableNotThere for a table that is not there.
    """
    source = database_for(url).open_source(url)
    try:
        tables = wanted(source.catalogue(schema).tables, asked.tables)
        folders = sorted({str(path.parent) for table in tables for path in parquet_files(source, table)})
        with Workspace(asked.memory_bytes, folders) as space:
            return examine_tables(space, source, tables, asked, now=now, progress=progress)
    finally:
        source.close()


def examine_tables(
    space: Workspace,
    source: Source,
    tables: Sequence[Table],
    asked: Asked,
    *,
    now: datetime.datetime,
    progress: Progress | None = None,
) -> Examination:
    """Examine tables of an open source. Raises the errors of reading them."""
    done = [profile_table(space, gathered(space, source, table, asked, progress), asked, progress) for table in tables]
    references = reference_candidates(space, done) if done else ()
    bench = proposed(space, done, references, now=now)
    for table in bench.tables:
        unfit_values(bench, table)
    return Examination(
        Profile(tuple(each.profile for each in done), references),
        {table.name: table.key for table in bench.tables},
        tuple(bench.results),
        tuple(named for table in bench.tables for named in named_findings(bench, table)),
    )


def unfit_values(bench: Bench, table: BenchTable) -> None:
    """Values that the source held and no row could show: bytes that are no text, texts that are not of their column's type."""
    for column in table.columns:
        unfit = [each for each in table.profiled.gathered.unfit if each.column == column and each.row != NO_ROW]
        if unfit:
            rule = bench.rule(table, [column], "type", "every value is of the column's type", name="type")
            found = [unfit_finding(table, rule, each) for each in unfit]
            bench.report(rule, table.rows, found)


def unfit_finding(table: BenchTable, rule: Rule, unfit: Unfit) -> Finding:
    """What is wrong with such a value; its text in another encoding where it is text."""
    verdict = judge_text(unfit.value) if isinstance(unfit.value, str) and unfit.value else None
    if verdict is not None:
        return Finding(
            table.name, unfit.row, unfit.column, rule.id, verdict.code, verdict.severity, verdict.text, verdict.repaired
        )
    return Finding(
        table.name, unfit.row, unfit.column, rule.id, "unfit", "error", "it is not of the column's type", None
    )


def named_findings(bench: Bench, table: BenchTable) -> list[NamedFinding]:
    """The findings of one table with the keys of their rows."""
    found = [finding for finding in bench.findings if finding.table == table.name]
    if not found:
        return []
    keys = keys_of(bench, table, sorted({finding.row for finding in found}))
    return [NamedFinding(keys.get(finding.row, (str(finding.row),)), finding) for finding in found]


def keys_of(bench: Bench, table: BenchTable, rows: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The keys of some rows as texts; what the key cannot show is left empty."""
    if not table.key:
        return {row: (str(row + 1),) for row in rows}
    places: dict[str, str] = {column.name: column.place for column in table.profiled.columns}
    listed = ", ".join(f"CAST({places[name]} AS VARCHAR)" for name in table.key)
    chosen = bench.keep_rows(rows)
    read = bench.query(f"SELECT r, {listed} FROM {table.raw} SEMI JOIN {chosen} USING (r)")
    return {int(row): tuple("" if part is None else part for part in key) for row, *key in read}
