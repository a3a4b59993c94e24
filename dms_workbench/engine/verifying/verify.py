"""Proving that every row arrived: the whole source, through the mapping, against the whole target."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...kernel.errors import WorkbenchError
from ..control import Control, Stopped
from ..databases.base import Source
from ..databases.errors import is_transient
from ..databases.going_back import go_back, keep_place
from ..expressions import LookupTable
from ..planning.plan import Plan, PlannedTable
from . import sql
from .canonical import Side
from .compare import Comparison, Every, Shape, compare
from .hashed import Sums, differing, rows_in, spool_differing
from .large import Names, large_columns
from .model import FINDINGS_LIMIT, Finding, QuarantinedRow, ReplayedRows, TableVerification
from .pairs import hashed_pair
from .prepare import Bench, Part, Reading, lookups_of, prepare, select_texts
from .quarantine import named_columns
from .since import Judge, Kept, form_of, kept_of
from .spool import Spooled, Unreadable, Wanted, check_settings, spool
from .workspace import Workspace, Workspaces

Quarantine = Mapping[int, Iterable[QuarantinedRow]]
Replays = Mapping[int, Sequence[ReplayedRows]]
Told = Callable[[PlannedTable, Finding], None]
"""Told each row that differs, with the last table map that goes into its target table."""


def verify(  # noqa: PLR0913 - everything a verification needs, by name
    plan: Plan,
    source: Source,
    target: Source,
    *,
    control: Control,
    spool_directory: Path,
    quarantined: Quarantine | None = None,
    baseline_rows: Mapping[int, int] | None = None,
    replayed: Replays | None = None,
    every: Told | None = None,
    past: Past | None = None,
) -> list[TableVerification]:
    """Compare every planned table with what its source rows should have become.

    target: opened for reading, with a snapshot of its own; spool_directory: exists, private, with room for both sides of
    the largest table; quarantined: per map number the rows of the run's quarantine; baseline_rows: per map number the
    rows the target table had before the run (mode append); replayed: per map number the rows that left the quarantine
    through expressions of their own; every: told each row that differs, however many; past: what the run has kept of its own
    verification, or is to keep.

    Returns one result a planned table, in order. A table that cannot be read or compared is ``not_verified``, never equal.
    Raises Stopped soon after a stop is wished, nothing else.
    """
    groups: dict[str, list[PlannedTable]] = {}
    for planned in plan.tables:
        groups.setdefault(str(planned.target.name), []).append(planned)
    results: list[TableVerification] = []
    with Workspaces(spool_directory, control) as workspaces:
        verifier = Verifier(plan, source, target, workspaces, lookups_of(plan, source), every, past or Past())
        with suppress(WorkbenchError):  # what cannot be read says so itself
            keep_place(source, target)
        for group in groups.values():
            started = time.monotonic()
            before = max((baseline_rows or {}).get(planned.map_no, 0) for planned in group)
            verified = verifier.verify_alone(group, (quarantined or {}, replayed or {}), before)
            seconds = round(time.monotonic() - started, 3)
            results += [replace(result, seconds=seconds) for result in verified]
    order = {planned.map_no: place for place, planned in enumerate(plan.tables)}
    return sorted(results, key=lambda result: order[result.map_no])


@dataclass(slots=True)
class Past:
    """What a run keeps of its verification, by map number."""

    known: Mapping[int, Kept] = field(default_factory=dict)
    keep: Callable[[int, Kept], None] | None = None
    """Told what is to be kept."""


@dataclass(slots=True)
class Verifier:
    """Verifies one target table after the other."""

    plan: Plan
    source: Source
    target: Source
    workspaces: Workspaces
    lookups: Callable[[], dict[str, LookupTable]]
    every: Told | None = None
    past: Past = field(default_factory=Past)

    def bench(self, workspace: Workspace) -> Bench:
        """A bench in a workspace, with a salt of its own."""
        return Bench(self.plan, self.source, self.target, workspace, secrets.token_hex(16), self.lookups)

    def verify_alone(
        self, group: Sequence[PlannedTable], apart: tuple[Quarantine, Replays], baseline: int
    ) -> list[TableVerification]:
        """As `verify`, but a table that cannot be read or compared is not verified, and those after it still can be."""
        try:
            rows = {planned.map_no: list(apart[0].get(planned.map_no, ())) for planned in group}
            anew = {planned.map_no: apart[1].get(planned.map_no, ()) for planned in group}
            return self.verify(group, (rows, anew), baseline)
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, the table is not verified
            reason, passes = reason_of(error), is_transient(error)
        with suppress(WorkbenchError):  # of a connection that is lost the next table tells
            go_back(self.source, self.target)
        return [replace(unverified(planned, reason), passes=passes) for planned in group]

    def verify(
        self, group: Sequence[PlannedTable], apart: tuple[Quarantine, Replays], baseline: int
    ) -> list[TableVerification]:
        """Verify the table maps that go into one target table. apart: rows in quarantine, rows replayed."""
        if len(group) == 1 and not baseline and not any(map(any, (part.values() for part in apart))):
            result = self.by_hashes(group[0])
            if result is not None:
                return [result]
        with self.workspaces.empty() as workspace:
            bench = self.bench(workspace)
            bench.every = self.told(group[-1], baseline)
            return verify_target(bench, group, apart, baseline)

    def told(self, planned: PlannedTable, baseline: int) -> Every | None:
        """Who is told the rows of a table that differ; which of the extra rows were there before, nobody knows."""
        every = self.every
        if every is None:
            return None
        return lambda found: None if baseline and found.kind == "extra" else every(planned, found)

    def by_hashes(self, planned: PlannedTable) -> TableVerification | None:
        """Verify a table map by its rows' hashes; None where both databases cannot hash alike, or very much differs."""
        salt = secrets.token_hex(16)
        pair = hashed_pair(planned, self.source, self.target, salt)
        if pair is None:
            return None
        reading = Reading(self.workspaces.control, planned)
        left, right = pair.sums(self.workspaces.control, reading)
        if self.past.keep is not None:
            self.past.keep(planned.map_no, kept_of(pair, salt, (left, right)))
        result = first_by_hashes(planned, left, right)
        buckets = differing(left, right)
        if not buckets:
            return result
        with self.workspaces.empty() as workspace:
            found = spool_differing(pair, workspace, buckets, reading)
            if found is None:
                return None
            bench, judge = self.bench(workspace), self.judge(planned)
            bench.every = told = self.told(planned, 0)
            if judge is not None:
                bench.every = judge.listening(told)
            return judged(counted(result, compare_found(bench, planned, found)), judge)

    def judge(self, planned: PlannedTable) -> Judge | None:
        """Who says which side has changed since the run; None where the run has kept nothing that fits."""
        kept = self.past.known.get(planned.map_no)
        if kept is None:
            return None
        again = hashed_pair(planned, self.source, self.target, kept.salt)
        if again is None or kept.form != form_of(again):
            return None
        return Judge.of(again, kept, again.sums(self.workspaces.control, lambda _: None))


