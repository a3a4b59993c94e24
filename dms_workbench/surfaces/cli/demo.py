"""``dms demo``: a sample shop moves into a modern schema through a notebook, its planted bad rows into quarantine."""

from __future__ import annotations

import os
import queue
import shlex
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...kernel.errors import Failed
from ...kernel.secrets import Secret
from . import report, show
from .command import command
from .demo_folder import DemoFolder
from .layout import columns
from .show import keyed
from .terminal import Terminal, paint
from .watch import Watch

if TYPE_CHECKING:
    from ...features.notebooks import CellDone
    from ...features.runs import Run
    from ...workbench import Workbench

FOLDER = "dms-demo"
PROJECT = "demo"
TEMPLATE = "migrate.ipynb"
MAPPING = "demo-shop.yaml"
STOP_SECONDS = 15.0
STOPPED = {"paused", "cancelled", "interrupted", "queued", "running"}


class DemoUnexpected(Failed, code="demo-unexpected", next="Open {report} and compare."):
    """The demo did not end as it should: {reason}"""


@command("demo", failure=report.refusal)
@click.option("--folder", metavar="DIR", default=FOLDER, show_default=True, help="Where its files go.")
def demo(terminal: Terminal, folder: str) -> int:
    r"""Migrate a sample shop with planted bad rows, and show the report.

    Builds a shop's database of fifteen years (SQLite, 12 tables, 100,000 rows), migrates it into a DuckDB file with a
    modern schema through a mapping file, by executing a notebook, and verifies every row. Exits 0 when exactly the rows
    that are bad on purpose are in quarantine and everything else is equal.

    \b
    Examples:
      dms demo
      dms demo --folder /tmp/shop --json
    """
    from ...workbench import Workbench

    place = DemoFolder(Path(folder).absolute())
    place.check()
    with embedded_store(), Workbench() as workbench:
        run = Demo(workbench, terminal, place).run()
        return tell(terminal, place, report.with_keys(workbench, report.full(run)), run)


@contextmanager
def embedded_store() -> Iterator[None]:
    """The store in the data folder, for this process and the notebook's: a service could not see the demo's files."""
    from ...workbench import URI_VARIABLE

    before = os.environ.pop(URI_VARIABLE, None)
    try:
        yield
    finally:
        if before is not None:
            os.environ[URI_VARIABLE] = before


@dataclass(slots=True)
class Demo:
    """One demo on its way."""

    workbench: Workbench
    terminal: Terminal
    place: DemoFolder
    news: queue.SimpleQueue[str | BaseException | None] = field(default_factory=queue.SimpleQueue)

    def run(self) -> Run:
        """Build, migrate, report. Raises what stopped it."""
        from ...shipped import shipped

        self.stop_earlier()
        self.place.clear()
        self.step("Building a shop's database of fifteen years", self.place.source)
        self.build()
        self.place.mapping.write_bytes((shipped("templates") / MAPPING).read_bytes())
        self.place.sign()
        self.step("Mapping it into a schema of today", self.place.mapping)
        self.step("Migrating it through a notebook", self.place.notebook)
        run = self.migrate(shipped("templates") / TEMPLATE)
        self.write_report()
        return run

    def step(self, words: str, file: Path) -> None:
        """Say what is done and where it lies."""
        self.terminal.say(f"{words:46}{paint(shown(file), 'dim', stream=sys.stderr)}")

    def build(self) -> None:
        """The old shop."""
        from ...samples import build_shop

        build_shop(self.place.source)

    def stop_earlier(self) -> None:
        """Cancel the run of an earlier demo that still writes into this folder, and wait until it has let go."""
        project = self.workbench.projects.ensure(PROJECT)
        target = self.workbench.connections.ensure(project.id, Secret(str(self.place.target)))
        for run in self.workbench.runs.list(project.id).items:
            if run.active and self.workbench.plans.get(run.plan_id).target_connection_id == target.id:
                self.terminal.say(f"Cancelling run {run.id} of an earlier demo.")
                run.cancel().wait(STOP_SECONDS)

    def migrate(self, template: Path) -> Run:
        """Execute the notebook on a thread, and watch the run that it starts. Raises what the notebook raised."""
        thread = threading.Thread(target=self.execute, args=(template,), daemon=True, name="demo notebook")
        thread.start()
        run_id = self.news.get()
        if not isinstance(run_id, str):
            raise run_id or DemoUnexpected(reason="the notebook started no run", report=self.place.notebook)
        run = Watch(self.workbench, self.terminal).until_it_ends(self.workbench.runs.get(run_id))
        self.terminal.say("Finishing the notebook and its report")
        thread.join()
        ended = self.news.get()
        if isinstance(ended, BaseException) and run.status == "succeeded_with_quarantine":
            raise ended
        return run

    def execute(self, template: Path) -> None:
        """Execute the notebook; tells the news: the run's id, then how it ended."""
        from ...features.notebooks import execute

        values = {
            "source": str(self.place.source),
            "target": str(self.place.target),
            "mapping": str(self.place.mapping),
            "project": PROJECT,
        }
        try:
            execute(template, self.place.notebook, values, on_cell=self.hear)
        except BaseException as error:  # noqa: BLE001  it is raised again where the demo waits
            self.news.put(error)
        else:
            self.news.put(None)

    def hear(self, cell: CellDone) -> None:
        """Pass on the run that a cell started."""
        for run_id in cell.run_ids:
            self.news.put(run_id)

    def write_report(self) -> None:
        """The HTML page of the executed notebook."""
        from ...features.notebooks import write_report

        write_report(self.place.notebook, self.place.report)
        self.place.sign()


