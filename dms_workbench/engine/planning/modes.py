"""Write modes in a plan: the key that tells rows apart, and what a mode cannot do."""

from __future__ import annotations

from dataclasses import replace

from ...kernel.errors import Refused
from ..databases.capabilities import Capabilities
from ..databases.catalogue import Catalogue, Key, Table, TableName
from ..mapping.model import Mapping
from .options import PlanOptions
from .plan import Mode, Plan, PlannedTable
from .selection import wanted

KEYED: tuple[Mode, ...] = ("upsert", "insert-missing")
"""Modes that need a key."""


class ModeNeedsTables(Refused, code="mode-needs-tables"):
    """Mode {mode} needs a database as target: files are only made new (--mode create)."""


class KeyNeeded(
    Refused, code="key-needed", next='Say which columns tell its rows apart: --key "{table}: column, column".'
):
    """Mode {mode} needs a key of {table}: it has no primary or unique key whose columns are all written."""


class KeyUnknown(Refused, code="key-unknown"):
    """--key {key}: {reason}."""


class ReplaceReferenced(
    Refused,
    code="replace-referenced",
    next="Replace those tables too (DuckDB cannot do that at once), or take --mode upsert, which keeps rows in their place.",
):
    """Mode replace empties {table}, but rows of {others} refer to it."""


class ReplaceShared(Refused, code="replace-shared"):
    """Mode replace takes one table map for each target table, and several go into {table}."""


class ModesDiffer(
    Refused, code="modes-differ", next="Give each mode a run of its own: --tables names the tables of a run."
):
    """The mapping file writes {table} with mode {mode}, and this run's mode is {run_mode}."""


def refuse_other_modes(mapping: Mapping, options: PlanOptions) -> None:
    """Raise ModesDiffer where a table map of the run names another mode than the run's."""
    for table in mapping.tables:
        if table.mode not in (None, options.mode) and not table.rejected and wanted(table.source, options):
            raise ModesDiffer(table=table.target, mode=table.mode, run_mode=options.mode)


def with_modes(
    tables: list[PlannedTable], options: PlanOptions, can: Capabilities, target: Catalogue
) -> list[PlannedTable]:
    """The tables with the key of their mode. Raises what refuses the mode."""
    refuse_unused(tables, options)
    if options.purpose == "verify" or options.content == "schema":
        return tables
    if can.database == "files" and options.mode != "create":
        raise ModeNeedsTables(mode=options.mode)
    if options.mode == "replace":
        refuse_replacing(tables, target, together=can.database != "duckdb")
    return [replace(table, key=key_of(table, options)) for table in tables]


def refuse_unused(tables: list[PlannedTable], options: PlanOptions) -> None:
    """Raise KeyUnknown for a key of a table that is not copied, or in a mode that has none."""
    for text in options.keys:
        if options.mode not in KEYED and options.purpose == "copy":
            raise KeyUnknown(key=text, reason=f"mode {options.mode} has no key")
        if not any(names(table) & {text.partition(":")[0].strip()} for table in tables):
            raise KeyUnknown(key=text, reason="no such table is copied")


def names(table: PlannedTable) -> set[str]:
    """What a table map is called by ``--key``."""
    return {table.source_label, table.target_label, table.source.name.name, table.target.name.name}


def key_of(table: PlannedTable, options: PlanOptions) -> tuple[str, ...]:
    """The target columns that tell rows apart; () where the mode needs none and there is none. Raises KeyNeeded, KeyUnknown."""
    written = {column.target.name for column in table.columns}
    for text in options.keys:
        of, _, columns = text.partition(":")
        if of.strip() in names(table):
            return named_key(text, columns, written)
    found = best_key(table.target, written, nullable=options.mode in KEYED)
    if not found and options.mode in KEYED:
        raise KeyNeeded(mode=options.mode, table=table.target_label)
    return found


def named_key(text: str, columns: str, written: set[str]) -> tuple[str, ...]:
    """The columns of ``--key``."""
    key = tuple(name.strip() for name in columns.split(",") if name.strip())
    missing = [name for name in key if name not in written]
    if not key or missing:
        raise KeyUnknown(
            key=text, reason=f"{missing[0]} is no column that is written" if missing else "it names no column"
        )
    return key


def best_key(table: Table, written: set[str], *, nullable: bool) -> tuple[str, ...]:
    """The primary key, or a unique one; with NULLs in it only if asked for."""
    keys = [table.primary_key, *table.unique_keys] if table.primary_key is not None else [*table.unique_keys]
    fit = [key.columns for key in keys if isinstance(key, Key) and set(key.columns) <= written and not key.prefixes]
    fit += [
        tuple(part.column or "" for part in index.parts)
        for index in table.indexes
        if index.unique and index.where is None and all(part.column in written for part in index.parts)
    ]
    firm = [key for key in fit if not any(table.column(name).nullable for name in key)]
    return (firm or (fit if nullable else []) or [()])[0]


def refuse_replacing(tables: list[PlannedTable], target: Catalogue, *, together: bool) -> None:
    """Raise ReplaceShared, ReplaceReferenced. together: can tables that refer to one another be emptied at once?"""
    replaced: set[TableName] = set()
    for table in tables:
        if table.target.name in replaced:
            raise ReplaceShared(table=table.target_label)
        replaced.add(table.target.name)
    for other in target.tables:
        for key in other.foreign_keys:
            if key.references in replaced and not (together and other.name in replaced):
                raise ReplaceReferenced(table=str(key.references), others=str(other.name))


def writes_beside(plan: Plan) -> bool:
    """Does the plan's mode add to rows that may be there, or change them?"""
    return plan.mode != "create"


__all__ = [
    "KEYED", "KeyNeeded", "KeyUnknown", "ModeNeedsTables", "ReplaceReferenced", "ReplaceShared", "with_modes", "writes_beside",
]  # fmt: skip