def first_by_hashes(planned: PlannedTable, left: Sums, right: Sums) -> TableVerification:
    """The result of a table map before rows that differ are named."""
    return TableVerification(
        planned.map_no,
        str(planned.source.name),
        str(planned.target.name),
        "equal",
        source_rows=rows_in(left),
        target_rows=rows_in(right),
        compared="hashes in both databases",
    )


def judged(result: TableVerification, judge: Judge | None) -> TableVerification:
    """The result with what is known of each row since the run."""
    if judge is None or result.result != "different":
        return result
    findings = tuple(replace(found, since=judge.since(found)) for found in result.findings)
    return replace(result, findings=findings, reason="; ".join(filter(None, [result.reason, judge.told()])))


def compare_found(bench: Bench, planned: PlannedTable, sides: tuple[Spooled, Spooled]) -> Comparison:
    """Compare rows that pass as they are; between two servers of PostgreSQL by the very texts that they print."""
    read, written = sides
    if read.database == written.database == "postgres":
        return compare_texts(bench.workspace, planned, sides, bench.every)
    columns = [column.target.name for column in planned.columns]
    values = {name: (f"c{place}", read.side(place)) for place, name in enumerate(columns)}
    part = Part(planned, read.rows, read.rows, 0, [], read.name, values=values)
    return compare_parts(bench, [part], columns, written, bench.every)


def compare_texts(
    workspace: Workspace, planned: PlannedTable, sides: tuple[Spooled, Spooled], every: Every | None
) -> Comparison:
    """Compare rows that pass as they are by the very text that one and the same product gives them."""
    names = tuple(column.target.name for column in planned.columns)
    for view, spooled in zip(("expected", "found"), sides, strict=True):
        texts = [f"c{place}" for place in range(len(names))]
        workspace.execute(sql.create_view(view, [sql.select_texts(texts, spooled.name)]))
    return compare(workspace, shape_of(planned, names), secrets.token_hex(16), every, most_differ=True)


def unverified(planned: PlannedTable, reason: str) -> TableVerification:
    """The result of a table that could not be compared."""
    return TableVerification(planned.map_no, str(planned.source.name), str(planned.target.name), "not_verified", reason)


def reason_of(error: Exception) -> str:
    """Why a table could not be compared, without values: only our own errors are known to hold none."""
    if isinstance(error, WorkbenchError):
        return ". ".join(filter(None, [str(error).rstrip("."), error.next.rstrip(".")]))
    if isinstance(error, Unreadable):
        return str(error)
    return f"{type(error).__name__} while it was read or compared"


