"""What can be compared: a connection, a kept snapshot, or the text of a snapshot file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...kernel.bus import Bus
from ...kernel.context import Context
from ...kernel.locators import LOCATORS, Place, locates
from ...kernel.secrets import Secret
from ..connections import EnsureConnection, GetConnection, resolve_url
from ..projects import EnsureProject
from . import store

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ...engine.databases.base import Database, Source
    from ...engine.databases.catalogue import Catalogue

SNAPSHOT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FORMAT = "format: dms-schema/"
HEAD_BYTES = 64


def is_text(place: str) -> bool:
    """Is it the text of a snapshot file?"""
    return place.lstrip("\ufeff").startswith(FORMAT)


@locates("source_place_id")
@locates("target_place_id")
@locates("base_place_id")
def locate_place(db: Connection, organisation_id: str, place: str) -> Place | None:
    """A snapshot or connection belongs to its project; a text is its own."""
    if is_text(place):
        return Place(place, None)
    found = store.find(db, organisation_id, place)
    if found is not None:
        return Place(found.id, found.project_id)
    return LOCATORS["connection_id"](db, organisation_id, place.removeprefix("@"))


@dataclass(frozen=True)
class LiveSide:
    """One side of a comparison, as it was found."""

    label: str
    catalogue: Catalogue
    database: Database
    source: Source | None
    """The open database, where it is live."""


@contextmanager
def opened(ctx: Context, place: str, schema: str | None) -> Iterator[LiveSide]:
    """A side, its database open for as long as it is live. Raises the errors of connecting, SnapshotUnreadable."""
    from ...engine.databases.catalogue import Catalogue
    from ...engine.databases.urls import database_for
    from ...engine.schema.snapshot import read_snapshot

    if is_text(place):
        catalogue = read_snapshot(place)
        yield LiveSide("snapshot file", catalogue, product(catalogue.database), None)
        return
    found = store.find(ctx.db, ctx.caller.organisation_id, place)
    if found is not None:
        catalogue = Catalogue.from_dict(found.catalogue)
        label = f"{connection_name(ctx, found.connection_id)}, {found.first_seen_at:%Y-%m-%d %H:%M}"
        yield LiveSide(label, catalogue, product(catalogue.database), None)
        return
    url = resolve_url(ctx, place)
    database = database_for(url)
    with closing(database.open_source(url)) as source:
        yield LiveSide(connection_name(ctx, place), source.catalogue(schema), database, source)


def connection_name(ctx: Context, connection_id: str) -> str:
    """What a connection is called: its name, or its URL without secrets."""
    connection = ctx.bus.send(GetConnection(connection_id))
    return connection.url if connection.ad_hoc else f"@{connection.name}"


def product(folder: str) -> Database:
    """The product of a kept catalogue."""
    from importlib import import_module

    found: Database = import_module(f"dms_workbench.engine.databases.{folder}").database
    return found


def place_of(bus: Bus, given: object, project: str = "default") -> str:
    """What a person names as a place of messages: the id of a connection or snapshot, or the text of a file.

    given: a URL or path, ``@connection``, a snapshot or its id, a connection, a snapshot file or its text.
    """
    identity = getattr(given, "id", None)
    if identity is not None:
        return str(identity)
    text = str(given)
    if is_text(text) or SNAPSHOT_ID.fullmatch(text):
        return text
    path = Path(text)
    if "://" not in text and path.is_file() and begins_as_snapshot(path):
        return path.read_text(encoding="utf-8-sig")
    return connection_of(bus, text, project)


def begins_as_snapshot(path: Path) -> bool:
    """Does a file say that it is a snapshot?"""
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").startswith(FORMAT.encode())
    except OSError:
        return False


def connection_of(bus: Bus, given: object, project: str = "default") -> str:
    """The id of a connection: of one that is given, a saved one, or one of a URL or path, made if there is none yet."""
    identity = getattr(given, "id", None)
    if identity is not None:
        return str(identity)
    if SNAPSHOT_ID.fullmatch(str(given)):
        return str(given)
    project_id = bus.send(EnsureProject(project)).id
    return bus.send(EnsureConnection(project_id, Secret(str(given)))).id
