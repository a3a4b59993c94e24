"""Keys of rows as they may be shown: numbers and ids as they are, everything else hidden."""

from __future__ import annotations

import hashlib
import re

from ..databases.base import Value

ID = re.compile(r"-?\d{1,20}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SHOWN_DIGITS = 8


def masked_key(key: dict[str, Value]) -> dict[str, str]:
    """The key, texts as the first letter and a hash by which the owner of the row can find it again."""
    return {name: masked(value) for name, value in key.items()}


def masked(value: Value) -> str:
    """One value of a key."""
    text = "" if value is None else str(value)
    if ID.fullmatch(text):
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:SHOWN_DIGITS]
    return f"{text[:1] if text[:1].isalnum() else ''}…#{digest}"