def verify_target(
    bench: Bench, group: Sequence[PlannedTable], apart: tuple[Quarantine, Replays], baseline: int
) -> list[TableVerification]:
    """Verify the table maps, mostly one, that go into one target table. apart: rows in quarantine, rows replayed."""
    quarantined, replayed = apart
    check_settings(bench.source)
    check_settings(bench.target)
    control = bench.workspace.control
    parts: list[Part] = []
    last = group[-1]
    large: tuple[Names, Names] = (frozenset(), frozenset())
    if len(group) == 1 and not any(replayed.values()):
        large = large_columns(last, bench.source, bench.target)
    if large[0].intersection(named_columns(list(quarantined.get(last.map_no, ())))):
        large = (frozenset(), frozenset())  # rows in quarantine are known by the values themselves
    for planned in group:
        rows = list(quarantined.get(planned.map_no, ()))
        anew = replayed.get(planned.map_no, ())
        parts.append(prepare(bench, planned, rows, Reading(control, planned), anew, large[0]))
    columns = {column.target.name: column.target for planned in group for column in planned.columns}
    into = (bench.workspace, "target_rows")
    written = spool(
        bench.target,
        last.target,
        Wanted(tuple(columns.values()), large[1]),
        into,
        Reading(control, last, parts[-1].source_rows),
    )
    results = [first_result(part, written) for part in parts]
    shared = [name for name in parts[0].columns if all(name in part.columns for part in parts)]
    together = compare_parts(bench, [each for part in parts for each in part.whole], shared, written, bench.every)
    reason = settle_baseline(together, baseline)
    for place, part in enumerate(parts):
        if len(part.columns) > len(shared):
            alone = compare_parts(bench, part.whole, part.columns, written)
            results[place] = counted(results[place], leave_extra(alone))
    if len(parts) > 1 and (together.missing or together.extra or together.changed):
        reason = reason or "compared together with the other table maps that go into this table"
        results = [replace(result, result="different", reason=result.reason or reason) for result in results]
    results[-1] = counted(replace(results[-1], reason=results[-1].reason or reason), together)
    return results


def first_result(part: Part, written: Spooled) -> TableVerification:
    """The result of a map before its rows are compared: equal, unless its quarantine does not fit the source."""
    unknown = len(part.unknown)
    return TableVerification(
        part.planned.map_no,
        str(part.planned.source.name),
        str(part.planned.target.name),
        "different" if unknown else "equal",
        f"{unknown:,} quarantined rows are not in the source" if unknown else "",
        part.source_rows,
        written.rows,
        filtered=part.filtered,
        quarantined=part.taken,
        findings=tuple(part.unknown[:FINDINGS_LIMIT]),
        compared="rows compared here",
    )


def counted(result: TableVerification, comparison: Comparison) -> TableVerification:
    """The result with the figures and findings of a comparison."""
    differs = comparison.missing or comparison.extra or comparison.changed
    return replace(
        result,
        result="different" if differs else result.result,
        missing=result.missing + comparison.missing,
        extra=result.extra + comparison.extra,
        changed=result.changed + comparison.changed,
        findings=tuple([*result.findings, *comparison.findings][:FINDINGS_LIMIT]),
    )


def compare_parts(
    bench: Bench, parts: Sequence[Part], names: Sequence[str], written: Spooled, every: Every | None = None
) -> Comparison:
    """Compare some target columns of all rows that some table maps make with all rows of the target."""
    columns: list[tuple[str, Side]] = [(name, written.side(written.place(name))) for name in names]
    workspace = bench.workspace
    expected = [
        select_texts(workspace, f"expected_{number}", part.expected(columns, bench.salt), part.origin)
        for number, part in enumerate(parts)
    ]
    found = select_texts(workspace, "found_0", parts[0].found(columns, written, bench.salt), written.name)
    workspace.execute(sql.create_view("expected", expected))
    workspace.execute(sql.create_view("found", [found]))
    return compare(bench.workspace, shape_of(parts[0].planned, tuple(names)), bench.salt, every)


def shape_of(planned: PlannedTable, columns: tuple[str, ...]) -> Shape:
    """The compared columns and their key; where the target has none, the source's key as far as it is carried over."""
    keys = planned.target.row_key()
    if not keys or not set(keys) <= set(columns):
        carried = {column.source: column.target.name for column in planned.columns if column.target.name in columns}
        source_key = planned.source.row_key()
        keys = tuple(carried[name] for name in source_key) if set(source_key) <= set(carried) else ()
    return Shape(columns, tuple(columns.index(name) for name in keys))


def settle_baseline(comparison: Comparison, baseline: int) -> str:
    """Take the rows that were there before out of the extra ones; says what is wrong if they do not fit."""
    if not baseline:
        return ""
    surplus = comparison.extra - baseline
    comparison.findings = [finding for finding in comparison.findings if finding.kind != "extra"]
    comparison.extra = max(surplus, 0)
    comparison.missing += max(-surplus, 0)
    if surplus > 0:
        return f"the target has {surplus:,} rows more than were there before and were written"
    return f"{-surplus:,} rows that were there before are gone" if surplus else ""


def leave_extra(comparison: Comparison) -> Comparison:
    """Without the extra rows, which are those of other table maps."""
    findings = [finding for finding in comparison.findings if finding.kind != "extra"]
    return Comparison(comparison.missing, 0, comparison.changed, findings)
