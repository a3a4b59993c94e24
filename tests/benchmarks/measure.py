"""What a copy costs: wall time, CPU of all processes that took part, and peak memory of ours."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil

LOOK_SECONDS = 0.02
BEGUN = "begun\n"
"""The line by which a copy says that its first row is about to be read."""
COMPILED = f"{tempfile.gettempdir()}/dms-benchmarks-{os.getuid()}"
"""Where Python keeps compiled modules of our copies, as it does beside those of an installed package."""


@dataclass(frozen=True, slots=True)
class Cost:
    """One copy. CPU in seconds: the client processes and the servers together. Start-up is apart where the command tells it."""

    wall_seconds: float
    client_cpu_seconds: float
    server_cpu_seconds: float
    peak_bytes: int
    """Largest memory of the client processes together."""
    start_seconds: float = 0.0
    """Wall time before the first row was read; not part of ``wall_seconds``."""
    start_cpu_seconds: float = 0.0
    """CPU of the client before that; not part of ``client_cpu_seconds``."""
    above_imports_bytes: int = 0
    """How far the client's memory rose above what it was with everything imported, where the command tells that."""

    @property
    def cpu_seconds(self) -> float:
        """All processes."""
        return self.client_cpu_seconds + self.server_cpu_seconds


class Watch:
    """Follows a process and its children, and servers, while they run.

    A backend's CPU vanishes with it, so the last figure seen of each process is kept; the last few milliseconds of a backend
    that ends between two looks are not counted, for us and for the rivals alike.
    """

    def __init__(self, server_pids: Sequence[int]) -> None:
        """server_pids: of the servers whose work counts, their children included."""
        self.servers = [psutil.Process(pid) for pid in server_pids]
        self.before = {process.pid: cpu_of(process) for process in self.serving()}
        self.server_cpu: dict[int, float] = {}
        self.client_cpu: dict[int, float] = {}
        self.begun: dict[int, float] = {}
        self.peak_bytes = 0
        self.done = threading.Event()

    def serving(self) -> list[psutil.Process]:
        """The servers' processes now."""
        return [process for server in self.servers for process in (server, *server.children(recursive=True))]

    def look(self, client: psutil.Process) -> None:
        """Note what everybody has used so far."""
        for process in self.serving():
            self.server_cpu[process.pid] = cpu_of(process) - self.before.get(process.pid, 0.0)
        total = 0
        try:
            family = [client, *client.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        for process in family:
            try:
                self.client_cpu[process.pid] = cpu_of(process)
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        self.peak_bytes = max(self.peak_bytes, total)

    def begin(self) -> None:
        """The first row is about to be read: what servers have done so far was start-up."""
        self.begun = {process.pid: cpu_of(process) - self.before.get(process.pid, 0.0) for process in self.serving()}

    @property
    def server_seconds(self) -> float:
        """CPU of the servers since the beginning."""
        return sum(seconds - self.begun.get(pid, 0.0) for pid, seconds in self.server_cpu.items() if seconds)

    def follow(self, client: psutil.Process) -> None:
        """Look until told to stop."""
        while not self.done.wait(LOOK_SECONDS):
            self.look(client)


def cpu_of(process: psutil.Process) -> float:
    """CPU seconds of a process so far; 0 when it has gone."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system


def run(
    command: Sequence[str], server_pids: Sequence[int] = (), *, environment: Mapping[str, str] | None = None
) -> Cost:
    """Run a command to its end and say what it cost. Raises CalledProcessError if it fails.

    Our own copies tell what was start-up, by the line `BEGUN` and a last line of JSON: see `tests.benchmarks.one_copy`.
    """
    watch = Watch(server_pids)
    started = 0.0
    start = time.perf_counter()
    with subprocess.Popen(
        list(command), stdout=subprocess.PIPE, text=True, env=compiled(environment or os.environ)
    ) as process:
        thread = threading.Thread(target=watch.follow, args=(psutil.Process(process.pid),))
        thread.start()
        output = ""
        for line in process.stdout or ():
            output += line
            if line == BEGUN:
                started = time.perf_counter() - start
                watch.begin()
        process.wait()
        wall = time.perf_counter() - start
        watch.done.set()
        thread.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output)
    client, server = sum(watch.client_cpu.values()), watch.server_seconds
    told = told_by(output)
    return Cost(
        wall - started,
        told.get("cpu_seconds", client),
        server,
        int(told.get("peak_bytes", watch.peak_bytes)),
        started,
        told.get("start_cpu_seconds", 0.0),
        int(told.get("peak_bytes", 0) - told.get("imports_bytes", 0)),
    )


def compiled(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment, in which Python finds modules compiled after the first run, also where a checkout forbids that."""
    return {
        **{name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "PYTHONPYCACHEPREFIX": COMPILED,
    }


def told_by(output: str) -> dict[str, float]:
    """The figures in a command's last line, if it is JSON."""
    lines = output.strip().splitlines()
    if not lines or not lines[-1].startswith("{"):
        return {}
    return {name: float(value) for name, value in json.loads(lines[-1]).items()}


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""

    def middle(name: str) -> float:
        return statistics.median(getattr(cost, name) for cost in costs)

    return Cost(
        middle("wall_seconds"),
        middle("client_cpu_seconds"),
        middle("server_cpu_seconds"),
        int(middle("peak_bytes")),
        middle("start_seconds"),
        middle("start_cpu_seconds"),
        int(middle("above_imports_bytes")),
    )
