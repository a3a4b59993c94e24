"""What is asked of PostgreSQL's catalogue about types, sequences and routines, and about what needs what."""

from __future__ import annotations

from typing import NamedTuple

from .queries import NOT_OF_EXTENSION


class TypeRow(NamedTuple):
    """An enum, domain, composite, range or multirange type, of any schema: columns may use it."""

    oid: int
    schema: str
    name: str
    native: str
    kind: str
    relation: int
    base: str | None
    not_null: bool
    default: str | None
    collation: str | None
    labels: list[str]
    field_names: list[str]
    field_types: list[str]
    owner: str
    comment: str | None
    of_extension: bool


TYPES = f"""
select t.oid, n.nspname, t.typname, pg_catalog.format_type(t.oid, null), t.typtype::text, t.typrelid,
  case when t.typtype = 'd' then pg_catalog.format_type(t.typbasetype, t.typtypmod) end, t.typnotnull,
  pg_catalog.pg_get_expr(t.typdefaultbin, 0),
  case when t.typtype = 'd' and t.typcollation <> b.typcollation then
    pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname) end,
  array(select e.enumlabel from pg_catalog.pg_enum e where e.enumtypid = t.oid order by e.enumsortorder),
  array(select a.attname::text from pg_catalog.pg_attribute a where t.typtype = 'c' and a.attrelid = t.typrelid
    and a.attnum > 0 and not a.attisdropped order by a.attnum),
  array(select pg_catalog.format_type(a.atttypid, a.atttypmod) from pg_catalog.pg_attribute a where t.typtype = 'c'
    and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped order by a.attnum),
  pg_catalog.pg_get_userbyid(t.typowner),
  pg_catalog.obj_description(t.oid, 'pg_type'),
  not ({NOT_OF_EXTENSION.format("t", "pg_catalog.pg_type")})
from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
left join pg_catalog.pg_type b on b.oid = t.typbasetype
left join pg_catalog.pg_class c on c.oid = t.typrelid
left join pg_catalog.pg_collation co on co.oid = t.typcollation
left join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace
where t.typtype in ('e', 'd', 'c', 'r', 'm') and (t.typrelid = 0 or c.relkind = 'c')
  and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
order by n.nspname collate "C", t.typname collate "C"
"""


class DomainCheckRow(NamedTuple):
    """A check of a domain."""

    type: int
    name: str
    expression: str
    definition: str
    validated: bool
    comment: str | None


DOMAIN_CHECKS = """
select con.contypid, con.conname, pg_catalog.pg_get_expr(con.conbin, 0), pg_catalog.pg_get_constraintdef(con.oid),
  con.convalidated, pg_catalog.obj_description(con.oid, 'pg_constraint')
from pg_catalog.pg_constraint con
join pg_catalog.pg_type t on t.oid = con.contypid
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
where n.nspname = %(schema)s and con.contype = 'c' order by con.contypid, con.conname collate "C"
"""


class RangeRow(NamedTuple):
    """What a range type is made of, in SQL."""

    type: int
    multirange: int
    subtype: str
    operator_class: str | None
    collation: str | None
    canonical: str | None
    difference: str | None
    multirange_name: str | None


RANGES = """
select r.rngtypid, {multirange_oid}, pg_catalog.format_type(r.rngsubtype, null),
  case when not oc.opcdefault then pg_catalog.quote_ident(ocn.nspname) || '.' || pg_catalog.quote_ident(oc.opcname) end,
  case when r.rngcollation <> st.typcollation then pg_catalog.quote_ident(cn.nspname) || '.'
    || pg_catalog.quote_ident(co.collname) end,
  case when r.rngcanonical::pg_catalog.oid <> 0 then r.rngcanonical::text end,
  case when r.rngsubdiff::pg_catalog.oid <> 0 then r.rngsubdiff::text end, {multirange_name}
from pg_catalog.pg_range r join pg_catalog.pg_type t on t.oid = r.rngtypid
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
join pg_catalog.pg_type st on st.oid = r.rngsubtype
join pg_catalog.pg_opclass oc on oc.oid = r.rngsubopc
join pg_catalog.pg_namespace ocn on ocn.oid = oc.opcnamespace
left join pg_catalog.pg_collation co on co.oid = r.rngcollation
left join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace
where n.nspname not in ('pg_catalog', 'information_schema')
"""


