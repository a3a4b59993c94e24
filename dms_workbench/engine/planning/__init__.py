"""A mapping checked against both schemas and compiled to DDL and table copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import lazy_names

if TYPE_CHECKING:
    from .build import build_plan
    from .options import PlanOptions, source_options
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

__getattr__ = lazy_names(
    __name__,
    {
        "build": "build_plan",
        "options": "PlanOptions source_options",
        "plan": "Plan PlannedColumn PlannedObject PlannedTable plan_from_json plan_to_json",
    },
)
