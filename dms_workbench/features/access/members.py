"""Who is a member of a project. Rights are kept here; ``wb.projects`` is where a person changes them."""

from __future__ import annotations

from ...kernel.context import Context
from . import store
from .errors import UnknownUser
from .model import Member, project_role


def members_of(ctx: Context, project_id: str) -> list[Member]:
    """The members of a project by name."""
    return store.members(ctx.db, project_id)


def set_member(ctx: Context, project_id: str, user: str, role: str) -> str:
    """Give a user (by name or id) a role in a project. Returns the user's name. Raises UnknownUser, UnknownRole."""
    checked = project_role(role)
    user_id, name = known_user(ctx, user)
    store.set_member(ctx.db, ctx.caller.organisation_id, project_id, user_id, checked, ctx.now)
    return name


def remove_member(ctx: Context, project_id: str, user: str) -> str:
    """Take a user (by name or id) out of a project. Returns the user's name. Raises UnknownUser."""
    user_id, name = known_user(ctx, user)
    if not store.is_member(ctx.db, project_id, user_id):
        raise UnknownUser(name=user)
    store.drop_member(ctx.db, project_id, user_id)
    return name


def remove_members(ctx: Context, project_id: str) -> None:
    """Take everybody out of a project that is about to vanish."""
    store.drop_member(ctx.db, project_id)


def known_user(ctx: Context, name: str) -> tuple[str, str]:
    """Id and name of a user. Raises UnknownUser."""
    row = store.find_user(ctx.db, ctx.caller.organisation_id, name)
    if row is None:
        raise UnknownUser(name=name)
    return row.id, row.name