class SequenceRow(NamedTuple):
    """A sequence, whoever owns it."""

    oid: int
    name: str
    type: str
    start: int
    increment: int
    minimum: int
    maximum: int
    cache: int
    cycle: bool
    owned: str | None
    """``a``: a column owns it (serial), ``i``: it is an identity's own."""
    relation: int | None
    column: int | None
    table: str | None
    column_name: str | None
    readable: bool
    unlogged: bool
    owner: str
    comment: str | None


SEQUENCES = f"""
select c.oid, c.relname, pg_catalog.format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin, s.seqmax,
  s.seqcache, s.seqcycle, d.deptype::text, d.refobjid, d.refobjsubid, t.relname, a.attname,
  pg_catalog.has_schema_privilege(n.oid, 'USAGE') and pg_catalog.has_sequence_privilege(c.oid, 'SELECT'),
  c.relpersistence = 'u',
  pg_catalog.pg_get_userbyid(c.relowner), pg_catalog.obj_description(c.oid, 'pg_class')
from pg_catalog.pg_sequence s join pg_catalog.pg_class c on c.oid = s.seqrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_depend d on d.objid = c.oid and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
  and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjsubid > 0 and d.deptype in ('a', 'i')
left join pg_catalog.pg_class t on t.oid = d.refobjid
left join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
where n.nspname = %(schema)s and {NOT_OF_EXTENSION.format("c", "pg_catalog.pg_class")}
order by c.relname collate "C"
"""
SEQUENCE_STATE = "select {oid}::int8, last_value, is_called from {name}"
"""Where one sequence stands; several are asked in one query."""


class RoutineRow(NamedTuple):
    """A function, procedure or aggregate."""

    oid: int
    name: str
    arguments: str
    kind: str
    definition: str | None
    language: str
    owner: str
    comment: str | None


ROUTINES = f"""
select p.oid, p.proname, case when p.prokind = 'a' then pg_catalog.pg_get_function_identity_arguments(p.oid)
    else pg_catalog.oidvectortypes(p.proargtypes) end, p.prokind::text,
  case when p.prokind <> 'a' then pg_catalog.pg_get_functiondef(p.oid) end, l.lanname,
  pg_catalog.pg_get_userbyid(p.proowner), pg_catalog.obj_description(p.oid, 'pg_proc')
from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join pg_catalog.pg_language l on l.oid = p.prolang
where n.nspname = %(schema)s and {NOT_OF_EXTENSION.format("p", "pg_catalog.pg_proc")}
  and not exists (select from pg_catalog.pg_depend d where d.objid = p.oid and d.deptype = 'i'
    and d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass)
order by p.proname collate "C", 3
"""


class AggregateRow(NamedTuple):
    """What an aggregate is made of; names and types in SQL, None where there is none."""

    oid: int
    kind: str
    state_function: str
    state_type: str
    state_bytes: int
    initial: str | None
    final_function: str | None
    final_extra: bool
    final_modify: str
    combine: str | None
    serial: str | None
    deserial: str | None
    moving_state: str | None
    moving_inverse: str | None
    moving_type: str | None
    moving_bytes: int
    moving_initial: str | None
    moving_final: str | None
    moving_final_extra: bool
    moving_final_modify: str
    sort_operator: str | None
    parallel: str


AGGREGATES = """
select a.aggfnoid::pg_catalog.oid, a.aggkind::text, a.aggtransfn::text, pg_catalog.format_type(a.aggtranstype, null),
  a.aggtransspace, a.agginitval, nullif(a.aggfinalfn::text, '-'), a.aggfinalextra, a.aggfinalmodify::text,
  nullif(a.aggcombinefn::text, '-'), nullif(a.aggserialfn::text, '-'), nullif(a.aggdeserialfn::text, '-'),
  nullif(a.aggmtransfn::text, '-'), nullif(a.aggminvtransfn::text, '-'),
  case when a.aggmtranstype <> 0 then pg_catalog.format_type(a.aggmtranstype, null) end, a.aggmtransspace,
  a.aggminitval, nullif(a.aggmfinalfn::text, '-'), a.aggmfinalextra, a.aggmfinalmodify::text,
  (select 'operator(' || pg_catalog.quote_ident(n.nspname) || '.' || o.oprname || ')' from pg_catalog.pg_operator o
    join pg_catalog.pg_namespace n on n.oid = o.oprnamespace where o.oid = a.aggsortop), p.proparallel::text
from pg_catalog.pg_aggregate a join pg_catalog.pg_proc p on p.oid = a.aggfnoid::pg_catalog.oid
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where n.nspname = %(schema)s
"""


