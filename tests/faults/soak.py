"""Random plays until so many kills have hit: several at a time, each process with servers of its own."""

from __future__ import annotations

import multiprocessing
import queue
import random
import signal
import sys
import tempfile
from dataclasses import asdict
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, TextIO

from tests.faults.play import SCENARIOS, Ground, Played, play, tell

LOOK_SECONDS = 1.0


def soak(kills: int, seed: int, jobs: int, journal: TextIO | None, only: str = "") -> list[Played]:
    """Play scenarios with kills on random pairs until so many have hit. jobs: plays at a time."""
    context = multiprocessing.get_context("spawn")
    heard: Any = context.Queue()
    over = context.Event()
    players = [context.Process(target=player, args=(heard, over, f"{seed}-{job}", only)) for job in range(jobs)]
    for process in players:
        process.start()
    plays: list[Played] = []
    try:
        while any(process.is_alive() for process in players):
            try:
                plays.append(Played(**heard.get(timeout=LOOK_SECONDS)))
            except queue.Empty:
                continue
            tell(plays[-1], journal)
            if sum(played.kills for played in plays) >= kills:
                over.set()
    finally:
        over.set()
        for process in players:
            process.join()
    heard.close()
    return plays


def player(heard: Any, over: Event, seed: str, only: str) -> None:
    """One process that plays; heard: where it puts each play."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    dice = random.Random(seed)
    chosen = [found for found in SCENARIOS.values() if found.kills and (not only or found.name in only.split(","))]
    weights = [found.weight for found in chosen]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with Ground(folder) as ground:
            number = 0
            while not over.is_set():
                scenario = dice.choices(chosen, weights)[0]
                heard.put(asdict(play(ground, scenario, dice.choice(scenario.pairs), f"{seed}-{number}")))
                number += 1
