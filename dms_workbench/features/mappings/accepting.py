"""Suggestions that can be answered: accepted, rejected, corrected; every answer gives the suggestions that follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Protocol

from ...kernel.errors import UsageError, WorkbenchError
from .suggest import SuggestedMapping


class NothingToUndo(WorkbenchError, code="nothing-to-undo", status=409):
    """No decision was made on these suggestions yet."""


class MappingNotWritten(
    WorkbenchError, code="mapping-not-written", status=409, next="Name a folder that you may write in."
):
    """The file {path} cannot be written: {reason}."""


class DictionaryUnreadable(
    UsageError, code="dictionary-unreadable", next="dms mappings dictionary prints the shipped one to start from."
):
    """The dictionary {path} cannot be read: {reason}."""


class Ask(Protocol):
    """Asks for the suggestions again, with decisions."""

    def __call__(self, **decisions: Any) -> SuggestedMapping:
        """The suggestions that follow."""
        ...


class SuggestionList(SuggestedMapping):
    """Suggestions that go on: each decision gives new ones, recomputed with everything decided so far.

    found = wb.mappings.suggest("legacy.sqlite", "@new")
    found = found.accept("orders.total").reject("orders.note", "ord.txt").accept_all(0.95)
    found.write("mapping.yaml")
    """

    _ask: Ask
    _before: SuggestionList | None

    @classmethod
    def of(cls, found: SuggestedMapping, ask: Ask, before: SuggestionList | None = None) -> SuggestionList:
        """Suggestions with a way to go on, and those that they came from."""
        made = cls(**{each.name: getattr(found, each.name) for each in fields(found)})
        object.__setattr__(made, "_ask", ask)
        object.__setattr__(made, "_before", before)
        return made

    @property
    def plain(self) -> SuggestedMapping:
        """The suggestions as a value, without a way to go on."""
        return SuggestedMapping(**{each.name: getattr(self, each.name) for each in fields(self)})

    def decide(self, **decisions: Any) -> SuggestionList:
        """Make decisions: those of `propose`, ``accept``, ``reject``, ``correct``, ``accept_all``."""
        return SuggestionList.of(self._ask(mapping_text=self.decided_text, **decisions), self._ask, self)

    def accept(self, *columns: str) -> SuggestionList:
        """Accept the best candidate of each column.

        columns: of the target, each ``table.column``, or ``table.column=source_table.column`` for another candidate.
        Raises NoSuchColumn, NothingToAccept.
        """
        return self.decide(accept=columns)

    def accept_all(self, min_confidence: float = 0.95) -> SuggestionList:
        """Accept everything open that is at least so sure."""
        return self.decide(accept_all=min_confidence)

    def reject(self, column: str, source: str) -> SuggestionList:
        """Turn a candidate down, ``table.column`` each; it never comes back. Raises NoSuchColumn."""
        return self.decide(reject=(f"{column}={source}",))

    def correct(self, column: str, source: str | None = None, *, expression: str | None = None) -> SuggestionList:
        """Say what a column is made of: a source column, ``table.column``, or an expression. Raises NoSuchColumn, TypeError."""
        if (source is None) == (expression is None):
            raise TypeError("correct() wants a source column or an expression")
        if source is not None:
            return self.decide(accept=(f"{column}={source}",))
        return self.decide(correct=(f"{column}={expression}",))

    def undo(self) -> SuggestionList:
        """The suggestions before the last decision. Raises NothingToUndo."""
        if self._before is None:
            raise NothingToUndo
        return self._before

    def write(self, path: str | Path) -> Path:
        """Write the mapping file with the decisions; gives its path. Raises MappingNotWritten."""
        try:
            Path(path).write_text(self.text, encoding="utf-8")
        except OSError as error:
            raise MappingNotWritten(path=str(path), reason=error.strerror or type(error).__name__) from None
        return Path(path)


ONCE = ("mapping_text", "accept", "reject", "correct", "accept_all")


def lasting(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options without the decisions, which stand in the mapping's text once they are made."""
    return {name: value for name, value in options.items() if name not in ONCE}


def dictionary_text(path: str | Path) -> str:
    """The text of a dictionary file. Raises DictionaryUnreadable."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8 text"
        raise DictionaryUnreadable(path=str(path), reason=reason) from None
