"""Who the caller is: the operating-system user of an embedded workbench, or the owner of a token."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ...kernel.context import Caller
from ...kernel.errors import NotSignedIn
from ...kernel.ids import new_id
from ...platform import user_name
from . import store
from .model import LOCAL, digest

if TYPE_CHECKING:
    from ...kernel.store import Store


def local_caller(opened: Store) -> Caller:
    """The operating-system user, administrator of the organisation ``local``; entered at the first opening."""
    name = user_name()
    with opened.reading() as db:
        row = store.find_user(db, LOCAL, name)
    return caller_of(row) if row is not None else enter_local(opened, name)


def enter_local(opened: Store, name: str) -> Caller:
    """Enter the user and the organisation, unless another process was first."""
    with opened.writing() as db:
        store.add_organisation(db, LOCAL, datetime.now(UTC))
        if store.find_user(db, LOCAL, name) is None:
            store.add_user(
                db,
                id=new_id(),
                organisation_id=LOCAL,
                name=name,
                role="system_admin",
                created_at=datetime.now(UTC),
            )
        row = store.find_user(db, LOCAL, name)
    return caller_of(row)


def token_caller(opened: Store, secret: str) -> Caller:
    """The user of a token, with the roles of this moment. Raises NotSignedIn, the same for every bad token."""
    with opened.reading() as db:
        found = store.signed_in(db, digest(secret), datetime.now(UTC))
        if found is None:
            raise NotSignedIn(reason="this one is unknown, has expired or was revoked.")
        row, limit = found
        return caller_of(row, store.project_roles(db, row.id), limit)


def caller_of(row: Any, project_roles: dict[str, str] | None = None, limit: list[str] | None = None) -> Caller:
    """A user's row as the caller of messages."""
    return Caller(
        user_id=row.id,
        name=row.name,
        organisation_id=row.organisation_id,
        role=row.role,
        project_roles=project_roles or {},
        granted=frozenset(row.granted),
        limit=None if limit is None else frozenset(limit),
    )
