"""What nobody foresaw: one sentence for the user, the rest in a log file, without any value."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from pathlib import Path

from ... import platform
from ...kernel.errors import WorkbenchError

KEPT_BYTES = 1_000_000


class UnforeseenFault(
    WorkbenchError,
    code="unforeseen-fault",
    safe="A run that was started goes on or can be resumed: dms status shows it.",
    next="Read or report the end of {log}.",
):
    """Something went wrong that nobody foresaw ({fault}); where it happened is in {log}."""


def unforeseen(error: BaseException) -> WorkbenchError:
    """Log a fault; gives the error for the user."""
    path = log_file()
    try:
        enter(path, error)
    except OSError:
        return UnforeseenFault(
            fault=type(error).__name__, log="no log: the data folder cannot be written", next="dms doctor"
        )
    return UnforeseenFault(fault=type(error).__name__, log=str(path))


def log_file() -> Path:
    """The command line's log."""
    return platform.data_folder() / "dms.log"


def enter(path: Path, error: BaseException) -> None:
    """Write classes and places; messages are left out, since they may hold values of rows or secrets."""
    platform.private_folder(path.parent)
    platform.private_file(path)
    if path.stat().st_size > KEPT_BYTES:
        path.write_bytes(path.read_bytes()[-KEPT_BYTES // 2 :])
    lines = [f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"]
    cause: BaseException | None = error
    while cause is not None:
        lines.append(
            f"{type(cause).__module__}.{type(cause).__qualname__} (its message is left out: it may hold values)"
        )
        lines += [
            f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(cause.__traceback__)
        ]
        cause = cause.__cause__ or cause.__context__
    with path.open("a", encoding="utf-8") as log:
        log.write("\n".join(lines) + "\n")
