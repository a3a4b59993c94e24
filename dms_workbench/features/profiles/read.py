"""Profiles that were kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.locators import Place, locates
from ...kernel.messages import Query
from ...kernel.paging import Limit, Offset, Page, page
from . import store
from .errors import ProfileNotFound
from .model import DataProfile, ProfileSummary

if TYPE_CHECKING:
    from sqlalchemy import Connection


@locates("profile_id")
@locates("before_profile_id")
@locates("after_profile_id")
def locate_profile(db: Connection, organisation_id: str, profile_id: str) -> Place | None:
    """A profile belongs where its connection does."""
    found = store.find(db, organisation_id, profile_id)
    return None if found is None else Place(found.id, found.project_id)


class GetProfile(
    Query[DataProfile], route="GET /profiles/{profile_id}", scope="profiles:read", raises=(ProfileNotFound,),
    reads_rows=True,
):  # fmt: skip
    """A profile that was kept; values of personal data are masked in it.

    profile_id: the profile.
    """

    profile_id: str


@handles(GetProfile)
def get_profile(query: GetProfile, ctx: Context) -> DataProfile:
    from ...engine.profiling import Profile
    from ...kernel.wire import adapter

    found = store.find(ctx.db, ctx.caller.organisation_id, query.profile_id)
    if found is None:
        raise ProfileNotFound(profile_id=query.profile_id)
    return DataProfile(store.summary_of(found), adapter(Profile).validate_python(found.content))


class ListProfiles(
    Query[Page[ProfileSummary]], route="GET /connections/{connection_id}/profiles", scope="profiles:read"
):
    """The profiles of a connection, newest first.

    connection_id: the connection.
    limit: profiles in a page; offset: profiles to leave out before it.
    """

    connection_id: str
    limit: Limit = 50
    offset: Offset = 0


@handles(ListProfiles)
def list_profiles(query: ListProfiles, ctx: Context) -> Page[ProfileSummary]:
    items, total = store.page_of(ctx.db, ctx.caller.organisation_id, query.connection_id, query.limit, query.offset)
    return page(items, total=total, offset=query.offset, limit=query.limit)
