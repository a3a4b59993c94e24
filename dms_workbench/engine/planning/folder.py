"""A plan as a folder of files for review, and back: format ``dms-plan-folder/1``.

| file | holds |
|---|---|
| ``manifest.json`` | format, product versions, both fingerprints, the SHA-256 of every other file |
| ``plan.json`` | the plan itself: what a run does, exactly |
| ``before.sql``, ``after.sql`` | the statements before and after the rows, in their order |
| ``mapping.yaml`` | the mapping file, or the one of namesakes |
| ``objects.csv`` | the account of objects, one line each |
| ``runbook.md`` | order, window, what to do before and after |

What is run is ``plan.json``; the others say it for people. A file that was changed since is refused: a plan that was
reviewed is run as it was reviewed, or made again.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping

from ...kernel.errors import Refused
from ..mapping.model import ColumnMap, TableMap
from ..mapping.model import Mapping as MappingFile
from ..mapping.write import write_mapping
from .plan import Plan, PlannedTable, plan_from_json, plan_to_json
from .runbook import runbook

FORMAT = "dms-plan-folder/1"
MANIFEST = "manifest.json"
PLAN = "plan.json"


class PlanFolderInvalid(
    Refused, code="plan-folder-invalid", next="dms plan SOURCE TARGET --folder NEW makes it again."
):
    """The plan folder cannot be used: {reason}"""


def plan_files(plan: Plan, *, source: str, target: str, findings: str = "") -> dict[str, str]:
    """The files of a plan's folder, by name.

    source, target: how the databases are called, without secrets. findings: the pre-check's report as text.
    """
    files = {
        PLAN: plan_to_json(plan) + "\n",
        "before.sql": script(plan, "before"),
        "after.sql": script(plan, "after"),
        "mapping.yaml": plan.mapping_text or write_mapping(mapping_of(plan)),
        "objects.csv": objects_csv(plan),
        "runbook.md": runbook(plan, source=source, target=target, findings=findings),
    }
    manifest = {
        "format": FORMAT,
        "source": source,
        "target": target,
        "source_fingerprint": plan.source_fingerprint,
        "target_fingerprint": plan.target_fingerprint,
        "resume_key": plan.resume_key,
        "files": {name: sha256(text) for name, text in sorted(files.items())},
    }
    return {MANIFEST: json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", **files}


def plan_of_files(files: Mapping[str, str]) -> Plan:
    """The plan of a folder. Raises PlanFolderInvalid for another format, a missing file, or one that was changed."""
    try:
        manifest = json.loads(files[MANIFEST])
        form, sums = str(manifest["format"]), dict(manifest["files"])
    except (KeyError, ValueError, TypeError):
        raise PlanFolderInvalid(reason=f"{MANIFEST} is missing or cannot be read") from None
    if form != FORMAT:
        raise PlanFolderInvalid(reason=f"its format is {form[:40]!r}, and this version reads {FORMAT}")
    for name, wanted in sums.items():
        if name not in files:
            raise PlanFolderInvalid(reason=f"{name} is missing")
        if sha256(files[name]) != wanted:
            raise PlanFolderInvalid(reason=f"{name} was changed after the plan was made, so it is not what was planned")
    if PLAN not in sums:
        raise PlanFolderInvalid(reason=f"{MANIFEST} does not list {PLAN}")
    try:
        return plan_from_json(files[PLAN])
    except (KeyError, ValueError, TypeError):
        raise PlanFolderInvalid(reason=f"{PLAN} cannot be read by this version") from None


def sha256(text: str) -> str:
    """The sum that tells whether a file was changed."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def script(plan: Plan, when: str) -> str:
    """The statements of one phase, in order, for reading and for a person who may create."""
    items = [item for item in plan.objects if item.sql and item.when == when]
    head = f"-- {plan.source_database} to {plan.target_database}: {when} the rows\n"
    return head + "".join(
        f"\n-- {item.kind} {one_line(item.name)}\n{item.sql.rstrip().rstrip(';')};\n" for item in items
    )


def one_line(text: str) -> str:
    """A name that cannot end a comment."""
    return text.replace("\n", "\\n").replace("\r", "\\r")


def objects_csv(plan: Plan) -> str:
    """The account of objects as a table."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("kind", "name", "outcome", "reason"))
    writer.writerows((item.kind, item.name, item.outcome, item.reason) for item in plan.objects)
    return text.getvalue()


def mapping_of(plan: Plan) -> MappingFile:
    """The mapping of a plan that was made without a file: every column to its namesake, written out."""
    return MappingFile(
        name="namesakes",
        tables=tuple(map(table_map, plan.tables)),
        source_fingerprint=plan.source_fingerprint,
    )


def table_map(table: PlannedTable) -> TableMap:
    """One table of it."""
    columns = tuple(
        ColumnMap(column.target.name, source=column.source, expression=column.expression) for column in table.columns
    )
    return TableMap(table.source_label, table.target_label, columns, where=table.where)
