"""Reading connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.locators import Place, locates
from ...kernel.messages import Query
from ...kernel.paging import Limit, Offset, Page, page
from . import store
from .errors import ConnectionNameAmbiguous
from .model import Connection

if TYPE_CHECKING:
    from sqlalchemy import Connection as StoreConnection


@locates("connection_id")
@locates("source_connection_id")
@locates("target_connection_id")
def locate_connection(db: StoreConnection, organisation_id: str, name_or_id: str) -> Place | None:
    """A connection by id, or by a name that only one project uses. Raises ConnectionNameAmbiguous."""
    found = store.named(db, organisation_id, name_or_id)
    if len(found) > 1:
        raise ConnectionNameAmbiguous(name=name_or_id)
    return Place(found[0][0], project_id=found[0][1]) if found else None


class GetConnection(Query[Connection], route="GET /connections/{connection_id}", scope="connections:read"):
    """Show one connection, without its secret.

    connection_id: the connection's id or name.
    """

    connection_id: str


@handles(GetConnection)
def get_connection(query: GetConnection, ctx: Context) -> Connection:
    return store.get(ctx.db, query.connection_id)


class ListConnections(Query[Page[Connection]], route="GET /connections", scope="connections:read"):
    """List connections by name, without their secrets.

    project_id: only those of this project, by id or name.
    ad_hoc: only those made from URLs on the way (true) or only saved ones (false); left out, all.
    search: only those whose name or URL holds these words.
    limit: connections on a page at most; offset: connections to leave out at the start.
    """

    project_id: str | None = None
    ad_hoc: bool | None = None
    search: str | None = None
    limit: Limit = 100
    offset: Offset = 0


@handles(ListConnections)
def list_connections(query: ListConnections, ctx: Context) -> Page[Connection]:
    chosen = store.Filter(
        ctx.caller.organisation_id, ctx.caller.visible_projects, query.project_id, query.ad_hoc, query.search
    )
    found, total = store.listed(ctx.db, chosen, query.limit, query.offset)
    return page(found, total=total, offset=query.offset, limit=query.limit)
