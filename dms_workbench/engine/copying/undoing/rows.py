"""The rows of one table taken back: told by images, by the transactions that wrote them, or by comparing with the source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ...databases.base import Target
from ...databases.catalogue import Catalogue, TableName
from ...databases.stages import AFTER, BARE, BEFORE, NEW, OLD, StageSql
from ...databases.taking_back import EVERY
from ...planning.plan import PlannedTable
from ...verifying import TableVerification
from ..modes import take_alike
from .result import UndoneTable

KEYS_SHOWN = 1_000
CHANGED_SINCE = "others have changed or removed them since"


class Taker(Protocol):
    """Takes the rows of one table map back, inside the undo's transaction."""

    def look(self) -> UndoneTable:
        """What would be taken back, as things stand."""
        ...

    def take(self, guard: str) -> int:
        """Take out what the run added. guard: on rows that may go. Returns the target's count."""
        ...

    def give(self) -> tuple[int, int]:
        """Bring back what it changed and replaced; the target's counts of both."""
        ...

    def remaining(self) -> int:
        """Rows that the run added and that still stand as it wrote them; asked before any come back."""
        ...

    def rest(self) -> int:
        """Rows that should have come back and have not."""
        ...


@dataclass(slots=True)
class Place:
    """A table map with its statements."""

    table: PlannedTable
    target: Target
    sql: StageSql

    def one(self, query: str, parameters: Sequence[Any] = ()) -> int:
        """A number."""
        return int(self.target.query(query, parameters)[0][0] or 0)

    def undone(self, **figures: Any) -> UndoneTable:
        """What is said of the table."""
        return UndoneTable(self.table.map_no, str(self.table.target.name), **figures)

    def keys(self, rows: Sequence[Sequence[Any]]) -> tuple[dict[str, Any], ...]:
        """Rows as keys by column, as JSON can hold them."""
        return tuple(
            {name: shown(value) for name, value in zip(self.sql.shape.key, row, strict=False)}
            for row in rows[:KEYS_SHOWN]
        )


class ByImages:
    """Rows told by the images that were kept of them."""

    def __init__(self, place: Place) -> None:
        self.place, self.sql, self.target = place, place.sql, place.target
        self.changed = 0

    def look(self) -> UndoneTable:
        """What would be taken back."""
        place, sql = self.place, self.sql
        counts = {kind: place.one(sql.count_kind(kind)) for kind in (NEW, AFTER, BARE, OLD)}
        keyed = bool(sql.shape.key)
        new = place.one(sql.as_written(NEW)) if keyed else 0
        restored = place.one(sql.as_written(AFTER)) if keyed else 0
        bare = place.one(sql.count_bare()) if counts[BARE] else 0
        left = counts[NEW] + counts[AFTER] + counts[BARE] - new - restored - bare
        rows = self.target.query(sql.touched(KEYS_SHOWN)) if keyed and left else []
        return place.undone(
            deleted=new + bare,
            restored=restored,
            brought_back=counts[OLD],
            left=left,
            others=self.target.count(place.table.target) - new - bare - restored,
            keys=place.keys(rows),
            reason=CHANGED_SINCE if left else "",
        )

    def take(self, guard: str) -> int:
        """Take out what the run added."""
        gone = self.target.execute(self.sql.delete_new(guard)) if self.sql.shape.key else 0
        if not self.place.one(self.sql.count_kind(BARE)):
            return gone
        if not self.sql.tells_by_hash:
            return gone + self.target.execute(self.sql.delete_bare(guard))
        return gone + take_alike(self.target, self.sql, BARE, self.sql.shape.written, guard)

    def give(self) -> tuple[int, int]:
        """Bring back what it changed and replaced."""
        self.changed = self.place.one(self.sql.as_written(AFTER)) if self.sql.shape.key else 0
        if self.changed:
            self.target.execute(self.sql.restore_changed())
        old = self.place.one(self.sql.count_kind(OLD))
        return self.changed, self.target.execute(self.sql.put_old()) if old else 0

    def remaining(self) -> int:
        """Those told by their key."""
        return self.place.one(self.sql.as_written(NEW)) if self.sql.shape.key else 0

    def rest(self) -> int:
        """Rows restored that are not what they were."""
        return max(self.changed - self.place.one(self.sql.as_written(BEFORE)), 0) if self.changed else 0


