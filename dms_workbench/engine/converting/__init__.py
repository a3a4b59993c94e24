"""Values of one type into another: exactly, by a documented conversion, or not at all."""

from __future__ import annotations

from .convert import convert_column, without
from .exact import convertible
from .forms import Pair
from .lossy import RULES, Losses

__all__ = ["RULES", "Losses", "Pair", "convert_column", "convertible", "without"]
