"""Values as JSON and back, exactly: bytes, infinities, NaN and half characters included."""

from __future__ import annotations

import base64
import json
import math
from typing import Any

from ..databases.base import Value


def encode_value(value: Value) -> Any:
    """A value as JSON can hold it: what JSON has no form for becomes an object with one ``$`` key."""
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": repr(value)}
    if isinstance(value, str) and has_surrogates(value):
        return {"$text": base64.b64encode(value.encode("utf-8", "surrogateescape")).decode()}
    return value


def has_surrogates(text: str) -> bool:
    """Is it text that was not valid UTF-8?"""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def decode_value(data: Any) -> Value:
    """The inverse of `encode_value`."""
    if not isinstance(data, dict):
        return data
    if "$bytes" in data:
        return base64.b64decode(data["$bytes"])
    if "$float" in data:
        return float(data["$float"])
    return base64.b64decode(data["$text"]).decode("utf-8", "surrogateescape")


def encode_row(row: dict[str, Value]) -> str:
    """A row as JSON text; NUL, which PostgreSQL's text cannot hold, stands escaped."""
    return json.dumps({name: encode_value(value) for name, value in row.items()}, separators=(",", ":"))


def decode_row(text: str) -> dict[str, Value]:
    """The inverse of `encode_row`."""
    return {name: decode_value(value) for name, value in json.loads(text).items()}