class NeedRow(NamedTuple):
    """One object that another one needs: ``owner`` is the oid of the one that needs."""

    owner: int
    kind: str
    schema: str
    name: str


NEEDS = """
with edges as (
  select d.classid, d.objid as owner, d.refclassid, d.refobjid from pg_catalog.pg_depend d
    where d.classid in ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass,
      'pg_catalog.pg_proc'::pg_catalog.regclass) and d.deptype = 'n'
  union
  select 'pg_catalog.pg_class'::pg_catalog.regclass, f.adrelid, d.refclassid, d.refobjid from pg_catalog.pg_depend d
    join pg_catalog.pg_attrdef f on f.oid = d.objid
    where d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and d.deptype = 'n'
  union
  select 'pg_catalog.pg_class'::pg_catalog.regclass, r.ev_class, d.refclassid, d.refobjid from pg_catalog.pg_depend d
    join pg_catalog.pg_rewrite r on r.oid = d.objid and r.rulename = '_RETURN'
    where d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.deptype = 'n'
  union
  select case when con.conrelid <> 0 then 'pg_catalog.pg_class' else 'pg_catalog.pg_type' end::pg_catalog.regclass,
      case when con.conrelid <> 0 then con.conrelid else con.contypid end, d.refclassid, d.refobjid
    from pg_catalog.pg_depend d join pg_catalog.pg_constraint con on con.oid = d.objid and con.contype = 'c'
    where d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and d.deptype = 'n'
  union
  select 'pg_catalog.pg_class'::pg_catalog.regclass, h.inhrelid, 'pg_catalog.pg_class'::pg_catalog.regclass, h.inhparent
    from pg_catalog.pg_inherits h
), owners as (
  select e.*, c.relkind, case when c.relkind = 'c' then c.reltype else e.owner end as thing
  from edges e left join pg_catalog.pg_class c on e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and c.oid = e.owner
  where coalesce(c.relnamespace, (select t.typnamespace from pg_catalog.pg_type t
      where e.classid = 'pg_catalog.pg_type'::pg_catalog.regclass and t.oid = e.owner),
    (select p.pronamespace from pg_catalog.pg_proc p
      where e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and p.oid = e.owner))
    = (select n.oid from pg_catalog.pg_namespace n where n.nspname = %(schema)s)
    and coalesce(c.relkind, 'x') not in ('i', 'I', 'S', 't')
), relations as (
  select o.thing, coalesce(rt.typrelid, c.oid) as relation from owners o
  left join pg_catalog.pg_type t on o.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass and t.oid = o.refobjid
  left join pg_catalog.pg_type rt on rt.oid = case when t.typtype = 'b' and t.typelem <> 0 then t.typelem else t.oid end
    and rt.typrelid <> 0
  left join pg_catalog.pg_class c on o.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and c.oid = o.refobjid
)
select r.thing, case when c.relkind = 'S' then 'sequence' when c.relkind in ('v', 'm') then 'view'
    when c.relkind = 'c' then 'type' else 'table' end, n.nspname, c.relname
from relations r join pg_catalog.pg_class c on c.oid = r.relation and c.relkind in ('r', 'p', 'f', 'v', 'm', 'S', 'c')
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where r.thing <> c.oid and (c.relkind <> 'c' or r.thing <> c.reltype)
union
select o.thing, 'routine', n.nspname, p.proname || '(' || case when p.prokind = 'a'
    then pg_catalog.pg_get_function_identity_arguments(p.oid) else pg_catalog.oidvectortypes(p.proargtypes) end || ')'
from owners o join pg_catalog.pg_proc p on o.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass and p.oid = o.refobjid
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where o.thing <> p.oid and n.nspname <> 'pg_catalog'
union
select o.thing, 'type', n.nspname, u.typname
from owners o join pg_catalog.pg_type t on o.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass and t.oid = o.refobjid
left join pg_catalog.pg_range g on {is_multirange}
join pg_catalog.pg_type u on u.oid = coalesce(g.rngtypid, case when t.typtype = 'b' and t.typelem <> 0 then t.typelem else t.oid end)
join pg_catalog.pg_namespace n on n.oid = u.typnamespace
where o.thing <> u.oid and u.typtype in ('e', 'd', 'r') and n.nspname <> 'pg_catalog'
order by 1, 2, 3, 4
"""
"""Array types stand for their elements, multiranges for their ranges, row types for their tables."""
