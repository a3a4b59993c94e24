"""What is asked of PostgreSQL's catalogue about indexes, triggers, rules and policies."""

from __future__ import annotations

from typing import NamedTuple


class IndexRow(NamedTuple):
    """An index that no constraint owns and that is no partition's part of another one."""

    oid: int
    relation: int
    name: str
    unique: bool
    method: str
    where: str | None
    nulls_not_distinct: bool
    definition: str
    valid: bool
    clustered: bool
    replica_identity: bool
    comment: str | None
    statistics: list[str] | None


INDEXES = """
select i.oid, x.indrelid, i.relname, x.indisunique, m.amname, pg_catalog.pg_get_expr(x.indpred, x.indrelid),
  coalesce({nulls_not_distinct}, false), pg_catalog.pg_get_indexdef(i.oid), x.indisvalid, x.indisclustered,
  x.indisreplident, pg_catalog.obj_description(i.oid, 'pg_class'),
  array(select a.attnum || ' ' || a.attstattarget from pg_catalog.pg_attribute a
    where a.attrelid = i.oid and a.attstattarget >= 0 order by a.attnum)
from pg_catalog.pg_index x
join pg_catalog.pg_class i on i.oid = x.indexrelid
join pg_catalog.pg_class c on c.oid = x.indrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_am m on m.oid = i.relam
where n.nspname = %(schema)s and c.relkind in ('r', 'p', 'm') and not i.relispartition
  and not exists (select from pg_catalog.pg_constraint k where k.conindid = i.oid and k.contype in ('p', 'u', 'x'))
order by x.indrelid, i.relname collate "C"
"""


class PartitionIndexRow(NamedTuple):
    """The part of an index in one partition, whatever schema that is in."""

    root: int
    schema: str
    name: str
    parent_schema: str
    parent: str
    definition: str
    comment: str | None


PARTITION_INDEXES = """
with recursive tree as (
  select i.oid as root, h.inhparent, h.inhrelid, 1 as level from pg_catalog.pg_class i
    join pg_catalog.pg_namespace n on n.oid = i.relnamespace join pg_catalog.pg_inherits h on h.inhparent = i.oid
    where n.nspname = %(schema)s and i.relkind = 'I' and not i.relispartition
      and not exists (select from pg_catalog.pg_constraint k where k.conindid = i.oid and k.contype in ('p', 'u', 'x'))
  union all
  select t.root, h.inhparent, h.inhrelid, t.level + 1 from tree t join pg_catalog.pg_inherits h on h.inhparent = t.inhrelid
)
select t.root, n.nspname, i.relname, pn.nspname, p.relname, pg_catalog.pg_get_indexdef(i.oid),
  pg_catalog.obj_description(i.oid, 'pg_class')
from tree t join pg_catalog.pg_class i on i.oid = t.inhrelid join pg_catalog.pg_namespace n on n.oid = i.relnamespace
join pg_catalog.pg_class p on p.oid = t.inhparent join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
order by t.root, t.level, n.nspname collate "C", i.relname collate "C"
"""


class PartRow(NamedTuple):
    """One part of an index."""

    of_index: int
    column: str | None
    expression: str
    is_key: bool
    descending: bool
    nulls_first: bool
    operator_class: str | None
    collation: str | None


INDEX_PARTS = """
select x.indexrelid, a.attname, case when a.attname is null then pg_catalog.pg_get_indexdef(x.indexrelid, p.n + 1, false) end,
  p.n < x.indnkeyatts, x.indoption[p.n] & 1 = 1, x.indoption[p.n] & 2 = 2,
  case when not oc.opcdefault or oc.opcintype <> ia.atttypid and oc.opcname ~ 'pattern'
    then case when ocn.nspname = 'pg_catalog' then '' else pg_catalog.quote_ident(ocn.nspname) || '.' end
      || pg_catalog.quote_ident(oc.opcname) end,
  case when x.indcollation[p.n] <> 0 and x.indcollation[p.n] <> coalesce(a.attcollation, it.typcollation)
    then case when cn.nspname = 'pg_catalog' then co.collname
      else '"' || pg_catalog.replace(cn.nspname, '"', '""') || '"."' || pg_catalog.replace(co.collname, '"', '""') || '"' end end
from pg_catalog.pg_index x
join pg_catalog.pg_class c on c.oid = x.indrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
cross join lateral pg_catalog.generate_series(0, x.indnatts - 1) p(n)
left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = x.indkey[p.n] and a.attnum <> 0
left join pg_catalog.pg_attribute ia on ia.attrelid = x.indexrelid and ia.attnum = p.n + 1
left join pg_catalog.pg_type it on it.oid = ia.atttypid
left join pg_catalog.pg_opclass oc on p.n < x.indnkeyatts and oc.oid = x.indclass[p.n]
left join pg_catalog.pg_namespace ocn on ocn.oid = oc.opcnamespace
left join pg_catalog.pg_collation co on p.n < x.indnkeyatts and co.oid = x.indcollation[p.n]
left join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace
where n.nspname = %(schema)s and c.relkind in ('r', 'p', 'm')
  and not exists (select from pg_catalog.pg_constraint k where k.conindid = x.indexrelid and k.contype in ('p', 'u', 'x'))
order by x.indexrelid, p.n
"""


class TriggerRow(NamedTuple):
    """A trigger that is not a constraint's own, nor a partition's copy of its parent's."""

    relation: int
    name: str
    definition: str
    kind: int
    enabled: str
    routine: str
    comment: str | None


TRIGGERS = """
select g.tgrelid, g.tgname, pg_catalog.pg_get_triggerdef(g.oid), g.tgtype, g.tgenabled::text,
  pn.nspname || '.' || p.proname, pg_catalog.obj_description(g.oid, 'pg_trigger')
from pg_catalog.pg_trigger g
join pg_catalog.pg_class c on c.oid = g.tgrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_proc p on p.oid = g.tgfoid
join pg_catalog.pg_namespace pn on pn.oid = p.pronamespace
where n.nspname = %(schema)s and not g.tgisinternal and {not_a_copy}
order by g.tgrelid, g.tgname collate "C"
"""


class RuleRow(NamedTuple):
    """A rewrite rule that is not a view's own."""

    relation: int
    name: str
    definition: str
    enabled: str
    comment: str | None


RULES = """
select r.ev_class, r.rulename, pg_catalog.pg_get_ruledef(r.oid), r.ev_enabled::text,
  pg_catalog.obj_description(r.oid, 'pg_rewrite')
from pg_catalog.pg_rewrite r
join pg_catalog.pg_class c on c.oid = r.ev_class
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = %(schema)s and r.rulename <> '_RETURN'
order by r.ev_class, r.rulename collate "C"
"""


class PolicyRow(NamedTuple):
    """A policy of row-level security."""

    relation: int
    name: str
    permissive: bool
    command: str
    roles: list[str]
    using: str | None
    check: str | None
    comment: str | None


POLICIES = """
select p.polrelid, p.polname, p.polpermissive, p.polcmd::text,
  array(select case when r = 0 then 'PUBLIC' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(r)::text) end
    from pg_catalog.unnest(p.polroles) r order by 1),
  pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid),
  pg_catalog.obj_description(p.oid, 'pg_policy')
from pg_catalog.pg_policy p
join pg_catalog.pg_class c on c.oid = p.polrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = %(schema)s order by p.polrelid, p.polname collate "C"
"""
