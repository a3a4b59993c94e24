"""People, organisations and tokens, as values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ...kernel.context import Caller
from ...kernel.scopes import roles, scopes
from ...kernel.secrets import Secret
from ...kernel.shown import Readable
from .errors import ScopeBeyondOwn, ScopeUnknown, UnknownRole

LOCAL = "local"
TOKEN_PREFIX = "dms_"  # noqa: S105  the visible start of every token, so that leak scanners find one


@dataclass(frozen=True)
class User(Readable):
    """A person of the organisation. role: in the whole organisation; None for members of projects only."""

    id: str
    name: str
    email: str | None
    role: str | None
    active: bool
    created_at: datetime


@dataclass(frozen=True)
class Member(Readable):
    """A person's role in one project."""

    user: str
    role: str
    since: datetime


@dataclass(frozen=True)
class Whoami(Readable):
    """Who one is to the workbench."""

    user: str
    organisation: str
    role: str | None
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Token(Readable):
    """A token for the service, without its secret. scopes: what it is limited to; None for all its user may do."""

    id: str
    name: str
    user: str
    scopes: tuple[str, ...] | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class NewToken(Readable):
    """A token just made. Its secret is shown here and never again: ``token.secret.reveal()``."""

    id: str
    name: str
    secret: Secret[str]
    scopes: tuple[str, ...] | None
    expires_at: datetime


def digest(secret: str) -> str:
    """What is stored of a token. A plain hash will do for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def limit_of(wanted: Iterable[str] | None, caller: Caller) -> tuple[str, ...] | None:
    """The scopes of a new token: never more than the token that asks for it. Raises ScopeUnknown, ScopeBeyondOwn."""
    if wanted is None:
        return None if caller.limit is None else tuple(sorted(caller.limit))
    asked = tuple(sorted(set(wanted)))
    for name in asked:
        if name not in scopes():
            raise ScopeUnknown(scope=name, known=", ".join(sorted(scopes())))
        if caller.limit is not None and name not in caller.limit:
            raise ScopeBeyondOwn(scope=name)
    return asked


def organisation_role(name: str | None, caller: Caller) -> str | None:
    """A role for the whole organisation. Only a system administrator makes another. Raises UnknownRole."""
    known = [role for role in roles() if role != "system_admin" or caller.role == "system_admin"]
    if name is not None and name not in known:
        raise UnknownRole(role=name, known=", ".join(known))
    return name


def project_role(name: str) -> str:
    """A role a project's member may have. Raises UnknownRole."""
    known = [role.name for role in roles().values() if role.in_project]
    if name not in known:
        raise UnknownRole(role=name, known=", ".join(known))
    return name
