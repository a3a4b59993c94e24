"""What the run widget shows, worked out from a run as plain values: pure, so it is tested without a browser.

run, pace, now  ->  head_of(run, pace, now)   the status, the bar, the buttons, the outcome (small, sent often)
                    tables_of(run)            one entry per table map (large, sent when a count changed)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ...features.runs.model import DONE, RESUMABLE, UNDONE, Run, TableProgress
from ...features.runs.undone import undo_lines
from ...features.runs.weighing import Work

ACCOUNTS = ("written", "unchanged", "merged", "filtered", "quarantined")
"""What can have become of a row that was read."""
CLOSED = DONE | {"not_verified"}
"""Statuses in which the run has seen every row, so that its books are an outcome and not a stage."""

WORDS = {
    "queued": "Queued",
    "running": "Running",
    "succeeded": "Succeeded",
    "succeeded_with_quarantine": "Succeeded with quarantine",
    "differences": "Differences",
    "not_verified": "Not verified",
    "failed": "Failed",
    "refused": "Refused",
    "paused": "Paused",
    "cancelled": "Cancelled",
    "interrupted": "Interrupted",
    "undone": "Undone",
}
TONES = {
    "queued": "quiet",
    "running": "active",
    "succeeded": "good",
    "succeeded_with_quarantine": "warn",
    "differences": "bad",
    "not_verified": "warn",
    "failed": "bad",
    "refused": "bad",
    "paused": "quiet",
    "cancelled": "quiet",
    "interrupted": "warn",
    "undone": "quiet",
}
KINDS = {
    "copy": "Migration",
    "verify": "Verification",
    "undo": "Undo",
    "replay": "Replay of rejected rows",
    "repair": "Repair",
}
ASKED = {"pause": "Pausing", "cancel": "Cancelling"}
PHASES = {
    "connect": "Connecting to both databases.",
    "create": "Creating the tables of the target.",
    "copy": "Copying rows.",
    "finish": "Adding keys and indexes.",
    "verify": "Reading every row back and comparing it.",
    "done": "Closing the books.",
}
SENTENCES = {
    "queued": "Waiting for a worker to take it.",
    "succeeded": "Every row is accounted for and was read back equal.",
    "not_verified": "The rows were moved, but not all of them could be compared.",
    "paused": "What was committed stays; resuming goes on from there.",
    "cancelled": "What was committed stays in the target and in its ledger.",
    "interrupted": "Its worker is gone. What was committed stays; resuming goes on from there.",
    "undone": "What it had brought into the target was taken back; the same migration begins a new run.",
}
UNDOING = {
    # preview, status: how an undo stands, where it is said otherwise than of other runs
    (False, "running"): "Finding out what the run has brought into the target, and taking it back.",
    (False, "succeeded"): "What the run had brought into the target was taken back.",
    (True, "running"): "Finding out what the run has brought into the target; nothing is changed.",
    (True, "succeeded"): "Nothing was changed: this is what would be taken back.",
}
SMOOTHING_SECONDS = 8.0
SHOWN_LEFT_OUT = 50
SHOWN_LINES = 500


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a run goes: a running mean that forgets within about eight seconds."""

    phase: str = ""
    rows: int = 0
    at: datetime | None = None
    rows_per_second: float | None = None
    work: Work = field(default_factory=Work)
    """The same rows, wide ones counting for more: by it the time left is told."""
    work_per_second: float | None = None

    def seen(self, run: Run, now: datetime) -> Pace:
        """The pace after looking at the run at a time (UTC); a new phase, a pause or a resume starts it anew."""
        rows = rows_of_phase(run)
        if run.status != "running":
            return Pace()
        if self.at is None or run.phase != self.phase or rows < self.rows:
            return Pace(run.phase, rows, now, work=work_of_phase(run, Work()))
        seconds = (now - self.at).total_seconds()
        if seconds < 0.2 or (rows == self.rows and seconds < SMOOTHING_SECONDS):
            return self
        work = work_of_phase(run, self.work)
        weight = min(1.0, seconds / SMOOTHING_SECONDS)
        rows_per_second = running_mean(self.rows_per_second, (rows - self.rows) / seconds, weight)
        work_per_second = running_mean(self.work_per_second, (work.done - self.work.done) / seconds, weight)
        return Pace(run.phase, rows, now, rows_per_second, work, work_per_second)


def running_mean(before: float | None, latest: float, weight: float) -> float:
    """A mean that takes in a new value with a weight of 0 to 1."""
    return latest if before is None else before * (1 - weight) + latest * weight


