"""How long work is steered and watched: the engine reports progress and asks what is wished."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Wish = Literal["run", "pause", "cancel"]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the work stands; counts are in rows and absolute, not increments."""

    phase: str
    """``connect`` ``plan`` ``create`` ``copy`` ``finish`` ``verify`` ``done``."""
    map_no: int = -1
    """The table map it is about; -1 for the whole run."""
    source: str = ""
    target: str = ""
    rows_total: int = 0
    read: int = 0
    written: int = 0
    filtered: int = 0
    quarantined: int = 0
    verified_rows: int = 0
    row_bytes: int = 0
    """Bytes of one row, on the average; 0 where that is not known."""
    message: str = ""
    level: Literal["debug", "info", "warning", "error"] = "info"


class Control:
    """Runs to the end and tells nobody; the worker and tests bring their own."""

    def wish(self) -> Wish:
        """What is wished now; asked at least twice a second, so it must be cheap."""
        return "run"

    def report(self, progress: Progress) -> None:
        """Take note of progress; must not raise and must be cheap (called a few times a second per table)."""


class Stopped(Exception):
    """A pause or cancel was wished, and the work stopped at a safe point. Never reaches a user."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        super().__init__(wish)


def stop_if_wished(control: Control) -> None:
    """Raise Stopped when a pause or cancel is wished."""
    wish = control.wish()
    if wish != "run":
        raise Stopped(wish)
