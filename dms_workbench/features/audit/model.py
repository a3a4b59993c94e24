"""Audit entries and their hash chain, as values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ...kernel.shown import Readable

FIRST_HASH = "0" * 64


@dataclass(frozen=True)
class AuditEntry(Readable):
    """One entry. number: 1, 2, 3 … within the organisation; outcome: done or refused; subject: ids it concerned.

    details: the message's fields, secrets as stars; hash: SHA-256 over this entry and the hash before it.
    """

    number: int
    at: datetime
    user: str
    user_id: str
    action: str
    outcome: str
    project_id: str | None
    subject: Mapping[str, str]
    details: Mapping[str, Any]
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class AuditReport(Readable):
    """The result of a check. broken_at: number of the first entry that does not fit; None when all fit.

    head: the last entry's hash. Keep it elsewhere: it proves later that nothing up to it was changed or cut off.
    """

    entries: int
    intact: bool
    broken_at: int | None
    head: str


def digest(organisation_id: str, entry: AuditEntry) -> str:
    """The entry's hash: SHA-256 of its canonical JSON, the organisation and the hash before it included."""
    content = {
        "organisation_id": organisation_id,
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(),
        "user_id": entry.user_id,
        "user": entry.user,
        "action": entry.action,
        "outcome": entry.outcome,
        "project_id": entry.project_id,
        "subject": dict(entry.subject),
        "details": dict(entry.details),
        "previous_hash": entry.previous_hash,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def check(organisation_id: str, entries: Iterable[AuditEntry]) -> AuditReport:
    """Check a whole chain from its first entry."""
    number, head = 0, FIRST_HASH
    for entry in entries:
        fits = entry.number == number + 1 and entry.previous_hash == head
        if not fits or entry.hash != digest(organisation_id, entry):
            return AuditReport(number, intact=False, broken_at=number + 1, head=head)
        number, head = entry.number, entry.hash
    return AuditReport(number, intact=True, broken_at=None, head=head)
