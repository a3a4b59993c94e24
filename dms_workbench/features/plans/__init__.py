"""Plans: everything a run will do, written down before it starts."""

# ruff: noqa: E402  lazily() comes before the modules that use the lazy store
from ...kernel.lazy import lazily

lazily(__name__, "store")

from .check import CheckDatabases, PrecheckFinding, PrecheckReport
from .errors import PlanFolderTaken, PlanNotFound
from .folder import PlanFile, PlanFiles, PlanFolder, ReopenPlan
from .make import CreatePlan, GetPlan, ListPlans, PlanDdl, full_plan, ledger_places, ledger_schema, plans_of
from .model import LedgerPlace, PlanObject, PlanSummary, PlanTable, PlanText

__all__ = [
    "CheckDatabases",
    "CreatePlan",
    "GetPlan",
    "LedgerPlace",
    "ListPlans",
    "PlanDdl",
    "PlanFile",
    "PlanFiles",
    "PlanFolder",
    "PlanFolderTaken",
    "PlanNotFound",
    "PlanObject",
    "PlanSummary",
    "PlanTable",
    "PlanText",
    "PrecheckFinding",
    "PrecheckReport",
    "ReopenPlan",
    "full_plan",
    "ledger_places",
    "ledger_schema",
    "plans_of",
]
