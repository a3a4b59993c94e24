"""Undo data as the ledger knows them: which tables hold them, until when, and when they were dropped or used."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from ..databases.base import Target
from ..databases.stages import StageSql
from .ledger import Ledger
from .tables import TABLES

UNDONE = "undone"
"""The status of a run that was taken back."""


@dataclass(frozen=True, slots=True)
class UndoData:
    """Undo data of one run in a target."""

    run_id: str
    tables: int
    kept_until: str
    """UTC; nothing drops them by itself."""


def now() -> str:
    """For people who read the ledger."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def note_images(ledger: Ledger, map_no: int, name: str, days: int) -> None:
    """Enter where the images of a table map lie, unless that is noted. Call in a transaction."""
    if ledger.query("SELECT 1 FROM {images} WHERE run_id = ? AND map_no = ?", (ledger.run_id, map_no)):
        return
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    ledger.execute(
        "INSERT INTO {images} (run_id, map_no, image_table, kept_until) VALUES (?, ?, ?, ?)",
        (ledger.run_id, map_no, name, until.isoformat(timespec="seconds")),
    )


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of a table, as a count and a number that depends on every byte of them."""

    count: int = 0
    hash: str = "0"


def rows_of_table(target: Target, sql: StageSql) -> Rows:
    """The rows of a table as they are now: reads all of them."""
    count, found = target.query(sql.fingerprint())[0]
    return Rows(int(count), str(found))


def keep_state(ledger: Ledger, map_no: int, sql: StageSql) -> None:
    """Note the rows of a table before the run changes them, unless they are noted. Call in a transaction."""
    if "before" not in ledger.facts().get(map_no, {}):
        found = rows_of_table(ledger.target, sql)
        ledger.add_facts(map_no, {"before": [found.count, found.hash]})


def state_before(ledger: Ledger, map_no: int) -> Rows | None:
    """The rows of a table before the run; None if they were not noted."""
    noted = ledger.facts().get(map_no, {}).get("before")
    return Rows(int(noted[0]), str(noted[1])) if noted else None


def images_of(ledger: Ledger) -> dict[int, str]:
    """The image tables of a run that are there, quoted, by map number."""
    if not ledger.exists("images"):
        return {}
    rows = ledger.query(
        "SELECT map_no, image_table FROM {images} WHERE run_id = ? AND dropped_at IS NULL", (ledger.run_id,)
    )
    return {int(map_no): name for map_no, name in rows}


def drop_images(ledger: Ledger, map_no: int | None = None) -> int:
    """Drop the images of a run, or of one table map; returns how many tables they were. Call in a transaction."""
    found = {number: name for number, name in images_of(ledger).items() if map_no in (None, number)}
    for number, name in found.items():
        ledger.target.execute(f"DROP TABLE IF EXISTS {name}")
        ledger.execute(
            "UPDATE {images} SET dropped_at = ? WHERE run_id = ? AND map_no = ?", (now(), ledger.run_id, number)
        )
    return len(found)


def undo_data(target: Target, run_id: str = "") -> list[UndoData]:
    """The runs whose undo data lie in a target; only those of one run, if it is given."""
    ledger = Ledger(target, run_id)
    if not ledger.exists("images"):
        return []
    rows = ledger.query(
        "SELECT run_id, count(*), max(kept_until) FROM {images} WHERE dropped_at IS NULL GROUP BY run_id ORDER BY run_id"
    )
    return [UndoData(row[0], int(row[1]), row[2]) for row in rows if not run_id or row[0] == run_id]


def drop_undo_data(target: Target, run_id: str) -> UndoData:
    """Drop the undo data of a run: where it met rows it can no longer be taken back. Nothing if there are none."""
    found = undo_data(target, run_id)
    if found:
        with target.transaction():
            drop_images(Ledger(target, run_id))
    return found[0] if found else UndoData(run_id, 0, "")


def undo_of(ledger: Ledger) -> str | None:
    """The undo of a run that was begun, if any: its own run id."""
    rows = ledger.query("SELECT run_id FROM {runs} WHERE parent_run_id = ? AND kind = 'undo'", (ledger.run_id,))
    return rows[0][0] if rows else None


def is_repair(ledger: Ledger) -> bool:
    """Did a run mend rows of another one?"""
    return bool(ledger.query("SELECT 1 FROM {runs} WHERE run_id = ? AND kind = 'repair'", (ledger.run_id,)))


def transactions_of(ledger: Ledger, map_no: int) -> list[int]:
    """The transactions that wrote the rows of a table map, those of replays included, where rows know theirs."""
    rows = ledger.query(
        "SELECT transaction_id FROM {chunks} WHERE map_no = ? AND transaction_id IS NOT NULL AND (run_id = ? OR run_id IN "
        "(SELECT run_id FROM {runs} WHERE parent_run_id = ? AND kind = 'replay'))",
        (map_no, ledger.run_id, ledger.run_id),
    )
    return [int(row[0]) for row in rows]


def mark_undone(ledger: Ledger, undo_run_id: str) -> None:
    """Note that a run is taken back, and stop whoever still works on it. Call in the transaction that takes its rows back."""
    ledger.execute("UPDATE {runs} SET epoch = epoch + 1, status = ? WHERE run_id = ?", (UNDONE, ledger.run_id))
    ledger.execute("UPDATE {checkpoints} SET epoch = epoch + 1 WHERE run_id = ?", (ledger.run_id,))
    ledger.execute("UPDATE {images} SET undone_by = ? WHERE run_id = ?", (undo_run_id, ledger.run_id))


def finish_undo(ledger: Ledger, result: str) -> None:
    """Enter how an undo ended. Call in a transaction."""
    ledger.execute(
        "UPDATE {runs} SET status = 'succeeded', result = ?, finished_at = ? WHERE run_id = ?",
        (result, now(), ledger.run_id),
    )


def drop_ledger(target: Target) -> int:
    """Drop a ledger with all undo data in it; returns how many tables they were."""
    ledger = Ledger(target)
    if not ledger.exists():
        return 0
    images = []
    if ledger.exists("images"):
        images = [row[0] for row in ledger.query("SELECT image_table FROM {images} WHERE dropped_at IS NULL")]
    names = images + [target.ledger_table(name) for name in TABLES]
    with target.transaction():
        for name in names:
            target.execute(f"DROP TABLE IF EXISTS {name}")
    return len(names)
