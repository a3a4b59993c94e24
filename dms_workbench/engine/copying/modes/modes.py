"""The write mode of one run: which sink each table map has, what is prepared for it, and the swap of replaced tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ....kernel.errors import WorkbenchError
from ...databases.base import RowsRefused, Target
from ...databases.stages import BARE, NEW, OLD, StageSql
from ...failpoints import reach
from ...ledger import Ledger
from ...ledger.images import drop_images, keep_state, note_images
from ...planning.modes import KEYED
from ...planning.plan import Plan, PlannedTable
from ..sinks import Direct, Sink, Staged
from .exchange import DONE, is_exchanged
from .merging import Merge, Merging
from .shapes import is_unique_in_source, stage_sql


class SwapRefused(
    WorkbenchError,
    code="swap-refused",
    status=409,
    safe="The tables hold what they held before; the new rows lie in stages, and nothing of them is lost.",
    next="Mend the rows or the target, then repeat the command: it goes on with the swap.",
):
    """The target refuses the new content of its tables as a whole: {reason}."""


@dataclass(slots=True)
class Modes:
    """The mode of a run under way. Made again by each worker that goes on with it."""

    plan: Plan
    target: Target
    ledger: Ledger
    baselines: dict[int, int]
    """Rows before the run, by map number."""
    in_turn: frozenset[int] = frozenset()
    """Table maps whose lanes are many and short: they go one after the other by the run's own connection, through one stage."""
    merges: dict[int, Merge] = field(init=False)
    """The table maps whose rows go by way of a stage."""
    shared: dict[int, Merging] = field(default_factory=dict)
    """The stages of those in turn, which all of their lanes use."""

    def __post_init__(self) -> None:
        self.merges = {table.map_no: how for table in self.plan.tables if (how := self.merge_of(table)) is not None}

    def merge_of(self, table: PlannedTable) -> Merge | None:
        """How a table map's rows are merged; None where they go straight in."""
        keeps = self.plan.undo_days > 0
        if is_exchanged(self.plan, table):
            return None
        if self.plan.mode in KEYED:
            remembers = not is_unique_in_source(table, self.plan.tables)
            return Merge(self.plan.mode, keeps or remembers, remembers)
        if self.plan.mode == "append" and keeps and self.baselines.get(table.map_no):
            return Merge("append", images=True, remembers=False)
        return None

    @property
    def replaces(self) -> bool:
        """Is the whole content of tables swapped?"""
        return self.plan.mode == "replace"

    def sql(self, table: PlannedTable, lane: str = "0") -> StageSql:
        """The statements for a table map."""
        return stage_sql(self.plan, table, self.target, self.ledger.run_id, lane)

    def prepare(self) -> None:
        """Make images and stages that are missing; before the first row."""
        for table in self.plan.tables:
            self.refuse_unsafe(table)
            self.make(table, self.needed(table))
        if self.replaces and not self.is_swapped():
            stages = {table.target.name: self.sql(table).stage_name for table in self.plan.tables}
            with self.target.transaction():
                for table in self.plan.tables:
                    for statement in self.sql(table).refer(stages):
                        self.target.execute(statement)
        reach("modes.prepared")

    def needed(self, table: PlannedTable) -> list[str]:
        """What makes the images and the stage of a table map."""
        how, sql = self.merges.get(table.map_no), self.sql(table) if self.is_by_stage(table) else None
        if sql is None:
            return []
        if how is not None:
            return sql.create_images() if how.images else []
        exchanged = is_exchanged(self.plan, table)
        done = DONE in self.ledger.facts().get(table.map_no, {}) if exchanged else self.is_swapped()
        images = sql.create_images() if self.plan.undo_days or exchanged else []
        return [*images, *([] if done else sql.create_copy())]

    def is_by_stage(self, table: PlannedTable) -> bool:
        """Do the rows of a table map go by way of a stage?"""
        return table.map_no in self.merges or self.replaces or is_exchanged(self.plan, table)

    def refuse_unsafe(self, table: PlannedTable) -> None:
        """Raise NotTransactional for a target table whose rows could not be written exactly once."""
        look = getattr(self.target, "look_at", None)
        if look is not None and self.is_by_stage(table):
            look(table.target.name)

    def make(self, table: PlannedTable, statements: list[str]) -> None:
        """Make tables beside the ledger's, and note the images there."""
        if not statements:
            return
        sql = self.sql(table)
        with self.target.transaction():
            for statement in statements:
                self.target.execute(statement)
            if self.plan.undo_days or table.map_no in self.merges or is_exchanged(self.plan, table):
                note_images(self.ledger, table.map_no, sql.images, self.plan.undo_days)
                if not self.replaces:
                    keep_state(self.ledger, table.map_no, sql)

    def sink(self, table: PlannedTable, target: Target, lane_no: int) -> Sink:
        """Where the rows of a lane go. target: the lane's connection."""
        how = self.merges.get(table.map_no)
        whole = self.replaces or is_exchanged(self.plan, table)
        if how is None and not whole:
            return Direct(table, target)
        shared = table.map_no in self.in_turn
        if shared and (known := self.shared.get(table.map_no)) is not None and known.target is target:
            return known
        sql = stage_sql(self.plan, table, target, self.ledger.run_id, "0" if whole or shared else str(lane_no))
        if how is None:
            return Staged(table, target, sql.stage_name)
        made = Merging(table, target, sql, how)
        if shared:
            self.shared[table.map_no] = made
        return made

    def one_lane(self, table: PlannedTable) -> bool:
        """Must rows come one lane after the other, since a key may come twice?"""
        how = self.merges.get(table.map_no)
        return how is not None and how.remembers

    # -- replace

    def is_swapped(self) -> bool:
        """Have the new contents taken the place of the old ones?"""
        return any(facts.get("swapped") for facts in self.ledger.facts().values())

    def swap(self, epoch: int) -> None:
        """Put the stages' rows in the place of all that the tables hold, in one transaction, exactly once."""
        if not self.replaces or self.is_swapped():
            return
        statements = [(table, self.sql(table)) for table in self.plan.tables]
        reach("swap.before")
        with self.refusals(), self.target.transaction():
            self.ledger.fence(epoch)
            for table, sql in statements:
                if self.plan.undo_days:
                    keep_state(self.ledger, table.map_no, sql)
                    self.target.execute(sql.keep_content(OLD))
            for statement in statements[0][1].empty_targets([sql.target for _, sql in statements]):
                self.target.execute(statement)
            for table, sql in statements:
                self.target.execute(sql.move_in())
                if self.plan.undo_days:
                    self.target.execute(sql.keep_content(NEW if table.key else BARE))
                self.ledger.add_facts(table.map_no, {"swapped": True})
            reach("swap.before-commit")
        reach("swap.done")

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """What the target refuses in the swap, in its words."""
        try:
            yield
        except (RowsRefused, WorkbenchError) as error:
            refusal = self.sql(self.plan.tables[0]).refusal(error)
            if refusal is None:
                raise
            raise SwapRefused(reason=refusal.hint) from error

    def clear(self) -> None:
        """Take away what only the copy needed."""
        with self.target.transaction():
            for table in self.plan.tables:
                if table.map_no not in self.merges and not self.replaces:
                    continue
                one = self.replaces or table.map_no in self.in_turn
                lanes = self.ledger.lanes(table.map_no) or ()
                for name in {"0" if one else str(lane.lane_no) for lane in lanes}:
                    for statement in self.sql(table, name).drop_stage():
                        self.target.execute(statement)
                if not self.plan.undo_days:
                    drop_images(self.ledger, table.map_no)


def counters_of(table: PlannedTable) -> dict[str, Any]:
    """Where the numbers of a table that is there stand, for the ledger."""
    if table.creates:
        return {}
    states = {column.name: column.counter_state for column in table.target.columns}
    return {"counters": {name: [of.last_value, of.is_called] for name, of in states.items() if of is not None}}
