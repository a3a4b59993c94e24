"""What every database offers the engine: a read side, a write side and, in `capabilities`, what it can do.

**Values.** Between a source and a target a value is a plain Python object, chosen so that nothing is lost on the way:

| kind | value |
|---|---|
| boolean | bool |
| integer | int |
| float | float |
| decimal | str, plain notation (``-12.50``), or ``NaN`` ``Infinity`` ``-Infinity`` |
| text | str |
| bytes | bytes |
| date | str ``YYYY-MM-DD``; ``infinity``, ``-infinity``; `` BC`` at the end before year 1; more than four digits of year as they are |
| time | str ``HH:MM:SS[.ffffff]`` without trailing zeros in the fraction |
| timestamp | str ``YYYY-MM-DD HH:MM:SS[.ffffff]``, no trailing zeros in the fraction, ``infinity``, `` BC`` as for date |
| timestamptz | as timestamp, in UTC, with ``+00`` after the seconds (``2024-01-31 12:00:00.5+00``) |
| interval | str in PostgreSQL's own form (``1 year 2 mons 3 days 04:05:06.7``) |
| uuid | str, lower case with hyphens |
| json, other | str, the database's own text |

NULL is None. A source whose columns hold any type (SQLite) gives deviating values as they are stored (a str in an integer
column); the conversion decides, never the source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from .capabilities import Capabilities
from .catalogue import Catalogue, Column, DataType, SequenceState, Table, TableName
from .ddl import StandardDdl

Value = Any
"""None, bool, int, float, str or bytes, as the table above says."""

Position = str
"""How far a lane is: opaque text of the source that made it; ``""`` is the start."""


@dataclass(slots=True)
class Batch:
    """Some rows, column by column: ``columns[c][r]``; ``position`` is that of the last row."""

    columns: list[list[Value]]
    rows: int
    position: Position
    keys: list[list[Value]] = field(default_factory=list)
    """The values of the position's columns, column by column, when they are not among ``columns``."""
    rejects: list[Reject] = field(default_factory=list)
    """Rows that are none, or hold what is no value of its column (files): they go to quarantine. Where no column is to
    blame, the row's values are all None."""
    raw: dict[int, str] = field(default_factory=dict)
    """The text of the rows that are none, by row."""


@dataclass(frozen=True, slots=True)
class LineColumn:
    """One column of rows that pass as lines: what the source is to render, and the target column it is for."""

    target: Column
    """Where it goes, with the target's own type."""
    source: Column | None = None
    """The source column that is read; None where ``sql`` makes the value."""
    sql: str = ""
    """An expression over the table's columns in the source's own SQL; only ever made by `engine.expressions`."""
    type: DataType | None = None
    """Of ``sql``: the common type of its values."""
    convert: Callable[[list[Value]], list[Value] | None] | None = field(default=None, compare=False, repr=False)
    """What conversion makes of values of ``source``; None where it rejects one. For a source that renders values itself."""


@dataclass(frozen=True, slots=True)
class LineQuery:
    """Which rows are to pass as lines, and in which form."""

    table: Table
    columns: tuple[LineColumn, ...]
    """Those of the table's position first, where they are among them."""
    form: str
    """One of `LineTarget.line_forms`."""
    where: str = ""
    """A filter in the source's own SQL; only ever made by `engine.expressions`."""


@dataclass(slots=True)
class LineLimits:
    """Where a read is cut into chunks; may be changed while the read is open, and counts from the next chunk on."""

    rows: int = 50_000
    size_bytes: int = 8_000_000
    read_bytes: int | None = None
    """What is taken from the source's line at a time, at most, where a read is to go on evenly; None leaves it to the reader."""


class Lines:
    """The rows of one chunk, undecoded, as they arrive: ``pieces`` is read once, by the target.

    ``rows``, ``size_bytes`` and ``position`` (that of the last row) are right when the pieces have been read to their end.
    Pieces are bytes of the form agreed on, without its header and trailer; they need not end where a row ends.
    """

    __slots__ = ("dialect", "form", "pieces", "position", "rows", "size_bytes")

    def __init__(self, form: str, dialect: str = "") -> None:
        """form: one of `LineTarget.line_forms`; dialect: its parameters as JSON, where it has any.

        The form ``csv``: ``delimiter``, ``quote``, ``escape`` and ``null``, as ``COPY … (FORMAT csv)`` names them, UTF-8,
        without a header; its defaults are comma, ``"``, ``"`` and nothing.
        """
        self.form = form
        self.dialect = dialect
        self.pieces: Iterator[bytes] = iter(())
        self.rows = 0
        self.size_bytes = 0
        self.position: Position = ""

    def drain(self) -> None:
        """Read what the target has left, so that the figures are right and the next chunk can be read."""
        for _ in self.pieces:
            pass