def head_of(run: Run, pace: Pace, now: datetime) -> dict[str, Any]:
    """All that is shown but the tables.

    pace: of this run; now: the time of this look (UTC).
    Returns plain JSON values; ``share`` is between 0 and 1 or None when unknown, ``seconds_left`` may be None.
    """
    total, done = run.rows_total, run.rows_done
    return {
        "run_id": run.id,
        "title": title_of(run),
        "status": run.status,
        "word": word_of(run),
        "tone": TONES.get(run.status, "quiet"),
        "sentence": sentence_of(run),
        "phase": run.phase if run.status == "running" else "",
        "as_of": now.isoformat(timespec="seconds"),
        "started_at": iso(run.started_at),
        "finished_at": None if run.active else iso(run.finished_at),
        "seconds": round(seconds_of(run, now), 1),
        "rows_total": total,
        "rows_done": done,
        "rows_compared": compared_rows(run),
        "rows_to_compare": rows_to_compare(run),
        "share": share(done, total),
        "rows_per_second": round(pace.rows_per_second) if pace.rows_per_second is not None else None,
        "seconds_left": seconds_left(run, pace),
        "can": commands_of(run),
        "counts_rows": counts_rows(run),
        "told": told(run),
        "books": books_of(run),
        "objects": objects_of(run),
        "error": error_of(run),
        "trouble": "",
    }


def tables_of(run: Run) -> list[dict[str, Any]]:
    """One entry per table map, in the plan's order: names, counts in rows, and once known the books' own counts.

    None where no rows are copied, or those that were are gone again.
    """
    if not counts_rows(run):
        return []
    known = {(entry["source"], entry["target"]): entry for entry in result_tables(run)}
    shown = [table_of(table, known.pop((table.source, table.target), None)) for table in run.tables]
    return shown + [table_of(progress_from(entry), entry) for entry in known.values()]


def counts_rows(run: Run) -> bool:
    """Do counts of copied rows say how a run stands? Not those of an undo, nor of what was taken back."""
    return run.kind != "undo" and run.status != UNDONE


def title_of(run: Run) -> str:
    """What kind of run it is."""
    return f"{KINDS.get(run.kind, run.kind.capitalize())}{', a preview' if run.settings.preview else ''}"


def told(run: Run) -> list[str]:
    """What an undo did or would do, line by line; what belongs to the line before begins with a space."""
    lines = [line.removeprefix("  ") for line in undo_lines(run.result or {})]
    if len(lines) <= SHOWN_LINES:
        return lines
    return [
        *lines[:SHOWN_LINES],
        f"\N{HORIZONTAL ELLIPSIS} and {grouped(len(lines) - SHOWN_LINES)} more: dms status {run.id}",
    ]


def table_of(table: TableProgress, entry: dict[str, Any] | None) -> dict[str, Any]:
    """One table: from its progress while it runs, from the books once they are closed."""
    counts = {name: int((entry or {}).get(name, getattr(table, name, 0)) or 0) for name in ("read", *ACCOUNTS)}
    return {
        "source": table.source,
        "target": table.target,
        "phase": table.phase,
        "rows_total": max(table.rows_total, counts["read"]),
        **counts,
        "share_compared": share(compared(table), to_compare(table)),
        "verified": (entry or {}).get("verified") or "",
        "closes": None if entry is None else counts["read"] == accounted(counts),
    }


def progress_from(entry: dict[str, Any]) -> TableProgress:
    """A finished table that has no progress of its own, as when another host ran it."""
    return TableProgress(
        map_no=0, source=entry["source"], target=entry["target"], rows_total=int(entry.get("read") or 0)
    )


def accounted(counts: dict[str, Any]) -> int:
    """Rows of which it is said what became of them."""
    return sum(int(counts.get(name) or 0) for name in ACCOUNTS)


def result_tables(run: Run) -> list[dict[str, Any]]:
    """The lines of the closed books; none while a run is under way or has stopped before its end."""
    return list((run.result or {}).get("tables") or ()) if run.status in CLOSED else []


def books_of(run: Run) -> dict[str, Any] | None:
    """The sum of the books over all tables, and whether every line of them closes; None while there are none."""
    entries = result_tables(run)
    if not entries:
        return None
    total = {name: sum(int(entry.get(name) or 0) for entry in entries) for name in ("read", *ACCOUNTS)}
    verdicts = [entry.get("verified") or "not_verified" for entry in entries]
    return {
        **total,
        "closes": all(int(entry.get("read") or 0) == accounted(entry) for entry in entries),
        "tables": len(entries),
        "equal": verdicts.count("equal"),
        "different": verdicts.count("different"),
        "not_verified": verdicts.count("not_verified"),
    }


