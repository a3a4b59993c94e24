"""How a command of ours is declared: click, with the options that every command has."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import click

from .terminal import Terminal, error_alone

Failure = Callable[[dict[str, Any]], dict[str, Any]]


class WorkbenchCommand(click.Command):
    """A command whose function is given the Terminal and then its own values; it returns the exit code, or None for 0."""

    def __init__(self, *args: Any, failure: Failure = error_alone, **kwargs: Any) -> None:
        """failure: makes the JSON object of ``--json`` from an error, in a form of the command's own."""
        kwargs.setdefault("context_settings", {"help_option_names": ["-h", "--help"], "max_content_width": 100})
        super().__init__(*args, **kwargs)
        self.failure = failure
        self.params = [*self.params, *common_options()]

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """From here on, errors are in the command's form."""
        parent = kwargs.get("parent")
        if parent is not None and isinstance(parent.obj, Terminal):
            parent.obj.failure = self.failure
            parent.obj.path = f"{parent.command_path} {self.name}"
        return super().make_context(*args, **kwargs)

    def format_help_text(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The docstring: paragraphs are wrapped, indented lines stay as they are."""
        for paragraph in inspect.cleandoc(self.help or "").split("\n\n"):
            formatter.write_paragraph()
            with formatter.indentation():
                if "\n  " in paragraph:
                    formatter.write("".join(f"  {line}\n" for line in paragraph.splitlines()))
                else:
                    formatter.write_text(paragraph)

    def invoke(self, ctx: click.Context) -> Any:
        """Call the function with the terminal first."""
        if self.callback is None:
            return None
        terminal = ctx.find_object(Terminal) or Terminal(failure=self.failure)
        return ctx.invoke(functools.partial(self.callback, terminal), **ctx.params)


def command(
    name: str, *, failure: Failure = error_alone, **kwargs: Any
) -> Callable[[Callable[..., Any]], WorkbenchCommand]:
    """Declare a command: ``@command("doctor") def doctor(terminal: Terminal) -> int | None``; click's decorators below it."""
    return click.command(name, cls=WorkbenchCommand, failure=failure, **kwargs)


def common_options() -> list[click.Option]:
    """What every command takes."""
    return [
        flag("--json", "as_json", "Print one JSON value on standard output, on failure too."),
        flag("--quiet", "quiet", "No progress and no messages; errors and the result stay.", "-q"),
        flag("--verbose", "verbose", "More messages: what the run logs, and what the workbench does.", "-v"),
    ]


def flag(name: str, attribute: str, text: str, short: str | None = None) -> click.Option:
    """A flag that sets an attribute of the Terminal."""

    def put(ctx: click.Context, _option: click.Parameter, given: bool) -> None:
        terminal = ctx.find_object(Terminal)
        if given and terminal is not None:
            setattr(terminal, attribute, True)

    names = [name] if short is None else [name, short]
    return click.Option(names, is_flag=True, expose_value=False, is_eager=True, callback=put, help=text)


def comma_lists(_ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """A repeatable option whose values may be lists with commas."""
    return tuple(part.strip() for text in given for part in text.split(",") if part.strip())
