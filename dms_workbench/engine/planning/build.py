"""A mapping checked against both schemas and compiled to DDL and table copies; nothing is written."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from ..databases.base import Database, Source, Target
from ..databases.catalogue import Catalogue
from ..databases.errors import FileMissing, FileReadOnly, SchemaMissing
from ..databases.urls import ConnectionUrl, database_for, normalise
from ..ledger import Ledger, open_for_reading
from ..mapping import check_mapping, invalid_mapping, mapping_sha, namesake_mapping, parse_mapping
from ..mapping.model import Mapping, TableMap
from ..schema.order import parents_first
from .errors import (
    FolderMissing,
    MappingChanged,
    NoTables,
    SameFile,
    SameTable,
    TableNotFound,
    TargetNotEmpty,
    TargetReadOnly,
)
from .names import check_names
from .objects import account_of_objects
from .options import PlanOptions
from .plan import Plan, PlannedObject, PlannedTable
from .tables import TablePlanner

UNFINISHED = ("running", "paused", "interrupted", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Sides:
    """Both databases as they are found: products, catalogues and identities."""

    source: Database
    target: Database
    source_catalogue: Catalogue
    target_catalogue: Catalogue
    source_identity: str
    target_identity: str
    target_schema: str | None
    schema_is_new: bool = False


def build_plan(source_url: str, target_url: str, options: PlanOptions) -> Plan:
    """Make the plan of a run.

    Reads both catalogues, the lookup tables and the target's ledger. Raises the errors of `planning.errors`,
    `engine.databases.errors` and InvalidMapping; nothing is created, not even a file.
    """
    with opened(source_url, target_url, options) as (source, target, sides):
        mapping = read_mapping(options, sides)
        chosen = choose(mapping.tables, options, sides.source_catalogue)
        planner = TablePlanner(
            sides.source, sides.target, sides.source_catalogue, sides.target_catalogue, sides.target_schema, options
        )
        planned = planner.plan(chosen, mapping, source)
        refuse_same_table(planned, sides)
        check_names(planned, sides.target, sides.target_catalogue)
        tables = in_order(planned)
        objects = account_of_objects(planner, tables, sides.source_catalogue, schema_is_new=sides.schema_is_new)
        plan = assemble(options, sides, mapping, tables, objects)
        return plan if target is None else with_ledger(plan, target, options)


@contextmanager
def opened(source_url: str, target_url: str, options: PlanOptions) -> Iterator[tuple[Source, Target | None, Sides]]:
    """Both databases, closed again at the end; a target file that does not exist yet stays so and counts as empty."""
    source_database, target_database = database_for(source_url), database_for(target_url)
    source = source_database.open_source(source_url, options=source_options(source_url, target_url))
    target: Target | None = None
    try:
        try:
            target = open_target(target_url, options)
        except FileMissing:
            if options.purpose == "verify":
                raise
            check_folder(normalise(target_url).path)
        yield source, target, look(source_database, target_database, source, target, normalise(target_url), options)
    finally:
        source.close()
        if target is not None:
            target.close()


def open_target(url: str, options: PlanOptions) -> Target:
    """The target as the plan's purpose needs it: only to be read, or also to be written. Raises FileMissing."""
    if options.purpose == "verify":
        return open_for_reading(url, options.ledger_schema)
    return database_for(url).open_target(url, create=False, options={"ledger_schema": options.ledger_schema})


