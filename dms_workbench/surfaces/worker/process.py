"""Claims runs, carries each out in a thread of its own, tells the store how it goes."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from ... import platform
from ...features.runs import (
    Assignment,
    Job,
    Outcome,
    RunBroke,
    RunControl,
    RunQueue,
    assign,
    carry_out,
    failure,
    worker_log,
)
from ...kernel.context import Caller
from ...kernel.errors import WorkbenchError
from ...kernel.store import Store
from ...workbench import local_bus

WORKER = "worker"
SPOOL = "spool"
SLOTS = 4
LISTEN_SECONDS = 0.2
ROUND_SECONDS = 0.25
FIRST_ROUND_SECONDS = 0.05
UNUSED_SECONDS = 30.0
"""A worker is begun when a run is expected: it looks out for that, and leaves when none comes."""
LEASE_EVERY_SECONDS = 3.0
TELL_AGAIN_SECONDS = 1.0
GOODBYE_SECONDS = 20.0

log = logging.getLogger("dms_workbench.worker")


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Work:
    """A claimed job under way."""

    job: Job
    control: RunControl = field(default_factory=RunControl)
    thread: threading.Thread | None = None


class WorkerProcess:
    """Claims runs of a store, carries each out in a thread and tells the store how it goes."""

    def __init__(self, kept: Store, queue: RunQueue, folder: Path, *, idle_seconds: float) -> None:
        """kept: the store; queue: its runs in this worker's name; folder: where logs and spools lie."""
        self.kept, self.queue, self.folder, self.idle_seconds = kept, queue, folder, idle_seconds
        self.leaving = threading.Event()
        self.work: dict[str, Work] = {}
        self.used = False
        self._lease_at = self._busy_at = time.monotonic()

    def leave(self) -> None:
        """Pause every run and end; safe to call from a signal handler."""
        self.leaving.set()
        for work in list(self.work.values()):
            work.control.hear("pause")

    def start_listening(self) -> None:
        """Begin to hear wishes, for as long as the process lives."""
        threading.Thread(target=self.listen, name="dms-wishes", daemon=True).start()

    def serve(self) -> None:
        """Work until asked to leave or idle for long enough; no run is under way then."""
        self._busy_at = time.monotonic()
        self.tolerantly(lambda: self.queue.mark_interrupted(now()))
        while not self.leaving.is_set() and not self.idle():
            self.round()
            self.leaving.wait(ROUND_SECONDS if self.used else FIRST_ROUND_SECONDS)
        until = time.monotonic() + GOODBYE_SECONDS
        while self.work and time.monotonic() < until:
            self.round()
            time.sleep(ROUND_SECONDS)

    def round(self) -> None:
        """Forget what has ended, keep leases alive, tell news, claim what fits."""
        self.work = {
            run_id: work for run_id, work in self.work.items() if work.thread is None or work.thread.is_alive()
        }
        if self.work:
            self._busy_at = time.monotonic()
            self.tolerantly(self.keep_leases)
        for work in list(self.work.values()):
            self.tell(work)
        if not self.leaving.is_set():
            self.tolerantly(self.claim)

    def claim(self) -> None:
        """Take queued runs while there is room; start each in a thread."""
        while len(self.work) < SLOTS and self.queue.waiting():
            job = self.queue.claim(now())
            if job is None:
                return
            self._busy_at, self.used = time.monotonic(), True
            work = self.work[job.run.id] = Work(job)
            work.thread = threading.Thread(target=self.carry_out, args=(work,), name=f"run-{job.run.id}", daemon=True)
            work.thread.start()

    def idle(self) -> bool:
        """Was there nothing to do for long enough?"""
        limit = self.idle_seconds if self.used else min(self.idle_seconds, UNUSED_SECONDS)
        return not self.work and time.monotonic() - self._busy_at >= limit

    def listen(self) -> None:
        """Hear wishes several times a second, on a thread that never writes and so never waits for a lock."""
        while not self.leaving.wait(LISTEN_SECONDS):
            if self.work:
                self.tolerantly(self.hear)

    def hear(self) -> None:
        """Hand each run its wish; a run that belongs to another worker by now is paused and not told about."""
        before = list(self.work.values())
        wishes = self.queue.wishes()
        for work in before:
            wish = wishes.get((work.job.run.id, work.job.epoch))
            work.control.hear("pause" if wish is None or self.leaving.is_set() else wish)

    def keep_leases(self) -> None:
        """Extend the leases every few seconds."""
        if time.monotonic() - self._lease_at >= LEASE_EVERY_SECONDS:
            self.queue.heartbeat(now())
            self._lease_at = time.monotonic()

    def tell(self, work: Work) -> None:
        """Write a run's news; what cannot be written waits for the next round."""
        news = work.control.news(time.monotonic())
        if news and not self.tolerantly(lambda: self.queue.tell(work.job, news, now())):
            work.control.take_back(news)

    def tolerantly(self, act: Callable[[], object]) -> bool:
        """Do something with the store; if it fails, log it without its values and go on."""
        try:
            act()
        except Exception as error:  # noqa: BLE001  whatever the store's driver raises
            log.warning("the store did not answer: %s", type(error).__name__)
            return False
        return True

    def carry_out(self, work: Work) -> None:
        """The thread of one run: do it, then write how it ended, as often as it takes."""
        job, started = work.job, time.monotonic()
        log.info("run %s begins, attempt %d", job.run.id, job.epoch)
        spool = platform.private_folder(platform.private_folder(self.folder / SPOOL) / job.run.id)
        try:
            outcome = self.do(work, spool)
        finally:
            shutil.rmtree(spool, ignore_errors=True)
        if not outcome.seconds:
            outcome = replace(outcome, seconds=round(time.monotonic() - started, 3))
        log.info("run %s ends: %s", job.run.id, outcome.status)
        self.finish(work, outcome)

    def do(self, work: Work, spool: Path) -> Outcome:
        """Carry a run out; whatever happens is an outcome."""
        try:
            assignment = self.assignment(work.job, spool)
            return carry_out(assignment, work.control)
        except WorkbenchError as error:
            return failure(error)
        except Exception as error:
            log.error("run %s broke", work.job.run.id, exc_info=error)
            broke = RunBroke(run_id=work.job.run.id, fault=type(error).__name__, log=str(worker_log(self.folder)))
            return failure(broke)

    def assignment(self, job: Job, spool: Path) -> Assignment:
        """Plan and addresses of a job, looked up for the organisation it belongs to; who started it was allowed to."""
        caller = Caller(WORKER, job.run.created_by, job.organisation_id, role="system_admin")
        with self.kept.reading() as db:
            return assign(job, replace(local_bus(self.kept, caller), db=db).context(), spool)

    def finish(self, work: Work, outcome: Outcome) -> None:
        """Write the end of a run; while the store is gone, again and again. The target's ledger has it meanwhile."""
        news = work.control.news(time.monotonic(), all_of_it=True)
        until = float("inf")
        while time.monotonic() < until:
            if self.tolerantly(
                lambda: self.queue.finish(work.job, outcome, news, now(), leaving=self.leaving.is_set())
            ):
                return
            until = min(until, time.monotonic() + GOODBYE_SECONDS) if self.leaving.is_set() else until
            time.sleep(TELL_AGAIN_SECONDS)
