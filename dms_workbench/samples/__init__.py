"""Sample databases of our own making: built on the spot, the same every time."""

from __future__ import annotations

from .shop import PLANTED, PLANTED_KEYS, build_shop

__all__ = ["PLANTED", "PLANTED_KEYS", "build_shop"]
