"""The pre-check: what stands in the way of a migration, before there is a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Query
from ...kernel.shown import Readable
from ..connections import resolve_url

MARKS = {"stop": "✗", "warn": "!", "note": "·"}


@dataclass(frozen=True)
class PrecheckFinding(Readable):
    """One point: how grave it is, which side it is about, what was found and what to do."""

    severity: str
    """``stop`` ends a run before its first row, ``warn`` may change what arrives or how long it takes, ``note`` is good to know."""
    side: str
    point: str
    text: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{MARKS[self.severity]} {self.side} {self.point}: {self.text}" + (
            self.remedy and f"\n    → {self.remedy}"
        )


@dataclass(frozen=True)
class PrecheckReport(Readable):
    """What was found on both sides, the gravest first; ``ready`` if nothing stops the run."""

    ready: bool
    findings: tuple[PrecheckFinding, ...] = ()

    def __str__(self) -> str:
        stops = sum(finding.severity == "stop" for finding in self.findings)
        head = "Nothing stands in the way." if self.ready else f"{stops} of these would stop the run:"
        return "\n".join([*map(str, self.findings), head] if self.ready else [head, *map(str, self.findings)])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(type(self).__name__ if cycle else str(self))

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f"<tr><td>{MARKS[finding.severity]} {finding.severity}</td><td>{finding.side}</td><td>{escape(finding.point)}</td>"
            f"<td style='text-align:left'>{escape(finding.text)}</td>"
            f"<td style='text-align:left'>{escape(finding.remedy)}</td></tr>"
            for finding in self.findings
        )
        head = "<tr><th></th><th>Side</th><th>Point</th><th>Found</th><th>What to do</th></tr>"
        return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"


class CheckDatabases(Query[PrecheckReport], route="GET /prechecks", scope="plans:make"):
    """Look at both databases before a migration: rights, versions, encodings, space, triggers; nothing is changed.

    source_connection_id: where the rows come from.
    target_connection_id: where they go.
    source_schema: the source's schema; its default one if left out.
    source_schemas: several schemas, as names or patterns; then ``source_schema`` is left out.
    target_schema: the target's schema; its default one if left out.
    tables: only these source tables; all if left out.
    exclude: none of these source tables.
    ledger_schema: where the target is to keep the books.
    """

    source_connection_id: str
    target_connection_id: str
    source_schema: str | None = None
    target_schema: str | None = None
    tables: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    ledger_schema: str = "dms_ledger"
    source_schemas: tuple[str, ...] = ()


@handles(CheckDatabases)
def check_databases(query: CheckDatabases, ctx: Context) -> PrecheckReport:
    from ...engine.planning import PlanOptions
    from ...engine.planning.precheck import check_databases as findings_of

    options = PlanOptions(
        source_schema=query.source_schema,
        source_schemas=query.source_schemas,
        prefix_schema=bool(query.source_schemas),
        target_schema=query.target_schema,
        tables=query.tables,
        exclude=query.exclude,
        ledger_schema=query.ledger_schema,
    )
    found = findings_of(
        resolve_url(ctx, query.source_connection_id), resolve_url(ctx, query.target_connection_id), options
    )
    findings = tuple(PrecheckFinding(item.severity, item.side, item.point, item.text, item.remedy) for item in found)
    return PrecheckReport(all(finding.severity != "stop" for finding in findings), findings)
