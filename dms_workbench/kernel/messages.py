"""Messages: one frozen class says a use case's fields, result, route, permission and errors, once.

    class ArchiveProject(Command[Project], route="POST /projects/{project_id}/archive", scope="projects:edit"):
        \"\"\"Put a project away. ...\"\"\"

        project_id: str

The facade method, REST endpoint, remote call, command line, audit entry and permission check follow from it.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
import typing
from typing import Any, ClassVar, Generic, TypeVar, dataclass_transform

from .errors import WorkbenchError

R_co = TypeVar("R_co", covariant=True)
MESSAGES: dict[str, type[Message[Any]]] = {}


@dataclasses.dataclass(frozen=True)
class UseCase:
    """What a message class declares besides its fields.

    method, path: of the REST endpoint; ``{field}`` in the path stands for a field.
    scope: the permission it needs; result: the type of its answer; raises: the errors a caller should expect.
    reads_rows: the answer holds row values of a database, so the query is audited.
    """

    name: str
    method: str
    path: str
    scope: str
    result: Any
    raises: tuple[type[WorkbenchError], ...]
    reads_rows: bool


@dataclass_transform(frozen_default=True)
class Message(Generic[R_co]):
    """A request to the workbench, as a value. Derive from Command or Query."""

    use_case: ClassVar[UseCase]
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    def __init_subclass__(
        cls,
        *,
        route: str = "",
        scope: str = "",
        raises: tuple[type[WorkbenchError], ...] = (),
        reads_rows: bool = False,
        **kwargs: Any,
    ) -> None:
        """Freeze the class and register it under its name.

        route: ``"POST /runs/{run_id}/pause"``; scope: a permission of rights.toml; raises: errors to document.
        """
        super().__init_subclass__(**kwargs)
        if not route:
            return
        dataclasses.dataclass(frozen=True)(cls)
        method, _, path = route.partition(" ")
        cls.use_case = UseCase(cls.__name__, method, path, scope, result_type(cls), raises, reads_rows)
        register(cls)


class Command(Message[R_co]):
    """A message that changes something: one transaction, one audit entry."""


class Query(Message[R_co]):
    """A message that only reads."""


def result_type(cls: type) -> Any:
    """What stands in the brackets of ``Command[...]``."""
    arguments = typing.get_args(cls.__orig_bases__[0])  # type: ignore[attr-defined]  # set by typing for generic bases
    if not arguments or isinstance(arguments[0], str | typing.ForwardRef | TypeVar):
        raise TypeError(f"{cls.__name__} must say its result, a class that exists already: Command[Project]")
    return arguments[0]


def register(cls: type[Message[Any]]) -> None:
    """Enter a message under its name; names are public API and belong to one class."""
    known = MESSAGES.get(cls.__name__)
    if known is not None and known.__module__ != cls.__module__:
        raise TypeError(f"message name {cls.__name__} is already taken by {known.__module__}")
    MESSAGES[cls.__name__] = cls


def field_types(cls: Any) -> dict[str, Any]:
    """Field names with their run-time types, in field order."""
    return _field_types(cls)


@functools.cache
def _field_types(cls: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(cls, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


def summary(cls: type) -> str:
    """The first sentence of the docstring."""
    return inspect.cleandoc(cls.__doc__ or cls.__name__).partition("\n")[0]


def field_docs(cls: type) -> dict[str, str]:
    """The docstring's words for each field: ``name: what it means``, continued on indented lines.

    Several fields may share a line: ``limit: items at most; offset: items to leave out``.
    """
    docs: dict[str, str] = {}
    current = ""
    names = "|".join(field.name for field in dataclasses.fields(cls))
    starts = re.compile(rf"(?:^|; )({names}): ") if names else None
    for line in inspect.cleandoc(cls.__doc__ or "").splitlines():
        parts = starts.split(line) if starts else [line]
        if len(parts) > 1 and not parts[0]:
            docs.update(zip(parts[1::2], map(str.strip, parts[2::2]), strict=True))
            current = parts[-2]
        elif current and line.startswith(" "):
            docs[current] += f" {line.strip()}"
        else:
            current = ""
    return docs
