"""The runbook of a plan: one page for the people who carry it out, in the order in which things are done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .plan import Plan, PlannedTable

SLOW_ROWS_PER_SECOND, FAST_ROWS_PER_SECOND = 25_000, 250_000
"""Between which a copy with its verification runs on one lane of an ordinary machine: wide rows over a network, narrow ones
beside the database. A rehearsal measures what holds here."""
TABLES_LISTED = 200
LEFT_OUT_LISTED = 200


def runbook(plan: Plan, *, source: str, target: str, findings: str = "") -> str:
    """The page, as Markdown."""
    return "\n".join(
        [
            f"# Runbook: {source} → {target}",
            "",
            *summary(plan),
            *before(plan, findings),
            *order(plan),
            *window(plan),
            *during(),
            *after(plan),
        ]
    )


def summary(plan: Plan) -> Iterator[str]:
    """What it is about."""
    made = Counter(item.outcome for item in plan.objects)
    words = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in sorted(made.items()))
    yield f"{plan.source_database} to {plan.target_database}, {len(plan.tables)} tables, mode {plan.mode}; objects: {words}."
    yield f"Source {plan.source_fingerprint}, target {plan.target_fingerprint}: if either structure moves, the plan is refused."
    yield ""


def before(plan: Plan, findings: str) -> Iterator[str]:
    """What to do first."""
    yield "## Before"
    yield ""
    yield "1. Back up the target, and know how to bring it back."
    yield "2. Read `before.sql` and `after.sql`; see `objects.csv` for everything that is created, present or left out."
    yield f"3. The run keeps its books in the target ({plan.ledger_schema}). If its role may not make them:"
    yield "   `dms ledger ddl TARGET` prints what the owner is to run."
    yield "4. Stop writers of the source, or accept that what they write after the start is not part of the run: it reads one snapshot."
    yield "5. `dms precheck SOURCE TARGET` again, just before."
    if findings:
        yield ""
        yield "The pre-check found, when the plan was made:"
        yield ""
        yield from (f"    {line}" for line in findings.splitlines())
    yield ""


def order(plan: Plan) -> Iterator[str]:
    """What happens in which order."""
    counts: Counter[tuple[str, str]] = Counter((item.when, item.kind) for item in plan.objects if item.sql)
    yield "## Order"
    yield ""
    yield f"1. Before the rows: {kinds(counts, 'before')}."
    yield "2. Rows, parents first:"
    yield ""
    yield "   | no | source | target | rows (estimate) | size |"
    yield "   |---|---|---|---|---|"
    for table in plan.tables[:TABLES_LISTED]:
        yield f"   | {table.map_no + 1} | {cell(table.source_label)} | {cell(table.target_label)} | {rows(table)} | {size(table)} |"
    if len(plan.tables) > TABLES_LISTED:
        yield f"   | | and {len(plan.tables) - TABLES_LISTED} more | | | |"
    yield ""
    yield f"3. After the rows: {kinds(counts, 'after')}."
    yield "4. Counters are put where they stood and proved, every row is compared, the books are closed."
    yield ""


def kinds(counts: Counter[tuple[str, str]], when: str) -> str:
    """How many of each kind, in words."""
    found = [f"{count} {kind}" for (phase, kind), count in counts.items() if phase == when]
    return ", ".join(found) or "nothing"


def cell(text: str) -> str:
    """A name in a table of Markdown."""
    return text.replace("|", "\\|").replace("\n", "\\n")


def rows(table: PlannedTable) -> str:
    """The planner's estimate."""
    return "unknown" if table.source.rows_estimate is None else f"{table.source.rows_estimate:,}"


def size(table: PlannedTable) -> str:
    """What it takes in the source."""
    return "unknown" if table.source.size_bytes is None else f"{table.source.size_bytes / 1e6:,.1f} MB"


def window(plan: Plan) -> Iterator[str]:
    """How long it may take."""
    known = [table.source.rows_estimate for table in plan.tables if table.source.rows_estimate is not None]
    yield "## Window"
    yield ""
    if len(known) < len(plan.tables):
        yield f"The source knows the number of rows of {len(known)} of {len(plan.tables)} tables (run its ANALYZE to know all)."
    if known:
        quick, slow = sum(known) / FAST_ROWS_PER_SECOND, sum(known) / SLOW_ROWS_PER_SECOND
        yield f"About {sum(known):,} rows: between {duration(quick)} and {duration(slow)} for copy and verification on one lane,"
        yield "plus the time the target takes to build indexes and check foreign keys. Rehearse to know it better."
    yield ""


def duration(seconds: float) -> str:
    """Seconds for people."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5_400 else f"{seconds / 3_600:.1f} h"


def during() -> Iterator[str]:
    """How it is run and watched."""
    yield "## Run"
    yield ""
    yield "    dms apply THIS_FOLDER"
    yield ""
    yield "Ctrl-C pauses; the same command goes on, from another machine too. `dms status` shows the books meanwhile."
    yield ""


def after(plan: Plan) -> Iterator[str]:
    """What is left to do."""
    yield "## After"
    yield ""
    yield "1. The run must end as succeeded, every table equal. Rows in quarantine: `dms runs quarantine RUN_ID`."
    yield "2. Foreign keys that stay NOT VALID have rows without a parent in the source: the summary lists them by key."
    yield "3. Point the applications to the target, then let writers in."
    left = [item for item in plan.objects if item.outcome == "left_out"]
    if left:
        yield "4. Left out; decide on each:"
        yield ""
        yield from (f"   - {item.kind} {cell(item.name)}: {item.reason}" for item in left[:LEFT_OUT_LISTED])
        if len(left) > LEFT_OUT_LISTED:
            yield f"   - and {len(left) - LEFT_OUT_LISTED} more, see objects.csv"
    yield ""
