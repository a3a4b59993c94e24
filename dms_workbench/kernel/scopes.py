"""Permissions and roles, as data: rights.toml says what each permission allows and what each role may do."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

LEVELS = ("none", "read", "full")
OWN = "own"


@dataclass(frozen=True)
class Scope:
    """A permission. area: project, connection, schema, migration, analytics, admin, or ``own`` (oneself).

    access: read or full. sentence: what a person who has it may do. granted: no role gives it; it is granted by name.
    """

    name: str
    area: str
    access: str
    sentence: str
    granted: bool = False


@dataclass(frozen=True)
class Role:
    """A role. everywhere: its rights hold in every project of the organisation.

    areas: none, read or full by area; also: permissions beyond its areas; in_project: a project's member may have it.
    """

    name: str
    title: str
    everywhere: bool
    in_project: bool
    areas: Mapping[str, str]
    also: frozenset[str]


@functools.cache
def rights() -> dict[str, Any]:
    """The data file."""
    return tomllib.loads(files(__package__).joinpath("rights.toml").read_text("utf-8"))


@functools.cache
def scopes() -> dict[str, Scope]:
    """Every permission by name."""
    return {name: Scope(name=name, **entry) for name, entry in rights()["scopes"].items()}


@functools.cache
def roles() -> dict[str, Role]:
    """Every role by name."""
    return {name: role(name, dict(entry)) for name, entry in rights()["roles"].items()}


def role(name: str, entry: dict[str, Any]) -> Role:
    """A role from its table in the data file."""
    return Role(
        name=name,
        title=entry.pop("title"),
        everywhere=entry.pop("everywhere", False),
        in_project=entry.pop("in_project", False),
        also=frozenset(entry.pop("also", ())),
        areas=entry,
    )


def allows(role_name: str | None, scope_name: str) -> bool:
    """Does a role give a permission? None, no role, gives only what concerns oneself."""
    held, scope = roles().get(role_name or ""), scopes()[scope_name]
    if scope.area == OWN:
        return True
    if held is None or scope.granted:
        return False
    if scope_name in held.also:
        return True
    return LEVELS.index(held.areas[scope.area]) >= LEVELS.index(scope.access)
