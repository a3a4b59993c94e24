"""``wb.access``."""

from __future__ import annotations

from ...kernel.facade import Facade, operation
from .people import CreateUser, ListUsers, SetUserRole, SwitchUser, WhoAmI
from .tokens import CreateToken, ListTokens, RevokeToken


class Access(Facade):
    """See who you are, and manage users and tokens."""

    whoami = operation(WhoAmI)
    users = operation(ListUsers)
    create_user = operation(CreateUser)
    set_role = operation(SetUserRole)
    switch_user = operation(SwitchUser)
    tokens = operation(ListTokens)
    create_token = operation(CreateToken)
    revoke_token = operation(RevokeToken)
