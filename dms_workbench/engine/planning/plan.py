"""A plan: everything a run will do, decided before it starts, as plain values that survive JSON."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast, get_args

from ..databases.catalogue import Column, ForeignKey, SequenceState, Table, TableName
from ..databases.plain import from_plain
from ..mapping.model import Lookup
from ..mapping.model import Mode as WriteMode
from ..schema.fate import Outcome

Mode: TypeAlias = WriteMode
Content = Literal["all", "schema", "data"]
Step = Literal[
    "first", "type", "sequence", "routine", "table", "rows", "index", "check", "foreign key", "view", "code", "trigger", "guard",
    "number", "comment", "statistics", "last",
]  # fmt: skip
STEPS: tuple[Step, ...] = get_args(Step)
"""The order in which objects are made; ``rows`` stands for the copy itself and for what is made with its table."""


@dataclass(frozen=True, slots=True)
class PlannedColumn:
    """One target column: ``source`` names a source column to convert, else ``expression`` makes it."""

    target: Column
    source: str | None = None
    expression: str | None = None
    lossy: tuple[str, ...] = ()
    """Rules of the mapping file by which values that do not fit may be changed."""
    note: str = ""
    """How its values are converted, where that is not exact."""


@dataclass(frozen=True, slots=True)
class PlannedTable:
    """One table map, checked against both schemas."""

    map_no: int
    source: Table
    """As it is copied: generated columns whose values are copied are plain ones here."""
    target: Table
    columns: tuple[PlannedColumn, ...]
    creates: bool
    """The target table is made by this run."""
    where: str | None = None
    qualified: bool = False
    """Tables of several schemas move: the schema is part of what a table is called."""
    key: tuple[str, ...] = ()
    """Target columns that tell rows apart where the mode looks at rows that are there; () where nothing does."""

    @property
    def plain(self) -> bool:
        """No expression and no filter: rows only move and convert."""
        return self.where is None and all(column.expression is None for column in self.columns)

    @property
    def source_label(self) -> str:
        """What the source table is called in books, progress and quarantine."""
        return str(self.source.name) if self.qualified else self.source.name.name

    @property
    def target_label(self) -> str:
        """What the target table is called there."""
        return str(self.target.name) if self.qualified else self.target.name.name


@dataclass(frozen=True, slots=True)
class PlannedObject:
    """One line of the account of objects, with the statements that make it, if this run does."""

    kind: str
    name: str
    """What the account calls it: no two lines of one kind are called alike."""
    outcome: Outcome
    reason: str = ""
    statements: tuple[str, ...] = ()
    when: Literal["before", "after"] = "before"
    """Before the rows, or after all of them."""
    step: Step = "rows"
    on: TableName | None = None
    """The target table or view it belongs to."""
    part: str = ""
    """Its name within that, as the target's catalogue will show it; or its own name, with its schema."""
    repeats: bool = False
    """Making it twice does no harm, and the catalogue does not tell whether it is there (a comment, statistics)."""
    unchecked: tuple[str, ...] = ()
    """Statements that take rows as they are, if those that look at the rows are refused."""
    validation: tuple[str, ...] = ()
    """Statements that then check the rows that are there; if they are refused, the constraint stays unchecked."""
    foreign_key: ForeignKey | None = None
    """Of a foreign key: its columns in the target's names, to find rows without a parent."""
    column: str | None = None
    """Of a number: the column that counts; None for a sequence."""
    state: SequenceState | None = None
    """Of a sequence: where it stood in the source."""
    proof: str = ""
    """A query that only works if the object does."""

    @property
    def sql(self) -> str:
        """All statements as one text."""
        return ";\n".join((*self.statements, *self.validation))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does. Tables stand in the order they are copied in, objects in the order they are made."""

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
    content: Content = "all"
    """Structure and rows, or one of them only."""
    subset: str | None = None
    """The subset that the tables' filters ask lookups for, see `engine.subsets`."""
    source_schemas: tuple[str | None, ...] = ()
    """The schemas the source's tables are in; () is ``source_schema`` alone."""
    target_schemas: tuple[str | None, ...] = ()
    """The schemas the target's tables are in; () is ``target_schema`` alone."""
    undo_days: int = 30
    """So many days what an undo needs of rows that were there is kept; 0 keeps nothing."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return dataclasses.asdict(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Plan:
        """The inverse of `as_dict`, from JSON too."""
        lookups = [planned_lookup(lookup) for lookup in data["lookups"]]
        return cast(Plan, from_plain(Plan, {**data, "lookups": lookups}))

    def made(self) -> list[str]:
        """What a run of this plan makes, as the ledger keeps it: a later worker finds it again by these names."""
        made = (
            item for item in self.objects if item.outcome in ("created", "altered") and item.on is None and item.part
        )
        return sorted({made_name(item) for item in made})


def made_name(item: PlannedObject) -> str:
    """An object's place in the target's catalogue, as text."""
    return "\t".join((item.kind, str(item.on or ""), item.part))


def planned_lookup(data: dict[str, Any]) -> dict[str, Any]:
    """A lookup's fields again; its values stand as pairs in JSON, whose keys are text only."""
    values = data["values"]
    return {**data, "values": dict(values) if isinstance(values, list) else values}


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
