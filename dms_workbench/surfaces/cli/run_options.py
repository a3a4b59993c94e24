"""How a run goes about it: options of ``dms migrate`` and ``dms apply``, the fields of StartRun."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
SETTINGS = (
    "on_reject", "max_rejects", "lanes", "chunk_rows", "verify", "push_down", "patience_seconds", "stall_seconds", "max_rows_per_second",
    "max_lanes", "max_lock_wait_seconds", "max_lag_seconds", "max_active_sessions", "max_transaction_seconds", "executor", "scheduler",
    "tls_ca", "tls_cert", "tls_key",
)  # fmt: skip
"""The names under which a command gets them."""


def together(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Several options as one decorator; help lists them in this order."""

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


class AutoOr(click.IntRange):
    """A number, or the word ``auto``, which is None."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """As of a number."""
        return None if value in (None, "auto") else super().convert(value, param, ctx)


def seconds(flag: str, default: float | None, help: str, *, metavar: str = "S") -> Callable[[F], F]:
    """An option that is a number above zero."""
    return click.option(
        flag,
        type=click.FloatRange(min=0, min_open=True),
        default=default,
        show_default=default is not None,
        metavar=metavar,
        help=help,
    )


ROWS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--on-reject",
        type=click.Choice(["quarantine", "stop"]),
        default="quarantine",
        show_default=True,
        help="What to do with a row that the target cannot hold.",
    ),
    click.option(
        "--max-rejects",
        type=click.IntRange(min=0),
        metavar="N",
        help="Stop when more rows than this are in quarantine.",
    ),
    click.option(
        "--lanes",
        type=AutoOr(1, 64),
        default="auto",
        show_default=True,
        metavar="auto|N",
        help="Parallel streams for each table, where both databases allow it; auto tries how many pay.",
    ),
    click.option(
        "--chunk-rows",
        type=AutoOr(1),
        default="auto",
        show_default=True,
        metavar="auto|N",
        help="Rows per commit at most; auto begins with 50,000 and measures.",
    ),
    click.option(
        "--verify/--no-verify",
        default=True,
        show_default=True,
        help="Read the target back and compare every row.",
    ),
    click.option(
        "--push-down/--no-push-down",
        default=True,
        show_default=True,
        help="Compute expressions in the source's own SQL where that gives the same.",
    ),
)
"""How rows are copied."""
CARE: tuple[Callable[[Any], Any], ...] = (
    seconds("--patience-seconds", 600.0, "Wait so long, in all, for a database that is gone or busy."),
    seconds("--stall-seconds", 60.0, "Ask a database whether it is there when nothing has moved for so long."),
    seconds("--max-rows-per-second", None, "Of the whole run.", metavar="N"),
    click.option("--max-lanes", type=click.IntRange(min=1), metavar="N", help="Of a table, whoever chose them."),
    seconds("--max-lock-wait-seconds", 2.0, "Hold back while a session of the source waits longer for a lock."),
    seconds("--max-lag-seconds", 60.0, "Hold back while a standby of the source is further behind."),
    click.option(
        "--max-active-sessions",
        type=click.IntRange(min=0),
        metavar="N",
        help="Hold back while more sessions are at work on the source.",
    ),
    seconds("--max-transaction-seconds", None, "Pause when the source's snapshot has been held for so long."),
)
"""How long a run waits, and how kind to the source it is."""
CLUSTER: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--executor",
        type=click.Choice(["local", "dask"]),
        default="local",
        show_default=True,
        help="Where lanes run: in the worker, or on the processes of a Dask cluster.",
    ),
    click.option("--scheduler", metavar="URL", help="Of the Dask cluster: tcp://HOST:8786 or tls://HOST:8786."),
    click.option("--tls-ca", metavar="FILE", help="The certificate authority of a tls:// scheduler."),
    click.option("--tls-cert", metavar="FILE", help="The client's certificate for a tls:// scheduler."),
    click.option("--tls-key", metavar="FILE", help="The key of that certificate."),
)
"""Where its lanes run."""


def run_options(function: F) -> F:
    """How a run goes about it."""
    decorated: F = together(*ROWS, *CARE, *CLUSTER)(function)
    return decorated
