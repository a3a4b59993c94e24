"""Write modes: rows added beside others, merged by key, or put in the place of what was there; each chunk exactly once."""

from __future__ import annotations

from .exchange import DONE as EXCHANGED
from .exchange import exchange, is_exchanged, take_alike
from .modes import Modes, SwapRefused, counters_of

__all__ = ["EXCHANGED", "Modes", "SwapRefused", "counters_of", "exchange", "is_exchanged", "take_alike"]
