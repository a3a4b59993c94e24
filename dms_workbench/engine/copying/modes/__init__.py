"""Write modes: rows added beside others, merged by key, or put in the place of what was there; each chunk exactly once."""

from __future__ import annotations

from .modes import Modes, SwapRefused, counters_of

__all__ = ["Modes", "SwapRefused", "counters_of"]
