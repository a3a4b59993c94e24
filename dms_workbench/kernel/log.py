"""Structured logs. They go to Python's logging under ``dms_workbench``, which is silent until someone listens."""

from __future__ import annotations

import functools
import logging
from typing import Any

NAME = "dms_workbench"
logging.getLogger(NAME).addHandler(logging.NullHandler())


@functools.cache
def logger(part: str) -> Any:
    """A structlog logger for a part of the workbench: ``logger("bus").info("sent", message="StartRun")``."""
    import structlog

    return structlog.wrap_logger(
        logging.getLogger(f"{NAME}.{part}"),
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
