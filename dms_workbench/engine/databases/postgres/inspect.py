"""PostgreSQL's catalogue: tables, columns, types and keys of one schema, in five queries however many tables there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from ..catalogue import Catalogue, Column, ForeignKey, Key, OtherObject, Table, TableName
from ..errors import SchemaMissing
from .types import parse_type

Query = Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]]

SCHEMAS = """
select nspname from pg_catalog.pg_namespace
where nspname !~ '^pg_' and nspname not in ('information_schema', 'dms_ledger') order by 1
"""
TABLES = """
select c.oid, c.relname, c.reltuples::bigint, c.relkind = 'r' and c.relhassubclass from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = %s and c.relkind in ('r', 'p') and not c.relispartition order by c.relname collate "C"
"""
COLUMNS = """
select a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid),
       d.adbin is not null and a.attgenerated = '' and pg_catalog.pg_get_expr(d.adbin, d.adrelid) like 'nextval(%%'
from pg_catalog.pg_attribute a
left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = any(%s) and a.attnum > 0 and not a.attisdropped order by a.attrelid, a.attnum
"""
CONSTRAINTS = """
select con.conrelid, con.contype::text, con.conname,
       array(select a.attname from unnest(con.conkey) with ordinality k(n, i)
             join pg_catalog.pg_attribute a on a.attrelid = con.conrelid and a.attnum = k.n order by k.i),
       fn.nspname, fc.relname,
       array(select a.attname from unnest(con.confkey) with ordinality k(n, i)
             join pg_catalog.pg_attribute a on a.attrelid = con.confrelid and a.attnum = k.n order by k.i),
       con.confdeltype::text, con.confupdtype::text
from pg_catalog.pg_constraint con
left join pg_catalog.pg_class fc on fc.oid = con.confrelid
left join pg_catalog.pg_namespace fn on fn.oid = fc.relnamespace
where con.conrelid = any(%s) and con.contype in ('p', 'u', 'f', 'c', 'x') and con.conparentid = 0
order by con.conrelid, con.contype, con.conname collate "C"
"""
OTHERS = """
select case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' when 'f' then 'foreign table'
            else 'partition' end, c.relname, null
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = %(schema)s and (c.relkind in ('v', 'm', 'f') or (c.relkind in ('r', 'p') and c.relispartition)
  or (c.relkind = 'S' and not exists (select from pg_catalog.pg_depend d where d.objid = c.oid and d.deptype in ('a', 'i'))))
union all
select 'index', i.relname, t.relname from pg_catalog.pg_index x
join pg_catalog.pg_class i on i.oid = x.indexrelid join pg_catalog.pg_class t on t.oid = x.indrelid
join pg_catalog.pg_namespace n on n.oid = t.relnamespace
where n.nspname = %(schema)s
  and not exists (select from pg_catalog.pg_constraint c where c.conindid = x.indexrelid and c.contype in ('p', 'u', 'x'))
union all
select 'trigger', g.tgname, t.relname from pg_catalog.pg_trigger g join pg_catalog.pg_class t on t.oid = g.tgrelid
join pg_catalog.pg_namespace n on n.oid = t.relnamespace where n.nspname = %(schema)s and not g.tgisinternal
union all
select 'routine', p.proname, null from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where n.nspname = %(schema)s and not exists (select from pg_catalog.pg_depend d where d.objid = p.oid and d.deptype = 'e')
union all
select 'type', t.typname, null from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
where n.nspname = %(schema)s and t.typtype in ('e', 'd')
  and not exists (select from pg_catalog.pg_depend d where d.objid = t.oid and d.deptype = 'e')
order by 1, 2
"""
ACTIONS = {"c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT", "r": "RESTRICT"}


def read_catalogue(query: Query, schema: str, version: str) -> Catalogue:
    """Read one schema. Raises SchemaMissing, naming the schemas there are."""
    known = [row[0] for row in query(SCHEMAS, ())]
    if schema not in known:
        raise SchemaMissing(schema=schema, database="postgres", known=", ".join(known) or "none")
    tables = query(TABLES, (schema,))
    oids = ([row[0] for row in tables],)
    columns, constraints = by_table(query(COLUMNS, oids)), by_table(query(CONSTRAINTS, oids))
    built = tuple(build_table(schema, row, columns[row[0]], constraints[row[0]]) for row in tables)
    others = [OtherObject(*row) for row in query(OTHERS, {"schema": schema})]  # type: ignore[arg-type]
    names = {row[0]: row[1] for row in tables}
    others += [
        OtherObject("check" if row[1] == "c" else "exclusion", row[2], names[oid])
        for oid, rows in constraints.items()
        for row in rows
        if row[1] in "cx"
    ]
    return Catalogue("postgres", version, schema, built, tuple(others))


def by_table(rows: list[tuple[Any, ...]]) -> defaultdict[int, list[tuple[Any, ...]]]:
    """Rows by their first field, the table's oid."""
    found: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    return found


def build_table(
    schema: str, row: tuple[Any, ...], columns: list[tuple[Any, ...]], constraints: list[tuple[Any, ...]]
) -> Table:
    """One table from its rows of the catalogue."""
    keys = {kind: [Key(tuple(con[3]), con[2]) for con in constraints if con[1] == kind] for kind in "pu"}
    return Table(
        name=TableName(schema, row[1], alone=row[3]),
        columns=tuple(build_column(column) for column in columns),
        primary_key=keys["p"][0] if keys["p"] else None,
        unique_keys=tuple(keys["u"]),
        foreign_keys=tuple(build_foreign_key(con) for con in constraints if con[1] == "f"),
        rows_estimate=row[2] if row[2] >= 0 else None,
    )


def build_column(row: tuple[Any, ...]) -> Column:
    """One column; a serial column is an identity ``by default``."""
    _, name, native, not_null, identity, generated, expression, is_serial = row
    return Column(
        name=name,
        type=parse_type(native),
        nullable=not not_null,
        default=None if generated or is_serial else expression,
        identity={"a": "always", "d": "by default"}.get(identity) or ("by default" if is_serial else None),  # type: ignore[arg-type]
        generated=expression if generated else None,
    )


def build_foreign_key(row: tuple[Any, ...]) -> ForeignKey:
    """One foreign key."""
    return ForeignKey(
        columns=tuple(row[3]),
        references=TableName(row[4], row[5]),
        referenced_columns=tuple(row[6]),
        name=row[2],
        on_delete=ACTIONS.get(row[7]),
        on_update=ACTIONS.get(row[8]),
    )
