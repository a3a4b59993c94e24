"""What is asked of PostgreSQL's catalogue about objects that no other product has.

Every query gives rows of `OtherRow`; the statements are put together by the server, which knows how to quote.
"""

from __future__ import annotations

from typing import NamedTuple


class OtherRow(NamedTuple):
    """An object without a form of its own; ``target`` is how COMMENT ON calls it."""

    kind: str
    name: str
    table: str | None
    definition: str
    then: list[str]
    target: str
    comment: str | None
    when: str


def of_extension(alias: str, catalogue: str) -> str:
    """Is a row's object part of an extension?"""
    return (
        f"exists (select from pg_catalog.pg_depend own where own.objid = {alias}.oid and own.deptype = 'e' "
        f"and own.classid = 'pg_catalog.{catalogue}'::pg_catalog.regclass)"
    )


def comment_of(alias: str, catalogue: str) -> str:
    """The comment of a row's object."""
    return f"pg_catalog.obj_description({alias}.oid, '{catalogue}')"


EXTENSIONS = f"""
select 'extension', x.extname::text, null::text,
  pg_catalog.format('CREATE EXTENSION IF NOT EXISTS %%I WITH SCHEMA %%I', x.extname, n.nspname), '{{}}'::text[],
  pg_catalog.format('EXTENSION %%I', x.extname), {comment_of("x", "pg_extension")}, 'first'
from pg_catalog.pg_extension x join pg_catalog.pg_namespace n on n.oid = x.extnamespace where x.extname <> 'plpgsql'
"""
COLLATIONS = f"""
select 'collation', c.collname::text, null::text, pg_catalog.format('CREATE COLLATION %%I.%%I (provider = %%s, %%s%%s)',
    n.nspname, c.collname, case c.collprovider when 'i' then 'icu' when 'c' then 'libc' when 'b' then 'builtin' else 'default' end,
    {{collation_locale}}, case when c.collisdeterministic then '' else ', deterministic = false' end),
  '{{}}'::text[], pg_catalog.format('COLLATION %%I.%%I', n.nspname, c.collname), {comment_of("c", "pg_collation")}, 'first'
from pg_catalog.pg_collation c join pg_catalog.pg_namespace n on n.oid = c.collnamespace
where n.nspname = %(schema)s and not {of_extension("c", "pg_collation")}
"""
DICTIONARIES = f"""
select 'text search dictionary', d.dictname::text, null::text,
  pg_catalog.format('CREATE TEXT SEARCH DICTIONARY %%I.%%I (TEMPLATE = %%I.%%I%%s)', n.nspname, d.dictname, tn.nspname,
    t.tmplname, coalesce(', ' || d.dictinitoption, '')), '{{}}'::text[],
  pg_catalog.format('TEXT SEARCH DICTIONARY %%I.%%I', n.nspname, d.dictname), {comment_of("d", "pg_ts_dict")}, 'first'
from pg_catalog.pg_ts_dict d join pg_catalog.pg_namespace n on n.oid = d.dictnamespace
join pg_catalog.pg_ts_template t on t.oid = d.dicttemplate join pg_catalog.pg_namespace tn on tn.oid = t.tmplnamespace
where n.nspname = %(schema)s and not {of_extension("d", "pg_ts_dict")}
"""
CONFIGURATIONS = f"""
select 'text search configuration', c.cfgname::text, null::text,
  pg_catalog.format('CREATE TEXT SEARCH CONFIGURATION %%I.%%I (PARSER = %%I.%%I)', n.nspname, c.cfgname, pn.nspname, p.prsname),
  array(select pg_catalog.format('ALTER TEXT SEARCH CONFIGURATION %%I.%%I ADD MAPPING FOR %%I WITH %%s', n.nspname, c.cfgname,
      (select k.alias from pg_catalog.ts_token_type(c.cfgparser) k where k.tokid = m.maptokentype),
      pg_catalog.string_agg(m.mapdict::pg_catalog.regdictionary::text, ', ' order by m.mapseqno))
    from pg_catalog.pg_ts_config_map m where m.mapcfg = c.oid group by m.maptokentype order by m.maptokentype),
  pg_catalog.format('TEXT SEARCH CONFIGURATION %%I.%%I', n.nspname, c.cfgname), {comment_of("c", "pg_ts_config")}, 'first'
from pg_catalog.pg_ts_config c join pg_catalog.pg_namespace n on n.oid = c.cfgnamespace
join pg_catalog.pg_ts_parser p on p.oid = c.cfgparser join pg_catalog.pg_namespace pn on pn.oid = p.prsnamespace
where n.nspname = %(schema)s and not {of_extension("c", "pg_ts_config")}
"""
OPERATORS = f"""
select 'operator', pg_catalog.format('%%s (%%s, %%s)', o.oprname, coalesce(pg_catalog.format_type(nullif(o.oprleft, 0), null), 'NONE'),
    pg_catalog.format_type(o.oprright, null)), null::text,
  case when o.oprcode::pg_catalog.oid <> 0 then
    pg_catalog.format('CREATE OPERATOR %%I.%%s (FUNCTION = %%s%%s, RIGHTARG = %%s%%s%%s%%s%%s%%s%%s)', n.nspname, o.oprname,
    pg_catalog.regexp_replace(o.oprcode::pg_catalog.regproc::text, '\\(.*', ''),
    coalesce(', LEFTARG = ' || pg_catalog.format_type(nullif(o.oprleft, 0), null), ''), pg_catalog.format_type(o.oprright, null),
    coalesce((select pg_catalog.format(', COMMUTATOR = OPERATOR(%%I.%%s)', cn.nspname, c.oprname) from pg_catalog.pg_operator c
      join pg_catalog.pg_namespace cn on cn.oid = c.oprnamespace where c.oid = o.oprcom), ''),
    coalesce((select pg_catalog.format(', NEGATOR = OPERATOR(%%I.%%s)', cn.nspname, c.oprname) from pg_catalog.pg_operator c
      join pg_catalog.pg_namespace cn on cn.oid = c.oprnamespace where c.oid = o.oprnegate), ''),
    case when o.oprrest::pg_catalog.oid <> 0 then ', RESTRICT = ' || o.oprrest::text else '' end,
    case when o.oprjoin::pg_catalog.oid <> 0 then ', JOIN = ' || o.oprjoin::text else '' end,
    case when o.oprcanhash then ', HASHES' else '' end, case when o.oprcanmerge then ', MERGES' else '' end)
  else '' end, '{{}}'::text[],
  pg_catalog.format('OPERATOR %%I.%%s (%%s, %%s)', n.nspname, o.oprname,
    coalesce(pg_catalog.format_type(nullif(o.oprleft, 0), null), 'NONE'), pg_catalog.format_type(o.oprright, null)),
  {comment_of("o", "pg_operator")}, 'before'
from pg_catalog.pg_operator o join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
where n.nspname = %(schema)s and not {of_extension("o", "pg_operator")}
"""
CLASSES = f"""
select 'operator class', c.opcname::text, null::text, '', '{{}}'::text[],
  pg_catalog.format('OPERATOR CLASS %%I.%%I USING %%I', n.nspname, c.opcname, m.amname), null::text, 'before'
from pg_catalog.pg_opclass c join pg_catalog.pg_namespace n on n.oid = c.opcnamespace
join pg_catalog.pg_am m on m.oid = c.opcmethod
where n.nspname = %(schema)s and not {of_extension("c", "pg_opclass")}
union all
select 'conversion', c.conname::text, null, pg_catalog.format('CREATE %%sCONVERSION %%I.%%I FOR %%L TO %%L FROM %%s',
    case when c.condefault then 'DEFAULT ' else '' end, n.nspname, c.conname,
    pg_catalog.pg_encoding_to_char(c.conforencoding), pg_catalog.pg_encoding_to_char(c.contoencoding), c.conproc),
  '{{}}'::text[], pg_catalog.format('CONVERSION %%I.%%I', n.nspname, c.conname), {comment_of("c", "pg_conversion")}, 'before'
from pg_catalog.pg_conversion c join pg_catalog.pg_namespace n on n.oid = c.connamespace
where n.nspname = %(schema)s and not {of_extension("c", "pg_conversion")}
union all
select 'base type', t.typname::text, null, '', '{{}}'::text[], '', null, 'first'
from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
where n.nspname = %(schema)s and t.typtype in ('b', 'p')
  and not exists (select from pg_catalog.pg_type k where k.typarray = t.oid) and not {of_extension("t", "pg_type")}
"""
CASTS = f"""
select 'cast', pg_catalog.format('%%s AS %%s', pg_catalog.format_type(c.castsource, null), pg_catalog.format_type(c.casttarget, null)),
  null::text, pg_catalog.format('CREATE CAST (%%s AS %%s) %%s%%s', pg_catalog.format_type(c.castsource, null),
    pg_catalog.format_type(c.casttarget, null), case c.castmethod when 'b' then 'WITHOUT FUNCTION' when 'i' then 'WITH INOUT'
      else 'WITH FUNCTION ' || c.castfunc::pg_catalog.regprocedure::text end,
    case c.castcontext when 'a' then ' AS ASSIGNMENT' when 'i' then ' AS IMPLICIT' else '' end), '{{}}'::text[],
  pg_catalog.format('CAST (%%s AS %%s)', pg_catalog.format_type(c.castsource, null), pg_catalog.format_type(c.casttarget, null)),
  {comment_of("c", "pg_cast")}, 'before'
from pg_catalog.pg_cast c where c.oid >= 16384 and not {of_extension("c", "pg_cast")}
  and not exists (select from pg_catalog.pg_depend d where d.objid = c.oid and d.deptype = 'i'
    and d.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass)
"""
STATISTICS = f"""
select 'statistics', s.stxname::text, t.relname::text, pg_catalog.pg_get_statisticsobjdef(s.oid),
  case when {{statistics_target}} >= 0 then array[pg_catalog.format('ALTER STATISTICS %%I.%%I SET STATISTICS %%s', n.nspname,
    s.stxname, {{statistics_target}})] else '{{}}'::text[] end,
  pg_catalog.format('STATISTICS %%I.%%I', n.nspname, s.stxname), {comment_of("s", "pg_statistic_ext")}, 'after'
from pg_catalog.pg_statistic_ext s join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
join pg_catalog.pg_class t on t.oid = s.stxrelid where n.nspname = %(schema)s
"""
WRAPPERS = f"""
select 'foreign data wrapper', w.fdwname::text, null::text, pg_catalog.format('CREATE FOREIGN DATA WRAPPER %%I%%s%%s', w.fdwname,
    case when w.fdwhandler <> 0 then ' HANDLER ' || w.fdwhandler::pg_catalog.regproc::text else '' end,
    case when w.fdwvalidator <> 0 then ' VALIDATOR ' || w.fdwvalidator::pg_catalog.regproc::text else '' end), '{{}}'::text[],
  pg_catalog.format('FOREIGN DATA WRAPPER %%I', w.fdwname), {comment_of("w", "pg_foreign_data_wrapper")}, 'first'
from pg_catalog.pg_foreign_data_wrapper w where not {of_extension("w", "pg_foreign_data_wrapper")}
"""
SERVERS = f"""
select 'foreign server', s.srvname::text, null::text, pg_catalog.format('CREATE SERVER %%I%%s%%s FOREIGN DATA WRAPPER %%I%%s', s.srvname,
    coalesce(' TYPE ' || pg_catalog.quote_literal(s.srvtype), ''), coalesce(' VERSION ' || pg_catalog.quote_literal(s.srvversion), ''),
    w.fdwname, coalesce(' OPTIONS (' || (select pg_catalog.string_agg(pg_catalog.quote_ident(o.option_name) || ' '
      || pg_catalog.quote_literal(o.option_value), ', ') from pg_catalog.pg_options_to_table(s.srvoptions) o) || ')', '')),
  '{{}}'::text[], pg_catalog.format('SERVER %%I', s.srvname), {comment_of("s", "pg_foreign_server")}, 'first'
from pg_catalog.pg_foreign_server s join pg_catalog.pg_foreign_data_wrapper w on w.oid = s.srvfdw
where not {of_extension("s", "pg_foreign_server")}
"""
EVENT_TRIGGERS = f"""
select 'event trigger', e.evtname::text, null::text, pg_catalog.format('CREATE EVENT TRIGGER %%I ON %%s%%s EXECUTE FUNCTION %%s()',
    e.evtname,
    e.evtevent, coalesce(' WHEN TAG IN ('
      || (select pg_catalog.string_agg(pg_catalog.quote_literal(t), ', ')
      from pg_catalog.unnest(e.evttags) t) || ')', ''), e.evtfoid::pg_catalog.regproc),
  case e.evtenabled when 'O' then '{{}}'::text[] else array[pg_catalog.format('ALTER EVENT TRIGGER %%I %%s', e.evtname,
    case e.evtenabled when 'D' then 'DISABLE' when 'A' then 'ENABLE ALWAYS' else 'ENABLE REPLICA' end)] end,
  pg_catalog.format('EVENT TRIGGER %%I', e.evtname), {comment_of("e", "pg_event_trigger")}, 'last'
from pg_catalog.pg_event_trigger e where not {of_extension("e", "pg_event_trigger")}
"""
PUBLICATIONS = f"""
select 'publication', p.pubname::text, null::text, pg_catalog.format('CREATE PUBLICATION %%I%%s WITH (publish = %%L%%s)', p.pubname,
    case when p.puballtables then ' FOR ALL TABLES' else '' end, pg_catalog.concat_ws(', ', case when p.pubinsert then 'insert' end,
      case when p.pubupdate then 'update' end, case when p.pubdelete then 'delete' end, case when p.pubtruncate then 'truncate' end),
    case when p.pubviaroot then ', publish_via_partition_root = true' else '' end),
  array(select pg_catalog.format('ALTER PUBLICATION %%I ADD TABLE ONLY %%I.%%I%%s%%s',
      p.pubname, n.nspname, c.relname, {{published_columns}},
      {{published_rows}}) from pg_catalog.pg_publication_rel r join pg_catalog.pg_class c on c.oid = r.prrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace where r.prpubid = p.oid order by n.nspname, c.relname)
    || {{published_schemas}},
  pg_catalog.format('PUBLICATION %%I', p.pubname), {comment_of("p", "pg_publication")}, 'last'
from pg_catalog.pg_publication p where not {of_extension("p", "pg_publication")}
"""

