"""Testing a connection."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

from annotated_types import Gt, Le

from ...kernel.bus import handles, prepares
from ...kernel.context import Context
from ...kernel.errors import WorkbenchError
from ...kernel.messages import Command
from . import store
from .credentials import full_url
from .model import ConnectionTest, Status

if TYPE_CHECKING:
    from ...engine.databases.probe import ProbeReport

TIMEOUT_LIMIT_SECONDS = 60


class TestConnection(Command[ConnectionTest], route="POST /connections/{connection_id}/test", scope="connections:test"):
    """Connect, look at what is there and may be done, and say what is wrong if it does not work. Writes nothing.

    connection_id: the connection's id or name.
    as_target: it is to be written to: missing rights are then a failure.
    timeout_seconds: for connecting, and again for looking.
    """

    __test__ = False  # a message, not a test class

    connection_id: str
    as_target: bool = False
    timeout_seconds: Annotated[float, Gt(0), Le(TIMEOUT_LIMIT_SECONDS)] = 10.0


@dataclass(frozen=True)
class Finding:
    """What the network said: a report or an error, after so many seconds."""

    seconds: float
    report: ProbeReport | None = None
    error: WorkbenchError | None = None


@prepares(TestConnection)
def look(command: TestConnection, ctx: Context) -> Finding:
    """Connect before the transaction opens."""
    from ...engine.databases.probe import probe

    started = time.perf_counter()
    try:
        url = full_url(ctx, store.get(ctx.db, command.connection_id))
        report = probe(url, as_target=command.as_target, timeout_seconds=command.timeout_seconds)
    except WorkbenchError as error:
        return Finding(time.perf_counter() - started, error=error)
    return Finding(time.perf_counter() - started, report=report)


@handles(TestConnection)
def test_connection(command: TestConnection, ctx: Context) -> ConnectionTest:
    finding: Finding = ctx.prepared
    status = Status.FAILING if finding.error else Status.WORKS
    problem = finding.error.code if finding.error else None
    store.change(ctx.db, command.connection_id, {"status": status.value, "tested_at": ctx.now, "problem": problem})
    return outcome(command.connection_id, ctx, finding)


def outcome(connection_id: str, ctx: Context, finding: Finding) -> ConnectionTest:
    """The finding as an answer."""
    from ...engine.databases.probe import blame

    seconds = round(finding.seconds, 3)
    if finding.report is not None:
        return ConnectionTest(connection_id, True, ctx.now, seconds, **asdict(finding.report))
    error = finding.error or WorkbenchError(reason="")
    return ConnectionTest(connection_id, False, ctx.now, seconds, error.code, error.message, blame(error), error.next)
