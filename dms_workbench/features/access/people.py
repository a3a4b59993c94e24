"""Who one is, and the users of the organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

from annotated_types import Len

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.locators import Place, locates
from ...kernel.messages import Command, Query
from ...kernel.paging import Limit, Offset, Page, page
from ...kernel.scopes import scopes
from . import store
from .errors import LastAdministrator, UnknownRole, UserNameTaken
from .model import User, Whoami, organisation_role

if TYPE_CHECKING:
    from sqlalchemy import Connection

Name: TypeAlias = Annotated[str, Len(1, 100)]
ADMINISTRATORS = ("system_admin", "org_admin")


@locates("user_id")
def locate_user(db: Connection, organisation_id: str, name_or_id: str) -> Place | None:
    """A user belongs to the organisation as a whole."""
    found = store.find_user(db, organisation_id, name_or_id)
    return None if found is None else Place(found.id, project_id=None)


class WhoAmI(Query[Whoami], route="GET /access/me", scope="tokens:own"):
    """Tell who one is to the workbench, and what one may do in the whole organisation."""


@handles(WhoAmI)
def who_am_i(_query: WhoAmI, ctx: Context) -> Whoami:
    caller = ctx.caller
    held = tuple(name for name in scopes() if caller.may(name))
    return Whoami(caller.name, caller.organisation_id, caller.role, held)


class CreateUser(Command[User], route="POST /access/users", scope="users:edit", raises=(UserNameTaken, UnknownRole)):
    """Add a person to the organisation.

    name: how the person is called here; unique in the organisation.
    email: where messages go.
    role: in the whole organisation, such as viewer or org_admin; left out, the person sees only projects joined.
    """

    name: Name
    email: Annotated[str, Len(3, 254)] | None = None
    role: str | None = None


@handles(CreateUser)
def create_user(command: CreateUser, ctx: Context) -> User:
    organisation_id = ctx.caller.organisation_id
    if store.find_user(ctx.db, organisation_id, command.name) is not None:
        raise UserNameTaken(name=command.name)
    user = User(
        id=ctx.new_id(),
        name=command.name,
        email=command.email,
        role=organisation_role(command.role, ctx.caller),
        active=True,
        created_at=ctx.now,
    )
    store.add_user(ctx.db, organisation_id=organisation_id, **vars(user))
    return user


class ListUsers(Query[Page[User]], route="GET /access/users", scope="users:read"):
    """List the organisation's users by name.

    limit: users on a page at most; offset: users to leave out at the start.
    """

    limit: Limit = 100
    offset: Offset = 0


@handles(ListUsers)
def list_users(query: ListUsers, ctx: Context) -> Page[User]:
    users, total = store.list_users(ctx.db, ctx.caller.organisation_id, query.limit, query.offset)
    return page(users, total=total, offset=query.offset, limit=query.limit)


class SetUserRole(
    Command[User],
    route="POST /access/users/{user_id}/role",
    scope="users:edit",
    raises=(UnknownRole, LastAdministrator),
):
    """Give a user another role in the whole organisation.

    user_id: the user's id or name.
    role: the new role; left out, the user keeps only the roles in projects.
    """

    user_id: str
    role: str | None = None


@handles(SetUserRole)
def set_user_role(command: SetUserRole, ctx: Context) -> User:
    role = organisation_role(command.role, ctx.caller)
    if role not in ADMINISTRATORS:
        keep_an_administrator(ctx, command.user_id)
    store.change_user(ctx.db, command.user_id, role=role)
    return user(ctx, command.user_id)


class SwitchUser(
    Command[User], route="POST /access/users/{user_id}/switch", scope="users:edit", raises=(LastAdministrator,)
):
    """Switch a user off, so that no token of theirs works any more, or on again.

    user_id: the user's id or name.
    active: on or off.
    """

    user_id: str
    active: bool


@handles(SwitchUser)
def switch_user(command: SwitchUser, ctx: Context) -> User:
    if not command.active:
        keep_an_administrator(ctx, command.user_id)
    store.change_user(ctx.db, command.user_id, active=command.active)
    return user(ctx, command.user_id)


def keep_an_administrator(ctx: Context, user_id: str) -> None:
    """Raise LastAdministrator when nobody else could undo this."""
    if user(ctx, user_id).role not in ADMINISTRATORS:
        return
    if store.other_administrators(ctx.db, ctx.caller.organisation_id, user_id) == 0:
        raise LastAdministrator(name=user(ctx, user_id).name)


def user(ctx: Context, user_id: str) -> User:
    """A user that is known to exist."""
    row = store.find_user(ctx.db, ctx.caller.organisation_id, user_id)
    assert row is not None, "located before"  # noqa: S101
    return store.user_of(row)
