"""Finds dirty data with the product's own examination, for a scorer that has planted it: ``find(folder)``.

The folder holds an SQLite file and the same tables as CSV files; what can only be in one of them, as bytes that are not UTF-8,
is found there. A cell that both tell of is told once.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from dms_workbench.engine.profiling.profile import Asked
from dms_workbench.engine.quality.examine import Examination, examine_url


def find(path: str) -> dict[str, Any]:
    """The findings and the personal columns of a folder, as plain data."""
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    examined = [examine_url(str(each), Asked(sample_rows=None), now=now) for each in sources(Path(path))]
    told: dict[tuple[str, str, str | None], dict[str, Any]] = {}
    personal: dict[tuple[str, str], dict[str, str]] = {}
    for each in examined:
        of_this = findings_of(each)
        for found in of_this:
            told.setdefault((found["table"], found["key"], found["column"]), found)
        for named in personal_of(each):
            personal.setdefault((named["table"], named["column"]), named)
    return {"findings": list(told.values()), "pii": list(personal.values())}


def sources(folder: Path) -> list[Path]:
    """The databases of a folder, then its CSV files as one."""
    databases = sorted(folder.glob("*.sqlite"))
    return [*databases, folder] if any(folder.glob("*.csv")) else databases


def findings_of(examined: Examination) -> list[dict[str, Any]]:
    """One for each cell: what offers a repair comes first, what is graver before what is not."""
    rank = {"error": 0, "warning": 1, "info": 2}
    ordered = sorted(examined.findings, key=lambda each: (each.finding.fix is None, rank[each.finding.severity]))
    return [
        {
            "table": each.finding.table.rpartition(".")[2],
            "key": "|".join(each.key),
            "column": each.finding.column,
            "severity": each.finding.severity,
            "fix": each.finding.fix,
            "rule": each.finding.rule,
            "code": each.finding.code,
        }
        for each in ordered
    ]


def personal_of(examined: Examination) -> list[dict[str, str]]:
    """The columns that hold personal data."""
    return [
        {"table": table.name.rpartition(".")[2], "column": column.name, "class": column.personal.kind}
        for table in examined.profile.tables
        for column in table.columns
        if column.personal is not None
    ]
