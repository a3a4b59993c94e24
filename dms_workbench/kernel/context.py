"""What a handler is given besides its message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .scopes import allows, roles

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from .bus import Bus


@dataclass(frozen=True)
class Caller:
    """Who sends a message.

    role: in the whole organisation; None for a person who is only a member of projects.
    project_roles: role by project id. granted: permissions given by name, such as ``approve``.
    limit: a token's permissions; None for no limit.
    """

    user_id: str
    name: str
    organisation_id: str
    role: str | None = None
    project_roles: Mapping[str, str] = field(default_factory=dict)
    granted: frozenset[str] = frozenset()
    limit: frozenset[str] | None = None

    @property
    def everywhere(self) -> bool:
        """Does the role hold in every project of the organisation?"""
        return self.role is not None and roles()[self.role].everywhere

    def sees(self, project_id: str) -> bool:
        """Is this project one of the caller's?"""
        return self.everywhere or project_id in self.project_roles

    @property
    def visible_projects(self) -> frozenset[str] | None:
        """The ids of the caller's projects; None for all of the organisation's. For lists to filter by."""
        return None if self.everywhere else frozenset(self.project_roles)

    def within(self, scope: str) -> Caller:
        """The caller, a member only of those projects where the role gives a permission."""
        held = {project_id: role for project_id, role in self.project_roles.items() if allows(role, scope)}
        return replace(self, project_roles=held)

    def may(self, scope: str, project_id: str | None = None) -> bool:
        """Does the caller have a permission, in a project or (None) in the organisation?"""
        if self.limit is not None and scope not in self.limit:
            return False
        held = self.role if project_id is None or self.everywhere else self.project_roles.get(project_id)
        return scope in self.granted or allows(held, scope)


@dataclass(frozen=True)
class Context:
    """db: a connection in the open transaction (autocommit and read-only in a query); bus: to send further messages.

    now: the time of the message, UTC; caller: who sent it, with those project roles that give the message's permission;
    new_id: gives a fresh UUIDv7; prepared: what the message's preparer returned, if it has one.
    """

    db: Connection
    bus: Bus
    now: datetime
    caller: Caller
    new_id: Callable[[], str]
    prepared: Any = None
