"""``wb.connections``."""

from __future__ import annotations

from ...kernel.facade import Facade, operation
from .change import DeleteConnection, UpdateConnection
from .create import CreateConnection, EnsureConnection
from .credentials import ForgetKey, RotateCredential, RotateKeys
from .read import GetConnection, ListConnections
from .trial import TestConnection


class Connections(Facade):
    """Save connections to databases, test them, and change their secrets, which are never shown again."""

    create = operation(CreateConnection)
    ensure = operation(EnsureConnection)
    get = operation(GetConnection)
    list = operation(ListConnections)
    test = operation(TestConnection)
    update = operation(UpdateConnection)
    rotate = operation(RotateCredential)
    delete = operation(DeleteConnection)
    rotate_keys = operation(RotateKeys)
    forget_key = operation(ForgetKey)
