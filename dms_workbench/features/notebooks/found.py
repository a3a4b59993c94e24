"""What a parametrised notebook needs to find before it can start, and to judge at its end."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Protocol

from ...kernel.bus import Bus
from ...kernel.secrets import Secret
from ..connections import Connection, EnsureConnection, GetConnection
from ..runs import Run
from .errors import MappingUnreadable, RunNotAccepted


class HasBus(Protocol):
    """A workbench, as far as this feature needs it."""

    bus: Bus


def connection_of(workbench: HasBus, project_id: str, reference: str) -> Connection:
    """The connection that a parameter means: an id, ``@name``, a URL or a path.

    Raises ConnectionNotFound, UnknownConnection and the errors of URLs.
    """
    if is_id(reference):
        return workbench.bus.send(GetConnection(reference))
    return workbench.bus.send(EnsureConnection(project_id, Secret(reference)))


def is_id(reference: str) -> bool:
    """Is it written like an id?"""
    try:
        return str(uuid.UUID(reference)) == reference.lower()
    except ValueError:
        return False


def read_mapping(path: str) -> dict[str, str]:
    """The arguments of ``wb.plans.create`` for a mapping file; none for an empty path. Raises MappingUnreadable."""
    if not path:
        return {}
    try:
        return {"mapping_text": Path(path).read_text(encoding="utf-8-sig"), "mapping_path": path}
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise MappingUnreadable(path=path, reason=reason) from None


def accept(run: Run, statuses: str) -> None:
    """Do nothing if the run ended in one of the statuses, listed with commas. Raises RunNotAccepted."""
    accepted = {status.strip() for status in statuses.split(",")}
    if run.status not in accepted:
        message = (run.error or {}).get("message", "")
        raise RunNotAccepted(
            run_id=run.id,
            status=run.status,
            accepted=", ".join(sorted(accepted)),
            reason=f" {message}" if message else "",
        )
