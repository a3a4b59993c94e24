"""How a run goes about it: options of ``dms migrate`` and ``dms apply``, the fields of StartRun."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
SETTINGS = (
    "on_reject", "max_rejects", "lanes", "chunk_rows", "verify", "push_down", "patience_seconds", "stall_seconds", "max_rows_per_second",
    "max_lock_wait_seconds", "max_lag_seconds", "max_active_sessions", "max_transaction_seconds", "executor", "scheduler",
    "tls_ca", "tls_cert", "tls_key",
)  # fmt: skip
"""The names under which a command gets them."""


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


def run_options(function: F) -> F:
    """How a run goes about it."""
    for decorate in reversed(
        (
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
                type=click.IntRange(1, 64),
                default=1,
                show_default=True,
                metavar="N",
                help="Parallel streams for each table, where both databases allow it.",
            ),
            click.option(
                "--chunk-rows",
                type=click.IntRange(min=1),
                default=50_000,
                show_default=True,
                metavar="N",
                help="Rows per commit at most.",
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
            seconds("--patience-seconds", 600.0, "Wait so long, in all, for a database that is gone or busy."),
            seconds("--stall-seconds", 60.0, "Ask a database whether it is there when nothing has moved for so long."),
            seconds("--max-rows-per-second", None, "Of the whole run.", metavar="N"),
            seconds("--max-lock-wait-seconds", 2.0, "Hold back while a session of the source waits longer for a lock."),
            seconds("--max-lag-seconds", 60.0, "Hold back while a standby of the source is further behind."),
            click.option(
                "--max-active-sessions",
                type=click.IntRange(min=0),
                metavar="N",
                help="Hold back while more sessions are at work on the source.",
            ),
            seconds("--max-transaction-seconds", None, "Pause when the source's snapshot has been held for so long."),
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
    ):
        function = decorate(function)
    return function
