"""What people note on the lines of a mapping file: owner, remark, decision."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .model import STATUSES, Decision
from .strict_yaml import Node

if TYPE_CHECKING:
    from .parse import Parser

NOTES = ("owner", "remark", "decision")
DECISION = ("status", "by", "at", "confidence", "rejected", "candidates")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", re.ASCII)


class DecisionParser:
    """Reads notes for a parser, which gathers the problems."""

    def __init__(self, parser: Parser) -> None:
        self.parser = parser

    def notes(self, node: Node, what: str) -> dict[str, Any]:
        """Owner, remark and decision of a table map or column, as fields of it."""
        return {
            "owner": self.parser.text(node, "owner", what, needed=False),
            "remark": self.parser.text(node, "remark", what, needed=False),
            "decision": self.decision(node.value.get("decision"), what),
        }

    def decision(self, node: Node | None, what: str) -> Decision | None:
        """The decision."""
        if node is None:
            return None
        of = f"the decision of {what}"
        if isinstance(node.value, str) and node.value in STATUSES:
            return Decision(node.value)
        if not self.parser.keys(node, DECISION, of):
            return None
        status = node.value.get("status")
        if status is None or status.value not in STATUSES:
            said = "has no status" if status is None else f"cannot be {str(status.value)[:40]!r}"
            self.parser.wrong(status or node, f"{of} {said}; it is one of {', '.join(STATUSES)}")
            return None
        return Decision(
            status.value,
            by=self.parser.text(node, "by", of, needed=False),
            at=self.instant(node, of),
            confidence=self.confidence(node.value.get("confidence"), of),
            rejected=self.sources(node.value.get("rejected"), of),
            candidates=self.sources(node.value.get("candidates"), of),
        )

    def instant(self, node: Node, what: str) -> str | None:
        """When."""
        text = self.parser.text(node, "at", what, needed=False)
        if text is not None and not is_instant(text):
            self.parser.wrong(node.value["at"], f"at is a time in UTC, as 2026-01-05T10:00:00Z, not {text[:40]!r}")
        return text

    def confidence(self, node: Node | None, what: str) -> float | None:
        """How sure the suggestion was."""
        if node is None:
            return None
        if isinstance(node.value, bool) or not isinstance(node.value, int | float) or not 0 <= node.value <= 1:
            self.parser.wrong(node, f"the confidence in {what} is a number from 0 to 1")
            return None
        return float(node.value)

    def sources(self, node: Node | None, what: str) -> tuple[str, ...]:
        """Sources turned down, or to choose from."""
        if node is None:
            return ()
        if not node.is_list:
            self.parser.wrong(node, f"{what} wants a list of sources, as [table.column]; this is {node.kind}")
            return ()
        for child in node.value:
            if not isinstance(child.value, str) or not child.value:
                self.parser.wrong(child, f"a source in {what} is a text, not {child.kind}")
        return tuple(child.raw for child in node.value)


def is_instant(text: str) -> bool:
    """Is it a time as decisions hold it?"""
    if not INSTANT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
