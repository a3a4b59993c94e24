"""A field of a message as an option: its name, its words and how text becomes its value."""

from __future__ import annotations

import dataclasses
import enum
import json
import types
import typing
from collections.abc import Mapping
from typing import Any

import click

from ...kernel.secrets import Secret
from .files import read_text

SEQUENCES = (tuple, list, set, frozenset)
FROM_FILE = "@FILE reads a file, - standard input."
FROM_INPUT = "- asks for it without showing it, or reads standard input."


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One field. kind: its plain type, without None, Annotated and Secret; choices: the words allowed, if only some are."""

    name: str
    kind: Any
    required: bool
    default: Any
    help: str
    secret: bool
    choices: tuple[str, ...]

    @property
    def metavar(self) -> str:
        """How it stands in the usage line."""
        return self.name.upper() + ("..." if self.many else "")

    @property
    def flag(self) -> str:
        """Its option."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def many(self) -> bool:
        """May it be given several times?"""
        return typing.get_origin(self.kind) in SEQUENCES or self.kind in SEQUENCES

    @property
    def is_text(self) -> bool:
        """Is it a text that usually lies in a file?"""
        return self.kind is str and (self.name == "text" or self.name.endswith("_text"))

    def option(self) -> click.Option:
        """The option."""
        if self.kind is bool:
            return click.Option([f"{self.flag}/--no-{self.flag[2:]}"], default=None, help=self.words())
        kind: Any = click.Choice(self.choices) if self.choices else str
        return click.Option(
            [self.flag, self.name],
            multiple=self.many,
            type=kind,
            default=None,
            metavar=None if self.choices else METAVARS.get(self.kind, "TEXT"),
            help=self.words(),
        )

    def words(self) -> str:
        """The help, and what is taken when it is left out."""
        shown = (
            ""
            if self.required or self.default in (None, "", (), [], dataclasses.MISSING)
            else f"  [default: {plain(self.default)}]"
        )
        hint = FROM_INPUT if self.secret else FROM_FILE if self.is_text else ""
        return " ".join(part for part in (self.help, hint) if part) + shown

    def absent(self, value: Any) -> bool:
        """Was it left out?"""
        return value is None or (self.many and not value)

    def value(self, given: Any) -> Any:
        """Plain value from what was typed; numbers stay text, which validation reads."""
        if self.many:
            return list(given)
        if self.secret and given == "-":
            return hidden_input(self.name)
        if self.is_text and (given == "-" or given.startswith("@")):
            return read_text(given.removeprefix("@"))
        if typing.get_origin(self.kind) in (dict, Mapping) or self.kind is dict:
            return parsed(given, self.flag)
        return given


METAVARS: dict[Any, str] = {int: "N", float: "N", str: "TEXT", dict: "JSON"}


def field_of(entry: dataclasses.Field[Any], kind: Any, help: str) -> Field:
    """A message's field."""
    required = entry.default is dataclasses.MISSING and entry.default_factory is dataclasses.MISSING
    bare, secret = plain_type(kind)
    return Field(entry.name, bare, required, entry.default, help, secret, choices_of(bare))


def plain_type(kind: Any) -> tuple[Any, bool]:
    """The type without None, Annotated and Secret, and whether it was secret."""
    origin = typing.get_origin(kind)
    if origin is typing.Annotated:
        return plain_type(typing.get_args(kind)[0])
    if origin in (typing.Union, types.UnionType):
        kinds = [part for part in typing.get_args(kind) if part is not type(None)]
        return plain_type(kinds[0])
    if origin is Secret:
        return typing.get_args(kind)[0], True
    return kind, kind is Secret


def choices_of(kind: Any) -> tuple[str, ...]:
    """The words that a Literal or an enumeration allows."""
    if typing.get_origin(kind) is typing.Literal:
        return tuple(map(str, typing.get_args(kind)))
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return tuple(str(item.value) for item in kind)
    return ()


def plain(value: Any) -> str:
    """A default as help shows it."""
    return (
        "yes"
        if value is True
        else "no"
        if value is False
        else str(value.value if isinstance(value, enum.Enum) else value)
    )


def parsed(text: str, flag: str) -> Any:
    """JSON. Raises UsageError of click."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"{flag} must be JSON: {error}", click.get_current_context()) from None


def hidden_input(name: str) -> str:
    """A secret, typed without being shown, or the first line of standard input."""
    import sys

    if sys.stdin.isatty():
        from getpass import getpass

        return getpass(f"{name}: ")
    return sys.stdin.readline().rstrip("\r\n")
