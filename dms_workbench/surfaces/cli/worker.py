"""``dms worker``: carry out queued runs in this terminal."""

from __future__ import annotations

import os
import signal
from importlib import import_module

import click

from .command import command
from .terminal import Terminal

MODULE = "dms_workbench.surfaces.worker.__main__"  # by name: surfaces never import one another
STORE_VARIABLE = "DMS_WORKER_STORE"
IDLE_VARIABLE = "DMS_WORKER_IDLE_SECONDS"


@command("worker")
@click.option(
    "--store", metavar="URL", help="The store whose runs to carry out; the one of the data folder if left out."
)
@click.option(
    "--idle-seconds",
    type=click.FloatRange(min=0),
    metavar="N",
    help="Leave after so long without work; never if left out.",
)
def worker(terminal: Terminal, store: str | None, idle_seconds: float | None) -> int:
    """Carry out queued runs here, until Ctrl-C. dms migrate starts a worker of its own; a service needs this one.

    Ctrl-C pauses the runs under way; they go on when a worker takes them again.
    """
    from ...workbench import URI_VARIABLE

    wanted = store or os.environ.get(STORE_VARIABLE) or os.environ.get(URI_VARIABLE)
    if wanted is not None:
        os.environ[STORE_VARIABLE] = wanted
    os.environ[IDLE_VARIABLE] = str(idle_seconds if idle_seconds is not None else float("inf"))
    signal.signal(signal.SIGINT, lambda _number, _frame: os.kill(os.getpid(), signal.SIGTERM))
    terminal.say("Carrying out queued runs. Ctrl-C pauses them and ends.")
    code: int = import_module(MODULE).main()
    terminal.say("The worker has ended; or another worker serves this store already.")
    terminal.data({"ended": True})
    return code
