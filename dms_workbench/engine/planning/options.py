"""What a plan is made of, besides the two databases."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from ..databases.urls import normalise
from .plan import Content, Mode


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """Which tables, through which mapping, in which mode."""

    source_schema: str | None = None
    source_schemas: tuple[str, ...] = ()
    """Several schemas, as names or globs, each into its namesake in the target; () is ``source_schema`` alone."""
    target_schema: str | None = None
    tables: tuple[str, ...] = ()
    """Source tables, as names or globs; empty takes all."""
    exclude: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    """Filters of source tables, ``table: expression`` each."""
    subset: str | None = None
    """A referentially complete subset, see `engine.subsets`."""
    mapping_text: str | None = None
    mapping_path: str = "mapping.yaml"
    names: Literal["keep", "snake_case", "adapt"] = "keep"
    mode: Mode = "create"
    keys: tuple[str, ...] = ()
    """Keys by which modes upsert and insert-missing tell rows apart, ``table: column, column`` each."""
    undo_days: int = 30
    """How long what an undo needs of rows that were there is kept; 0 keeps nothing."""
    create: bool = True
    """May missing tables be made?"""
    ledger_schema: str = "dms_ledger"
    purpose: Literal["copy", "verify"] = "copy"
    """To verify, target tables must be there, and may be full."""
    content: Content = "all"
    """Structure and rows, the structure only, or only the rows into tables that are there."""
    prefix_schema: bool = False
    """Where the target has no schemas: ``schema_table`` is what a table of one of several schemas is called."""
    new_run: bool = False
    """Do not look for an earlier run of the same resume key."""


def source_options(source_url: str, target_url: str) -> dict[str, bool]:
    """How a source is opened: where both sides are one file, so that it may be written too."""
    source, target = normalise(source_url), normalise(target_url)
    same = source.is_file and target.is_file and os.path.realpath(source.path) == os.path.realpath(target.path)
    return {"writable": True} if same else {}