class ByCondition:
    """Rows told by a condition; nothing was there before them, or nothing of it was touched."""

    def __init__(self, place: Place, condition: str, parameters: Sequence[Any], expected: int) -> None:
        """expected: how many rows the run wrote."""
        self.place, self.sql, self.target = place, place.sql, place.target
        self.condition, self.parameters, self.expected = condition, tuple(parameters), expected
        self.reason = ""

    def look(self) -> UndoneTable:
        """What would be taken back."""
        own = self.place.one(self.sql.count_rows(self.condition), self.parameters)
        left = max(self.expected - own, 0)
        query = self.sql.keys_where(f"NOT ({self.condition})", KEYS_SHOWN) if left and self.sql.shape.key else ""
        rows = self.target.query(query, self.parameters) if query else []
        return self.place.undone(
            deleted=own,
            left=left,
            others=self.target.count(self.place.table.target) - own,
            keys=self.place.keys(rows),
            reason=self.reason or (CHANGED_SINCE if left else ""),
        )

    def take(self, guard: str) -> int:
        """Take out what the run added."""
        statement = self.sql.delete_where(f"({self.condition}) AND {guard}")
        return self.target.execute(statement, self.parameters)

    def give(self) -> tuple[int, int]:
        """Nothing was changed."""
        return 0, 0

    def remaining(self) -> int:
        """Those for which the condition still holds."""
        return self.place.one(self.sql.count_rows(self.condition), self.parameters)

    def rest(self) -> int:
        """Nothing was changed."""
        return 0


def by_comparison(place: Place, verdicts: Sequence[TableVerification], expected: int) -> ByCondition | UndoneTable:
    """Rows told by what the source says they are; where that is not enough, why not."""
    unread = [verdict.reason for verdict in verdicts if verdict.result == "not_verified"]
    if unread:
        return place.undone(possible=False, reason=f"its rows could not be compared with the source: {unread[0]}")
    found = [finding for verdict in verdicts for finding in verdict.findings if finding.kind in ("extra", "changed")]
    different = sum(verdict.extra + verdict.changed for verdict in verdicts)
    key = place.sql.shape.key
    named = [finding.key for finding in found if finding.key is not None and set(finding.key) == set(key)]
    if len(named) != different:
        return place.undone(
            possible=False,
            reason=f"{different:,} rows differ from what the source gives now, and not each of them can be told by its key",
        )
    values = [row[name] for row in named for name in key]
    condition = place.sql.is_none_of(len(named), place.target.can.placeholder)
    if (
        named
        and place.target.count(place.table.target) - place.one(place.sql.count_rows(condition), values) != different
    ):
        return place.undone(possible=False, reason="the keys of rows that differ cannot be found again")
    return ByCondition(place, condition, values, expected)


def guard_of(place: Place, catalogue: Catalogue, clean: frozenset[TableName]) -> str:
    """The condition that no row of another table refers to a row of this one. clean: tables all of whose rows go."""
    own = place.table.target.name
    guards = [
        place.sql.unreferenced(child.name, key)
        for child in catalogue.tables
        for key in child.foreign_keys
        if key.references == own and child.name != own and child.name not in clean and key.referenced_columns
    ]
    return " AND ".join(guards) or EVERY


def take_in_passes(taker: Taker, place: Place, guard: str) -> int:
    """Take rows out; where references are checked row by row, those first that none of the same table refers to."""
    own = [key for key in place.table.target.foreign_keys if key.references == place.table.target.name]
    if not own or not place.sql.checks_each_row:
        return taker.take(guard)
    guard = " AND ".join([guard, *(place.sql.refers_to_none(key) for key in own)])
    total = 0
    while gone := taker.take(guard):
        total += gone
    return total


def shown(value: Any) -> Any:
    """A value as JSON can hold it."""
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def counted(looked: UndoneTable, gone: int, changed: int, back: int) -> UndoneTable:
    """What was said, with what was done: rows that were to go and have not are left."""
    kept, missing = max(looked.deleted - gone, 0), max(looked.brought_back - back, 0)
    said = [
        looked.reason,
        f"rows of other tables refer to {kept:,} of them" if kept else "",
        f"rows of others stand in the place of {missing:,} that were there before" if missing else "",
    ]
    reason = "; ".join(filter(None, said))
    return replace(looked, deleted=gone, restored=changed, brought_back=back, left=looked.left + kept, reason=reason)
