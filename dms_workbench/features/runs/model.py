"""What a run is and how it stands, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ...kernel.shown import Readable
from .handle import Steerable
from .undone import undo_lines

Kind = Literal["copy", "verify", "repair", "replay", "undo"]
Status = Literal[
    "queued", "running", "succeeded", "succeeded_with_quarantine", "differences", "not_verified",
    "failed", "refused", "paused", "cancelled", "interrupted", "undone",
]  # fmt: skip

ACTIVE: frozenset[str] = frozenset({"queued", "running"})
RESUMABLE: frozenset[str] = frozenset({"failed", "refused", "paused", "cancelled", "interrupted", "not_verified"})
UNDONE = "undone"
"""A copy that was taken back: the same command begins a new one."""
DONE: frozenset[str] = frozenset({"succeeded", "succeeded_with_quarantine", "differences"})

EXIT_CODES: dict[str, int] = {
    "succeeded": 0,
    "undone": 0,
    "failed": 1,
    "refused": 1,
    "succeeded_with_quarantine": 3,
    "differences": 4,
    "paused": 5,
    "cancelled": 5,
    "interrupted": 5,
    "queued": 5,
    "running": 5,
    "not_verified": 6,
}


@dataclass(frozen=True)
class RunSettings(Readable):
    """How a run is carried out; none of it is part of the resume key."""

    on_reject: Literal["quarantine", "stop"] = "quarantine"
    max_rejects: int | None = None
    """Quarantined rows after which the run stops; None sets no limit."""
    lanes: int | None = None
    """Streams for each table; None lets the run try how many pay."""
    chunk_rows: int | None = None
    """Rows per commit at most; None lets the run choose."""
    new_run: bool = False
    verify: bool = True
    push_down: bool = True
    patience_seconds: float = 600.0
    stall_seconds: float = 60.0
    max_rows_per_second: float | None = None
    max_lanes: int | None = None
    max_lock_wait_seconds: float | None = 2.0
    max_lag_seconds: float | None = 60.0
    max_active_sessions: int | None = None
    max_transaction_seconds: float | None = None
    executor: Literal["local", "dask"] = "local"
    scheduler: str | None = None
    tls_ca: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None
    parent_run_id: str | None = None
    """Of a replay: the run whose quarantine it is about; of an undo: the run that is taken back."""
    cause: str = ""
    expression: str | None = None
    column: str | None = None
    also: tuple[str, ...] = ()
    preview: bool = False
    """Of an undo: it only says what it would do."""
    delete_extra: bool = False
    """Of a repair: rows that the source does not have are deleted."""
    list_differences: bool = False
    """Of a verification: every row that differs is written to a private file."""

    def __post_init__(self) -> None:
        """The store keeps lists."""
        object.__setattr__(self, "also", tuple(self.also))


@dataclass(frozen=True)
class TableProgress(Readable):
    """How far one table map is; counts are in rows."""

    map_no: int
    source: str
    target: str
    phase: str = ""
    """``copy``, ``verify`` ... what is being done to it now."""
    rows_total: int = 0
    read: int = 0
    written: int = 0
    filtered: int = 0
    quarantined: int = 0
    verified_rows: int = 0
    row_bytes: int = 0
    """Bytes of one row, on the average, by the source's catalogue or by the first chunk; 0 while neither tells."""


@dataclass(frozen=True)
class Run(Steerable):
    """A run as it stands now."""

    id: str
    project_id: str
    plan_id: str
    kind: str
    status: str
    """See `Status`; ``interrupted`` also when the worker that had it is gone."""
    wish: str
    """What was asked of it last: ``run``, ``pause`` or ``cancel``."""
    phase: str
    """What is being done now: ``connect`` ``create`` ``copy`` ``finish`` ``verify`` ``done``."""
    settings: RunSettings
    resume_key: str
    created_at: datetime
    """UTC, as all times here."""
    created_by: str
    started_at: datetime | None = None
    finished_at: datetime | None = None
    heard_at: datetime | None = None
    """When its worker last gave a sign of life."""
    seconds: float = 0.0
    attempts: int = 0
    """How many times a worker has taken it."""
    already_done: bool = False
    """It was finished and verified before; this start moved nothing."""
    request_key: str = ""
    tables: tuple[TableProgress, ...] = ()
    result: dict[str, Any] | None = None
    """The books: ``tables``, ``objects``, ``quarantine`` (first 1,000 rows), as the command line prints them."""
    error: dict[str, Any] | None = None
    """``code``, ``message``, ``where``, ``safe``, ``next``."""

    @property
    def active(self) -> bool:
        """Queued or running."""
        return self.status in ACTIVE

    @property
    def exit_code(self) -> int:
        """The command line's exit code for this status."""
        return EXIT_CODES[self.status]

    @property
    def rows_done(self) -> int:
        """Rows accounted for, over all tables."""
        return sum(table.written + table.filtered + table.quarantined for table in self.tables)

    @property
    def rows_total(self) -> int:
        """Rows to account for, over all tables, as far as they are counted."""
        return sum(max(table.rows_total, table.read) for table in self.tables)

    def __str__(self) -> str:
        lines = [
            f"run {self.id}: {self.status}" + (f" ({self.phase})" if self.status == "running" and self.phase else "")
        ]
        books = [book_line(table) for table in (self.result or {}).get("tables", ())]
        lines += books or [progress_line(table) for table in self.tables if self.kind != "undo" or self.active]
        lines += undo_lines(self.result or {})
        if self.error:
            lines.append(f"  {self.error.get('message', '')}")
            lines += [f"  {self.error[name]}" for name in ("safe", "next") if self.error.get(name)]
        return "\n".join(lines)


