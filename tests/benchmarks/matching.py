"""The product's own matcher as the scorer of benchmark sets wants it."""

from __future__ import annotations

from typing import Any

from dms_workbench.engine.matching.model import Model
from dms_workbench.engine.matching.suggest import Suggestions
from dms_workbench.engine.matching.suggest import suggest as product_suggest
from tests.benchmarks.matching_sets import schema


def suggest(source: dict[str, Any], target: dict[str, Any], model: Model | None = None) -> dict[str, Any]:
    """Suggestions for plain schemas: ``suggestions`` and ``assignment``; model: another than the shipped one."""
    return as_scored(product_suggest(schema(source), schema(target), model=model))


def as_scored(found: Suggestions) -> dict[str, Any]:
    """In the scorer's form."""
    return {
        "suggestions": [
            {
                "target": [each.table, each.column],
                "candidates": [{"source": [one.table, one.column], "score": one.confidence} for one in each.candidates],
            }
            for each in found.columns
        ],
        "assignment": [
            {
                "source": [each.assigned.table, each.assigned.column],
                "target": [each.table, each.column],
                "score": each.assigned.confidence,
            }
            for each in found.columns
            if each.assigned is not None
        ],
    }