FOR_VERSIONS: dict[str, tuple[tuple[int, str], ...]] = {
    "{collation_locale}": (
        (170_000, "pg_catalog.format('locale = %%L', coalesce(c.colllocale, c.collcollate))"),
        (150_000, "case when c.colliculocale is not null then pg_catalog.format('locale = %%L', c.colliculocale) "
                  "else pg_catalog.format('lc_collate = %%L, lc_ctype = %%L', c.collcollate, c.collctype) end"),
        (0, "pg_catalog.format('lc_collate = %%L, lc_ctype = %%L', c.collcollate, c.collctype)"),
    ),
    "{statistics_target}": ((170_000, "coalesce(s.stxstattarget, -1)"), (130_000, "s.stxstattarget"), (0, "-1")),
    "{published_columns}": (
        (150_000, "coalesce(' (' || (select pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' order by a.attnum) "
                  "from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum = any(r.prattrs)) || ')', '')"),
        (0, "''"),
    ),
    "{published_rows}": (
        (150_000, "coalesce(' WHERE (' || pg_catalog.pg_get_expr(r.prqual, c.oid) || ')', '')"),
        (0, "''"),
    ),
    "{published_schemas}": (
        (150_000, "array(select pg_catalog.format('ALTER PUBLICATION %%I ADD TABLES IN SCHEMA %%I', p.pubname, sn.nspname) "
                  "from pg_catalog.pg_publication_namespace ps join pg_catalog.pg_namespace sn on sn.oid = ps.pnnspid "
                  "where ps.pnpubid = p.oid order by sn.nspname)"),
        (0, "'{}'::text[]"),
    ),
}  # fmt: skip
"""What is spelled in its own way since a version, the newest first."""

OTHERS = (
    EXTENSIONS, COLLATIONS, DICTIONARIES, CONFIGURATIONS, OPERATORS, CLASSES, CASTS, STATISTICS, WRAPPERS, SERVERS,
    EVENT_TRIGGERS, PUBLICATIONS,
)  # fmt: skip


def others_sql(query: str, version: int) -> str:
    """A query of `OTHERS` for a server's version."""
    for mark, forms in FOR_VERSIONS.items():
        query = query.replace(mark, next(text for since, text in forms if version >= since))
    return query