class LinesUnfit(Exception):
    """The source cannot render the rows of this chunk as lines: read it again as values. Never reaches a user.

    The connection may be spoiled by it; a strategy goes on with another lane of the source.
    """


@dataclass(frozen=True, slots=True)
class Reject:
    """Why one row cannot be written: its index in the batch, column (if one is to blame), code and reason without the value."""

    row: int
    column: str | None
    code: str
    """``not-null`` ``unique`` ``foreign-key`` ``check`` ``out-of-range`` ``too-long`` ``invalid-value`` ``nul-character``
    ``invalid-text`` ``loses-precision`` ``transform-failed`` ``no-lookup`` ``refused-by-target``."""
    reason: str


@dataclass(frozen=True, slots=True)
class Health:
    """How a source is doing at one moment, our own sessions left out."""

    active_sessions: int = 0
    """Sessions of its database that are at work."""
    lock_wait_seconds: float = 0.0
    """How long the session has waited that waits longest for a lock."""
    lock_wait: str = ""
    """Who waits for whom, without any query."""
    waits_for_us: bool = False
    """The lock it waits for is held by this run."""
    lag_seconds: float = 0.0
    """How far the standby is behind that is furthest behind."""
    lag_of: str = ""


class Observer(Protocol):
    """Looks at a source by a connection of its own. A source that can be looked at has ``observer() -> Observer``."""

    def look(self) -> Health:
        """How it is doing. Raises the errors of a connection."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class RowsRefused(Exception):
    """A write was refused because of its rows: roll back, ask `Target.diagnose`, write the rest. Never reaches a user.

    hint: the target's own message with values removed.
    """

    def __init__(self, hint: str) -> None:
        self.hint = hint
        super().__init__(hint)


class Source(Protocol):
    """The read side: everything is read under one snapshot, taken when the source is opened."""

    can: Capabilities
    identity: str
    """Names the database itself, whatever the host is called; holds no secret."""
    snapshot: str
    """Names the snapshot that all reads are under; empty if the database has none."""

    def catalogue(self, schema: str | None = None) -> Catalogue:
        """Read the catalogue of a schema (None: the default one). The ledger's own tables are hidden."""
        ...

    def count(self, table: Table) -> int:
        """Rows of the table under the snapshot, by the database's own count."""
        ...

    def position_columns(self, table: Table) -> tuple[str, ...]:
        """The columns that order the table for reading and resuming; () if there is no safe order (no key)."""
        ...

    def read(
        self,
        table: Table,
        columns: Sequence[str],
        *,
        after: Position = "",
        until: Position = "",
        batch_rows: int = 50_000,
        batch_bytes: int = 16_000_000,
    ) -> Iterator[Batch]:
        """Read rows in the order of `position_columns`, in batches of at most so many rows and about so many bytes.

        after: only rows behind this position; until: only rows up to it, that row included.
        """
        ...  # fmt: skip

    def stream(
        self, sql: str, parameters: Sequence[Any] = (), *, batch_rows: int = 10_000
    ) -> Iterator[list[tuple[Any, ...]]]:
        """Run a query under the snapshot and give its rows in lists of at most ``batch_rows``, never all in memory."""
        ...

    def lane_bounds(self, table: Table, lanes: int) -> list[Position]:
        """At most ``lanes - 1`` rising positions that cut the table into parts of about the same number of rows.

        Any kind of key serves; [] where the table has none, or where cutting it would cost more than it saves.
        """
        ...

    def lane(self) -> Source:
        """Another connection under the same snapshot, for a thread of its own; the caller closes it."""
        ...

    def close(self) -> None:
        """End the snapshot and the connection; may be called twice."""
        ...


