"""From what a person gives (URL, parts or an environment variable) to a connection URL that may be used here."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from ...engine.databases.schemes import DEFAULT_PORTS, OPERATORS_OWN, SCHEME_OF, SERVERS
from ...engine.databases.urls import ConnectionUrl, normalise
from ...kernel.context import Caller
from ...kernel.master_keys import key_folder
from ...platform import data_folder
from .errors import ConnectionIncomplete, OperatorsOption, OwnStoreRefused, VariableRefused

if TYPE_CHECKING:
    from sqlalchemy import Connection as StoreConnection

OWN_VARIABLES = "DMS_"
OPERATORS_RIGHT = "users:edit"
"""Who may manage users may also lend connections the operator's own keys: embedded, that is the operator."""
OFFERED_VARIABLES = ("DMS_URL_", "DMS_PASSWORD_")
POSTGRES_PORT = 5432


def from_environment(variable: str, environment: Mapping[str, str] | None = None) -> ConnectionUrl:
    """The URL in an environment variable of this process. Raises VariableRefused, ConnectionIncomplete."""
    check_variable(variable)
    text = (os.environ if environment is None else environment).get(variable)
    if not text:
        raise ConnectionIncomplete(reason=f"the environment variable {variable} is not set here")
    return normalise(text)


def from_parts(database: str, parts: Mapping[str, str | int | None]) -> ConnectionUrl:
    """The URL that parts make: host, port, user, password, database_name or path.

    Raises ConnectionIncomplete, InvalidUrl.
    """
    folder = {scheme: folder for folder, scheme in SCHEME_OF.items()}.get(database, database)
    if folder not in SCHEME_OF:
        raise ConnectionIncomplete(reason=f"the database is one of {', '.join(SCHEME_OF)}")
    needed = ("host", "database_name") if folder in SERVERS else ("path",)
    missing = [name for name in needed if not parts.get(name)]
    if missing:
        raise ConnectionIncomplete(reason=f"{' and '.join(missing)} must be given for {folder}")
    if folder not in SERVERS:
        return ConnectionUrl(folder, path=normalise(f"{SCHEME_OF[folder]}:///{quote(str(parts['path']))}").path)
    host = str(parts["host"])
    server = quote(host, safe="") if host.startswith("/") else f"[{host}]" if ":" in host else host
    user = quote(str(parts.get("user") or ""), safe="")
    bare = f"{SCHEME_OF[folder]}://{user and user + '@'}{server}:{parts.get('port') or DEFAULT_PORTS[folder]}"
    url = normalise(f"{bare}/{quote(str(parts['database_name']), safe='')}")
    return url.with_password(str(parts["password"])) if parts.get("password") else url


def check_permitted(url: ConnectionUrl, caller: Caller) -> ConnectionUrl:
    """The URL, unless it uses the operator's own keys and passwords and the caller may not. Raises OperatorsOption."""
    own = sorted(OPERATORS_OWN & set(url.options))
    if own and not caller.may(OPERATORS_RIGHT):
        raise OperatorsOption(options=", ".join(own))
    return url


def check_usable(url: ConnectionUrl, db: StoreConnection) -> ConnectionUrl:
    """The URL, unless it leads to the workbench's own store or keys. Raises OwnStoreRefused, VariableRefused."""
    if url.password_variable:
        check_variable(url.password_variable)
    if url.is_file:
        check_path(Path(url.path), db)
    else:
        check_server(url, db)
    return url


def check_variable(variable: str) -> None:
    """The workbench's own settings (its master key above all) never become a password."""
    if variable.startswith(OWN_VARIABLES) and not variable.startswith(OFFERED_VARIABLES):
        raise VariableRefused(variable=variable)


def check_path(path: Path, db: StoreConnection) -> None:
    """Refuse the store's files, by any name, link or spelling, and everything beside the master keys."""
    real = Path(os.path.realpath(path))
    if real.is_relative_to(os.path.realpath(key_folder())):
        raise OwnStoreRefused(place=str(path))
    for own in own_files(db):
        if str(real).casefold() == os.path.realpath(own).casefold() or is_same_file(real, own):
            raise OwnStoreRefused(place=str(path))


def own_files(db: StoreConnection) -> Iterator[Path]:
    """The store's files: the one in use and the one in the data folder."""
    stores = [data_folder() / "workbench.sqlite"]
    if db.engine.url.get_backend_name() == "sqlite":
        stores.append(Path(str(db.engine.url.database)))
    for store in stores:
        yield from (store.with_name(store.name + suffix) for suffix in ("", "-wal", "-shm", "-journal"))


def is_same_file(one: Path, other: Path) -> bool:
    """Are two names hard links of one file?"""
    try:
        return one.samefile(other)
    except OSError:
        return False


def check_server(url: ConnectionUrl, db: StoreConnection) -> None:
    """Refuse the database that the store is in, where host and name say that it is."""
    own = db.engine.url
    if own.get_backend_name() != "postgresql" or own.database != url.name:
        return
    if any((host.name, host.port) == (own.host, own.port or POSTGRES_PORT) for host in url.hosts):
        raise OwnStoreRefused(place=url.without_secrets)
