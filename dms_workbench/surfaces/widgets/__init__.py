"""Widgets for notebooks: Python classes here, their TypeScript in the folder ``widgets`` of the sources."""

from __future__ import annotations

from .base import WorkbenchWidget
from .run import RunWidget

__all__ = ["RunWidget", "WorkbenchWidget"]
