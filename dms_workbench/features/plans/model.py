"""What a plan shows of itself before it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...kernel.shown import Readable

if TYPE_CHECKING:
    from ...engine.planning.plan import Plan, PlannedObject, PlannedTable


@dataclass(frozen=True)
class PlanTable(Readable):
    """One table map of a plan."""

    map_no: int
    source: str
    target: str
    columns: int
    expressions: int
    """Columns that an expression makes."""
    creates: bool
    """The target table is made by the run."""
    where: str | None = None


@dataclass(frozen=True)
class PlanObject(Readable):
    """One line of the account of objects."""

    kind: str
    name: str
    outcome: str
    """``created``, ``altered``, ``present`` or ``left_out``."""
    reason: str = ""
    sql: str = ""


@dataclass(frozen=True)
class PlanSummary:
    """A plan: what will be created, what goes where, and which run it continues."""

    id: str
    project_id: str
    source_connection_id: str
    target_connection_id: str
    created_at: datetime
    created_by: str
    mode: str
    source_database: str
    target_database: str
    mapping_sha: str
    resume_key: str
    """Two plans of one resume key move the same rows to the same place: the second continues the first one's run."""
    request_key: str = ""
    """What the command line asked for, hashed; empty if it was not asked from there."""
    ledger_run_id: str | None = None
    """The run of the same resume key that the target's ledger holds."""
    ledger_status: str | None = None
    tables: tuple[PlanTable, ...] = ()
    objects: tuple[PlanObject, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [f"plan {self.id}: {self.source_database} to {self.target_database}, {len(self.tables)} tables"]
        lines += [
            f"  {table.source} -> {table.target} ({table.columns} columns{', created' if table.creates else ''})"
            for table in self.tables
        ]
        lines += [
            f"  {item.kind} {item.name}: {item.outcome}{f' ({item.reason})' if item.reason else ''}"
            for item in self.objects
            if item.outcome != "present"
        ]
        return "\n".join(lines)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(type(self).__name__ if cycle else str(self))

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f"<tr><td>{escape(table.source)}</td><td>{escape(table.target)}</td><td>{table.columns}</td>"
            f"<td>{'created' if table.creates else 'present'}</td></tr>"
            for table in self.tables
        )
        head = "<tr><th>Source</th><th>Target</th><th>Columns</th><th>Target table</th></tr>"
        return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"


@dataclass(frozen=True, slots=True)
class LedgerPlace:
    """A target in which runs keep their books; whose it is, and what its connection is called."""

    organisation_id: str
    project_id: str
    connection_id: str
    name: str
    ledger_schema: str


@dataclass(frozen=True)
class PlanText(Readable):
    """Text made from a plan, its DDL for instance."""

    text: str

    def __str__(self) -> str:
        return self.text


def table_line(table: PlannedTable) -> PlanTable:
    """One planned table as the summary shows it."""
    return PlanTable(
        map_no=table.map_no,
        source=str(table.source.name),
        target=str(table.target.name),
        columns=len(table.columns),
        expressions=sum(column.expression is not None for column in table.columns),
        creates=table.creates,
        where=table.where,
    )


def object_line(item: PlannedObject) -> PlanObject:
    """One planned object as the summary shows it."""
    return PlanObject(kind=item.kind, name=item.name, outcome=item.outcome, reason=item.reason, sql=item.sql)


def ddl_text(plan: Plan) -> str:
    """The statements a plan runs, in order, those after the rows under a line that says so."""
    before = [item.sql for item in plan.objects if item.sql and item.when == "before"]
    after = [item.sql for item in plan.objects if item.sql and item.when == "after"]
    parts = [f"{sql.rstrip().rstrip(';')};" for sql in before]
    if after:
        parts += ["-- after all rows are in", *(f"{sql.rstrip().rstrip(';')};" for sql in after)]
    return "\n\n".join(parts) + ("\n" if parts else "")
