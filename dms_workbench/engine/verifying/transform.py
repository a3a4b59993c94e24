"""The mapping's expressions and filter, computed over the whole spooled source table at once.

A row whose expressions fail belongs in quarantine, so it was taken out before. One that fails all the same stays among the
expected rows, as a row that no target row can be equal to: it shows as missing or changed.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..databases.base import Source, Value
from ..databases.catalogue import DataType
from ..expressions import (
    LookupTable,
    compile_select,
    create_lookup_table,
    input_type,
    lookup_of_values,
    result_type,
    teach,
)
from ..mapping.model import Lookup
from ..planning.plan import Plan, PlannedTable
from ..subsets import subset_lookups
from . import sql
from .canonical import Side, own_form
from .spool import Spooled, Unreadable
from .workspace import Workspace

NUMBERS = {"integer": int, "float": float}


def read_lookups(plan: Plan, source: Source) -> dict[str, LookupTable]:
    """The plan's lookups, their tables rendered and read as any table is here. Raises Unreadable."""
    lookups = subset_lookups(plan.subset, [table.source for table in plan.tables], source)
    for lookup in plan.lookups:
        if lookup.values is not None:
            lookups[lookup.name] = lookup_of_values(lookup.values)
            continue
        lookups[lookup.name] = read_lookup(lookup, plan, source)
    return lookups


def read_lookup(lookup: Lookup, plan: Plan, source: Source) -> LookupTable:
    """A lookup whose rows are in a table of the source. Raises Unreadable."""
    table = source.catalogue(plan.source_schema).table(str(lookup.table))
    columns = [table.column(str(name)) for name in (lookup.key, lookup.value, *lookup.more_keys)]
    query = sql.render_query(source.can.database, table.name, columns)
    rows = [row for batch in source.stream(query) for row in batch]
    if len(rows) != source.count(table):
        raise Unreadable(f"the lookup {lookup.name} was not read completely")
    keys, values, *more = (
        [read_value(row[place], Side(source.can.database, column.type)) for row in rows]
        for place, column in enumerate(columns)
    )
    types = [column.type for column in columns]
    more_keys = tuple(zip(more, types[2:], strict=True))
    return LookupTable(keys, values, types[0], types[1], more_keys, lookup.on)


def read_value(rendered: object, side: Side) -> Value:
    """A rendered value in the forms of `engine.databases.base`."""
    if not isinstance(rendered, str) or side.dynamic:
        return rendered
    kind = side.type.kind
    if kind in NUMBERS:
        return NUMBERS[kind](rendered)
    if kind == "boolean":
        return rendered == "true"
    if kind == "bytes":
        return bytes.fromhex(rendered)
    moved = f"{rendered.replace(' (BC)', '')} BC" if " (BC)" in rendered else rendered
    return f"{moved}+00" if kind == "timestamptz" and "+00" not in moved and "infinity" not in moved else moved


def transform(
    workspace: Workspace, planned: PlannedTable, source: Spooled, name: str, lookups: Mapping[str, LookupTable]
) -> list[DataType]:
    """Make a table of the rows the filter keeps, each output as text ``o0``, ``o1`` … beside the source's columns.

    Returns the types of the outputs, in DuckDB's terms. Raises the errors of the expressions.
    """
    made = [column for column in planned.columns if column.expression is not None]
    outputs = [(column.target.name, str(column.expression)) for column in made]
    spelled = [f"v{place}" for place in range(len(source.columns))]
    select = compile_select(source.columns, outputs, planned.where, lookups, spelled=spelled)
    for lookup, table in select.lookup_tables.items():
        create_lookup_table(workspace.connection, table, lookup, lookups[lookup])
    teach(workspace.connection, select)
    origin = sql.typed_rows(source.name, {place: typed_column(source, place) for place in select.used}) + select.joins
    described = [workspace.execute(sql.describe(part.sql, origin))[0][1] for part in select.outputs]
    types = [result_type(str(name)) for name in described]
    known = [type_ for type_ in types if type_ is not None]
    if len(known) < len(types):
        raise Unreadable("an expression's result has a type that no column holds")
    parts = [part.sql for part in select.outputs]
    tests = sql.Tests(select.where.sql, select.where.fault, select.fault, tuple(select.used))
    workspace.execute(sql.create_transformed(name, origin, parts, [type_.kind for type_ in known], tests))
    return known


def typed_column(source: Spooled, place: int) -> str:
    """SQL of a spooled column with the type that expressions want; NULL where the value is not of its column's type."""
    side, wanted = source.side(place), input_type(source.columns[place].type)
    value = f"c{place}"
    if wanted == "VARCHAR":
        return spelled_as_read(value, side)
    canonical = own_form(value, side)
    if wanted == "BLOB":
        return f"unhex({canonical})"
    return f"TRY_CAST({sql.era_in_the_middle(canonical, side.type.kind)} AS {wanted})"


def spelled_as_read(value: str, side: Side) -> str:
    """Text, and what has no DuckDB type, as the database spells it."""
    if not side.dynamic:
        return value
    if side.type.kind == "decimal":
        return f"CASE WHEN contains({value}, 'e') THEN spelled_number(substr({value}, 2)) ELSE substr({value}, 2) END"
    return f"CASE WHEN starts_with({value}, 't') THEN substr({value}, 2) END"
