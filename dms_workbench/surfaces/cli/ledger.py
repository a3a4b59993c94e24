"""``dms ledger``: the books that a target keeps."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, cast

import click

from .command import command
from .terminal import Terminal

if TYPE_CHECKING:
    from ...engine.databases.base import Database, Target
    from ...engine.databases.capabilities import Capabilities


@dataclass(frozen=True, slots=True)
class Names:
    """What the ledger's DDL needs of a target: how tables are called there. No connection is made."""

    database: Database
    schema: str

    @property
    def can(self) -> Capabilities:
        """What the target's product can, and the form of its ledger."""
        return self.database.can

    def ledger_table(self, name: str) -> str:
        """The quoted name, as the target's own writer makes it."""
        if not self.can.ledger.in_schema:
            return self.database.quote(f"dms_ledger_{name}")
        return f"{self.database.quote(self.schema)}.{self.database.quote(name)}"


@click.group("ledger", context_settings={"help_option_names": ["-h", "--help"]})
def ledger() -> None:
    """The books of every run, which the target itself keeps."""


@command("ddl")
@click.argument("target")
@click.option(
    "--ledger-schema", metavar="NAME", default="dms_ledger", show_default=True, help="Where the target keeps the books."
)
@click.option("--project", metavar="NAME", default="default", show_default=True, help="The project of @TARGET.")
def ddl(terminal: Terminal, target: str, ledger_schema: str, project: str) -> int:
    """Print the statements that make the ledger, for a DBA where the role may not.

    TARGET is a URL, a path or an @name; no connection is made.
    """
    from ...engine.databases.urls import database_for
    from ...engine.ledger import Ledger

    url = saved_url(target, project) if target.startswith("@") else target
    names = Names(database_for(url), ledger_schema)
    statements = Ledger(cast("Target", names)).ddl()
    terminal.show("\n".join(f"{statement};" for statement in statements))
    terminal.data({"database": names.database.can.database, "ddl": statements})
    return 0


def saved_url(name: str, project: str) -> str:
    """The address of a saved connection, without its password. Raises UnknownConnection."""
    from ...kernel.secrets import Secret
    from ...workbench import Workbench

    with Workbench() as workbench:
        return workbench.connections.ensure(workbench.projects.ensure(project).id, Secret(name)).url


@command("drop")
@click.argument("target")
@click.option(
    "--ledger-schema", metavar="NAME", default="dms_ledger", show_default=True, help="Where the target keeps the books."
)
@click.option("--project", metavar="NAME", default="default", show_default=True, help="The project of @TARGET.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
def drop(terminal: Terminal, target: str, ledger_schema: str, project: str, *, yes: bool) -> int:
    """Drop the ledger of a target: its books, its quarantine and all undo data.

    Asks first. Runs it holds can then neither be resumed nor taken back. TARGET is a URL, a path or an @name.
    """
    from ...features.runs import UndoDataOpen
    from ...kernel.secrets import Secret
    from ...workbench import Workbench

    with Workbench() as workbench:
        place = workbench.connections.ensure(workbench.projects.ensure(project).id, Secret(target)).id
        if not yes and not click.confirm("Drop the ledger with all its books?", default=False, err=True):
            return kept(terminal)
        try:
            dropped = workbench.runs.drop_ledger(place, ledger_schema=ledger_schema, with_undo_data=yes)
        except UndoDataOpen as error:
            terminal.say(error.message)
            if not click.confirm("Drop these undo data too?", default=False, err=True):
                return kept(terminal)
            dropped = workbench.runs.drop_ledger(place, ledger_schema=ledger_schema, with_undo_data=True)
    terminal.show(str(dropped))
    terminal.data({"dropped": True, "tables": dropped.tables})
    return 0


@command("drop-expired-undo")
@click.argument("target")
@click.option(
    "--ledger-schema", metavar="NAME", default="dms_ledger", show_default=True, help="Where the target keeps the books."
)
@click.option("--project", metavar="NAME", default="default", show_default=True, help="The project of @TARGET.")
@click.option("--preview", "only_look", is_flag=True, help="Only say what would be dropped.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
def drop_expired_undo(
    terminal: Terminal, target: str, ledger_schema: str, project: str, *, only_look: bool, yes: bool
) -> int:
    """Drop what a target keeps to take runs back, where the time is over that --undo-days gave it.

    What would be dropped is shown first. Those runs can then no longer be taken back where they met rows. TARGET is a URL, a
    path or an @name.
    """
    from ...kernel.secrets import Secret
    from ...workbench import Workbench

    with Workbench() as workbench:
        place = workbench.connections.ensure(workbench.projects.ensure(project).id, Secret(target)).id
        found = workbench.runs.drop_expired_undo(place, ledger_schema=ledger_schema)
        if found.dropped and not only_look and not yes:
            terminal.say(str(found))
            only_look = not click.confirm("Drop these undo data?", default=False, err=True)
        if found.dropped and not only_look:
            found = workbench.runs.drop_expired_undo(place, ledger_schema=ledger_schema, preview=False)
    terminal.show(str(found))
    terminal.data(asdict(found))
    return 0


def kept(terminal: Terminal) -> int:
    """Say that the ledger is as it was."""
    terminal.say("Nothing was changed.")
    terminal.data({"dropped": False, "tables": 0})
    return 1


ledger.add_command(ddl)
ledger.add_command(drop)
ledger.add_command(drop_expired_undo)
