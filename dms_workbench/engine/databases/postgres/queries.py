"""What is asked of PostgreSQL's catalogue about tables and views: each query with the form of its rows.

Names are spelled in full: the search path holds ``pg_catalog`` only, so everything else comes out with its schema.
"""

from __future__ import annotations

from typing import NamedTuple

NOT_OF_EXTENSION = """not exists (select from pg_catalog.pg_depend e where e.objid = {0}.oid and e.deptype = 'e'
  and e.classid = '{1}'::pg_catalog.regclass)"""
"""Leaves out what belongs to an extension: the extension itself brings it."""

SCHEMAS = """
select nspname from pg_catalog.pg_namespace
where nspname !~ '^pg_' and nspname not in ('information_schema', 'dms_ledger') order by 1
"""


class SchemaRow(NamedTuple):
    """A schema and its database."""

    comment: str | None
    owner: str
    charset: str
    collation: str


SCHEMA = """
select pg_catalog.obj_description(n.oid, 'pg_namespace'), pg_catalog.pg_get_userbyid(n.nspowner),
  pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate
from pg_catalog.pg_namespace n, pg_catalog.pg_database d
where n.nspname = %(schema)s and d.datname = pg_catalog.current_database()
"""


class RelationRow(NamedTuple):
    """A table, view, materialized view or foreign table."""

    oid: int
    name: str
    kind: str
    unlogged: bool
    rows: int
    has_children: bool
    owner: str
    comment: str | None
    size: int | None
    options: list[str] | None
    toast_options: list[str] | None
    row_security: bool
    row_security_forced: bool
    replica_identity: str
    partition_key: str | None
    partition_bound: str | None
    method: str | None
    tablespace: str | None
    of_type: str | None
    populated: bool
    query: str | None
    server: str | None
    server_options: list[str] | None


RELATIONS = f"""
select c.oid, c.relname, c.relkind::text, c.relpersistence = 'u', c.reltuples::pg_catalog.int8,
  c.relkind = 'r' and c.relhassubclass, pg_catalog.pg_get_userbyid(c.relowner),
  pg_catalog.obj_description(c.oid, 'pg_class'),
  case when c.relkind in ('r', 'm') then pg_catalog.pg_total_relation_size(c.oid) end,
  c.reloptions, t.reloptions, c.relrowsecurity, c.relforcerowsecurity, c.relreplident::text,
  case when c.relkind = 'p' then pg_catalog.pg_get_partkeydef(c.oid) end,
  pg_catalog.pg_get_expr(c.relpartbound, c.oid), nullif(m.amname, 'heap'), s.spcname,
  case when c.reloftype <> 0 then pg_catalog.format_type(c.reloftype, null) end, c.relispopulated,
  case when c.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(c.oid) end, f.srvname, ft.ftoptions
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_class t on t.oid = c.reltoastrelid
left join pg_catalog.pg_am m on m.oid = c.relam
left join pg_catalog.pg_tablespace s on s.oid = c.reltablespace
left join pg_catalog.pg_foreign_table ft on ft.ftrelid = c.oid
left join pg_catalog.pg_foreign_server f on f.oid = ft.ftserver
where n.nspname = %(schema)s and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relpersistence <> 't'
  and {NOT_OF_EXTENSION.format("c", "pg_catalog.pg_class")}
order by c.relname collate "C"
"""


class ColumnRow(NamedTuple):
    """A column of a relation, or a field of a composite type."""

    relation: int
    number: int
    name: str
    native: str
    not_null: bool
    identity: str
    generated: str
    expression: str | None
    collation: str | None
    storage: str | None
    compression: str | None
    statistics: int | None
    options: list[str] | None
    local: bool
    comment: str | None


COLUMNS = """
select a.attrelid, a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
  a.attidentity::text, a.attgenerated::text, pg_catalog.pg_get_expr(d.adbin, d.adrelid),
  case when a.attcollation <> t.typcollation then case when cn.nspname = 'pg_catalog' then co.collname
    else '"' || pg_catalog.replace(cn.nspname, '"', '""') || '"."' || pg_catalog.replace(co.collname, '"', '""') || '"' end end,
  case when a.attstorage <> t.typstorage then a.attstorage::text end, {compression},
  nullif(a.attstattarget, -1), a.attoptions, a.attislocal,
  o.description
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_catalog.pg_type t on t.oid = a.atttypid
left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
left join pg_catalog.pg_collation co on co.oid = a.attcollation
left join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace
left join pg_catalog.pg_description o
  on o.objoid = c.oid and o.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and o.objsubid = a.attnum
where n.nspname = %(schema)s and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
order by a.attrelid, a.attnum
"""


class ConstraintRow(NamedTuple):
    """A constraint of a table."""

    relation: int
    kind: str
    name: str
    columns: list[str]
    referenced_schema: str | None
    referenced_table: str | None
    referenced_columns: list[str]
    on_delete: str
    on_update: str
    match: str
    deferrable: bool
    deferred: bool
    validated: bool
    not_inherited: bool
    local: bool
    definition: str
    expression: str | None
    include: list[str]
    nulls_not_distinct: bool
    comment: str | None
    clustered: bool
    replica_identity: bool
    storage: list[str] | None
    tablespace: str | None