def check_folder(path: str) -> None:
    """Raise FolderMissing or FileReadOnly unless a file can be made there."""
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        raise FolderMissing(path=path, folder=folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FileReadOnly(path=path, reason=f"you may not write in {folder}")


def source_options(source_url: str, target_url: str) -> dict[str, bool]:
    """How a source is opened: where both sides are one file, so that it may be written too."""
    source, target = normalise(source_url), normalise(target_url)
    same = source.is_file and target.is_file and os.path.realpath(source.path) == os.path.realpath(target.path)
    return {"writable": True} if same else {}


def look(
    source_database: Database,
    target_database: Database,
    source: Source,
    target: Target | None,
    url: ConnectionUrl,
    options: PlanOptions,
) -> Sides:
    """Read both catalogues."""
    schema = options.target_schema or target_database.can.default_schema
    new_schema = False
    catalogue = Catalogue(target_database.can.database, "", schema, ())
    if target is not None:
        try:
            catalogue = target.catalogue(options.target_schema)
        except SchemaMissing:
            if not options.create:
                raise
            new_schema = True
    elif options.target_schema not in (None, target_database.can.default_schema):
        new_schema = True
    identity = target.identity if target is not None else f"{target_database.can.database}:{os.path.realpath(url.path)}"
    return Sides(
        source_database,
        target_database,
        source.catalogue(options.source_schema),
        catalogue,
        source.identity,
        identity,
        schema,
        new_schema,
    )


def read_mapping(options: PlanOptions, sides: Sides) -> Mapping:
    """The mapping of the file, checked, or the one of namesakes."""
    if options.mapping_text is None:
        return namesake_mapping(sides.source_catalogue, sides.target_catalogue, names=options.names)
    mapping = parse_mapping(options.mapping_text, path=options.mapping_path)
    problems = check_mapping(mapping, sides.source_catalogue, sides.target_catalogue)
    if problems:
        raise invalid_mapping(problems, path=options.mapping_path)
    return mapping


def choose(maps: tuple[TableMap, ...], options: PlanOptions, source: Catalogue) -> list[TableMap]:
    """The table maps whose source table is asked for. Raises TableNotFound, NoTables."""
    names = [table.name.name for table in source.tables]
    for pattern in options.tables:
        if not any(matches(name, pattern) for name in names):
            raise TableNotFound(table=pattern, nearest=nearest(pattern, names))
    chosen = [
        table
        for table in maps
        if (not options.tables or any(matches(table.source, pattern) for pattern in options.tables))
        and not any(matches(table.source, pattern) for pattern in options.exclude)
    ]
    if not chosen:
        schema = f" schema {source.schema}" if source.schema else ""
        raise NoTables(
            source=source.database + schema, hint=" with these names" if options.tables or options.exclude else ""
        )
    return chosen


def matches(name: str, pattern: str) -> bool:
    """A name, or a glob that fits it; a schema before the name is passed over."""
    return (
        name == pattern
        or fnmatchcase(name, pattern)
        or ("." in pattern and fnmatchcase(name, pattern.partition(".")[2]))
    )


def nearest(name: str, known: list[str]) -> str:
    """The known name most like one."""
    from rapidfuzz import process

    found = process.extractOne(name, known)
    return found[0] if found else "none"


def refuse_same_table(tables: list[PlannedTable], sides: Sides) -> None:
    """Raise SameTable where a table would be copied onto itself, SameFile where one file cannot be read and written."""
    if sides.source_identity != sides.target_identity:
        return
    for table in tables:
        if table.source.name == table.target.name:
            raise SameTable(table=str(table.source.name))
    if sides.source.can.database == "sqlite":
        raise SameFile(path=sides.source_identity.partition(":")[2])


def in_order(tables: list[PlannedTable]) -> tuple[PlannedTable, ...]:
    """Parents before the tables that refer to them, so that foreign keys of the target hold while rows arrive."""
    references: dict[str, set[str]] = {}
    for table in tables:
        parents = {key.references.name for key in table.target.foreign_keys}
        references.setdefault(table.target.name.name, set()).update(parents)
    place = {name: at for at, name in enumerate(parents_first(references))}
    ordered = sorted(tables, key=lambda table: (place[table.target.name.name], table.map_no))
    return tuple(replace(table, map_no=number) for number, table in enumerate(ordered))


def assemble(
    options: PlanOptions,
    sides: Sides,
    mapping: Mapping,
    tables: tuple[PlannedTable, ...],
    objects: tuple[PlannedObject, ...],
) -> Plan:
    """The plan with its keys."""
    sha = mapping_sha(mapping.text) if mapping.text else f"namesakes:{options.names}"
    targets = sorted(table.target.name.name for table in tables)
    selection = json.dumps(
        {"targets": targets, "mapping": sha, "mode": options.mode, "schema": sides.target_schema}, sort_keys=True
    )
    pairs = sorted([str(table.source.name), str(table.target.name)] for table in tables)
    parts = [sides.source_identity, sides.target_identity, sides.source_catalogue.schema, selection, pairs]
    return Plan(
        format="dms-plan/1",
        source_database=sides.source.can.database,
        target_database=sides.target.can.database,
        source_identity=sides.source_identity,
        target_identity=sides.target_identity,
        source_schema=sides.source_catalogue.schema,
        target_schema=sides.target_schema,
        mode=options.mode,
        tables=tables,
        objects=objects,
        lookups=mapping.lookups,
        mapping_sha=sha,
        mapping_text=mapping.text,
        resume_key=hashlib.sha256(json.dumps(parts).encode("utf-8", "surrogatepass")).hexdigest(),
        source_fingerprint=sides.source_catalogue.fingerprint(),
        target_fingerprint=sides.target_catalogue.fingerprint(),
        selection=selection,
        ledger_schema=options.ledger_schema,
    )


def with_ledger(plan: Plan, target: Target, options: PlanOptions) -> Plan:
    """The plan with the earlier run it continues. Raises MappingChanged, TargetNotEmpty."""
    runs = [] if options.new_run else Ledger(target).runs_of(plan.source_identity, plan.target_identity)
    for run in runs:
        if run.resume_key == plan.resume_key and not (
            run.status not in UNFINISHED and any(table.creates for table in plan.tables)
        ):
            return replace(plan, ledger_run_id=run.run_id, ledger_status=run.status)
    if options.purpose == "verify":
        return plan
    for run in runs:
        if run.status in UNFINISHED:
            refuse_other_mapping(plan, run.run_id, run.selection)
    if target.read_only:
        raise TargetReadOnly(target=plan.target_database, reason=target.read_only)
    refuse_rows(plan, target)
    return plan


def refuse_other_mapping(plan: Plan, run_id: str, selection: str) -> None:
    """Raise MappingChanged if an unfinished run writes to some of the same tables."""
    earlier, now = json.loads(selection), json.loads(plan.selection)
    if earlier["schema"] != now["schema"] or not set(earlier["targets"]) & set(now["targets"]):
        return
    differences = [
        f"{name} was {earlier[name]}, now {now[name]}"
        for name in ("mode", "mapping", "targets")
        if earlier[name] != now[name]
    ]
    raise MappingChanged(
        run_id=run_id,
        difference="; ".join(differences),
        next=f"dms runs resume {run_id} to go on with the earlier one, or repeat the command with --new-run to start another",
    )


def refuse_rows(plan: Plan, target: Target) -> None:
    """Raise TargetNotEmpty in mode create if a target table has rows."""
    if plan.mode != "create":
        return
    full = [str(table.target.name) for table in plan.tables if not table.creates and target.count(table.target)]
    if full:
        raise TargetNotEmpty(tables=", ".join(sorted(set(full))))
