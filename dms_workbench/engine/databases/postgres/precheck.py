"""The pre-check of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..base import Source, Target
from ..catalogue import Catalogue, Table
from ..precheck import Finding, Wanted, listed, readable, rows_of

OLDEST = 100_000
"""Server versions before 10 have neither identity columns nor the catalogue that is read here."""

SERVER = """
select current_setting('server_version'), current_setting('server_version_num')::int, pg_is_in_recovery(),
  (select pg_encoding_to_char(encoding) from pg_database where datname = current_database()), current_user::text,
  current_setting('max_locks_per_transaction')::int * (current_setting('max_connections')::int
    + current_setting('max_prepared_transactions')::int)
"""
READABLE = """
select n.nspname, c.relname, has_schema_privilege(n.oid, 'USAGE'), has_table_privilege(c.oid, 'SELECT'),
  c.relrowsecurity and not (select rolbypassrls or rolsuper from pg_roles where rolname = current_user)
    and (c.relforcerowsecurity or not pg_has_role(current_user, c.relowner, 'USAGE')),
  not exists (select from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    and not has_column_privilege(c.oid, a.attnum, 'SELECT')) as every_column
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname = any(%s) order by 1, 2
"""
LARGE_OBJECTS = "select count(*) from pg_largeobject_metadata"
WRITABLE = """
select t.name, n.nspname is null or has_schema_privilege(n.oid, 'CREATE'),
  c.oid is null or (has_table_privilege(c.oid, 'INSERT') and has_table_privilege(c.oid, 'SELECT')),
  c.relrowsecurity and not (select rolbypassrls or rolsuper from pg_roles where rolname = current_user)
    and (c.relforcerowsecurity or not pg_has_role(current_user, c.relowner, 'USAGE')),
  array(select tgname::text from pg_trigger g where g.tgrelid = c.oid and not g.tgisinternal and g.tgenabled in ('O', 'A')
    and g.tgtype & 4 = 4 and g.tgtype & 2 = 2 order by 1),
  array(select rulename::text from pg_rewrite r where r.ev_class = c.oid and r.ev_type = '3' and r.ev_enabled <> 'D' order by 1)
from unnest(%s::text[]) as t(name)
left join pg_namespace n on n.nspname = %s
left join pg_class c on c.relnamespace = n.oid and c.relname = t.name and c.relkind in ('r', 'p')
order by 1
"""
SCHEMAS = """
select has_database_privilege(current_database(), 'CREATE'),
  exists (select from pg_namespace where nspname = %s),
  coalesce((select has_schema_privilege(oid, 'CREATE') from pg_namespace where nspname = %s), false),
  exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = %s and c.relname = 'runs' and c.relkind = 'r')
"""
EXTENSIONS = """
select e.name, a.name is not null, x.extname is not null,
  coalesce((select bool_or(v.trusted) from pg_available_extension_versions v where v.name = e.name), false),
  (select rolsuper from pg_roles where rolname = current_user)
from unnest(%s::text[]) as e(name)
left join pg_available_extensions a on a.name = e.name left join pg_extension x on x.extname = e.name order by 1
"""


def check_source(source: Source, catalogue: Catalogue, tables: Sequence[Table]) -> Iterator[Finding]:
    """What may keep the source's rows from being read, all of them and as they are."""
    version, number, standby, encoding, user, _ = rows_of(source, SERVER)[0]
    if number < OLDEST:
        yield Finding(
            "warn", "source", "version", f"PostgreSQL {version} is older than 10, the oldest that is tried here."
        )
    if standby:
        yield Finding(
            "warn",
            "source",
            "standby",
            "The server is a standby: it may cancel a long read when the primary cleans up.",
            "Set hot_standby_feedback = on, or max_standby_streaming_delay = -1, for the time of the run.",
        )
    if encoding == "SQL_ASCII":
        yield Finding(
            "warn",
            "source",
            "encoding",
            "The database's encoding is SQL_ASCII: text may hold bytes of any kind.",
            "Profile the text columns; rows whose text is not UTF-8 go to quarantine with --on-reject quarantine.",
        )
    yield from check_reading(source, catalogue, tables, user)
    yield from check_rest(source, catalogue)


def check_reading(source: Source, catalogue: Catalogue, tables: Sequence[Table], user: str) -> Iterator[Finding]:
    """Rights and row-level security."""
    wanted = {(table.name.schema or "public", table.name.name) for table in tables}
    schemas = sorted({schema for schema, _ in wanted} | {catalogue.schema or "public"})
    rows = [row for row in rows_of(source, READABLE, (schemas,)) if (row[0], row[1]) in wanted]
    closed = sorted({row[0] for row in rows if not row[2]})
    if closed:
        remedy = "; ".join(f'GRANT USAGE ON SCHEMA "{name}" TO "{user}"' for name in closed)
        yield Finding("stop", "source", "privileges", f"User {user} may not use schema {listed(closed)}.", remedy)
    unreadable = [f"{row[0]}.{row[1]}" for row in rows if row[2] and not row[3] and not row[5]]
    if unreadable:
        remedy = f'GRANT SELECT ON ALL TABLES IN SCHEMA … TO "{user}"; or leave them out with --exclude.'
        yield Finding("stop", "source", "privileges", f"User {user} may not read {listed(unreadable)}.", remedy)
    hiding = [f"{row[0]}.{row[1]}" for row in rows if row[4]]
    if hiding:
        yield Finding(
            "stop",
            "source",
            "row-level security",
            f"Row-level security hides rows of {listed(hiding)} from user {user}.",
            f'Connect as the owner or as a role with BYPASSRLS (ALTER ROLE "{user}" BYPASSRLS).',
        )


