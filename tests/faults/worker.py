"""A worker process, listened to."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.faults.forks import Forked

WAIT_SECONDS = 120.0
OURS = re.compile(r"File \"[^\"]*/(dms_workbench|tests/faults)/")
"""A line of a traceback that passes through our code; libraries print some of their own threads."""


class Worker:
    """One worker process, listened to."""

    def __init__(self, process: subprocess.Popen[str] | Forked) -> None:
        """process: at the head of a process group, with pipes for its output and errors."""
        self.process = process
        self.began = time.monotonic()
        self.lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self.heard: list[dict[str, Any]] = []
        self.errors = ""
        self.listeners = [threading.Thread(target=target, daemon=True) for target in (self.listen, self.collect)]
        for listener in self.listeners:
            listener.start()

    def listen(self) -> None:
        """Take in what it prints."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{"):
                said = {**json.loads(line), "seconds": time.monotonic() - self.began}
                self.heard.append(said)
                self.lines.put(said)

    def collect(self) -> None:
        """Take in its errors."""
        assert self.process.stderr is not None
        self.errors = self.process.stderr.read()

    def until(
        self, condition: Callable[[dict[str, Any]], bool], seconds: float = WAIT_SECONDS
    ) -> dict[str, Any] | None:
        """Wait until it has said something; None if it has ended without."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                said = self.lines.get(timeout=0.05)
            except queue.Empty:
                if self.process.poll() is not None and self.lines.empty():
                    return None
                continue
            if condition(said):
                return said
        raise AssertionError(f"it was not said in {seconds} s; heard {self.heard[-3:]} {self.errors[-500:]}")

    def until_copying(self, rows: int = 1) -> dict[str, Any] | None:
        """Wait until so many rows of a table are read."""
        return self.until(lambda said: said.get("at") == "copy" and said.get("read", 0) >= rows)

    def signal(self, number: int) -> bool:
        """Send a signal to it and all it started; False if it is gone."""
        if self.process.poll() is not None:
            return False
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return False
        return True

    def kill(self) -> bool:
        """SIGKILL."""
        hit = self.signal(signal.SIGKILL)
        self.process.wait(30)
        return hit and self.process.returncode == -signal.SIGKILL

    def wait(self, seconds: float = WAIT_SECONDS) -> dict[str, Any]:
        """Its result or error, when it has ended."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGUSR1)
            time.sleep(0.5)
            self.signal(signal.SIGKILL)
            self.process.wait(30)
            self.listeners[1].join(10)
            raise AssertionError(
                f"it did not end in {seconds} s; heard {self.heard[-5:]}\n{self.errors[-6000:]}"
            ) from None
        for listener in self.listeners:
            listener.join(10)
        last = self.heard[-1] if self.heard else {}
        assert "Traceback" not in self.errors or not OURS.search(self.errors), self.errors[-1500:]
        return dict(last.get("result") or last)

    def close(self) -> None:
        """End it, and let go of its output."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGKILL)
        self.process.wait(30)
        for listener in self.listeners:
            listener.join(10)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def said(self) -> str:
        """All its warnings."""
        return "\n".join(line["said"] for line in self.heard if "said" in line)
