"""Commands that follow from messages: ``wb.runs.start(plan_id, chunk_rows=)`` is ``dms runs start PLAN_ID --chunk-rows N``.

Required fields are positional in field order, and options too; the others are options. Help comes from the docstrings.
"""

from __future__ import annotations

import dataclasses
import inspect
from importlib import import_module
from typing import Any

import click

from ...kernel.facade import facades, operations_of
from ...kernel.messages import Message, field_docs, field_types, summary
from ...workbench import Workbench
from .command import WorkbenchCommand
from .fields import field_of
from .table_of_commands import IN_GROUPS
from .terminal import Terminal

POSITIONAL = "positional"


class Group(click.Group):
    """The commands of a feature, each made when it is asked for."""

    def __init__(self, name: str, facade: type) -> None:
        """name: of the feature; facade: the class that publishes its messages."""
        super().__init__(name, help=inspect.getdoc(facade), context_settings={"help_option_names": ["-h", "--help"]})
        self.messages: dict[str, type[Message[Any]]] = {
            operation.replace("_", "-"): published.message for operation, published in operations_of(facade).items()
        }
        self.written = IN_GROUPS.get(name, {})

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The commands written by hand, and the operations in the order written."""
        return list({**self.written, **self.messages})

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """The command of an operation, or the one written in its place."""
        if name in self.written:
            module, _, attribute = self.written[name].partition(":")
            found: click.Command = getattr(import_module(f".{module}", __package__), attribute)
            return found
        return DerivedCommand(name, self.messages[name]) if name in self.messages else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; an unknown name is answered with the nearest known one."""
        from .app import nearest

        known = self.list_commands(ctx)
        if args[0] not in known and not args[0].startswith("-"):
            raise click.UsageError(f"There is no command {self.name} {args[0]}.{nearest(args[0], known)}", ctx)
        return super().resolve_command(ctx, args)


def group(name: str) -> Group | None:
    """The commands of a feature; None if there is no feature of this name."""
    facade = facades(Workbench).get(name)
    return None if facade is None else Group(name, facade)


class DerivedCommand(WorkbenchCommand):
    """One message as a command."""

    def __init__(self, name: str, message: type[Message[Any]]) -> None:
        """name: as typed; message: what is sent."""
        docs, types = field_docs(message), field_types(message)
        self.message = message
        self.fields = [
            field_of(entry, types[entry.name], docs.get(entry.name, "").replace("``", "")) for entry in entries(message)
        ]
        required = [field for field in self.fields if field.required]
        positional = click.Argument([POSITIONAL], nargs=-1, metavar=" ".join(field.metavar for field in required))
        super().__init__(
            name,
            params=[*([positional] if required else []), *(field.option() for field in self.fields)],
            callback=self.send,
            help=words(message),
            short_help=summary(message).replace("``", ""),
        )

    def send(self, terminal: Terminal, **given: Any) -> int:
        """Make the message, send it, show the result."""
        from ...kernel.wire import validate
        from .results import deliver

        message = validate(self.message, self.values(given))
        with Workbench() as workbench:
            return deliver(terminal, workbench, message)

    def values(self, given: dict[str, Any]) -> dict[str, Any]:
        """Field values from options and positional words. Raises UsageError of click."""
        words_given = list(given.pop(POSITIONAL, ()))
        texts: dict[str, Any] = {}
        for field in self.fields:
            value = given[field.name]
            if field.absent(value) and field.required and words_given:
                value = words_given if field.many else words_given.pop(0)
                words_given = [] if field.many else words_given
            if not field.absent(value):
                texts[field.name] = value
        missing = [field.metavar for field in self.fields if field.required and field.name not in texts]
        if missing:
            raise click.UsageError(f"Missing {' and '.join(missing)}.", click.get_current_context())
        if words_given:
            raise click.UsageError(f"Too many words: {' '.join(words_given)}", click.get_current_context())
        return {field.name: field.value(texts[field.name]) for field in self.fields if field.name in texts}


def entries(message: Any) -> tuple[dataclasses.Field[Any], ...]:
    """The fields of a message class, which is a dataclass from its birth on."""
    return dataclasses.fields(message)


def words(message: type[Message[Any]]) -> str:
    """The docstring without the lines about fields."""
    documented, lines, inside = field_docs(message), [], False
    for line in inspect.cleandoc(message.__doc__ or "").splitlines():
        inside = line.startswith(" ") if inside else False
        if any(line.startswith(f"{name}: ") for name in documented):
            inside = True
        if not inside:
            lines.append(line)
    return "\n".join(lines).strip().replace("``", "")
