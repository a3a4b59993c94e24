"""What can go wrong with people and tokens."""

from __future__ import annotations

from ...kernel.errors import NotFound, Refused, UsageError


class UserNameTaken(Refused, code="user-name-taken", next="dms access users"):
    """There is already a user {name}."""


class UnknownUser(NotFound, code="unknown-user", status=404, next="dms access users"):
    """There is no user {name} in this organisation."""


class UnknownRole(UsageError, code="unknown-role"):
    """{role} is no role that can be given here. There are: {known}."""


class ScopeUnknown(UsageError, code="unknown-scope"):
    """{scope} is no permission. There are: {known}."""


class ScopeBeyondOwn(Refused, code="scope-beyond-own", status=403):
    """A token cannot make another with the permission {scope}, which it does not have itself."""


class LastAdministrator(Refused, code="last-administrator"):
    """{name} is the last administrator of the organisation, and stays one until there is another."""
