"""What a copy costs: wall time, CPU of all processes that took part, and peak memory of ours."""

from __future__ import annotations

import statistics
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Cost:
    """One copy. CPU in seconds: the client processes and the server's backends together."""

    wall_seconds: float
    client_cpu_seconds: float
    server_cpu_seconds: float
    peak_bytes: int

    @property
    def cpu_seconds(self) -> float:
        """All processes."""
        return self.client_cpu_seconds + self.server_cpu_seconds


class Watch:
    """Follows a process and its children, and a server's backends, while they run.

    A backend's CPU vanishes with it, so the last figure seen of each process is kept; the last few milliseconds of a backend
    that ends between two looks are not counted, for us and for the rivals alike.
    """

    LOOK_SECONDS = 0.02

    def __init__(self, server_pid: int | None) -> None:
        """server_pid: the PostgreSQL postmaster whose backends count, or None."""
        self.server = psutil.Process(server_pid) if server_pid else None
        self.before = {process.pid: cpu_of(process) for process in self.backends()}
        self.backend_cpu: dict[int, float] = {}
        self.client_cpu: dict[int, float] = {}
        self.peak_bytes = 0
        self.done = threading.Event()

    def backends(self) -> list[psutil.Process]:
        """The server's processes now."""
        return self.server.children(recursive=True) if self.server else []

    def look(self, client: psutil.Process) -> None:
        """Note what everybody has used so far."""
        for process in self.backends():
            self.backend_cpu[process.pid] = cpu_of(process) - self.before.get(process.pid, 0.0)
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

    def follow(self, client: psutil.Process) -> None:
        """Look until told to stop."""
        while not self.done.wait(self.LOOK_SECONDS):
            self.look(client)


def cpu_of(process: psutil.Process) -> float:
    """CPU seconds of a process so far; 0 when it has gone."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system


def run(command: Sequence[str], server_pid: int | None = None) -> Cost:
    """Run a command to its end and say what it cost. Raises CalledProcessError if it fails."""
    watch = Watch(server_pid)
    start = time.perf_counter()
    with subprocess.Popen(list(command), stdout=subprocess.PIPE, text=True) as process:
        thread = threading.Thread(target=watch.follow, args=(psutil.Process(process.pid),))
        thread.start()
        output, _ = process.communicate()
        wall = time.perf_counter() - start
        watch.done.set()
        thread.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output)
    return Cost(wall, sum(watch.client_cpu.values()), sum(watch.backend_cpu.values()), watch.peak_bytes)


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(
        statistics.median(cost.wall_seconds for cost in costs),
        statistics.median(cost.client_cpu_seconds for cost in costs),
        statistics.median(cost.server_cpu_seconds for cost in costs),
        int(statistics.median(cost.peak_bytes for cost in costs)),
    )
