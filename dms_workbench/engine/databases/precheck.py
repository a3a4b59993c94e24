"""The pre-check: what stands in the way of a migration, or deserves a thought, before anything is read or written.

Each product answers for itself in the ``precheck.py`` of its folder; here is what a finding is, and who is asked. Nothing
is changed and no row is read; a question that the user may not ask is itself a finding, never an error.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, Protocol

from .base import Source, Target
from .catalogue import Catalogue, Table

Severity = Literal["stop", "warn", "note"]
Side = Literal["source", "target"]
ORDER: tuple[Severity, ...] = ("stop", "warn", "note")
LISTED = 8
"""Names in one finding at most; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One point of the report.

    severity: ``stop`` ends the run before its first row, ``warn`` may change what arrives or how long it takes, ``note``
    is good to know. point: what was looked at (``privileges``, ``version``, ``encoding`` …). text: what was found, in a
    sentence. remedy: what to do, a statement where there is one.
    """

    severity: Severity
    side: Side
    point: str
    text: str
    remedy: str = ""


class Checks(Protocol):
    """What the ``precheck`` module of a database's folder offers."""

    def check_source(self, source: Source, catalogue: Catalogue, tables: Sequence[Table]) -> Iterator[Finding]:
        """Findings about the side that is read; tables: those that are to be copied."""
        ...

    def check_target(self, target: Target, catalogue: Catalogue, wanted: Wanted) -> Iterator[Finding]:
        """Findings about the side that is written to."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the target is to hold.

    source: the other side's product. tables: names of the target tables. creates: those of them that will be made.
    schema: where. ledger_schema: of the books. size_bytes: of the source tables, None where unknown. extensions: the
    source's, where both sides are PostgreSQL. characters: the encoding of the source's text.
    """

    source: str
    tables: tuple[str, ...]
    creates: frozenset[str]
    schema: str | None = None
    ledger_schema: str = "dms_ledger"
    size_bytes: int | None = None
    extensions: tuple[str, ...] = ()


def precheck(
    source: Source,
    target: Target | None,
    catalogues: tuple[Catalogue, Catalogue],
    tables: Sequence[Table],
    wanted: Wanted,
) -> list[Finding]:
    """All findings of both sides, the gravest first.

    target: None where its file is still to be made. catalogues: of the source and of the target.
    """
    found = [*checks_of(source.can.database).check_source(source, catalogues[0], tables), *keys_missing(tables)]
    if target is not None:
        found += checks_of(target.can.database).check_target(target, catalogues[1], wanted)
    return sorted(found, key=lambda finding: (ORDER.index(finding.severity), finding.side, finding.point))


def checks_of(database: str) -> Checks:
    """The checks of one product."""
    module: Any = import_module(f".{database}.precheck", __package__)
    return module  # type: ignore[no-any-return]


def keys_missing(tables: Sequence[Table]) -> Iterator[Finding]:
    """Tables without a key, and those that cannot be read at all: true of every product."""
    broken = [table for table in tables if table.problem]
    for table in broken:
        yield Finding("warn", "source", "tables", f"{table.name} cannot be read and is left out: {table.problem}")
    keyless = [str(table.name) for table in tables if not table.row_key() and not table.problem]
    if keyless:
        yield Finding(
            "note",
            "source",
            "keys",
            f"{listed(keyless)} {has(keyless)} no key: copied in one transaction each, and begun again after an interruption.",
            "Add a primary key, or a unique key over columns that are NOT NULL, where rows are many.",
        )


def space(path: str, side: Side, needed_bytes: int | None) -> Iterator[Finding]:
    """Free space on the disk of a file that is to be made or to grow. needed_bytes: None where that is unknown."""
    folder = path if os.path.isdir(path) else os.path.dirname(os.path.realpath(path))
    free_bytes = shutil.disk_usage(folder).free
    if needed_bytes is None:
        yield Finding(
            "note", side, "space", f"{readable(free_bytes)} are free in {folder}; the source's size is not known."
        )
    elif free_bytes < needed_bytes:
        yield Finding(
            "stop",
            side,
            "space",
            f"{readable(free_bytes)} are free in {folder}, and the source's tables take {readable(needed_bytes)}.",
            "Free space there, or name a target on another disk.",
        )
    elif free_bytes < 2 * needed_bytes:
        yield Finding(
            "warn",
            side,
            "space",
            f"{readable(free_bytes)} are free in {folder}, less than twice the {readable(needed_bytes)} of the source's tables.",
            "Keep an eye on the disk, or free space first.",
        )


def listed(names: Iterable[object]) -> str:
    """Names with commas, cut where they are many."""
    texts = list(map(str, names))
    more = len(texts) - LISTED
    return ", ".join(texts[:LISTED]) + (f" and {more} more" if more > 0 else "")


def has(names: Sequence[object]) -> str:
    """The verb for one or several."""
    return "has" if len(names) == 1 else "have"


def readable(size_bytes: int) -> str:
    """A size for people."""
    size = float(size_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def rows_of(source: Source, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a small question to a source."""
    return [row for rows in source.stream(sql, parameters) for row in rows]
