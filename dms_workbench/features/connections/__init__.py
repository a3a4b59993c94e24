"""Connections: where databases are and how to get in; secrets are sealed, and opened only to connect."""

# ruff: noqa: E402  lazily() comes before the modules that use the lazy store
from ...kernel.lazy import lazily

lazily(__name__, "store")

from .change import DeleteConnection, UpdateConnection
from .create import CreateConnection, EnsureConnection
from .credentials import ForgetKey, RotateCredential, RotateKeys, connection_name, purpose_keys, resolve_url
from .errors import (
    ConnectionChanged,
    ConnectionIncomplete,
    ConnectionInUse,
    ConnectionNameAmbiguous,
    ConnectionNameTaken,
    InvalidConnectionName,
    KeyOpensRows,
    OwnStoreRefused,
    PasswordAgain,
    PasswordUseless,
    RowsNotLookedFor,
    UnknownConnection,
    VariableRefused,
)
from .model import Connection, ConnectionTest, KeyRotation, SealedRows, Status
from .read import GetConnection, ListConnections
from .trial import TestConnection

__all__ = [
    "Connection",
    "ConnectionChanged",
    "ConnectionInUse",
    "ConnectionIncomplete",
    "ConnectionNameAmbiguous",
    "ConnectionNameTaken",
    "ConnectionTest",
    "CreateConnection",
    "DeleteConnection",
    "EnsureConnection",
    "ForgetKey",
    "GetConnection",
    "InvalidConnectionName",
    "KeyOpensRows",
    "KeyRotation",
    "ListConnections",
    "OwnStoreRefused",
    "PasswordAgain",
    "PasswordUseless",
    "RotateCredential",
    "RotateKeys",
    "RowsNotLookedFor",
    "SealedRows",
    "Status",
    "TestConnection",
    "UnknownConnection",
    "UpdateConnection",
    "VariableRefused",
    "connection_name",
    "purpose_keys",
    "resolve_url",
]
