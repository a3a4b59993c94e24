"""Keeps one lane going: through lost connections, deadlocks, time limits and full disks, from what is committed."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...kernel.errors import WorkbenchError
from ..control import Control, Progress
from ..databases.base import Target
from ..databases.errors import (
    ConnectionFailed,
    ConnectionLost,
    DatabaseError,
    RunLocked,
    SnapshotLost,
    StatementCancelled,
    is_transient,
)
from ..databases.witness import TableState, difference
from ..ledger import Checkpoint, Ledger, LedgerConflict
from ..planning.plan import PlannedTable
from .errors import TargetChanged
from .recovering import Patience
from .tally import Tally
from .tuning import OnChunk

if TYPE_CHECKING:
    from .tables import TableCopier

LOCK_SECONDS = 0.5


@dataclass(slots=True)
class LaneKeeper:
    """One lane of one table, as often as it takes.

    Before each new attempt the target is asked where the lane's checkpoint is: what a lost COMMIT has done, only the target
    knows. Own sessions are opened again; where the run's own ones are gone (the snapshot, the run's lock), the error is
    passed on to the run.
    """

    copier: TableCopier
    table: PlannedTable
    tally: Tally
    control: Control
    target: Target | None
    """The run's own connection; None where the lane has one of its own."""
    on_chunk: OnChunk | None = None
    own: Target | None = None
    shrunk: int = 0
    state: TableState = field(default_factory=dict)
    patience: Patience = field(init=False)

    def __post_init__(self) -> None:
        self.patience = Patience(self.control, self.copier.options.patience_seconds, self.copier.clock)

    def keep(self, checkpoint: Checkpoint) -> None:
        """Copy what is left of the lane. Raises Stopped, and what does not pass or is not the lane's own to mend."""
        again = False
        try:
            while True:
                before = (self.tally.read, self.tally.written, self.tally.filtered, self.tally.quarantined)
                try:
                    target = self.connected(checkpoint)
                    found = self.where(target, checkpoint) if again else checkpoint
                    self.copy(target, found)
                except WorkbenchError as error:
                    if not checkpoint.position:
                        self.tally.read, self.tally.written, self.tally.filtered, self.tally.quarantined = before
                    self.judge(error, again=again)
                    again = True
                else:
                    return
        finally:
            self.close()

    def connected(self, checkpoint: Checkpoint) -> Target:
        """The connection to write by, under the lane's lock. Raises RunLocked while the lane's last session is not gone."""
        if self.target is not None:
            return self.target
        if self.own is None:
            opened = self.copier.target.lane()
            try:
                name = f"dms:{self.copier.ledger.run_id}:{checkpoint.map_no}:{checkpoint.lane_no}"
                opened.lock(name, timeout_seconds=LOCK_SECONDS)
            except BaseException:
                opened.close()
                raise
            self.own = opened
        return self.own

    def where(self, target: Target, checkpoint: Checkpoint) -> Checkpoint:
        """The lane's checkpoint as the target has it. Raises LedgerConflict if the run is another worker's."""
        run_id = self.copier.ledger.run_id
        for found in Ledger(target, run_id).lanes(checkpoint.map_no):
            if found.lane_no == checkpoint.lane_no and found.epoch == self.copier.epoch:
                self.copier.clock.saw(found)
                return found
        raise LedgerConflict(run_id=run_id)

    def copy(self, target: Target, checkpoint: Checkpoint) -> None:
        """One attempt."""
        witness = self.copier.sides.target_witness
        if not self.state:
            self.state = witness.table_state(target, self.table.target)
        try:
            self.copier.lane(
                self.table,
                checkpoint,
                self.tally,
                target,
                self.control,
                shrink=self.shrunk,
                check=lambda: self.check(target),
                on_chunk=self.on_chunk,
            )
        except DatabaseError as error:
            if not is_transient(error) and witness.is_alive(target):
                with contextlib.suppress(ConnectionLost):
                    self.check(target, error)
            raise

    def check(self, target: Target, cause: DatabaseError | None = None) -> None:
        """Raise TargetChanged if the table is not what it was when this worker began to fill it."""
        now = self.copier.sides.target_witness.table_state(target, self.table.target)
        if said := difference(self.state, now):
            raise TargetChanged(table=str(self.table.target.name), difference=said) from cause

    def judge(self, error: WorkbenchError, *, again: bool) -> None:
        """Wait for the next attempt, or raise the error."""
        if isinstance(error, LedgerConflict) and again:
            raise error
        if not is_transient(error) and not isinstance(error, RunLocked | LedgerConflict):
            raise error
        gone = self.gone(error)
        if isinstance(error, StatementCancelled):
            self.shrunk += 1
            message = f"{self.table.source_label}: chunks are made half as large: {error.message}"
            self.control.report(Progress("copy", message=message, level="warning"))
        self.patience.wait(error, gone)

    def gone(self, error: WorkbenchError) -> str:
        """Which side the lane has to wait for; raises the error if it is the run's own connection that is lost."""
        sides = self.copier.sides
        if isinstance(error, SnapshotLost):
            raise error
        if not isinstance(error, ConnectionLost | ConnectionFailed | RunLocked):
            return ""
        target = self.own if self.target is None else self.target
        with self.copier.guard:
            if not sides.is_there(sides.source, sides.source_witness, error):
                raise error
            if self.target is not None and not sides.is_there(sides.target, sides.target_witness, error):
                raise error
        if isinstance(error, RunLocked) or target is None:
            return "target"
        if self.target is None and not sides.is_there(target, sides.target_witness, error):
            self.close()
            return "target"
        return "source" if isinstance(error, ConnectionLost) else "database"

    def close(self) -> None:
        """Close the lane's own connection."""
        if self.own is not None:
            self.own.close()
            self.own = None
