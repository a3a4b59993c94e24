"""What a plan is made of, besides the two databases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .plan import Mode


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """Which tables, through which mapping, in which mode."""

    source_schema: str | None = None
    target_schema: str | None = None
    tables: tuple[str, ...] = ()
    """Source tables, as names or globs; empty takes all."""
    exclude: tuple[str, ...] = ()
    mapping_text: str | None = None
    mapping_path: str = "mapping.yaml"
    names: Literal["keep", "snake_case"] = "keep"
    mode: Mode = "create"
    create: bool = True
    """May missing tables be made?"""
    ledger_schema: str = "dms_ledger"
    purpose: Literal["copy", "verify"] = "copy"
    """To verify, target tables must be there, and may be full."""
    new_run: bool = False
    """Do not look for an earlier run of the same resume key."""