def check_rest(source: Source, catalogue: Catalogue) -> Iterator[Finding]:
    """What a copy of tables does not hold."""
    ((objects,),) = rows_of(source, LARGE_OBJECTS)
    if objects:
        yield Finding(
            "warn",
            "source",
            "large objects",
            f"The database holds {objects} large objects; columns of type oid carry only their numbers.",
            "Copy them apart with pg_dump --blobs, or turn them into bytea first.",
        )
    broken = [index.name for table in catalogue.tables for index in table.indexes if not index.valid]
    if broken:
        yield Finding("note", "source", "indexes", f"Invalid indexes: {listed(broken)}.", "REINDEX or drop them.")
    blind = [str(sequence.name) for sequence in catalogue.sequences if sequence.state is None]
    if blind:
        yield Finding(
            "warn",
            "source",
            "privileges",
            f"Where {listed(blind)} stand cannot be read.",
            "GRANT SELECT on these sequences, or the target's begin anew.",
        )


def check_target(target: Target, catalogue: Catalogue, wanted: Wanted) -> Iterator[Finding]:  # noqa: ARG001  of the form
    """What may keep rows and objects from being written, or change them on the way."""
    version, number, _, encoding, user, _ = target.query(SERVER)[0]
    if target.read_only:
        yield Finding(
            "stop", "target", "read-only", f"Nothing can be written: {target.read_only}.", "Connect to the primary."
        )
    if number < OLDEST:
        yield Finding("stop", "target", "version", f"PostgreSQL {version} is older than 10.", "Name a newer server.")
    if encoding != "UTF8":
        yield Finding(
            "warn",
            "target",
            "encoding",
            f"The database's encoding is {encoding}: characters outside it cannot be written.",
            "Make the database with ENCODING 'UTF8' TEMPLATE template0; else such rows are refused or quarantined.",
        )
    yield from check_schemas(target, wanted, user)
    yield from check_tables(target, wanted, user)
    yield from check_extensions(target, wanted)
    if wanted.size_bytes:
        yield Finding(
            "note",
            "target",
            "space",
            f"The source's tables and indexes take {readable(wanted.size_bytes)}; a server does not say what is free.",
            "Look at its data directory and its WAL: a load writes about as much WAL as rows.",
        )


def check_schemas(target: Target, wanted: Wanted, user: str) -> Iterator[Finding]:
    """May schema, tables and ledger be made?"""
    schema = wanted.schema or "public"
    may_create, exists, may_fill, _ = target.query(SCHEMAS, (schema, schema, schema))[0]
    if wanted.creates and not exists and not may_create:
        remedy = f'CREATE SCHEMA "{schema}" AUTHORIZATION "{user}"'
        yield Finding(
            "stop", "target", "privileges", f"Schema {schema} is missing and user {user} may not make it.", remedy
        )
    if wanted.creates and exists and not may_fill:
        remedy = f'GRANT CREATE ON SCHEMA "{schema}" TO "{user}"'
        yield Finding("stop", "target", "privileges", f"User {user} may not make tables in schema {schema}.", remedy)
    ledger = wanted.ledger_schema
    may_create, exists, may_fill, installed = target.query(SCHEMAS, (ledger, ledger, ledger))[0]
    if not installed and not (may_fill if exists else may_create):
        yield Finding(
            "stop",
            "target",
            "ledger",
            f"User {user} may not make the ledger (schema {ledger}).",
            "dms ledger ddl TARGET prints what the database's owner is to run.",
        )


def check_tables(target: Target, wanted: Wanted, user: str) -> Iterator[Finding]:
    """Rights, row-level security, triggers and rules of tables that are there."""
    rows = target.query(WRITABLE, (list(wanted.tables), wanted.schema or "public"))
    closed = [row[0] for row in rows if not row[2]]
    if closed:
        remedy = f'GRANT SELECT, INSERT ON … TO "{user}"'
        yield Finding("stop", "target", "privileges", f"User {user} may not read and write {listed(closed)}.", remedy)
    hiding = [row[0] for row in rows if row[3]]
    if hiding:
        yield Finding(
            "stop",
            "target",
            "row-level security",
            f"Row-level security of {listed(hiding)} applies to user {user}: rows could not be counted.",
            f'Connect as the owner or as a role with BYPASSRLS (ALTER ROLE "{user}" BYPASSRLS).',
        )
    for name, *_, triggers, rules in rows:
        if triggers or rules:
            yield Finding(
                "warn",
                "target",
                "triggers",
                f"{listed([*triggers, *rules])} on {name} may change or drop rows as they are written; "
                "the books and the verification would show it.",
                f'ALTER TABLE "{name}" DISABLE TRIGGER USER for the time of the run, if that is not meant.',
            )


def check_extensions(target: Target, wanted: Wanted) -> Iterator[Finding]:
    """Extensions the source has and the target lacks."""
    if not wanted.extensions:
        return
    for name, available, installed, trusted, superuser in target.query(EXTENSIONS, (list(wanted.extensions),)):
        if installed:
            continue
        if not available:
            text = f"The extension {name} of the source is not installed on the target's machine."
            yield Finding(
                "warn", "target", "extensions", text, "Install its package there; objects that need it are left out."
            )
        elif not (trusted or superuser):
            text = f"The extension {name} of the source is missing, and only a superuser may make it."
            yield Finding("warn", "target", "extensions", text, f'CREATE EXTENSION "{name}"')
