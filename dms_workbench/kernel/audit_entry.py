"""What the bus says about a message to whoever keeps the audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class Happening:
    """One auditable attempt. action: the message's name; outcome: ``done`` or ``refused``.

    subject: ids of the things it named or made; details: the message's fields, secrets as stars.
    """

    at: datetime
    organisation_id: str
    user_id: str
    user_name: str
    action: str
    outcome: str
    project_id: str | None
    subject: Mapping[str, str]
    details: Mapping[str, Any]


Recorder: TypeAlias = "Callable[[Connection, Happening], None]"
