"""The scenarios by name: what each does, and on which pairs of products it is played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.scene import Scene

Pair = tuple[str, str]
SERVERS: tuple[Pair, ...] = (("postgres", "postgres"), ("mariadb", "postgres"), ("postgres", "mariadb"))
FROM_POSTGRES: tuple[Pair, ...] = (("postgres", "postgres"), ("postgres", "mariadb"))
TO_POSTGRES: tuple[Pair, ...] = (("postgres", "postgres"), ("mariadb", "postgres"), ("sqlite", "postgres"))
POSTGRES: tuple[Pair, ...] = (("postgres", "postgres"),)
ALL: tuple[Pair, ...] = (
    *SERVERS, ("sqlite", "postgres"), ("postgres", "sqlite"), ("postgres", "duckdb"), ("mariadb", "sqlite")
)  # fmt: skip


@dataclass(frozen=True)
class Scenario:
    """One fault."""

    name: str
    play: Callable[[Scene], None]
    pairs: tuple[Pair, ...]
    rows: int
    kills: bool
    """Is a worker or server killed? Then it takes part in the soak."""
    root: bool
    """Does it need root?"""
    filled: bool = True
    """Does the source hold the usual tables from the beginning?"""
    weight: int = 1
    """How often it takes part in the soak, against the others."""

    @property
    def about(self) -> str:
        """What it does, in a sentence."""
        return (self.play.__doc__ or "").strip().splitlines()[0]


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    pairs: tuple[Pair, ...],
    *,
    rows: int = 0,
    kills: bool = False,
    root: bool = False,
    filled: bool = True,
    weight: int = 1,
) -> Callable[[Callable[[Scene], None]], Callable[[Scene], None]]:
    """Enter a function as a scenario under its name, with hyphens."""

    def enter(play: Callable[[Scene], None]) -> Callable[[Scene], None]:
        name = play.__name__.replace("_", "-")
        assert name not in SCENARIOS, name
        SCENARIOS[name] = Scenario(name, play, pairs, rows, kills, root, filled, weight)
        return play

    return enter
