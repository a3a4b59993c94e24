"""The worker's log: where things happened, never with which values."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

KEPT_BYTES = 5_000_000


class WithoutValues(logging.Formatter):
    """Writes of an exception its class and where it came from; its message may hold values of rows, or a secret."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and the exception below it; what another formatter made of the exception is not reused."""
        record.exc_text = None
        return super().format(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802  the name logging calls
        """The chain of exceptions, the last one first."""
        lines: list[str] = []
        error: BaseException | None = ei[1]
        while error is not None:
            lines.append(
                f"{type(error).__module__}.{type(error).__qualname__} (its message is left out: it may hold values)"
            )
            lines += [
                f"  {frame.filename}:{frame.lineno} in {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
            ]
            error = error.__cause__ or error.__context__
        return "\n".join(lines)


def set_up(path: Path) -> None:
    """Send our logs to standard error, which is the log file; others nowhere. A file grown long is shortened."""
    shorten(path)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(WithoutValues("%(asctime)s %(levelname)s %(name)s %(message)s"))
    ours = logging.getLogger("dms_workbench")
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    logging.getLogger("dms_workbench.bus").setLevel(logging.CRITICAL)
    logging.getLogger().addHandler(logging.NullHandler())
    sys.excepthook = unforeseen
    threading.excepthook = lambda raised: unforeseen(raised.exc_type, raised.exc_value, raised.exc_traceback)


def shorten(path: Path) -> None:
    """Keep the last part of a log that has grown long."""
    if path.exists() and path.stat().st_size > KEPT_BYTES:
        path.write_bytes(path.read_bytes()[-KEPT_BYTES // 2 :])


def unforeseen(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """Log an exception nobody caught."""
    if error is not None:
        logging.getLogger("dms_workbench.worker").critical("unforeseen", exc_info=(kind, error, trace))
