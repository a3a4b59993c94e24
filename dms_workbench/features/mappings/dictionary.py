"""The dictionary of words that matching knows, as text to start one of one's own from."""

from __future__ import annotations

from dataclasses import dataclass

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Query
from ...kernel.shown import Readable


@dataclass(frozen=True)
class DictionaryText(Readable):
    """A dictionary as a file holds it; its head says what lines look like."""

    text: str

    def __str__(self) -> str:
        return self.text


class ShippedDictionary(Query[DictionaryText], route="GET /mappings/dictionary", scope="mappings:read"):
    """The abbreviations and synonyms that matching comes with, as the text of a file; a file of one's own comes beside it."""


@handles(ShippedDictionary)
def shipped_dictionary(_query: ShippedDictionary, ctx: Context) -> DictionaryText:  # noqa: ARG001
    from ...engine.matching import shipped_text

    return DictionaryText(shipped_text())