def shown(path: Path) -> str:
    """A path as short as it is clear: relative if it lies below the current folder."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def tell(terminal: Terminal, place: DemoFolder, told: dict[str, Any], run: Run) -> int:
    """Show how the demo ended; returns the exit code."""
    wrong = unexpected(told)
    terminal.data(machine_form(place, told, wrong))
    terminal.show(show.summary(told))
    terminal.show("\n" + "\n".join(closing(place, told, wrong)))
    if not wrong:
        return 0
    return run.exit_code if run.exit_code not in {0, 3} else 1


def unexpected(told: dict[str, Any]) -> list[str]:
    """Every way in which a run of the demo is not as it should be; empty if exactly the planted rows are in quarantine."""
    from ...samples import PLANTED_KEYS

    if told["status"] != "succeeded_with_quarantine":
        return [f"the run ended as {told['status']}"]
    found = Counter((str(row["table"]), keyed(row["key"])) for row in told["quarantine"])
    planted = Counter((table, keyed(key)) for table, keys in PLANTED_KEYS.items() for key in keys)
    wrong = [f"{table} {key} is in quarantine, and should not" for table, key in found - planted]
    wrong += [f"{table} {key} is not in quarantine" for table, key in planted - found]
    wrong += [f"{table['source']} was {table['verified']}" for table in told["tables"] if table["verified"] != "equal"]
    return wrong


def closing(place: DemoFolder, told: dict[str, Any], wrong: list[str]) -> list[str]:
    """Whether all is as planned, where everything lies and what to try next."""
    files = [
        ["Old shop", shown(place.source)],
        ["New shop", shown(place.target)],
        ["Mapping", shown(place.mapping)],
        ["Notebook, executed", shown(place.notebook)],
        ["Report", shown(place.report)],
    ]
    if told["status"] in STOPPED:
        return [verdict(told, wrong)]
    return [
        verdict(told, wrong),
        "",
        *columns(files),
        "",
        f"  {paint('Try next:', 'bold')}",
        *columns(next_commands(place), indent="    "),
    ]


def verdict(told: dict[str, Any], wrong: list[str]) -> str:
    """One sentence."""
    if told["status"] in STOPPED:
        return f"{paint('·', 'yellow', 'bold')} {paint('Not finished. The same command begins the demo anew.', 'bold')}"
    if wrong:
        return f"{paint('✗', 'red', 'bold')} {paint('Not as planned:', 'bold')} {'; '.join(wrong)}"
    words = f"As planned: exactly the {told['quarantine_total']} rows that are bad on purpose are in quarantine, the rest is verified."
    return f"{paint('✓', 'green', 'bold')} {paint(words, 'bold')}"


def next_commands(place: DemoFolder) -> list[list[str]]:
    """Commands and what they do."""
    source, target, mapping = (shlex.quote(shown(path)) for path in (place.source, place.target, place.mapping))
    return [
        [f"dms verify {source} {target} --mapping {mapping}", "compare both again, row by row"],
        ["dms lab", "open JupyterLab with notebooks to start from"],
        ["dms migrate SOURCE TARGET", "your own databases"],
    ]


def machine_form(place: DemoFolder, told: dict[str, Any], wrong: list[str]) -> dict[str, Any]:
    """The object of ``--json``: that of ``dms migrate``, and where everything lies."""
    files = {
        "source": place.source,
        "target": place.target,
        "mapping": place.mapping,
        "notebook": place.notebook,
        "report": place.report,
    }
    error = {"error": DemoUnexpected(reason="; ".join(wrong), report=str(place.report)).as_dict()} if wrong else {}
    return {
        **report.public({**told, **error} if not told["error"] else told),
        "as_planted": not wrong,
        "files": {name: str(path) for name, path in files.items()},
    }
