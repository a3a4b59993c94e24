"""Read a database's catalogue and keep it, with its history."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING

from ...kernel.bus import handles, prepares
from ...kernel.context import Context
from ...kernel.locators import Place, locates
from ...kernel.messages import Command, Query
from ...kernel.paging import Limit, Offset, Page, page
from ..connections import GetConnection, resolve_url
from . import store
from .errors import SnapshotNotFound
from .model import SchemaSnapshot, SnapshotSummary

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ...engine.databases.catalogue import Catalogue


@locates("snapshot_id")
def locate_snapshot(db: Connection, organisation_id: str, snapshot_id: str) -> Place | None:
    """A snapshot belongs where its connection does."""
    found = store.find(db, organisation_id, snapshot_id)
    return None if found is None else Place(found.id, found.project_id)


class DiscoverSchema(
    Command[SchemaSnapshot], route="POST /connections/{connection_id}/schema", scope="schemas:discover"
):
    """Read the catalogue of a database and keep it as a snapshot; a structure that is known already is only seen again.

    connection_id: the connection to look through.
    schema: the schema to read; the database's default one if left out.
    """

    connection_id: str
    schema: str | None = None


@prepares(DiscoverSchema)
def read_catalogue(command: DiscoverSchema, ctx: Context) -> Catalogue:
    """The catalogue as it is now. Raises the errors of connecting, SchemaMissing."""
    return catalogue_of(resolve_url(ctx, command.connection_id), command.schema)


@handles(DiscoverSchema)
def discover_schema(command: DiscoverSchema, ctx: Context) -> SchemaSnapshot:
    catalogue: Catalogue = ctx.prepared
    organisation_id = ctx.caller.organisation_id
    known = store.latest(ctx.db, organisation_id, command.connection_id, catalogue.schema)
    if known is not None and known.fingerprint == catalogue.fingerprint():
        store.seen_again(ctx.db, known.id, catalogue.version, ctx.now)
        before = store.latest(ctx.db, organisation_id, command.connection_id, catalogue.schema, before=known.id)
        return SchemaSnapshot(summary(ctx, known.id), catalogue, None if before is None else before.fingerprint)
    snapshot_id = keep(ctx, command.connection_id, catalogue)
    return SchemaSnapshot(summary(ctx, snapshot_id), catalogue, None if known is None else known.fingerprint)


def keep(ctx: Context, connection_id: str, catalogue: Catalogue) -> str:
    """Enter a new snapshot and return its id."""
    snapshot_id = ctx.new_id()
    store.add(
        ctx.db,
        id=snapshot_id,
        organisation_id=ctx.caller.organisation_id,
        project_id=ctx.bus.send(GetConnection(connection_id)).project_id,
        connection_id=connection_id,
        schema_name=catalogue.schema,
        database=catalogue.database,
        version=catalogue.version,
        fingerprint=catalogue.fingerprint(),
        tables=len(catalogue.tables),
        catalogue=asdict(catalogue),
        first_seen_at=ctx.now,
        last_seen_at=ctx.now,
    )
    return snapshot_id


def catalogue_of(url: str, schema: str | None) -> Catalogue:
    """The catalogue of the database behind a URL; nothing is kept."""
    from ...engine.databases.urls import database_for

    with closing(database_for(url).open_source(url)) as source:
        return source.catalogue(schema)


def summary(ctx: Context, snapshot_id: str) -> SnapshotSummary:
    """A snapshot's line in the history. Raises SnapshotNotFound."""
    found = store.find(ctx.db, ctx.caller.organisation_id, snapshot_id)
    if found is None:
        raise SnapshotNotFound(snapshot_id=snapshot_id)
    return store.summary_of(found)


class GetSnapshot(
    Query[SchemaSnapshot], route="GET /snapshots/{snapshot_id}", scope="schemas:read", raises=(SnapshotNotFound,)
):
    """A kept catalogue, and whether its structure differs from the one before it.

    snapshot_id: the snapshot.
    """

    snapshot_id: str


@handles(GetSnapshot)
def get_snapshot(query: GetSnapshot, ctx: Context) -> SchemaSnapshot:
    from ...engine.databases.catalogue import Catalogue

    found = store.find(ctx.db, ctx.caller.organisation_id, query.snapshot_id)
    if found is None:
        raise SnapshotNotFound(snapshot_id=query.snapshot_id)
    before = store.latest(ctx.db, ctx.caller.organisation_id, found.connection_id, found.schema_name, before=found.id)
    catalogue = Catalogue.from_dict(found.catalogue)
    return SchemaSnapshot(store.summary_of(found), catalogue, None if before is None else before.fingerprint)


class ListSnapshots(
    Query[Page[SnapshotSummary]], route="GET /connections/{connection_id}/snapshots", scope="schemas:read"
):
    """The history of a connection's schemas, newest first.

    connection_id: the connection.
    limit: snapshots in a page; offset: snapshots to leave out before it.
    """

    connection_id: str
    limit: Limit = 50
    offset: Offset = 0


@handles(ListSnapshots)
def list_snapshots(query: ListSnapshots, ctx: Context) -> Page[SnapshotSummary]:
    items, total = store.page_of(ctx.db, ctx.caller.organisation_id, query.connection_id, query.limit, query.offset)
    return page(items, total=total, offset=query.offset, limit=query.limit)
