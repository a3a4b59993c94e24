"""Rows that left the quarantine through an expression of their own: each group is compared with what that expression gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..databases.catalogue import DataType
from . import sql
from .model import ReplayedRows
from .prepare import Bench, Part, made_part
from .quarantine import take_out
from .spool import Spooled

TEXT = DataType("text", "text")


def parts_of_replays(bench: Bench, read: Spooled, replays: Sequence[ReplayedRows]) -> list[Part]:
    """Take the rows of replays out of the spooled source rows of their map; each replay makes a part of its own."""
    parts = []
    for number, replay in enumerate(replays):
        name = f"{read.name}_replay_{number}"
        bench.workspace.execute(sql.create_alike(name, read.name))
        rows = list(replay.rows)
        taken, unknown = take_out(bench.workspace, read, rows, bench.salt, into=name)
        moved = replace(read, name=name, rows=taken)
        parts.append(made_part(bench, replay.planned, moved, as_text(moved, replay.as_text)))
        parts[-1].unknown += unknown
    return parts


def as_text(read: Spooled, names: Sequence[str]) -> Spooled:
    """The rows with some columns taken as text, as the expression was given them."""
    columns = tuple(replace(column, type=TEXT) if column.name in names else column for column in read.columns)
    return replace(read, columns=columns)
