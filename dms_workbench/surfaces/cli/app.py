"""The program ``dms``: finds the command, runs it, and turns whatever happens into words and an exit code."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from .command import common_options
from .table_of_commands import EXAMPLES, GROUPS, HAND_WRITTEN, MOVE, SERVE, WATCH
from .terminal import Terminal

if TYPE_CHECKING:
    from ...kernel.errors import WorkbenchError

USAGE_EXIT = 2
INTERRUPTED_EXIT = 5
HELP = """Move data between databases and account for every row.

SOURCE and TARGET are URLs as SQLAlchemy writes them, paths of database files, or @names of saved connections.
"""


class Program(click.Group):
    """All commands, none loaded before it is asked for."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return [*HAND_WRITTEN, *GROUPS]

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Load a command, or make a feature's group; None if there is none of this name."""
        if name in HAND_WRITTEN:
            module, _, attribute = HAND_WRITTEN[name].place.partition(":")
            found: click.Command = getattr(import_module(f".{module}", __package__), attribute)
            return found
        from .derived import group

        return group(name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; an unknown name is answered with the nearest known one."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise click.UsageError(f"There is no command {args[0]}.{nearest(args[0], self.list_commands(ctx))}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands by what they are for."""
        for title, entries in (("Move data", MOVE), ("Watch", WATCH), ("Serve", SERVE)):
            with formatter.section(title):
                formatter.write_dl([(name, entry.help) for name, entry in entries.items()])
        with formatter.section("Everything else, by what it is about"):
            formatter.write_dl(list(GROUPS.items()))

    def format_epilog(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples."""
        with formatter.section("Examples"):
            formatter.write(EXAMPLES)
        formatter.write(
            "\nExit codes: 0 succeeded, 1 failed or refused, 2 wrong usage, 3 succeeded with rows in quarantine,\n"
        )
        formatter.write(
            "4 source and target differ, 5 paused, cancelled or interrupted (repeat the command), 6 not verified.\n"
        )


def nearest(name: str, known: list[str]) -> str:
    """A sentence with the known name most like one, if any is."""
    from difflib import get_close_matches

    found = get_close_matches(name, known, 1)
    return f" Did you mean {found[0]}?" if found else ""


def show_version(ctx: click.Context, _option: click.Parameter, given: bool) -> None:
    """Print the version and end."""
    if given and not ctx.resilient_parsing:
        from ... import __version__

        terminal = ctx.find_object(Terminal) or Terminal()
        terminal.show(f"dms {__version__}")
        terminal.data({"version": __version__})
        ctx.exit()


def program() -> Program:
    """The program with its own options."""
    version = click.Option(
        ["--version"], is_flag=True, expose_value=False, callback=show_version, help="Print the version and end."
    )
    return Program(
        "dms",
        help=HELP,
        params=[version, *common_options()],
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )


def run(arguments: list[str] | None = None) -> int:
    """Run the command that the arguments name; returns the exit code. Never raises for what a user can do wrong."""
    given = sys.argv[1:] if arguments is None else arguments
    terminal = Terminal(as_json="--json" in given)
    try:
        code = program().main(given, prog_name="dms", standalone_mode=False, obj=terminal)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stderr.write(error.format_message() + "\n")
        return USAGE_EXIT
    except click.ClickException as error:
        terminal.fail(usage_error(error))
        return USAGE_EXIT
    except (KeyboardInterrupt, click.Abort):
        terminal.fail(interrupted())
        return INTERRUPTED_EXIT
    except BrokenPipeError:
        return leave_quietly()
    except Exception as error:  # noqa: BLE001  the last place to turn a fault into a sentence
        return failed(terminal, error)


def failed(terminal: Terminal, error: Exception) -> int:
    """Say what went wrong; an unforeseen error goes to the log, not to the terminal."""
    from ...kernel.errors import WorkbenchError

    if not isinstance(error, WorkbenchError):
        from .faults import unforeseen

        error = unforeseen(error)
    terminal.fail({**error.as_dict(), "next": error.next or next_step(error, terminal.path)})
    return error.exit_code


def next_step(error: WorkbenchError, path: str) -> str:
    """What to do when the error itself does not say."""
    from ...kernel.errors import NotFound

    if isinstance(error, NotFound):
        kind = str(error.facts.get("kind") or error.code.partition("-")[0])
        return f"dms {kind}s list" if f"{kind}s" in GROUPS else "dms status"
    return f"{path} --help"


def usage_error(error: click.ClickException) -> dict[str, Any]:
    """A wrong command line as an error of ours."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "dms"
    return {
        "code": "usage",
        "message": error.format_message(),
        "where": "",
        "safe": "Nothing was changed.",
        "next": f"{path} --help",
    }


def interrupted() -> dict[str, Any]:
    """Ctrl-C before there was anything to pause."""
    return {
        "code": "stopped-by-you",
        "message": "Stopped by Ctrl-C.",
        "where": "",
        "safe": "A run that was started goes on: dms status shows it.",
        "next": "Repeat the command.",
    }


def leave_quietly() -> int:
    """Whoever read our output has gone: end without a word, as other programs do."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
