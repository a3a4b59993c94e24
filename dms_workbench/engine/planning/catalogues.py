"""Both databases as a plan finds them: which schemas, which tables can be copied, and where each goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..databases.base import Database, Source, Target
from ..databases.capabilities import Capabilities
from ..databases.catalogue import Catalogue, Table, TableName, merged
from ..databases.errors import SchemaMissing
from ..databases.schemas import chosen_schemas, schema_names
from ..mapping.model import TableMap
from .errors import OneTargetSchema, SchemasTogether
from .options import PlanOptions

Schemas = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """Both databases as they are found: products, catalogues and identities."""

    source: Database
    target: Database
    can: Capabilities
    """Of the target's server."""
    source_catalogue: Catalogue
    target_catalogue: Catalogue
    source_identity: str
    target_identity: str
    source_schemas: Schemas
    target_schemas: Schemas
    new_schemas: tuple[str, ...] = ()
    """Schemas of the target that are to be made."""
    schema_comments: tuple[tuple[str, str], ...] = ()
    """Schemas of the source with their comments."""
    prefixed: bool = False
    """The schema's name stands before the table's, since the target has no schemas."""

    @property
    def several(self) -> bool:
        """Do several schemas move?"""
        return len(self.source_schemas) > 1

    @property
    def target_schema(self) -> str | None:
        """The schema of a run with a single one."""
        return self.target_schemas[0]

    def place(self, name: TableName, called: str | None = None) -> TableName:
        """Where a table or view of the source is in the target. called: its name there, if it is another one."""
        new = name.name if called is None else called
        if not self.several:
            same = self.source.can.database == self.can.database and new == name.name
            return TableName(self.target_schema, new, rows_in=name.rows_in if same else None)
        if self.prefixed:
            return TableName(None, f"{name.schema}_{new}")
        return TableName(name.schema, new)


@dataclass(frozen=True, slots=True)
class Chosen:
    """One table map with the tables it means."""

    map: TableMap
    source: Table
    target: TableName


def schemas_of(source: Source, can: Capabilities, options: PlanOptions) -> tuple[Schemas, Schemas]:
    """The schemas of the source and where they go. Raises OneTargetSchema, SchemasTogether, SchemaMissing."""
    if not options.source_schemas:
        return (options.source_schema,), (options.target_schema or can.default_schema,)
    names = tuple(chosen_schemas(source, options.source_schemas))
    if not names:
        known = ", ".join(schema_names(source)) or "none"
        raise SchemaMissing(schema=", ".join(options.source_schemas), database=source.can.product, known=known)
    if len(names) == 1:
        return names, (options.target_schema or can.default_schema,)
    if options.target_schema is not None:
        raise OneTargetSchema(schemas=", ".join(names), target=options.target_schema)
    if not can.has_schemas and not options.prefix_schema:
        raise SchemasTogether(database=can.product, schemas=", ".join(names))
    return names, names if can.has_schemas else (None,)


def read_parts(source: Source | Target, schemas: Schemas) -> tuple[Catalogue, ...]:
    """The catalogues of these schemas."""
    return tuple(source.catalogue(schema) for schema in (schemas or (None,)))


def read_source(source: Source | Target, schemas: Schemas) -> Catalogue:
    """The catalogue of these schemas as one."""
    return merged(read_parts(source, schemas))


def read_target(target: Target, schemas: Schemas) -> tuple[Catalogue, tuple[str, ...]]:
    """The catalogue of these schemas, and those that are missing."""
    found, missing = [], []
    for schema in schemas or (None,):
        try:
            found.append(target.catalogue(schema))
        except SchemaMissing:
            missing.append(str(schema))
    if not found:
        return empty(target.can, schemas), tuple(missing)
    return merged(tuple(found)), tuple(missing)


def empty(can: Capabilities, schemas: Schemas) -> Catalogue:
    """The catalogue of a database that is not there yet."""
    return Catalogue(can.database, "", schemas[0] if schemas else None, ())


def copyable(catalogue: Catalogue) -> Catalogue:
    """The catalogue without the tables that no copy reads: partitions, broken ones, those without a column."""
    return replace(
        catalogue,
        tables=tuple(
            table for table in catalogue.tables if table.holds_rows and table.problem is None and table.columns
        ),
    )


def of_schema(catalogue: Catalogue, schema: str | None) -> Catalogue:
    """One schema of a merged catalogue, tables only."""
    tables = tuple(table for table in catalogue.tables if table.name.schema == schema)
    return replace(catalogue, tables=tables, schema=schema, schemas=())


def resolve(maps: Sequence[TableMap], sides: Sides, *, places: bool = False) -> list[Chosen]:
    """The tables that the maps mean. places: their targets are names of the source's schemas, from no file."""
    found = []
    for table in maps:
        source = sides.source_catalogue.table(table.source)
        found.append(Chosen(table, source, target_of(table, source, sides, places=places)))
    return found


def target_of(table: TableMap, source: Table, sides: Sides, *, places: bool) -> TableName:
    """The target table of a map; ``schema.table`` where several schemas move."""
    if places or not sides.several:
        return sides.place(source.name, table.target)
    for known in sides.target_catalogue.tables:
        if str(known.name) == table.target:
            return known.name
    schema, point, name = table.target.partition(".")
    if point and schema in sides.target_schemas:
        return TableName(schema, name)
    return sides.place(source.name, table.target)
