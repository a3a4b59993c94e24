"""Adding to the audit. The bus calls it, in the transaction of what it records."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...kernel.audit_entry import Happening
from . import store
from .model import AuditEntry, digest

if TYPE_CHECKING:
    from sqlalchemy import Connection


def record(db: Connection, happening: Happening) -> None:
    """Add an entry to the end of the organisation's chain."""
    number, previous = store.locked_head(db, happening.organisation_id)
    entry = AuditEntry(
        number=number + 1,
        at=happening.at,
        user=happening.user_name,
        user_id=happening.user_id,
        action=happening.action,
        outcome=happening.outcome,
        project_id=happening.project_id,
        subject=happening.subject,
        details=happening.details,
        previous_hash=previous,
        hash="",
    )
    store.append(db, happening.organisation_id, replace(entry, hash=digest(happening.organisation_id, entry)))
