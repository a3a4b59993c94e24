"""Make sure that queued runs have a worker: one detached process for each store."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ... import platform
from ...kernel.bus import Bus, LocalBus
from ...kernel.log import logger
from ...kernel.messages import Message
from .errors import WorkerNotStarted
from .model import Run

if TYPE_CHECKING:
    from ...kernel.store import Store

R = TypeVar("R")
MODULE = "dms_workbench.surfaces.worker"
STORE_VARIABLE = "DMS_WORKER_STORE"
AGAIN_SECONDS = 10.0
_guard = threading.Lock()
_started: dict[str, tuple[subprocess.Popen[bytes], float]] = {}


@dataclass(frozen=True)
class EmbeddedBus(LocalBus):
    """A local bus that sees to it that a queued run finds a worker: whoever is shown one has it started."""

    def send(self, message: Message[R]) -> R:
        """The result of the message. Raises WorkerNotStarted besides what the bus raises."""
        result = super().send(message)
        if not self.nested and isinstance(result, Run) and result.status == "queued":
            try:
                ensure_worker(self.store)
            except OSError as error:
                raise WorkerNotStarted(run_id=result.id, reason=error.strerror or type(error).__name__) from error
        return result


def worker_folder(kept: Store) -> Path:
    """Where the worker of a store has its locks, log and spool; the same for every process of this user."""
    name = hashlib.sha256(kept.url.render_as_string(hide_password=True).encode()).hexdigest()[:16]
    return platform.private_folder(platform.private_folder(platform.data_folder()) / "workers" / name)


def worker_log(folder: Path) -> Path:
    """The worker's log file."""
    return folder / "worker.log"


def worker_lock(folder: Path) -> Path:
    """The lock that the store's one worker holds."""
    return folder / "worker.lock"


def ensure_worker(kept: Store) -> None:
    """Start the store's worker unless there is one. Returns at once; call it after a run is queued and committed."""
    folder = worker_folder(kept)
    with _guard:
        if not platform.is_locked(worker_lock(folder)) and not lately_started(kept.name):
            _started[kept.name] = (start_worker(kept, folder), time.monotonic())


def expect_run(bus: Bus) -> None:
    """Start the store's worker, if the store is here: it loads while a plan is made, and takes the run when that is queued.

    One that cannot be started is told of by whoever queues the run.
    """
    if isinstance(bus, EmbeddedBus):
        with contextlib.suppress(OSError):
            ensure_worker(bus.store)


def lately_started(name: str) -> bool:
    """Is a worker on its way, or did one just fail? One that ended well may be followed at once."""
    if name not in _started:
        return False
    process, at = _started[name]
    return process.poll() != 0 and time.monotonic() - at < AGAIN_SECONDS


def start_worker(kept: Store, folder: Path) -> subprocess.Popen[bytes]:
    """Start a worker process, and see to it that it leaves no zombie."""
    process = platform.start_detached(
        [sys.executable, "-P", "-m", MODULE],
        log=worker_log(folder),
        folder=folder,
        environment={STORE_VARIABLE: kept.url.render_as_string(hide_password=False)},
    )
    threading.Thread(target=process.wait, name="dms-worker-reaper", daemon=True).start()
    logger("runs").info("worker started", process_id=process.pid)
    return process
