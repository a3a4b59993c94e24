"""What can go wrong with plans."""

from __future__ import annotations

from ...kernel.errors import NotFound


class PlanNotFound(NotFound, code="plan-not-found"):
    """There is no plan {plan_id}."""
