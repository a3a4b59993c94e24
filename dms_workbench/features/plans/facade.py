"""``wb.plans``."""

from __future__ import annotations

from ...kernel.facade import Facade, operation
from .check import CheckDatabases
from .folder import PlanFolder, ReopenPlan
from .make import CreatePlan, GetPlan, ListPlans, PlanDdl


class Plans(Facade):
    """Make plans and look at them before they run."""

    check = operation(CheckDatabases)
    create = operation(CreatePlan)
    get = operation(GetPlan)
    list = operation(ListPlans)
    ddl = operation(PlanDdl)
    folder = operation(PlanFolder)
    reopen = operation(ReopenPlan)