@dataclass(frozen=True)
class RunEvent(Readable):
    """Something that happened in a run; numbers rise by one."""

    number: int
    at: datetime
    kind: str
    """``status``, ``wish`` or ``progress``."""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LogLine(Readable):
    """One line of a run's log."""

    number: int
    at: datetime
    level: str
    message: str

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.level:7} {self.message}"


@dataclass(frozen=True)
class QuarantineLine(Readable):
    """One row in quarantine: where it comes from and why, without its values but the key's."""

    number: int
    table: str
    key: dict[str, Any]
    column: str | None
    code: str
    reason: str

    def __str__(self) -> str:
        key = ", ".join(f"{name}={value}" for name, value in self.key.items())
        return f"{self.table} ({key}){f' {self.column}' if self.column else ''}: {self.reason}"


@dataclass(frozen=True)
class ReplayExample(Readable):
    """One rejected row before and after an expression."""

    key: dict[str, Any]
    before: dict[str, Any]
    """The source values that the target column is made of."""
    after: Any = None
    """What the target column would hold; None, with a reason, where the row stays."""
    reason: str = ""

    def __str__(self) -> str:
        key = ", ".join(f"{name}={value}" for name, value in self.key.items())
        before = ", ".join(f"{name}={value!r}" for name, value in self.before.items())
        return f"({key}) {before} -> {self.reason or repr(self.after)}"


@dataclass(frozen=True)
class ReplayProposal(Readable):
    """An expression that puts rows of a cause through, tried on some of them."""

    expression: str
    meaning: str
    lossy: bool
    """It loses something of the value."""
    passing: int
    tried: int
    example: ReplayExample | None = None


@dataclass(frozen=True)
class QuarantineCause(Readable):
    """Rows in quarantine for one reason, and what would help."""

    name: str
    """``table.column:code``, or ``table:code`` where no column is to blame."""
    table: str
    column: str | None
    """Of the target."""
    code: str
    rows: int
    """Rows still in quarantine."""
    replayed: int
    """Rows that a replay has put through."""
    reasons: tuple[str, ...]
    examples: tuple[dict[str, Any], ...]
    """Keys of the first rows."""
    help: str
    proposals: tuple[ReplayProposal, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.rows:,} rows, {'; '.join(self.reasons)}", f"  {self.help}"]
        lines += [
            f"  {each.expression}  -- {each.meaning}{' (lossy)' if each.lossy else ''}: {each.passing} of {each.tried} tried would pass"
            for each in self.proposals
        ]
        return "\n".join(lines)


@dataclass(frozen=True)
class ReplayPreview(Readable):
    """What a replay would do with the first 10,000 rows of its cause; nothing was written."""

    cause: str
    expression: str | None
    rows: int
    passing: int
    filtered: int
    staying: dict[str, int]
    """Rows that would stay in quarantine, by reason."""
    examples: tuple[ReplayExample, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.passing:,} of {self.rows:,} rows of {self.cause} would pass"]
        lines += [f"  {count:,} would stay: {reason}" for reason, count in self.staying.items()]
        return "\n".join([*lines, *(f"  {each}" for each in self.examples)])


@dataclass(frozen=True)
class Reconciliation(Readable):
    """What comparing the store with the targets' ledgers changed."""

    looked_at: int
    """Runs looked at."""
    changed: tuple[str, ...] = ()
    """Runs whose status in the store was set to the ledger's."""
    added: tuple[str, ...] = ()
    """Runs that only the ledger knew."""
    unreachable: tuple[str, ...] = ()
    """Connections whose ledger could not be read."""


@dataclass(frozen=True, slots=True)
class Worker:
    """Who holds a run: an id of its own, its host and the lock file it holds as long as it lives."""

    id: str
    host: str
    lock: str


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed run. ``epoch`` counts the claims: what an earlier claim still writes is ignored."""

    run: Run
    organisation_id: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended; ``result`` and ``error`` are plain data."""

    status: str
    seconds: float
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    already_done: bool = False
    parent: Outcome | None = None
    """How the run stands since whose rows were replayed."""


def progress_line(table: TableProgress) -> str:
    """One table's progress in a line of text."""
    text = f"  {table.source} -> {table.target}: {table.written:,} of {max(table.rows_total, table.read):,} rows"
    return text + (f", {table.quarantined:,} quarantined" if table.quarantined else "")


def book_line(table: dict[str, Any]) -> str:
    """One table's books in a line of text."""
    parts = [
        f"{table[name]:,} {name}"
        for name in ("written", "unchanged", "merged", "filtered", "quarantined")
        if table.get(name)
    ]
    books = " + ".join(parts) or "0"
    return f"  {table['source']} -> {table['target']}: {table['read']:,} read = {books}, verified: {table['verified']}"
