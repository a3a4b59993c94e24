"""What can go wrong with plans."""

from __future__ import annotations

from ...kernel.errors import NotFound, Refused


class PlanNotFound(NotFound, code="plan-not-found"):
    """There is no plan {plan_id}."""


class PlanFolderTaken(Refused, code="plan-folder-taken", next="Name a folder that does not exist yet, or is empty."):
    """The folder {folder} is not empty, and a plan overwrites nothing."""
