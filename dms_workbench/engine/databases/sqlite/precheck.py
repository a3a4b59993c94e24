"""The pre-check of SQLite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..base import Source, Target
from ..catalogue import Catalogue, Table
from ..precheck import Finding, Wanted, listed, rows_of, space


def check_source(source: Source, catalogue: Catalogue, tables: Sequence[Table]) -> Iterator[Finding]:
    """What may keep the source's rows from being read as they are."""
    loose = [
        str(table.name)
        for table in tables
        if ("strict", "") not in table.options and not dict(table.options).get("strict")
    ]
    if loose:
        yield Finding(
            "note",
            "source",
            "types",
            f"SQLite binds no value to its column's type in {listed(loose)}: values may deviate.",
            "dms schemas compatibility SOURCE TARGET counts them; such rows go to quarantine with --on-reject quarantine.",
        )
    virtual = [other.name for other in catalogue.others if other.kind == "virtual table"]
    if virtual:
        yield Finding("note", "source", "virtual tables", f"Virtual tables are listed, not copied: {listed(virtual)}.")
    ((encoding,),) = rows_of(source, "SELECT encoding FROM pragma_encoding")
    if encoding != "UTF-8":
        yield Finding("note", "source", "encoding", f"The file's text is {encoding}.")


def check_target(target: Target, catalogue: Catalogue, wanted: Wanted) -> Iterator[Finding]:
    """What may keep rows from being written, or change them on the way."""
    if target.read_only:
        yield Finding(
            "stop", "target", "read-only", f"Nothing can be written: {target.read_only}.", "Name another file."
        )
    yield from space(target.identity.partition(":")[2], "target", wanted.size_bytes)
    names = set(wanted.tables)
    for table in catalogue.tables:
        if table.name.name in names and table.triggers:
            triggers = [trigger.name for trigger in table.triggers if "insert" in trigger.events]
            if triggers:
                yield Finding(
                    "warn",
                    "target",
                    "triggers",
                    f"{listed(triggers)} on {table.name} run for every row that is written; the books would show lost rows.",
                    "Drop them for the time of the run, if that is not meant.",
                )
