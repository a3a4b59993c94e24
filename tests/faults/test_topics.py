"""A play of each topic of databases, networks and data that is quick; ``python -m tests.faults`` plays the others, and more pairs."""

from __future__ import annotations

import os

import pytest

from tests.faults.play import SCENARIOS, SKIPPED, play
from tests.faults.registry import Pair
from tests.faults.scene import Ground
from tests.servers import require

POSTGRES = ("postgres", "postgres")
PLAYS: tuple[tuple[str, Pair], ...] = (
    ("source-behind-a-pooler", POSTGRES),
    ("target-behind-a-pooler", POSTGRES),
    ("rows-against-constraints", ("postgres", "mariadb")),
    ("rows-hidden-from-the-reader", POSTGRES),
    ("trigger-that-alters-rows", ("mariadb", "postgres")),
    ("times-in-other-zones", ("mariadb", "postgres")),
    ("rows-that-are-poison", ("sqlite", "postgres")),
    ("one-bad-row-of-many", POSTGRES),
    ("keys-of-every-kind", ("mariadb", "postgres")),
    ("a-bit-turned-round-under-tls", POSTGRES),
    ("verification-cut-off", POSTGRES),
    ("few-processes", POSTGRES),
)


@pytest.mark.postgres
@pytest.mark.mariadb
@pytest.mark.parametrize(
    ("name", "pair"), PLAYS, ids=lambda value: value if isinstance(value, str) else "-".join(value)
)
def test_what_databases_networks_and_rows_do_loses_and_hides_nothing(ground: Ground, name: str, pair: Pair) -> None:
    if SCENARIOS[name].root and os.geteuid() != 0:
        require("root", f"{name} takes another account")
    played = play(ground, SCENARIOS[name], pair, f"topics-{name}")
    if played.problem.startswith(SKIPPED):
        require("root", played.problem)
    assert played.passed, played
