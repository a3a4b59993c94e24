"""What one look at a large CSV file told, kept for processes to come: plan, run and resume read the whole of it once.

A file in the user's data folder for each, readable by the user only: names and types of columns, numbers of rows and bytes, no
value. It holds as long as the file has the size, times, number and ends it had; one that was written just before the look is
not trusted to show a later change in its times. Where the folder cannot be used, files are looked at again.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from array import array
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ....platform import PRIVATE_FILE_MODE, data_folder, private_folder
from ..catalogue import Column
from .csv_lines import Blocks
from .dialect import Dialect, Wishes
from .kinds import Form
from .opening import FileState
from .records import Place
from .types import parse_type

if TYPE_CHECKING:
    from .csv_table import Known

LOOK = 3
"""Another number whenever a look finds something else than before."""
LEAST_BYTES = 8_000_000
"""Smaller files are looked at in no time."""
KEPT_AT_MOST = 500
SETTLED_SECONDS = 2.0
"""As long as this, the times of a file may not yet tell one change from the next."""
TAIL_BYTES = 65_536


def place_of(path: Path, state: FileState, wishes: Wishes) -> Path | None:
    """Where is kept what is known of a file in its present state; None for one that is not kept."""
    if state.size_bytes < LEAST_BYTES:
        return None
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            file.seek(max(0, found.st_size - TAIL_BYTES))
            tail = hashlib.sha256(file.read(TAIL_BYTES)).hexdigest()
    except OSError:
        return None
    if time.time() - max(found.st_mtime, found.st_ctime) < SETTLED_SECONDS:
        return None
    told = [LOOK, os.path.realpath(path), str(state), found.st_ctime_ns, found.st_dev, found.st_ino, tail, repr(wishes)]
    return data_folder() / "looks" / f"{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]}.json"


def recall(place: Path, path: Path, state: FileState) -> Known | None:
    """What an earlier look told of a file in this very state. place: see `place_of`."""
    try:
        found = known_from(json.loads(place.read_text(encoding="utf-8")), path, state)
        os.utime(place)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found


def keep(place: Path, known: Known) -> None:
    """Keep what a look told; what has not been asked for longest makes room."""
    unfinished = place.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        private_folder(place.parent)
        with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, PRIVATE_FILE_MODE), "w") as file:
            json.dump(told_of(known), file)
        unfinished.replace(place)
        others = sorted(place.parent.glob("*.json"), key=lambda one: one.stat().st_mtime)
        for old in others[: max(0, len(others) - KEPT_AT_MOST)]:
            old.unlink()


def told_of(known: Known) -> dict[str, Any]:
    """What is known, as JSON."""
    fault, blocks = known.first_fault, known.blocks
    return {
        "dialect": asdict(known.dialect),
        "columns": [[column.name, column.type.native, column.nullable] for column in known.columns],
        "forms": [None if form is None else asdict(form) for form in known.forms],
        "rows": known.rows,
        "faults": known.faults,
        "first_fault": None if fault is None else [fault.line, fault.offset, fault.reason],
        "start": asdict(known.start),
        "blocks": [blocks.offsets.tolist(), blocks.lines.tolist(), blocks.rows.tolist(), blocks.line_end],
    }


def known_from(told: dict[str, Any], path: Path, state: FileState) -> Known:
    """What is known, out of JSON. Raises KeyError, TypeError, ValueError where it is none of ours."""
    from .csv_table import FirstFault, Known

    fault = told["first_fault"]
    offsets, lines, rows, line_end = told["blocks"]
    return Known(
        dialect=Dialect(**{**told["dialect"], "reasons": tuple(told["dialect"]["reasons"])}),
        columns=tuple(
            Column(name, parse_type(native), nullable=nullable) for name, native, nullable in told["columns"]
        ),
        forms=tuple(None if form is None else Form(**form) for form in told["forms"]),
        rows=told["rows"],
        faults=told["faults"],
        first_fault=None if fault is None else FirstFault(str(path), *fault),
        state=state,
        start=Place(**told["start"]),
        blocks=Blocks(array("q", offsets), array("q", lines), array("q", rows), line_end),
    )
