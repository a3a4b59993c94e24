"""Which rows of the target are a run's, told by images, by the transactions that wrote them, or by comparing with the source."""

from __future__ import annotations

from collections.abc import Sequence, Set
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...control import Control, Progress
from ...databases.base import Target
from ...databases.catalogue import TableName
from ...databases.urls import database_for
from ...ledger import Ledger, Seals
from ...ledger.images import Rows, images_of, rows_of_table, transactions_of
from ...planning import source_options
from ...planning.plan import Plan, PlannedTable
from ...verifying import TableVerification, verify
from ..books import Bookkeeper
from ..modes.shapes import stage_sql
from .result import UndoneTable
from .rows import ByCondition, ByImages, Place, Taker, by_comparison

NOT_KEPT = "rows were there before the run, and its undo data were not kept or have been dropped"


@dataclass(slots=True)
class Step:
    """One table map of the run, and what takes its rows back."""

    place: Place
    taker: Taker | None
    looked: UndoneTable
    touched: bool = True
    """Did the run come to write into the table?"""


@dataclass(slots=True)
class Looking:
    """Finds the rows of one run; changes nothing."""

    plan: Plan
    target: Target
    ledger: Ledger
    """Of the run that is taken back."""
    control: Control
    urls: tuple[str, str]
    spool_directory: Path
    there: Set[TableName]
    """The tables that the target has."""
    seals: Seals | None = field(default=None, repr=False)
    """Open replayed rows of tables without key."""
    compared_rows: dict[TableName, Rows] = field(default_factory=dict)
    """The rows of tables whose own were told by a comparison, from before that began."""

    def steps(self) -> list[Step]:
        """Every table map of the run whose target is there, in the order of the copy."""
        known = self.ledger.baselines()
        places = [
            Place(table, self.target, stage_sql(self.plan, table, self.target, self.ledger.run_id))
            for table in self.plan.tables
            if table.map_no in known and table.target.name in self.there
        ]
        images = images_of(self.ledger)
        alone = [place for place in places if place.table.map_no not in images and not known[place.table.map_no]]
        compared = self.compared([place.table for place in alone]) if self.target.can.database != "postgres" else {}
        return [self.step(place, known[place.table.map_no], images, compared) for place in places]

    def step(
        self, place: Place, baseline: int, images: dict[int, str], compared: dict[int, list[TableVerification]]
    ) -> Step:
        """How one table map is taken back."""
        number = place.table.map_no
        found: Taker | UndoneTable
        if number in images:
            found = ByImages(place)
        elif self.plan.mode == "replace" and not self.ledger.facts().get(number, {}).get("swapped"):
            return Step(place, None, place.undone(others=self.target.count(place.table.target)), touched=False)
        else:
            found = self.without_images(place, baseline, compared)
        if isinstance(found, UndoneTable):
            return Step(place, None, found)
        return Step(place, found, found.look())

    def without_images(
        self, place: Place, baseline: int, compared: dict[int, list[TableVerification]]
    ) -> Taker | UndoneTable:
        """Rows that came where nothing was, or that know the transaction that wrote them."""
        accounts = self.ledger.accounts().get(place.table.map_no)
        written, merged = (accounts.written, accounts.merged) if accounts is not None else (0, 0)
        if not written and not merged:
            return place.undone(others=self.target.count(place.table.target))
        if merged or self.plan.mode == "replace":
            return place.undone(possible=False, reason=NOT_KEPT)
        if self.target.can.database == "postgres":
            condition = place.sql.written_by(transactions_of(self.ledger, place.table.map_no))
            if place.one(place.sql.count_rows(condition)):
                return ByCondition(place, condition, (), written)
            compared = self.compared([place.table])
        if baseline:
            return place.undone(possible=False, reason=NOT_KEPT)
        return self.by_source(place, compared, written)

    def by_source(
        self, place: Place, compared: dict[int, list[TableVerification]], written: int
    ) -> ByCondition | UndoneTable:
        """Rows told by a comparison with the source; of several maps into one table, the first one takes all."""
        same = [table for table in self.plan.tables if table.target.name == place.table.target.name]
        if place.table.map_no != same[0].map_no:
            return place.undone(reason=f"taken back with the other rows of {place.table.target.name}")
        accounts = self.ledger.accounts()
        expected = sum(accounts[table.map_no].written for table in same if table.map_no in accounts)
        verdicts = [found for table in same for found in compared.get(table.map_no, [])]
        return by_comparison(place, verdicts, max(expected, written))

    def compared(self, tables: Sequence[PlannedTable]) -> dict[int, list[TableVerification]]:
        """The rows of some tables compared with what the source gives now."""
        if not tables:
            return {}
        self.control.report(Progress("verify"))
        for table in tables:
            sql = stage_sql(self.plan, table, self.target, self.ledger.run_id)
            self.compared_rows.setdefault(table.target.name, rows_of_table(self.target, sql))
        source_url, target_url = self.urls
        options = source_options(source_url, target_url)
        with (
            closing(database_for(source_url).open_source(source_url, options=options)) as source,
            closing(database_for(target_url).open_source(target_url)) as reader,
        ):
            plan = replace(self.plan, tables=tuple(tables))
            books = Bookkeeper(
                plan, source, self.target, target_url, self.ledger, self.control, self.spool_directory, self.seals
            )
            found = verify(
                plan,
                source,
                reader,
                control=self.control,
                spool_directory=self.spool_directory,
                replayed=books.replayed(),
            )
        return {verdict.map_no: [verdict] for verdict in found}
