"""The hash chain, without a store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dms_workbench.features.audit.model import FIRST_HASH, AuditEntry, check, digest

CHANGES: list[dict[str, Any]] = [
    {"user": "bert"},
    {"user_id": "2"},
    {"action": "Other"},
    {"outcome": "refused"},
    {"project_id": "p"},
    {"subject": {"id": "x"}},
    {"details": {"name": "y"}},
    {"at": datetime(2026, 1, 2, tzinfo=UTC)},
    {"number": 7},
    {"previous_hash": "f" * 64},
    {"hash": "f" * 64},
]


def chain(length: int, organisation: str = "local") -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    for number in range(1, length + 1):
        previous = entries[-1].hash if entries else FIRST_HASH
        at = datetime(2026, 1, 1, tzinfo=UTC)
        entry = AuditEntry(number, at, "anna", "1", "Do", "done", None, {}, {"name": "ü"}, previous, "")
        entries.append(replace(entry, hash=digest(organisation, entry)))
    return entries


def test_a_whole_chain_is_intact() -> None:
    entries = chain(5)
    report = check("local", entries)
    assert (report.intact, report.entries, report.head) == (True, 5, entries[-1].hash)


def test_an_empty_chain_is_intact() -> None:
    assert check("local", []).head == FIRST_HASH


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_a_change_of_any_field_shows(change: dict[str, Any]) -> None:
    entries = chain(5)
    entries[2] = replace(entries[2], **change)
    assert check("local", entries).broken_at == 3


def test_an_entry_changed_with_its_hash_shows_at_the_next() -> None:
    entries = chain(5)
    forged = replace(entries[2], user="bert")
    entries[2] = replace(forged, hash=digest("local", forged))
    assert check("local", entries).broken_at == 4


def test_entries_left_out_doubled_or_swapped_show() -> None:
    entries = chain(4)
    for forged in ([*entries[:1], *entries[2:]], [*entries[:2], *entries[1:]], [*entries[1::-1], *entries[2:]]):
        assert not check("local", forged).intact


def test_a_chain_belongs_to_its_organisation() -> None:
    assert not check("other", chain(2, "local")).intact
