"""A plan: everything a run will do, decided before it starts, as plain values that survive JSON."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, Literal

from ..databases.catalogue import Column, Table, column_from_dict, table_from_dict
from ..mapping.model import Lookup

Mode = Literal["create", "append"]
Outcome = Literal["created", "altered", "present", "left_out"]


@dataclass(frozen=True, slots=True)
class PlannedColumn:
    """One target column: ``source`` names a source column to convert, else ``expression`` makes it."""

    target: Column
    source: str | None = None
    expression: str | None = None
    lossy: tuple[str, ...] = ()
    """Rules of the mapping file by which values that do not fit may be changed."""


@dataclass(frozen=True, slots=True)
class PlannedTable:
    """One table map, checked against both schemas."""

    map_no: int
    source: Table
    target: Table
    columns: tuple[PlannedColumn, ...]
    creates: bool
    """The target table is made by this run."""
    where: str | None = None

    @property
    def plain(self) -> bool:
        """No expression and no filter: rows only move and convert."""
        return self.where is None and all(column.expression is None for column in self.columns)


@dataclass(frozen=True, slots=True)
class PlannedObject:
    """One line of the account of objects; ``sql`` is what makes it, if this run does."""

    kind: str
    name: str
    outcome: Outcome
    reason: str = ""
    sql: str = ""
    when: Literal["before", "after"] = "before"
    """Before the rows, or after all of them (foreign keys)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does. Tables stand in the order they are copied in."""

    format: str
    """``dms-plan/1``."""
    source_database: str
    target_database: str
    source_identity: str
    target_identity: str
    source_schema: str | None
    target_schema: str | None
    mode: Mode
    tables: tuple[PlannedTable, ...]
    objects: tuple[PlannedObject, ...]
    lookups: tuple[Lookup, ...]
    mapping_sha: str
    mapping_text: str
    resume_key: str
    source_fingerprint: str
    target_fingerprint: str
    selection: str
    """JSON of the target tables, the mapping's SHA and the mode: what a later command is compared with."""
    ledger_schema: str = "dms_ledger"
    ledger_run_id: str | None = None
    """The run of the same resume key that the target's ledger holds already, if any."""
    ledger_status: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return dataclasses.asdict(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Plan:
        """The inverse of `as_dict`, from JSON too."""
        return Plan(
            **{
                **data,
                "tables": tuple(planned_table(table) for table in data["tables"]),
                "objects": tuple(PlannedObject(**item) for item in data["objects"]),
                "lookups": tuple(planned_lookup(lookup) for lookup in data["lookups"]),
            }
        )


def planned_table(data: dict[str, Any]) -> PlannedTable:
    """A planned table again from its dictionary."""
    return PlannedTable(
        **{
            **data,
            "source": table_from_dict(data["source"]),
            "target": table_from_dict(data["target"]),
            "columns": tuple(
                PlannedColumn(
                    **{**column, "target": column_from_dict(column["target"]), "lossy": tuple(column.get("lossy", ()))}
                )
                for column in data["columns"]
            ),
        }
    )


def planned_lookup(data: dict[str, Any]) -> Lookup:
    """A lookup again; its values stand as pairs, since JSON's keys are text only."""
    values = data["values"]
    return Lookup(**{**data, "values": dict(values) if isinstance(values, list) else values})


def plan_to_json(plan: Plan) -> str:
    """A plan as JSON text."""
    data = plan.as_dict()
    for lookup in data["lookups"]:
        if lookup["values"] is not None:
            lookup["values"] = [[key, value] for key, value in lookup["values"].items()]
    return json.dumps(data, separators=(",", ":"))


def plan_from_json(text: str) -> Plan:
    """The inverse of `plan_to_json`."""
    return Plan.from_dict(json.loads(text))
