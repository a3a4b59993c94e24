"""Users, organisations, roles and tokens: who calls, and what they may do."""

# ruff: noqa: E402  lazily() comes before the modules that use the lazy store
from ...kernel.lazy import lazily

lazily(__name__, "store")

from .errors import LastAdministrator, ScopeBeyondOwn, ScopeUnknown, UnknownRole, UnknownUser, UserNameTaken
from .members import members_of, remove_member, remove_members, set_member
from .model import LOCAL, Member, NewToken, Token, User, Whoami
from .people import CreateUser, ListUsers, SetUserRole, SwitchUser, WhoAmI
from .sign_in import local_caller, token_caller
from .tokens import CreateToken, ListTokens, RevokeToken

__all__ = [
    "LOCAL",
    "CreateToken",
    "CreateUser",
    "LastAdministrator",
    "ListTokens",
    "ListUsers",
    "Member",
    "NewToken",
    "RevokeToken",
    "ScopeBeyondOwn",
    "ScopeUnknown",
    "SetUserRole",
    "SwitchUser",
    "Token",
    "UnknownRole",
    "UnknownUser",
    "User",
    "UserNameTaken",
    "WhoAmI",
    "Whoami",
    "local_caller",
    "members_of",
    "remove_member",
    "remove_members",
    "set_member",
    "token_caller",
]
