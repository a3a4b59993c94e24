"""Where the rows of a lane go inside the target: straight into the table, or by way of a stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, cast

from ..databases.base import Lines, LineTarget, Reject, Target, Value
from ..databases.catalogue import Column, TableName
from ..ledger import Accounts, Checkpoint
from ..planning.plan import PlannedTable


@dataclass(frozen=True, slots=True)
class Written:
    """What became of rows that the target took, by the target's own counts."""

    written: int = 0
    unchanged: int = 0
    merged: int = 0

    def accounts(self, read: int, filtered: int = 0, quarantined: int = 0) -> Accounts:
        """As accounts of a chunk of so many rows."""
        return Accounts(read, self.written, filtered, quarantined, self.unchanged, self.merged)


class Sink(Protocol):
    """Takes the rows of one lane, inside the transaction of their chunk."""

    line_forms: tuple[str, ...]
    """The forms of lines it takes, the fastest first."""

    def write(self, at: Checkpoint, columns: Sequence[Column], values: list[list[Value]]) -> Written:
        """Add rows. at: where the lane stands, before this chunk. Raises RowsRefused: roll back, ask `diagnose`."""
        ...

    def write_lines(self, at: Checkpoint, columns: Sequence[Column], lines: Lines) -> Written:
        """As `write`, for rows that pass undecoded."""
        ...

    def diagnose(self, columns: Sequence[Column], values: list[list[Value]]) -> list[Reject]:
        """The rows that `write` refuses and why; leaves no trace."""
        ...


class Direct:
    """Rows go straight into the target table."""

    def __init__(self, table: PlannedTable, target: Target) -> None:
        """table: the map; target: the lane's connection."""
        self.table, self.target = table, target
        self.line_forms: tuple[str, ...] = getattr(target, "line_forms", ())

    def write(self, at: Checkpoint, columns: Sequence[Column], values: list[list[Value]]) -> Written:  # noqa: ARG002
        """Add rows."""
        return Written(self.target.write(self.table.target, columns, values))

    def write_lines(self, at: Checkpoint, columns: Sequence[Column], lines: Lines) -> Written:  # noqa: ARG002
        """Add rows as they come."""
        return Written(cast(LineTarget, self.target).write_lines(self.table.target, columns, lines))

    def diagnose(self, columns: Sequence[Column], values: list[list[Value]]) -> list[Reject]:
        """The rows that the table refuses."""
        return self.target.diagnose(self.table.target, columns, values)


class Staged(Direct):
    """Rows go into a table like the target; all of them take the target's place when the last one is there."""

    def __init__(self, table: PlannedTable, target: Target, stage: TableName) -> None:
        """stage: has the target's columns, keys and checks."""
        super().__init__(replace(table, target=replace(table.target, name=stage, foreign_keys=())), target)