class Target(Protocol):
    """The write side. Not for use by two threads at a time."""

    can: Capabilities
    identity: str
    read_only: str
    """Why nothing may be written here (a standby, a database its owner has made read-only); empty if it may."""

    def catalogue(self, schema: str | None = None) -> Catalogue:
        """As `Source.catalogue`."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """A transaction that is durable when it ends (``synchronous_commit = on``); an exception rolls it back."""
        ...

    def savepoint(self) -> AbstractContextManager[None]:
        """Part of a transaction that can fail on its own; only where `Capabilities.has_savepoints`."""
        ...

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement (placeholders as `Capabilities.placeholder`), return the rows it touched (-1 if unknown)."""
        ...

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query and return all its rows."""
        ...

    def write(self, table: Table, columns: Sequence[Column], values: list[list[Value]]) -> int:
        """Add rows (``values[c][r]``, in the forms of the module's table, already of the columns' kinds).

        Returns the target's own count of the rows added, which is less than given where a trigger swallowed some.
        Raises RowsRefused if the rows themselves are to blame; the transaction is then to be rolled back.
        """
        ...

    def diagnose(self, table: Table, columns: Sequence[Column], values: list[list[Value]]) -> list[Reject]:
        """Find the rows that `write` refuses and why; leaves no trace. Call inside a transaction, with nothing of these rows written."""
        ...

    def count(self, table: Table) -> int:
        """Rows of the table now, by the database's own count; raises rather than count with rows hidden (row-level security)."""
        ...

    def advance_identity(self, table: Table, column: str) -> None:
        """Let the next number made for an identity column follow the largest one present; nothing where the database does so itself."""
        ...

    def restore_sequence(self, name: TableName, state: SequenceState) -> None:
        """Put a sequence where it stood in the source; raises PrivilegeMissing or DatabaseError."""
        ...

    def restore_counter(self, table: Table, column: str) -> None:
        """Put a column's counter where its ``counter_state`` says, or behind the largest number present if that is further on."""
        ...

    def next_number(self, table: Table, column: str) -> int | None:
        """Prove a counter: insert a row that names no number, read the number made, roll back. None where that cannot be tried.

        Call outside a transaction. The numbers a rolled back insert has drawn are given back where the product keeps them.
        """
        ...

    def ledger_table(self, name: str) -> str:
        """The quoted name of a ledger table: ``"dms_ledger"."chunks"`` or ``"dms_ledger_chunks"``."""
        ...

    def lock(self, name: str, *, timeout_seconds: float) -> None:
        """Hold a lock of that name until the connection closes; raises RunLocked if someone else has it all that time."""
        ...

    def lane(self) -> Target:
        """Another connection for a thread of its own, where `Capabilities.concurrent_writers`; the caller closes it."""
        ...

    def close(self) -> None:
        """Close the connection; an open transaction is rolled back; may be called twice."""
        ...


class LineSource(Source, Protocol):
    """A source whose rows can leave it as lines: whole rows in a form that some target takes undecoded."""

    def gives_lines(self, asked: LineQuery) -> bool:
        """Can it render these columns in this form, so that what the target makes of them is what conversion would make?

        Values that conversion would reject must be refused by the target, or end in LinesUnfit: never pass changed.
        """
        ...

    def read_lines(
        self, asked: LineQuery, *, limits: LineLimits, after: Position = "", until: Position = ""
    ) -> Iterator[Lines]:
        """As `Source.read`, a chunk at a time; each chunk's pieces are to be read to their end before the next is asked for.

        Raises LinesUnfit, here or while pieces are read.
        """
        ...  # fmt: skip

    def lane(self) -> LineSource:
        """As `Source.lane`."""
        ...


class LineTarget(Target, Protocol):
    """A target that takes rows as lines."""

    line_forms: tuple[str, ...]
    """The forms this connection takes, the fastest first: ``postgres-frames`` (COPY binary, still in the messages of the
    wire), ``postgres-binary``, ``postgres-text`` (COPY text: tab, ``\\N``, a backslash escapes), ``csv``, ``mysql-text``
    (LOAD DATA's defaults: tab, ``\\N``, a backslash escapes) ..."""

    def write_lines(self, table: Table, columns: Sequence[Column], lines: Lines) -> int:
        """As `Target.write`, for one chunk. Reads its pieces, to the end unless it raises."""
        ...


class Database(Protocol):
    """One product: how to reach it and how it spells things. Each folder's package face is one."""

    can: Capabilities
    ddl: StandardDdl
    """The statements that make objects of this product."""

    def open_source(self, url: str, *, options: Mapping[str, Any] | None = None) -> Source:
        """Connect for reading and take the snapshot. Raises the errors of `engine.databases.errors`."""
        ...

    def open_target(self, url: str, *, create: bool = True, options: Mapping[str, Any] | None = None) -> Target:
        """Connect for writing. create: a file that is missing may be made."""
        ...

    def parse_type(self, native: str) -> DataType:
        """The common meaning of a native type."""
        ...

    def render_type(self, type: DataType) -> str:
        """The native type that holds every value of a common type (of another product), exactly if there is one."""
        ...

    def quote(self, name: str) -> str:
        """An identifier, quoted: the only way a name gets into SQL."""
        ...

    def qualified(self, table: TableName) -> str:
        """Schema and table, quoted."""
        ...
