"""A plan taken up again: it is run only if both databases still are as they were planned for."""

from __future__ import annotations

from dataclasses import replace

from ...kernel.errors import Refused
from ..databases.base import Target
from ..ledger import Ledger
from .build import opened, with_ledger
from .catalogues import Sides
from .options import PlanOptions
from .plan import Plan


class PlanOutdated(
    Refused, code="plan-outdated", next="dms plan SOURCE TARGET --folder NEW, and have it reviewed again."
):
    """{side} is not as it was planned for: {difference}"""


def reopen_plan(plan: Plan, source_url: str, target_url: str) -> Plan:
    """The plan, with the run it continues if it was begun before.

    Raises PlanOutdated if a database is another one or its structure moved; of a run under way the target's structure
    is what the run itself has made. Raises the errors of connecting, MappingChanged, TargetNotEmpty.
    """
    several = len(plan.source_schemas) > 1
    options = PlanOptions(
        source_schema=None if several else plan.source_schema,
        source_schemas=tuple(schema for schema in plan.source_schemas if schema is not None) if several else (),
        target_schema=None if several else plan.target_schema,
        prefix_schema=several,
        mode=plan.mode,
        ledger_schema=plan.ledger_schema,
        content=plan.content,
    )
    with opened(source_url, target_url, options) as (_, target, sides):
        check_identities(plan, sides)
        check_structures(plan, sides, begun=target is not None and is_known(plan, target))
        fresh = replace(as_found(plan, sides), ledger_run_id=None, ledger_status=None)
        known = fresh if target is None else with_ledger(fresh, target, options)
        check_structures(plan, sides, begun=known.ledger_run_id is not None)
        return replace(plan, ledger_run_id=known.ledger_run_id, ledger_status=known.ledger_status)


def is_known(plan: Plan, target: Target) -> bool:
    """Has a run of this plan been begun, wherever it stands?"""
    runs = Ledger(target).runs_of(plan.source_identity, plan.target_identity)
    return any(run.resume_key == plan.resume_key for run in runs)


def as_found(plan: Plan, sides: Sides) -> Plan:
    """The plan without the making of tables that are there by now: so a run that finished is known to be done."""
    there = {table.name for table in sides.target_catalogue.tables}
    tables = [replace(table, creates=table.creates and table.target.name not in there) for table in plan.tables]
    return replace(plan, tables=tuple(tables))


def check_identities(plan: Plan, sides: Sides) -> None:
    """Raise PlanOutdated if either database is another one."""
    for side, found, planned in (
        ("The source", sides.source_identity, plan.source_identity),
        ("The target", sides.target_identity, plan.target_identity),
    ):
        if found != planned:
            raise PlanOutdated(side=side, difference=f"the plan is for {planned}, this is {found}.")


def check_structures(plan: Plan, sides: Sides, *, begun: bool) -> None:
    """Raise PlanOutdated if either structure moved. begun: the target's has, by the run itself."""
    found = sides.source_catalogue.fingerprint()
    if found != plan.source_fingerprint:
        raise PlanOutdated(
            side="The source", difference=f"its structure was {plan.source_fingerprint}, now it is {found}."
        )
    found = sides.target_catalogue.fingerprint()
    if not begun and found != plan.target_fingerprint:
        raise PlanOutdated(
            side="The target", difference=f"its structure was {plan.target_fingerprint}, now it is {found}."
        )
