"""Dataclasses again from plain data: the inverse of `dataclasses.asdict`, and of its JSON."""

from __future__ import annotations

import dataclasses
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def from_plain(form: Any, data: Any) -> Any:
    """A value of a type again from what `dataclasses.asdict` or its JSON made of it. form: the type, as annotated."""
    origin, arguments = get_origin(form), get_args(form)
    if data is None or form is Any:
        return data
    if dataclasses.is_dataclass(form) and isinstance(form, type):
        types = field_types(form)
        return form(**{name: from_plain(types[name], value) for name, value in data.items() if name in types})
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            return tuple(from_plain(arguments[0], item) for item in data)
        return tuple(from_plain(each, item) for each, item in zip(arguments, data, strict=True))
    if origin in (Union, UnionType):
        return from_plain(next(each for each in arguments if each is not type(None)), data)
    return data


@cache
def field_types(form: type) -> dict[str, Any]:
    """The types of a dataclass's fields."""
    return get_type_hints(form)
