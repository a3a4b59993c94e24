"""Columns of texts looked at as bytes, all at once: are they numbers, dates or times as their type writes them?

Everything is told by where digits and signs stand. What cannot be told so is left to others: None, or False.
"""

from __future__ import annotations

from typing import Any

from ..canonical_csv import texts_of

Arrow = Any
"""A chunked array of Arrow."""

DIGITS_OF_64_BITS = 18
"""As many digits as any whole number of 64 bits may have."""
DECIMAL_DIGITS = 37
ZERO, MINUS, POINT, COLON, BLANK = b"0-.: "
STAMP_CHARACTERS = len("2000-01-01 00:00:00")


def bytes_of(present: Arrow) -> tuple[Any, Any, Any]:
    """The bytes of texts without NULL, where each begins, and how long it is."""
    import pyarrow as pa

    array: Any = present.combine_chunks() if present.num_chunks != 1 else present.chunk(0)
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0)
    return texts_of(array)


def whole_digits(present: Arrow) -> int | None:
    """The most digits that whole numbers of 64 bits have, if each is written without a zero or plus sign before it."""
    text, starts, lengths = bytes_of(present)
    if int(lengths.min()) < 1:
        return None
    negative = text[starts] == MINUS
    digits = lengths - negative
    most = int(digits.max())
    if int(digits.min()) < 1 or most > DIGITS_OF_64_BITS or not only_digits(text, int(negative.sum())):
        return None
    if bool(((text[starts + negative] == ZERO) & (lengths > 1)).any()):
        return None
    return most


def decimal_digits(present: Arrow, scale: int) -> tuple[int, bool] | None:
    """The most digits before the point, and whether one ends with a zero, of decimals with so many digits behind the point.

    None unless each is written without a zero or plus sign before it.
    """
    text, starts, lengths = bytes_of(present)
    if scale < 1 or int(lengths.min()) < scale + 2:
        return None
    negative = text[starts] == MINUS
    ends = starts + lengths
    before = lengths - negative - scale - 1
    most = int(before.max())
    if int(before.min()) < 1 or most + scale > DECIMAL_DIGITS or not bool((text[ends - scale - 1] == POINT).all()):
        return None
    if not only_digits(text, int(negative.sum()) + len(lengths)):
        return None
    if bool(((text[starts + negative] == ZERO) & (negative | (before > 1))).any()):
        return None
    return most, bool((text[ends - 1] == ZERO).any())


def only_digits(text: Any, others: int) -> bool:
    """Are all bytes digits, but for so many that are known to be something else?"""
    import numpy as np

    return bool(np.count_nonzero(text - np.uint8(ZERO) < 10) + others == len(text))


def written_as_stamps(present: Arrow) -> bool:
    """Are all texts that Arrow has read as dates with times written to the second, a blank between the two?"""
    text, _, lengths = bytes_of(present)
    if not bool((lengths == STAMP_CHARACTERS).all()):
        return False
    letters = text.reshape(len(lengths), STAMP_CHARACTERS)
    return bool((letters[:, 10] == BLANK).all()) and bool((letters[:, 16] == COLON).all())
