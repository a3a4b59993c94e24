"""Both sides of a run: opened, and opened again when one is lost."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...kernel.errors import WorkbenchError
from ..control import Control, Progress
from ..databases.base import Source, Target
from ..databases.errors import ConnectionLost, RunLocked, SnapshotLost
from ..databases.urls import database_for
from ..databases.witness import Witness, difference
from ..failpoints import reach
from ..ledger import Ledger, LedgerConflict
from ..planning import source_options
from ..planning.catalogues import read_source
from ..planning.plan import Plan
from .errors import OtherDatabase, SourceChanged
from .options import RunOptions
from .recovering import witness_of

TOLD_SECONDS = 0.5
"""After so long without the run's lock it is said that another worker has it."""
LOCK_SECONDS = 10.0
"""How long a worker that begins waits for another one to leave: the server may not have noticed yet that it is gone."""


@dataclass(slots=True)
class Sides:
    """Source and target of one run, which are others after a loss."""

    plan: Plan
    source_url: str
    target_url: str
    run_id: str
    options: RunOptions
    control: Control
    source_witness: Witness = field(init=False)
    target_witness: Witness = field(init=False)
    source: Source = field(init=False)
    target: Target = field(init=False)
    locked: bool = False
    """Does this target session hold the run's lock?"""
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.source_witness, self.target_witness = witness_of(self.source_url), witness_of(self.target_url)

    def open_source(self) -> None:
        """Connect to the source and take its snapshot."""
        options = {**source_options(self.source_url, self.target_url), "lanes": self.options.lanes or 1}
        self.source = database_for(self.source_url).open_source(self.source_url, options=options)

    def open_target(self) -> None:
        """Connect to the target."""
        options = {"ledger_schema": self.plan.ledger_schema}
        self.target = database_for(self.target_url).open_target(self.target_url, options=options)
        self.locked = False

    def close(self) -> None:
        """Close what is open."""
        for side in (getattr(self, "target", None), getattr(self, "source", None)):
            if side is not None:
                side.close()

    def check(self) -> None:
        """Raise if either database is not the one planned for, or the source's structure has changed."""
        self.check_identities()
        self.check_source()

    def check_identities(self) -> None:
        """Raise OtherDatabase if either database is not the one planned for."""
        for side, found, planned in (
            ("The source", self.source.identity, self.plan.source_identity),
            ("The target", self.target.identity, self.plan.target_identity),
        ):
            if found != planned:
                raise OtherDatabase(side=side, found=found, planned=planned)

    def check_source(self) -> None:
        """Raise SourceChanged if the source's structure is not the one planned for."""
        schemas = self.plan.source_schemas or (self.plan.source_schema,)
        found = read_source(self.source, schemas)
        if found.fingerprint() == self.plan.source_fingerprint:
            return
        now = {table.name: columns_of(table) for table in found.tables}
        said = [
            f"{table.source.name}: {change}"
            for table in self.plan.tables
            if (change := difference(columns_of(table.source), now.get(table.source.name, {})))
        ]
        raise SourceChanged(difference=f" ({'; '.join(said)})" if said else "")

    def lock(self) -> None:
        """Take the run's lock; says at once if another worker has it. Raises RunLocked."""
        name = f"dms:{self.run_id}"
        if not self.locked:
            try:
                self.target.lock(name, timeout_seconds=TOLD_SECONDS)
            except RunLocked:
                message = f"Run {self.run_id} is under way in another worker; waiting up to {LOCK_SECONDS:g} s for it to leave."
                self.control.report(Progress("connect", message=message, level="warning"))
                self.target.lock(name, timeout_seconds=LOCK_SECONDS)
        self.locked = True
        reach("run.locked")

    def lost(self, error: WorkbenchError) -> str:
        """Which side an error took away: ``source``, ``target``, both as ``databases``; empty if none."""
        gone = [
            name
            for name, side, witness in (
                ("source", self.source, self.source_witness),
                ("target", self.target, self.target_witness),
            )
            if not self.is_there(side, witness, error)
        ]
        if isinstance(error, SnapshotLost) and "source" not in gone:
            gone.append("source")
        return "databases" if len(gone) > 1 else "".join(gone)

    def is_there(self, side: Any, witness: Witness, error: WorkbenchError) -> bool:
        """Is a side's session still good? Products without sessions are opened again whenever a connection was lost."""
        if type(witness) is Witness:
            of = getattr(getattr(side, "can", None), "product", "")
            return not (isinstance(error, ConnectionLost) and error.facts.get("database") == of)
        return witness.is_alive(side)

    def restore(self, error: WorkbenchError, epoch: int | None) -> None:
        """Open again what is lost. Raises LedgerConflict if another worker has taken the run over meanwhile."""
        gone = self.lost(error)
        if gone in ("target", "databases"):
            self.target.close()
            self.open_target()
            self.check_identities()
        if not self.locked:
            self.target.lock(f"dms:{self.run_id}", timeout_seconds=TOLD_SECONDS)
            self.locked = True
            if epoch is not None:
                run = Ledger(self.target, self.run_id).run()
                if run is None or run.epoch != epoch:
                    raise LedgerConflict(run_id=self.run_id)
        if gone in ("source", "databases"):
            with contextlib.suppress(WorkbenchError):
                self.source.close()
            self.open_source()
            self.notes.append(
                f"The snapshot of the source was lost and a new one taken: {error.facts.get('reason', error.message)}"
            )

    def doubts(self) -> Sequence[str]:
        """What a user should know of the target before trusting it with rows."""
        return self.target_witness.doubts(self.target)


def columns_of(table: Any) -> dict[str, str]:
    """The columns of a catalogue's table as `difference` compares them."""
    return {column.name: f"{column.type.native}{'' if column.nullable else ' not null'}" for column in table.columns}
