"""The pre-check of DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..base import Source, Target
from ..catalogue import Catalogue, Table
from ..precheck import Finding, Wanted, space


def check_source(source: Source, catalogue: Catalogue, tables: Sequence[Table]) -> Iterator[Finding]:  # noqa: ARG001  of the form
    """DuckDB files are read as they are: there is nothing that could hide a row."""
    yield from ()


def check_target(target: Target, catalogue: Catalogue, wanted: Wanted) -> Iterator[Finding]:  # noqa: ARG001  of the form
    """Space, and whether the file may be written at all."""
    if target.read_only:
        yield Finding(
            "stop", "target", "read-only", f"Nothing can be written: {target.read_only}.", "Name another file."
        )
    yield from space(target.identity.partition(":")[2], "target", wanted.size_bytes)
