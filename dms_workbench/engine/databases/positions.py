"""A row's place in an ordered table as JSON text that brings back every key value exactly, whatever its class."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from .base import Position, Value


def encode(values: Sequence[Value]) -> Position:
    """The place of a row with these key values, none of them None."""
    return json.dumps([encode_value(value) for value in values], separators=(",", ":"))


def decode(position: Position) -> list[Value]:
    """The inverse of `encode`; a bare text is an integer, as where the engine cuts a range of keys itself."""
    return [int(item) if isinstance(item, str) else decode_value(*item) for item in json.loads(position)]


def encode_value(value: Value) -> tuple[str, Any]:
    """One value with its class: i, f, t, b, or u for text with lone surrogates that stand for bytes."""
    if isinstance(value, int):
        return "i", int(value)
    if isinstance(value, float):
        return "f", value.hex()
    if isinstance(value, bytes):
        return "b", base64.b64encode(value).decode()
    try:
        value.encode()
    except UnicodeEncodeError:
        return "u", base64.b64encode(value.encode("utf-8", "surrogateescape")).decode()
    return "t", value


def decode_value(tag: str, payload: Any) -> Value:
    """The inverse of `encode_value`."""
    if tag == "f":
        return float.fromhex(payload)
    if tag == "b":
        return base64.b64decode(payload)
    if tag == "u":
        return base64.b64decode(payload).decode("utf-8", "surrogateescape")
    return payload


def integer_bounds(key_range: tuple[int, int] | None, lanes: int) -> list[Position]:
    """Positions that cut a range of integers into so many parts."""
    if key_range is None or key_range[1] - key_range[0] < lanes:
        return []
    low, high = key_range
    return [json.dumps([str(low + (high - low) * part // lanes)]) for part in range(1, lanes)]
