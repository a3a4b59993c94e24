"""A mapping checked against both schemas and compiled to DDL and table copies; nothing is written."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from ..databases.base import Database, Source, Target
from ..databases.catalogue import merged
from ..databases.errors import FileMissing, FileReadOnly, SchemaMissing
from ..databases.urls import ConnectionUrl, database_for, normalise
from ..ledger import Ledger, open_for_reading
from ..mapping import check_mapping, invalid_mapping, mapping_sha, namesake_mapping, parse_mapping, settled
from ..mapping.model import Mapping, TableMap
from ..mapping.write import write_mapping
from ..schema.derive import Derived
from ..schema.fate import Way
from ..schema.translate_names import Renames, own_names
from .adapted import adapted_mapping
from .catalogues import Chosen, Sides, copyable, empty, of_schema, read_parts, read_target, resolve, schemas_of
from .errors import (
    FolderMissing,
    MappingChanged,
    NoTables,
    NothingToCopy,
    SameFile,
    SameTable,
    TableNotFound,
    TargetNotEmpty,
    TargetReadOnly,
)
from .foreign_keys import plain
from .modes import refuse_other_modes, with_modes
from .names import check_names
from .objects import account_of_objects
from .options import PlanOptions, source_options
from .plan import Plan, PlannedObject, PlannedTable
from .proving import prover
from .selection import filtered, matches, nearest, wanted
from .structure import only_made, structure_of_run
from .tables import TablePlanner
from .unfinished import without_made

UNDONE = "undone"
"""What was taken back counts as never done: the same command begins anew."""
UNFINISHED = ("running", "paused", "interrupted", "failed", "cancelled")


def build_plan(source_url: str, target_url: str, options: PlanOptions) -> Plan:
    """Make the plan of a run.

    Reads both catalogues, the lookup tables and the target's ledger. Raises the errors of `planning.errors`,
    `engine.databases.errors` and InvalidMapping; nothing is created, not even a file: what is tried on the target is
    rolled back.
    """
    with opened(source_url, target_url, options) as (source, target, sides):
        mapping = read_mapping(options, sides)
        copied = choose(mapping, options, sides)
        way = way_of(sides, copied, mapping)
        apart = only_made(copied, sides, way)
        with prover(sides.target, target, sides.new_schemas) as trial:
            tries = options.purpose == "copy" and not way.same and (target is None or not target.read_only)
            planner = TablePlanner(sides, way, options, trial.prove if tries else unproved)
            planned = planner.plan([*copied, *apart], mapping, source)
        copied_tables = with_modes(planned[: len(copied)], options, sides.can, sides.target_catalogue)
        planned = [*copied_tables, *planned[len(copied) :]]
        refuse_same_table(planned, sides)
        check_names(planned[: len(copied)], sides.can, sides.target_catalogue)
        structure = structure_of_run(planned, len(copied), planner, options)
        objects = account_of_objects(sides, way, structure, options)
        plan = assemble(options, sides, mapping, tuple(structure.copied), objects)
        return plan if target is None else with_ledger(plan, target, options)


def unproved(derived: Derived) -> Derived:
    """Take a table as it is, untried."""
    return derived


@contextmanager
def opened(source_url: str, target_url: str, options: PlanOptions) -> Iterator[tuple[Source, Target | None, Sides]]:
    """Both databases, closed again at the end; a target file that does not exist yet stays so and counts as empty.

    What an unfinished run has made in the target so far counts as not there: the run goes on making it.
    """
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
        sides = look((source_database, target_database), source, target, normalise(target_url), options)
        if target is not None and not options.new_run and options.purpose == "copy":
            runs = Ledger(target).runs_of(sides.source_identity, sides.target_identity)
            unfinished = [run.selection for run in runs if run.status in UNFINISHED]
            sides = replace(sides, target_catalogue=without_made(sides.target_catalogue, unfinished))
        yield source, target, sides
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


def look(
    databases: tuple[Database, Database],
    source: Source,
    target: Target | None,
    url: ConnectionUrl,
    options: PlanOptions,
) -> Sides:
    """Read both catalogues."""
    can = target.can if target is not None else databases[1].can
    source_schemas, target_schemas = schemas_of(source, can, options)
    parts = read_parts(source, source_schemas)
    catalogue = empty(can, target_schemas)
    missing: tuple[str, ...] = ()
    if target is not None:
        catalogue, missing = read_target(target, target_schemas)
        if missing and not options.create:
            raise SchemaMissing(schema=", ".join(missing), database=can.product, known="others")
    elif can.has_schemas:
        missing = tuple(str(schema) for schema in target_schemas if schema not in (None, can.default_schema))
    identity = target.identity if target is not None else f"{can.database}:{os.path.realpath(url.path)}"
    if len(source_schemas) == 1:
        source_schemas = (options.source_schemas[0] if options.source_schemas else options.source_schema,)
    return Sides(
        source=databases[0],
        target=databases[1],
        can=can,
        source_catalogue=merged(parts),
        target_catalogue=catalogue,
        source_identity=source.identity,
        target_identity=identity,
        source_schemas=source_schemas,
        target_schemas=target_schemas,
        new_schemas=missing,
        schema_comments=tuple((part.schema, part.comment) for part in parts if part.schema and part.comment),
        prefixed=len(source_schemas) > 1 and not can.has_schemas,
    )


def read_mapping(options: PlanOptions, sides: Sides) -> Mapping:
    """The mapping of the file, checked, or the one of namesakes."""
    if options.mapping_text is None:
        return namesakes_of(options, sides)
    mapping = parse_mapping(options.mapping_text, path=options.mapping_path)
    problems = check_mapping(mapping, sides.source_catalogue, sides.target_catalogue)
    if problems:
        raise invalid_mapping(problems, path=options.mapping_path)
    refuse_other_modes(mapping, options)
    return settled(mapping, sides.source_catalogue)


def namesakes_of(options: PlanOptions, sides: Sides) -> Mapping:
    """Every table that can be copied into its namesake, schema by schema."""
    source = copyable(sides.source_catalogue)
    if not sides.several:
        return fitted(namesake_mapping(source, sides.target_catalogue, names=options.names), options, sides)
    maps: list[TableMap] = []
    for schema in sides.source_schemas:
        there = of_schema(sides.target_catalogue, None if sides.prefixed else schema)
        of = fitted(namesake_mapping(of_schema(source, schema), there, names=options.names), options, sides)
        maps += [
            replace(table, source=f"{schema}.{table.source}", target=f"{schema}.{table.target}") for table in of.tables
        ]
    return Mapping("default", tuple(maps), text=write_mapping(Mapping("default", tuple(maps))))


def fitted(mapping: Mapping, options: PlanOptions, sides: Sides) -> Mapping:
    """The mapping with names that the target can have, where that is asked for."""
    return adapted_mapping(mapping, sides.can) if options.names == "adapt" else mapping


def choose(mapping: Mapping, options: PlanOptions, sides: Sides) -> list[Chosen]:
    """The table maps whose source table is asked for. Raises TableNotFound, NoTables, NothingToCopy."""
    source = sides.source_catalogue
    names = [str(table.name) if sides.several else table.name.name for table in source.tables]
    for pattern in options.tables:
        if not any(matches(name, pattern) for name in names):
            raise TableNotFound(table=pattern, nearest=nearest(pattern, names))
    places = options.mapping_text is None
    maps = mapping.tables
    if places and sides.several:
        maps = tuple(replace(table, target=table.target.partition(".")[2]) for table in maps)
    chosen = [
        table
        for table in resolve(maps, sides, places=places)
        if wanted(table.map.source, options) and table.source.holds_rows and table.source.problem is None
    ]
    if not chosen:
        bare = [table.name.name for table in source.tables if not table.columns and wanted(table.name.name, options)]
        if bare:
            raise NothingToCopy(table=bare[0])
        schema = f" schema {source.schema}" if source.schema else ""
        raise NoTables(
            source=source.database + schema, hint=" with these names" if options.tables or options.exclude else ""
        )
    return filtered(chosen, options)


def way_of(sides: Sides, chosen: list[Chosen], mapping: Mapping) -> Way:
    """From which product into which, with the names that change."""
    schemas = {}
    if not sides.several and sides.source_catalogue.schema is not None and sides.target_schema is not None:
        schemas = {sides.source_catalogue.schema: sides.target_schema}
        schemas = {name: to for name, to in schemas.items() if name != to}
    tables = {plain(table.source.name): table.target for table in chosen if table.target.name != table.source.name.name}
    renames = Renames(schemas, tables, sides.target.quote, own_names(sides.source_catalogue) if schemas else None)
    overrides = tuple(getattr(mapping, "types", ()))
    return Way(sides.source, sides.target, renames, server=sides.target_catalogue.version, overrides=overrides)


def refuse_same_table(tables: list[PlannedTable], sides: Sides) -> None:
    """Raise SameTable where a table would be copied onto itself, SameFile where one file cannot be read and written."""
    if sides.source_identity != sides.target_identity:
        return
    for table in tables:
        if table.source.name == table.target.name:
            raise SameTable(table=str(table.source.name))
    if sides.source.can.database == "sqlite":
        raise SameFile(path=sides.source_identity.partition(":")[2])


def assemble(
    options: PlanOptions,
    sides: Sides,
    mapping: Mapping,
    tables: tuple[PlannedTable, ...],
    objects: tuple[PlannedObject, ...],
) -> Plan:
    """The plan with its keys."""
    sha = mapping_sha(mapping.text) if mapping.text else f"namesakes:{options.names}"
    targets = sorted(table.target_label for table in tables)
    chosen: dict[str, object] = {
        "targets": targets,
        "mapping": sha,
        "mode": options.mode,
        "schema": sides.target_schema,
    }
    if options.content != "all":
        chosen["content"] = options.content
    if options.where:
        chosen["where"] = sorted(options.where)
    if options.subset is not None:
        chosen["subset"] = options.subset
    if options.keys:
        chosen["keys"] = sorted(options.keys)
    selection = json.dumps(chosen, sort_keys=True)
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
        content=options.content,
        subset=options.subset,
        source_schemas=sides.source_schemas,
        target_schemas=sides.target_schemas,
        undo_days=options.undo_days,
    )


def with_ledger(plan: Plan, target: Target, options: PlanOptions) -> Plan:
    """The plan with the earlier run it continues. Raises MappingChanged, TargetNotEmpty."""
    runs = [] if options.new_run else Ledger(target).runs_of(plan.source_identity, plan.target_identity)
    runs = [run for run in runs if run.status != UNDONE]
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
    if plan.mode != "create" or plan.content == "schema":
        return
    full = [str(table.target.name) for table in plan.tables if not table.creates and target.count(table.target)]
    if full:
        raise TargetNotEmpty(tables=", ".join(sorted(set(full))))