CONSTRAINTS = """
select con.conrelid, con.contype::text, con.conname,
  array(select a.attname from pg_catalog.unnest(con.conkey) with ordinality k(n, i)
    join pg_catalog.pg_attribute a on a.attrelid = con.conrelid and a.attnum = k.n order by k.i),
  fn.nspname, fc.relname,
  array(select a.attname from pg_catalog.unnest(con.confkey) with ordinality k(n, i)
    join pg_catalog.pg_attribute a on a.attrelid = con.confrelid and a.attnum = k.n order by k.i),
  con.confdeltype::text, con.confupdtype::text, con.confmatchtype::text, con.condeferrable, con.condeferred,
  con.convalidated, con.connoinherit, con.conislocal, pg_catalog.pg_get_constraintdef(con.oid),
  pg_catalog.pg_get_expr(con.conbin, con.conrelid),
  array(select a.attname from pg_catalog.generate_series(x.indnkeyatts, x.indnatts - 1) p
    join pg_catalog.pg_attribute a on a.attrelid = con.conrelid and a.attnum = x.indkey[p] order by p),
  coalesce({nulls_not_distinct}, false), o.description, coalesce(x.indisclustered, false),
  coalesce(x.indisreplident, false), xc.reloptions, xs.spcname
from pg_catalog.pg_constraint con
join pg_catalog.pg_class c on c.oid = con.conrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_class fc on fc.oid = con.confrelid
left join pg_catalog.pg_namespace fn on fn.oid = fc.relnamespace
left join pg_catalog.pg_index x on x.indexrelid = con.conindid and con.contype in ('p', 'u', 'x')
left join pg_catalog.pg_class xc on xc.oid = x.indexrelid
left join pg_catalog.pg_tablespace xs on xs.oid = xc.reltablespace
left join pg_catalog.pg_description o
  on o.objoid = con.oid and o.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
where n.nspname = %(schema)s and con.contype in ('p', 'u', 'f', 'c', 'x')
  and (con.conparentid = 0 or con.contype in ('p', 'u'))
order by con.conrelid, con.contype, con.conname collate "C"
"""


class ParentRow(NamedTuple):
    """What a table inherits from, or is a partition of."""

    relation: int
    schema: str
    name: str


PARENTS = """
select h.inhrelid, pn.nspname, p.relname from pg_catalog.pg_inherits h
join pg_catalog.pg_class c on c.oid = h.inhrelid and c.relkind in ('r', 'p', 'f')
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_class p on p.oid = h.inhparent
join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
where n.nspname = %(schema)s order by h.inhrelid, h.inhseqno
"""


class GrantRow(NamedTuple):
    """A right on an object of a class of the catalogue."""

    kind: str
    oid: int
    column: str | None
    to: str
    right: str
    grantable: bool


GRANTS = """
select g.kind, g.oid, g.of_column, case when x.grantee = 0 then 'PUBLIC' else pg_catalog.pg_get_userbyid(x.grantee)::text end,
  x.privilege_type, x.is_grantable
from (
  select 'relation' as kind, c.oid, null::pg_catalog.name as of_column, c.relacl as acl from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = %(schema)s
  union all
  select 'relation', c.oid, a.attname, a.attacl from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = c.oid where n.nspname = %(schema)s and a.attacl is not null
  union all
  select 'routine', p.oid, null, p.proacl from pg_catalog.pg_proc p
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace where n.nspname = %(schema)s
  union all
  select 'type', t.oid, null, t.typacl from pg_catalog.pg_type t
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace where n.nspname = %(schema)s
  union all
  select 'schema', 0::pg_catalog.oid, null, n.nspacl from pg_catalog.pg_namespace n where n.nspname = %(schema)s
) g, pg_catalog.aclexplode(g.acl) x
where g.acl is not null order by 1, 2, 3 nulls first, 4, 5
"""

NEWER: dict[str, tuple[int, str, str]] = {
    "{compression}": (140_000, "nullif(a.attcompression::text, '')", "null::text"),
    "{nulls_not_distinct}": (150_000, "x.indnullsnotdistinct", "false"),
    "{multirange_oid}": (140_000, "r.rngmultitypid", "0::pg_catalog.oid"),
    "{multirange_name}": (
        140_000,
        "(select pg_catalog.quote_ident(mn.nspname) || '.' || pg_catalog.quote_ident(m.typname) "
        "from pg_catalog.pg_type m join pg_catalog.pg_namespace mn on mn.oid = m.typnamespace where m.oid = r.rngmultitypid)",
        "null::text",
    ),
    "{is_multirange}": (140_000, "g.rngmultitypid = t.oid", "false"),
    "{not_a_copy}": (130_000, "g.tgparentid = 0", "true"),
}
"""What a server has only since a version, and what stands in before."""


def for_version(sql: str, version: int) -> str:
    """A query for a server's version."""
    for mark, (since, newer, older) in NEWER.items():
        sql = sql.replace(mark, newer if version >= since else older)
    return sql
