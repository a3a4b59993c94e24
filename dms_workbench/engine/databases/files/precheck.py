"""The pre-check of CSV and Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..base import Source, Target
from ..catalogue import Catalogue, Table
from ..precheck import Finding, Wanted, listed, space


def check_source(source: Source, catalogue: Catalogue, tables: Sequence[Table]) -> Iterator[Finding]:  # noqa: ARG001  of the form
    """Faults that reading the files through has shown, and how each was read."""
    faulty = [str(table.name) for table in tables if dict(table.options).get("faults") not in (None, "", "0")]
    if faulty:
        yield Finding(
            "warn",
            "source",
            "records",
            f"Some lines of {listed(faulty)} are no records of their file.",
            "dms connections test names them; such rows go to quarantine with --on-reject quarantine.",
        )
    guessed = [
        f"{table.name} ({dict(table.options)['dialect']})" for table in tables if "dialect" in dict(table.options)
    ]
    if guessed:
        yield Finding(
            "note",
            "source",
            "dialect",
            f"Read as: {listed(guessed)}.",
            "Say otherwise in the URL (?delimiter=;&encoding=…), or file by file in dms-files.yaml.",
        )


def check_target(target: Target, catalogue: Catalogue, wanted: Wanted) -> Iterator[Finding]:  # noqa: ARG001  of the form
    """Space, and what files cannot hold."""
    if target.read_only:
        yield Finding(
            "stop", "target", "read-only", f"Nothing can be written: {target.read_only}.", "Name another folder."
        )
    yield from space(target.identity.partition(":")[2].removesuffix("#parquet"), "target", wanted.size_bytes)
    yield Finding(
        "note", "target", "structure", "Files hold columns and rows: keys, defaults, indexes and views are left out."
    )
