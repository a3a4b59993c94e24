"""Structured logs. They go to Python's logging under ``dms_workbench``, which is silent until someone listens."""

from __future__ import annotations

import functools
import logging
from typing import Any

NAME = "dms_workbench"
logging.getLogger(NAME).addHandler(logging.NullHandler())


class Log:
    """Tells structlog, which is loaded when something is told that somebody hears: its import costs as much as a small plan."""

    def __init__(self, part: str) -> None:
        """part: of the workbench."""
        self.heard = logging.getLogger(f"{NAME}.{part}")

    def debug(self, event: str, **facts: Any) -> None:
        """Tell those who look for a fault."""
        self.tell(logging.DEBUG, event, facts)

    def info(self, event: str, **facts: Any) -> None:
        """Tell those who want to know."""
        self.tell(logging.INFO, event, facts)

    def error(self, event: str, **facts: Any) -> None:
        """Tell of a fault; ``exc_info`` as in Python's logging."""
        self.tell(logging.ERROR, event, facts)

    def tell(self, level: int, event: str, facts: dict[str, Any]) -> None:
        """Tell it if somebody listens."""
        if self.heard.isEnabledFor(level):
            getattr(structured(self.heard), logging.getLevelName(level).lower())(event, **facts)


@functools.cache
def logger(part: str) -> Log:
    """The log of a part of the workbench: ``logger("bus").info("sent", message="StartRun")``."""
    return Log(part)


@functools.cache
def structured(heard: logging.Logger) -> Any:
    """A structlog logger that writes JSON."""
    import structlog

    return structlog.wrap_logger(
        heard,
        wrapper_class=structlog.stdlib.BoundLogger,
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        context_class=dict,
        cache_logger_on_first_use=True,
    )
