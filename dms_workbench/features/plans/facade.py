"""``wb.plans``."""

from __future__ import annotations

from ...kernel.facade import Facade, operation
from .make import CreatePlan, GetPlan, ListPlans, PlanDdl


class Plans(Facade):
    """Make plans and look at them before they run."""

    create = operation(CreatePlan)
    get = operation(GetPlan)
    list = operation(ListPlans)
    ddl = operation(PlanDdl)
