"""The worker's process: one for each store, or none if another is there already."""

from __future__ import annotations

import os
import shutil
import sys
import time
from importlib import import_module
from pathlib import Path

from ... import platform
from ...features.runs import STORE_VARIABLE, RunQueue, Worker, worker_folder, worker_lock, worker_log
from ...kernel.ids import new_id
from ...kernel.store import Store
from ...workbench import open_store
from .log import set_up
from .process import SPOOL, WorkerProcess

IDLE_VARIABLE = "DMS_WORKER_IDLE_SECONDS"
IDLE_SECONDS = 300.0
LOCK_TRIES = 20
LOCK_AGAIN_SECONDS = 0.1


def main() -> int:
    """Serve the store named by the environment until there is nothing to do, or until asked to end."""
    kept = open_store(os.environ.get(STORE_VARIABLE))
    folder = worker_folder(kept)
    set_up(worker_log(folder))
    lock = take_lock(worker_lock(folder))
    if lock is not None:
        get_ready()
        serve(kept, folder, lock)
    kept.close()
    return 0


def get_ready() -> None:
    """Load what the first run will need: while its plan is still being made, a second processor does that for nothing."""
    import_module("dms_workbench.engine.copying.run")
    import_module("psycopg")


def serve(kept: Store, folder: Path, lock: platform.FileLock | None) -> None:
    """Work while there is work.

    The store's lock is let go before the last look for queued runs: whoever queues one after that look finds no lock,
    and starts another worker.
    """
    shutil.rmtree(folder / SPOOL, ignore_errors=True)  # of a worker that was killed: it may hold rows
    own = own_lock(folder)
    queue = RunQueue(kept, Worker(id=own.path.stem, host=platform.host_name(), lock=str(own.path)))
    process = WorkerProcess(kept, queue, folder, idle_seconds=float(os.environ.get(IDLE_VARIABLE, IDLE_SECONDS)))
    platform.on_request_to_end(process.leave)
    process.start_listening()
    while lock is not None:
        process.serve()
        lock.release()
        lock = None if process.leaving.is_set() or not queue.waiting() else take_lock(worker_lock(folder))
    own.path.unlink(missing_ok=True)
    own.release()


def take_lock(path: Path) -> platform.FileLock | None:
    """The store's lock; tried for a while, since those who only look whether it is held hold it for a moment."""
    for _ in range(LOCK_TRIES):
        lock = platform.FileLock.take(path)
        if lock is not None:
            return lock
        time.sleep(LOCK_AGAIN_SECONDS)
    return None


def own_lock(folder: Path) -> platform.FileLock:
    """A lock of this process alone, by which others see that it lives; those of workers that are gone are removed."""
    alive = platform.private_folder(folder / "alive")
    for path in alive.glob("*.lock"):
        if not platform.is_locked(path):
            path.unlink(missing_ok=True)
    lock = platform.FileLock.take(alive / f"{new_id()}.lock")
    assert lock is not None, "nobody else knows its name"  # noqa: S101
    lock.note(f"{os.getpid()}\n")
    return lock


if __name__ == "__main__":
    sys.exit(main())
