"""What the values of a column are meant to be, and whether each is."""

from __future__ import annotations

from .base import Reading, Values, Verdict
from .checksums import read_checksum
from .codes import read_boolean, read_category, read_country, read_json, read_postal, read_uuid
from .contacts import read_addresses, read_email, read_phone
from .dates import read_date, read_epoch
from .numbers import read_number
from .texts import judge_text, missing_word, stands_for_nothing, tidy

__all__ = ["Reading", "Values", "Verdict", "judge_text", "missing_word", "reading_of", "stands_for_nothing", "tidy"]

READERS = (
    read_email, read_uuid, read_json, read_boolean, read_date, read_epoch, read_checksum, read_addresses, read_phone,
    read_postal, read_country, read_number, read_category,
)  # fmt: skip
"""In the order in which they are asked: the narrowest first."""


def reading_of(name: str, values: Values) -> Reading | None:
    """How the values of a text column are to be read; None for free text, names and what nothing is known of.

    name: of the column. values: distinct values with the rows of each; empty ones and words for nothing count for nothing.
    """
    filled = {value: rows for value, rows in values.items() if value and not stands_for_nothing(value)}
    if not filled:
        return None
    for reader in READERS:
        reading = reader(name, filled)
        if reading is not None:
            return reading
    return None
