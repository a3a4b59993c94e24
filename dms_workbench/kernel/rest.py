"""Where a message's fields go in an HTTP request: path, query or body. The service and its client both ask here."""

from __future__ import annotations

import dataclasses
import json
import typing
from typing import Any
from urllib.parse import quote

from .messages import Message, field_types
from .wire import to_plain

PREFIX = "/api/v1"
IN_QUERY = ("GET", "DELETE")
SEQUENCES = (list, tuple, set, frozenset)


def path_fields(message: type[Message[Any]]) -> list[str]:
    """The fields that stand in the path."""
    return [name for name in field_types(message) if f"{{{name}}}" in message.use_case.path]


def other_fields(message: type[Message[Any]]) -> list[str]:
    """The fields that travel in the query (GET, DELETE) or in the body."""
    inside = path_fields(message)
    return [name for name in field_types(message) if name not in inside]


def in_query(message: type[Message[Any]]) -> bool:
    """Do the other fields travel in the query?"""
    return message.use_case.method in IN_QUERY


def request_of(message: Message[Any]) -> tuple[str, list[tuple[str, str]], dict[str, Any] | None]:
    """Path, query and body of the request for a message. Fields at their default are left out."""
    cls = type(message)
    values = to_plain(message, reveal=True)
    path = cls.use_case.path
    for name in path_fields(cls):
        path = path.replace(f"{{{name}}}", segment(str(values.pop(name))))
    defaults = {field.name: field.default for field in dataclasses.fields(cls)}  # type: ignore[arg-type]  # frozen at birth
    sent = {name: value for name, value in values.items() if getattr(message, name) != defaults[name]}
    return (path, query_of(sent), None) if in_query(cls) else (path, [], sent)


def segment(value: str) -> str:
    """A value as one segment of a path; dots too, which would otherwise be taken for folders."""
    return quote(value, safe="") if value.strip(".") else value.replace(".", "%2E")


def query_of(values: dict[str, Any]) -> list[tuple[str, str]]:
    """Values as query parameters: a list repeats its name, an object is JSON."""
    pairs: list[tuple[str, str]] = []
    for name, value in values.items():
        pairs.extend((name, query_text(item)) for item in (value if isinstance(value, list) else [value]))
    return pairs


def query_text(value: Any) -> str:
    """One value as text."""
    return value if isinstance(value, str) else json.dumps(value)


def from_query(message: type[Message[Any]], pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Field values from query parameters, still as text where the type is plain."""
    types = field_types(message)
    values: dict[str, Any] = {}
    for name, text in pairs:
        kind = types.get(name)
        if holds(kind, SEQUENCES):
            values.setdefault(name, []).append(text)
        else:
            values[name] = parsed(text) if holds(kind, (dict,)) else text
    return values


def parsed(text: str) -> Any:
    """JSON, or the text itself for validation to complain about."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def holds(kind: Any, wanted: tuple[type, ...]) -> bool:
    """Is the type, or one of the alternatives in it, one of those wanted?"""
    origin = typing.get_origin(kind) or kind
    if isinstance(origin, type) and issubclass(origin, wanted):
        return True
    alternatives = () if origin in SEQUENCES else typing.get_args(kind)
    return any(holds(part, wanted) for part in alternatives)
