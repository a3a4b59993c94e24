"""Verification of a run that only inserted what was missing: rows that were there keep their values, those it wrote are proved.

Which is which, the images say that the run has kept of the rows it inserted. Where there are none, nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..databases.removing import mark, value_of
from ..databases.stages import KIND, NEW, database_of
from ..ledger import Accounts, Ledger
from ..ledger.images import images_of
from ..planning.plan import PlannedTable

if TYPE_CHECKING:
    from ..verifying import Finding, TableVerification, Told

KEYS_AT_A_TIME = 200
WRONG_SHOWN = 100
MODE = "insert-missing"


@dataclass(slots=True)
class Sorted:
    """The rows of one table map that differ, by who wrote them."""

    waiting: list[Finding] = field(default_factory=list)
    wrong: int = 0
    """Rows that the run has inserted."""
    findings: list[Finding] = field(default_factory=list)
    """The first of them."""


@dataclass(slots=True)
class KeptRows:
    """Tells rows that were there before a run from those that it inserted, as verification finds that they differ."""

    ledger: Ledger
    every: Told | None
    """Told all rows that are wrong."""
    images: dict[int, str] = field(init=False)
    found: dict[int, tuple[PlannedTable, Sorted]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.images = images_of(self.ledger)

    def told(self, planned: PlannedTable, found: Finding) -> None:
        """Take note of a row that differs."""
        if found.kind != "changed" or found.key is None or planned.map_no not in self.images:
            if self.every is not None:
                self.every(planned, found)
            return
        known = self.found.setdefault(planned.map_no, (planned, Sorted()))[1]
        known.waiting.append(found)
        if len(known.waiting) >= KEYS_AT_A_TIME:
            self.sort(planned, known)

    def sort(self, planned: PlannedTable, known: Sorted) -> None:
        """Ask which of the rows that wait the run has inserted."""
        some, known.waiting = known.waiting, []
        wrong = [found for found in some if self.inserted(planned, found.key or {})]
        known.wrong += len(wrong)
        known.findings += wrong[: WRONG_SHOWN - len(known.findings)]
        if self.every is not None:
            for found in wrong:
                self.every(planned, found)

    def inserted(self, planned: PlannedTable, key: Mapping[str, str | None]) -> bool:
        """Has the run inserted the row of a key?"""
        target = self.ledger.target
        quote = database_of(target.can.database).quote
        tests = [f"{KIND} = '{NEW}'"]
        values = []
        for name, text in key.items():
            type_ = planned.target.column(name).type
            quoted = quote(name).replace("%", "%%") if target.can.placeholder == "%s" else quote(name)
            tests.append(f"{quoted} = {mark(target, type_)}" if text is not None else f"{quoted} IS NULL")
            values += [value_of(text, type_)] if text is not None else []
        table = self.images[planned.map_no]
        named = table.replace("%", "%%") if target.can.placeholder == "%s" and values else table
        return bool(target.query(f"SELECT 1 FROM {named} WHERE {' AND '.join(tests)}", values))  # noqa: S608

    def settled(self, verdict: TableVerification, accounts: Accounts | None) -> TableVerification:
        """A verdict where only rows that the run has inserted, or that are missing, are wrong."""
        if accounts is None or not verdict.changed or not accounts.unchanged:
            return verdict
        if verdict.map_no not in self.images:
            return unknown(verdict)
        if verdict.map_no not in self.found:
            return verdict
        planned, known = self.found[verdict.map_no]
        self.sort(planned, known)
        kept = verdict.changed - known.wrong
        others = verdict.missing or verdict.extra or known.wrong or verdict.result != "different"
        left = f"{kept:,} rows that were there keep values other than the source's" if kept else ""
        findings = [found for found in verdict.findings if found.kind != "changed"]
        return replace(
            verdict,
            changed=known.wrong,
            result=verdict.result if others else "equal",
            reason="; ".join(filter(None, [verdict.reason, left])),
            findings=tuple([*known.findings, *findings][:WRONG_SHOWN]),
        )


def unknown(verdict: TableVerification) -> TableVerification:
    """A verdict where nobody can say which rows the run has inserted."""
    wrong = verdict.missing or verdict.extra
    reason = (
        f"{verdict.changed:,} rows differ, and without undo data nobody can tell those that were there before from those that "
        "the run inserted; dms verify without --mode names them all"
    )
    return replace(
        verdict,
        changed=0,
        result="different" if wrong else "not_verified",
        reason="; ".join(filter(None, [verdict.reason, reason])),
    )
