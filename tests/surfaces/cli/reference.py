"""Writes docs/reference/cli.md: python -m tests.surfaces.cli.reference; a test says when it is stale."""

from __future__ import annotations

from collections.abc import Iterator

import click

from dms_workbench.surfaces.cli.app import program
from dms_workbench.surfaces.cli.table_of_commands import EXAMPLES, GROUPS, HAND_WRITTEN
from tests.documents import ROOT

PAGE = ROOT / "docs" / "reference" / "cli.md"
HEAD = f"""# Command line

Generated from the commands by `python -m tests.surfaces.cli.reference`.

```sh
{EXAMPLES.replace("  dms", "dms")}```

Every command takes `--json` (one JSON value on standard output, on failure too: `{{"error": {{"code", "message", "where",
"safe", "next"}}}}`), `--quiet` (no progress, no messages), `--verbose` (more of them) and `--help`. Results go to standard
output, everything else to standard error. The exit codes are in [the README](../../README.md#on-the-command-line).

SOURCE and TARGET are URLs as SQLAlchemy writes them, paths of database files, or `@names` of saved connections.
"""
DERIVED = """
## Every message is a command

The rest follows from the messages: `wb.runs.start(plan_id, chunk_rows=)` is `dms runs start PLAN_ID --chunk-rows N`.
Required fields are positional, in this order, and may be given as options too. A field that repeats is an option that
repeats. A text is read from a file with `@FILE`, from standard input with `-`; a secret given as `-` is asked for.
"""
COMMON = {"json", "quiet", "verbose", "help"}


def page() -> str:
    """The page docs/reference/cli.md."""
    root = program()
    context = click.Context(root, info_name="dms")
    parts = [HEAD, *(section(root, context, name) for name in HAND_WRITTEN), DERIVED]
    for name in GROUPS:
        group = root.get_command(context, name)
        assert isinstance(group, click.Group)
        parts.append(f"\n### dms {name}\n\n{group.help}\n")
        parts += messages(group, click.Context(group, info_name=name, parent=context))
    return "".join(parts)


def section(root: click.Group, context: click.Context, name: str) -> str:
    """A command written by hand, with its whole help."""
    command = root.get_command(context, name)
    assert command is not None
    own = click.Context(command, info_name=name, parent=context, max_content_width=100, terminal_width=100)
    helps = [command.get_help(own)]
    if isinstance(command, click.Group):
        helps += [
            sub.get_help(click.Context(sub, info_name=operation, parent=own, terminal_width=100))
            for operation, sub in command.commands.items()
        ]
    text = "\n\n".join(without_common(help_text) for help_text in helps)
    return f"\n## dms {name}\n\n```text\n{text}\n```\n"


def without_common(help_text: str) -> str:
    """A help text without the options that every command has."""
    lines, skipping = [], False
    for line in help_text.splitlines():
        starts = line.startswith("  -")
        if starts:
            skipping = any(line.strip().startswith(word) for word in ("--json", "-q,", "-v,", "-h,", "--help"))
        if not (skipping and (starts or line.startswith("    "))):
            lines.append(line.rstrip())
    return "\n".join(lines).removesuffix("\n\nOptions:")


def messages(group: click.Group, context: click.Context) -> Iterator[str]:
    """The commands of a feature, a few lines each."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        words = [param.metavar for param in command.params if isinstance(param, click.Argument)]
        usage = " ".join(["dms", str(group.name), name, *filter(None, words)])
        yield f"\n#### {usage}\n\n{command.help}\n"
        options = [
            row(param) for param in command.params if isinstance(param, click.Option) and param.name not in COMMON
        ]
        if options:
            yield "\n| Option | |\n|---|---|\n" + "".join(options)


def row(option: click.Option) -> str:
    """One option as a line of a table."""
    metavar = "" if option.secondary_opts else f" {shown(option)}"
    names = " / ".join([*option.opts[:1], *option.secondary_opts])
    return f"| `{names}{metavar}` | {(option.help or '').replace('|', chr(92) + '|')} |\n"


def shown(option: click.Option) -> str:
    """What stands for an option's value."""
    kind = option.type
    return " \\| ".join(map(str, kind.choices)) if isinstance(kind, click.Choice) else str(option.metavar or "TEXT")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
