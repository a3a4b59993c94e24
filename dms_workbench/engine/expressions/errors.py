"""What can be wrong with an expression, a lookup, or the values given to them."""

from __future__ import annotations

from ...kernel.errors import WorkbenchError


class InvalidExpression(
    WorkbenchError,
    code="invalid-expression",
    status=422,
    exit_code=2,
    next="docs/reference/expressions.md lists what an expression may hold",
):
    """{reason} (at character {position} of the expression)"""

    @property
    def offset(self) -> int:
        """Where it is wrong: characters from the start of the expression, from 0."""
        return int(self.facts.get("position", 1)) - 1

    @property
    def reason(self) -> str:
        """What is wrong, without the place."""
        return str(self.facts.get("reason", ""))


def wrong(reason: str, offset: int = 0) -> InvalidExpression:
    """The error for a fault at an offset (from 0) of the expression."""
    return InvalidExpression(reason=reason, position=offset + 1)


class InvalidLookup(WorkbenchError, code="invalid-lookup", status=422, exit_code=2):
    """The lookup {name} cannot be used: {reason}."""


class EvaluationFailed(
    WorkbenchError, code="evaluation-failed", safe="What was committed stays, and is in the ledger."
):
    """Evaluating the expressions for {target} failed: {reason}."""
