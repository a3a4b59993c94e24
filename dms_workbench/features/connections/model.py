"""Connections as values, and the rule of their names."""

from __future__ import annotations

import enum
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ...kernel.secrets import Secret
from ...kernel.shown import Readable
from .errors import InvalidConnectionName

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_. -]{0,99}")
AD_HOC_NAME_LENGTH = 200
SAVED_SIGN = "@"
"""Where a URL is expected, ``@name`` means the saved connection of that name."""


class Status(enum.StrEnum):
    """What the last test found."""

    UNTESTED = "untested"
    WORKS = "works"
    FAILING = "failing"


@dataclass(frozen=True)
class Connection(Readable):
    """A connection; its secret is never part of it.

    database: postgres, sqlite or duckdb. url: without the password.
    password_variable: the environment variable that holds the password, if it is not stored.
    production: runs into it may need an approval. ad_hoc: made from a URL on the way, not by a person.
    problem: code of the error that the last test met. version: grows by one with each change.
    warnings: what the URL gives up that is on by default.
    """

    id: str
    project_id: str
    name: str
    database: str
    url: str
    has_password: bool
    password_variable: str | None
    production: bool
    ad_hoc: bool
    status: Status
    tested_at: datetime | None
    problem: str | None
    version: int
    created_at: datetime
    created_by: str
    changed_at: datetime
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConnectionTest(Readable):
    """What a test of a connection found.

    works: it can be used as asked for. problem, code, blame, next: if not, why, the part of the connection at fault
    (host, port, user, password, database, path, tls, url or options) and what to do.
    size_bytes: of the database; free_bytes: on the disk of a file. The rest is as the server says.
    """

    connection_id: str
    works: bool
    tested_at: datetime
    seconds: float
    code: str = ""
    problem: str = ""
    blame: str = ""
    next: str = ""
    product: str = ""
    version: str = ""
    identity: str = ""
    user: str = ""
    name: str = ""
    encoding: str = ""
    tls: str = ""
    size_bytes: int | None = None
    free_bytes: int | None = None
    tables: int | None = None
    can_read: bool = False
    can_write: bool = False
    can_create: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class KeyRotation(Readable):
    """key: id of the master key that is current now. secrets: wrapped with it. old_keys: not needed by any secret."""

    key: str
    secrets: int
    old_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SealedRows:
    """What a master key still opens in the ledgers of targets.

    rows: how many, by the words for where they are. unread: targets that did not answer and runs under way, in words.
    """

    rows: Mapping[str, int]
    unread: tuple[str, ...]


def hide(message: object, *fields: str) -> None:
    """Make plain text in fields of a message secret, so that not even its repr shows it."""
    for name in fields:
        value = getattr(message, name)
        if isinstance(value, str):
            object.__setattr__(message, name, Secret(value))


def checked_name(name: str) -> str:
    """The name, if it obeys the rule. Raises InvalidConnectionName."""
    if NAME.fullmatch(name) is None or name != name.strip():
        raise InvalidConnectionName(name=repr(name) if "@" not in name and ":" not in name else "That")
    return name


def ad_hoc_name(url: str) -> str:
    """The name of a connection made from a URL: its normal form, cut to length where it must be."""
    if len(url) <= AD_HOC_NAME_LENGTH:
        return url
    digest = hashlib.sha256(url.encode()).hexdigest()[:16]
    return f"{url[: AD_HOC_NAME_LENGTH - len(digest) - 1]}~{digest}"
