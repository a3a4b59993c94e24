"""A mapping checked against both schemas and compiled to DDL and table copies."""

from __future__ import annotations

from .build import build_plan, source_options
from .options import PlanOptions
from .plan import Plan, PlannedColumn, PlannedObject, PlannedTable, plan_from_json, plan_to_json

__all__ = [
    "Plan",
    "PlanOptions",
    "PlannedColumn",
    "PlannedObject",
    "PlannedTable",
    "build_plan",
    "plan_from_json",
    "plan_to_json",
    "source_options",
]
