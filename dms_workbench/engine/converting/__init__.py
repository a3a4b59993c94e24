"""Values of one type into another: exactly, by a documented conversion, or not at all."""

from __future__ import annotations

from .convert import Pair, convert_column, without
from .exact import convertible

__all__ = ["Pair", "convert_column", "convertible", "without"]
