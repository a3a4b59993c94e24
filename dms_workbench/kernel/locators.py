"""Where a thing belongs: the field ``run_id`` of any message always means a run, and one function says whose it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from .errors import NotFound
from .messages import Message, field_types

if TYPE_CHECKING:
    from sqlalchemy import Connection

ID = "_id"


@dataclass(frozen=True)
class Place:
    """A thing's own id and its project; None for what belongs to the organisation as a whole."""

    id: str
    project_id: str | None


Locator: TypeAlias = "Callable[[Connection, str, str], Place | None]"
LOCATORS: dict[str, Locator] = {}


def locates(field: str) -> Callable[[Locator], Locator]:
    """Declare the function that finds what a field names: ``(db, organisation_id, id or name) -> Place | None``.

    The handler receives ``Place.id`` in the field, so a locator may take a name too. It looks into the organisation
    given and into no other.
    """

    def enter(locator: Locator) -> Locator:
        LOCATORS[field] = locator
        return locator

    return enter


def located_fields(message: type[Message[Any]]) -> list[str]:
    """The fields that name a thing."""
    return [name for name in field_types(message) if name.endswith(ID)]


def find(db: Connection, organisation_id: str, named: Mapping[str, str]) -> dict[str, Place]:
    """The place of each named thing. Raises NotFound for the first that is not in the organisation."""
    return {field: find_one(db, organisation_id, field, name) for field, name in named.items()}


def find_one(db: Connection, organisation_id: str, field: str, name: str) -> Place:
    """The place of one thing."""
    place = LOCATORS[field](db, organisation_id, name)
    if place is None:
        raise missing(field, name)
    return place


def missing(field: str, name: str) -> NotFound:
    """The answer for what does not exist, and for what is none of the caller's business."""
    return NotFound(kind=field.removesuffix(ID).replace("_", " "), name=name)