def objects_of(run: Run) -> dict[str, Any]:
    """How many objects were created, altered, found present or left out, and why those were left out."""
    objects = list((run.result or {}).get("objects") or ())
    left_out = [entry for entry in objects if entry.get("outcome") == "left_out"]
    return {
        "counts": {
            name: sum(entry.get("outcome") == name for entry in objects) for name in ("created", "altered", "present")
        },
        "left_out_count": len(left_out),
        "left_out": [
            {name: str(entry.get(name) or "") for name in ("kind", "name", "reason")}
            for entry in left_out[:SHOWN_LEFT_OUT]
        ],
    }


def error_of(run: Run) -> dict[str, str] | None:
    """What went wrong, what is safe and the next command, if something did."""
    if not run.error:
        return None
    return {name: str(run.error.get(name) or "") for name in ("code", "message", "where", "safe", "next")}


def word_of(run: Run) -> str:
    """The status in words; what was asked of an active run, as long as it has not happened yet."""
    return ASKED.get(run.wish, WORDS[run.status]) if run.active else WORDS.get(run.status, run.status)


def sentence_of(run: Run) -> str:
    """One sentence that says how the run stands."""
    if run.already_done:
        return (
            "It was done before; nothing was moved."
            if run.kind == "undo"
            else "It was done and verified before; nothing was moved."
        )
    if run.kind == "undo" and (run.settings.preview, run.status) in UNDOING:
        return UNDOING[run.settings.preview, run.status]
    if run.status == "running":
        return PHASES.get(run.phase, "Working.")
    if run.status == "succeeded_with_quarantine":
        rows = sum(int(entry.get("quarantined") or 0) for entry in result_tables(run))
        return (
            f"{counted(rows, 'row')} could not be taken over as they are; all others arrived and were read back equal."
        )
    if run.status == "differences":
        different = sum(entry.get("verified") == "different" for entry in result_tables(run))
        return f"The target differs from the source in {counted(different, 'table')}."
    return SENTENCES.get(run.status, "")


def commands_of(run: Run) -> dict[str, bool]:
    """Which buttons make sense now."""
    return {
        "pause": run.active and run.wish not in ASKED,
        "resume": run.status in RESUMABLE,
        "cancel": (run.active and run.wish != "cancel") or run.status in {"paused", "interrupted"},
    }


def to_compare(table: TableProgress) -> int:
    """Rows that verification reads: those of the source, then those of the target."""
    total = max(table.rows_total, table.read)
    return total + (table.written or total)


def compared(table: TableProgress) -> int:
    """Rows that verification has read so far; some of them it may read twice."""
    return min(table.verified_rows, to_compare(table))


def compared_rows(run: Run) -> int:
    """Rows of both sides that verification has read, over all tables."""
    return sum(compared(table) for table in run.tables)


def rows_to_compare(run: Run) -> int:
    """Rows of both sides that verification reads, over all tables."""
    return sum(to_compare(table) for table in run.tables)


def share(part: int, whole: int) -> float | None:
    """A part of a whole as 0 to 1; None of nothing."""
    return min(1.0, part / whole) if whole else None


def is_comparing(run: Run) -> bool:
    """Is the run at its verification, or nothing but one?"""
    return run.phase == "verify" or run.kind == "verify"


def rows_of_phase(run: Run) -> int:
    """What the phase counts: rows read for the comparison while verifying, rows accounted for before."""
    return compared_rows(run) if is_comparing(run) else run.rows_done


def work_of_phase(run: Run, before: Work) -> Work:
    """What `rows_of_phase` counts, by the width of rows."""
    if is_comparing(run):
        rows = {table.map_no: compared(table) for table in run.tables}
        totals = {table.map_no: to_compare(table) for table in run.tables}
    else:
        rows = {table.map_no: table.written + table.filtered + table.quarantined for table in run.tables}
        totals = {table.map_no: max(table.rows_total, table.read) for table in run.tables}
    return before.after(run.tables, rows, totals)


def seconds_left(run: Run, pace: Pace) -> int | None:
    """Seconds until this phase has seen every row at the present pace; None when that cannot be told."""
    if run.status != "running" or not pace.work_per_second or not run.rows_total:
        return None
    return round(work_of_phase(run, pace.work).left / pace.work_per_second)


def seconds_of(run: Run, now: datetime) -> float:
    """Seconds the run took, or takes up to now while it is running."""
    if run.status != "running" or not run.started_at:
        return run.seconds
    return max(run.seconds, (now - run.started_at).total_seconds())


def iso(time: datetime | None) -> str | None:
    """A time as text."""
    return None if time is None else time.isoformat()


def counted(number: int, noun: str) -> str:
    """``1 row``, ``12 345 rows``."""
    return f"{grouped(number)} {noun}{'' if number == 1 else 's'}"


def grouped(number: int) -> str:
    """A number with narrow spaces between its thousands."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
