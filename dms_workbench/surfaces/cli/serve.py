"""``dms serve``: the workbench over HTTP, on this computer only."""

from __future__ import annotations

import logging
import signal
import socket
import threading
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from ...kernel.errors import Refused
from .command import command
from .terminal import Terminal

if TYPE_CHECKING:
    from ...kernel.store import Store

SERVICE = "dms_workbench.surfaces.service"  # by name: surfaces never import one another
HOST = "127.0.0.1"
LOOK_SECONDS = 1.0


class PortTaken(Refused, code="port-taken", next="dms serve --port 0"):
    """Port {port} of this computer cannot be used: {reason}"""


@command("serve")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8642,
    show_default=True,
    metavar="N",
    help="On the loopback interface; 0 takes any that is free.",
)
@click.option(
    "--days",
    type=click.IntRange(1, 366),
    default=1,
    show_default=True,
    metavar="N",
    help="How long the token is valid.",
)
def serve(terminal: Terminal, port: int, days: int) -> int:
    """Serve the workbench over HTTP on this computer, until Ctrl-C.

    Makes a token for you and prints how to use it. Nobody on the network can reach the service.
    """
    uvicorn = server_library()
    from ...kernel.bus import LocalBus
    from ...kernel.errors import Refused
    from ...workbench import Workbench

    with listening(port) as listener, Workbench() as workbench:
        if not isinstance(workbench.bus, LocalBus):
            raise Refused(reason="DMS_WORKBENCH_URI leads to a service already; dms serve needs a store.")
        token = workbench.access.create_token("dms serve", days=days)
        address = f"http://{HOST}:{listener.getsockname()[1]}"
        announce(terminal, address, token.secret.reveal())
        app = import_module(SERVICE).create_app(workbench.bus.store)
        config = uvicorn.Config(app, log_level="warning", lifespan="on", ws="none")
        stop = threading.Event()
        threading.Thread(target=keep_workers, args=(workbench.bus.store, stop), daemon=True).start()
        try:
            until_told(uvicorn.Server(config), listener)
            terminal.say("Ended.")
        finally:
            stop.set()
            workbench.access.revoke_token(token.id)
    return 0


def until_told(server: Any, listener: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM. Another one ends it at once: what is under way is cut off without a word."""

    def end(_number: int, _frame: FrameType | None) -> None:
        if server.should_exit:
            server.force_exit = True
            logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
        server.should_exit = True

    server.handle_exit = end
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    server.run(sockets=[listener])


def server_library() -> Any:
    """uvicorn. Raises ExtraMissing."""
    from ...remote import ExtraMissing

    try:
        import_module("fastapi")
        return import_module("uvicorn")
    except ImportError as error:
        raise ExtraMissing(what="dms serve", extra="service") from error


def listening(port: int) -> socket.socket:
    """A socket on the loopback interface. Raises PortTaken."""
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise PortTaken(port=port, reason=error.strerror or type(error).__name__) from None


def announce(terminal: Terminal, address: str, token: str) -> None:
    """Say where it is and how to sign in."""
    terminal.data({"address": address, "token": token})
    terminal.show(
        f"Serving at {address}, its description at {address}/api/v1/docs. Ctrl-C ends it, and the token with it."
    )
    terminal.show(f"\n  export DMS_WORKBENCH_URI={address}\n  export DMS_WORKBENCH_TOKEN={token}")


def keep_workers(store: Store, stop: threading.Event) -> None:
    """Start a worker whenever a run is queued and none is there."""
    from ...features.access import local_caller
    from ...features.runs import ensure_worker
    from ...workbench import Workbench, local_bus

    workbench = Workbench.over(local_bus(store, local_caller(store)))
    while not stop.wait(LOOK_SECONDS):
        if workbench.runs.list(status="queued", limit=1).total:
            ensure_worker(store)
