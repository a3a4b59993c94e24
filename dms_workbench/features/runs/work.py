"""The worker's side of runs: claim, keep alive, tell, finish. Each call is a short transaction of its own."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...engine.control import Wish
from . import leases, store
from .model import ACTIVE, UNDONE, Job, Outcome, Worker
from .steering import News

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ...kernel.store import Store


class RunQueue:
    """The queued runs of a store, for one worker."""

    def __init__(self, kept: Store, worker: Worker) -> None:
        """kept: the store; worker: in whose name runs are claimed."""
        self.kept, self.worker = kept, worker

    def claim(self, at: datetime) -> Job | None:
        """Take the oldest queued run, or None; no two workers get the same."""
        with self.kept.writing() as db:
            found = leases.claim(db, self.worker, at)
        return None if found is None else Job(store.run_of(found), found["organisation_id"], found["epoch"])

    def heartbeat(self, at: datetime) -> None:
        """Extend the leases of all runs of this worker."""
        with self.kept.writing() as db:
            leases.extend(db, self.worker, at)

    def wishes(self) -> dict[tuple[str, int], Wish]:
        """What is wished of each run of this worker, by id and epoch; a run that is missing was taken away."""
        with self.kept.reading() as db:
            return leases.wishes(db, self.worker)

    def tell(self, job: Job, news: News, at: datetime) -> None:
        """Write progress, one event for each changed table, and log lines."""
        with self.kept.writing() as db:
            if leases.holds(db, self.worker, job.run.id, job.epoch):
                write_news(db, job, news, at)

    def finish(self, job: Job, outcome: Outcome, news: News, at: datetime, *, leaving: bool) -> None:
        """Write how a run ended. A pause taken back meanwhile queues it again, unless the worker is leaving."""
        with self.kept.writing() as db:
            if not leases.holds(db, self.worker, job.run.id, job.epoch):
                return
            write_news(db, job, news, at)
            again = outcome.status == "paused" and not leaving and leases.wish_of(db, job.run.id) == "run"
            values = {"status": "queued", "owner": None} if again else final_values(outcome, at)
            leases.change(db, job.run.id, values)
            if outcome.parent is not None:
                change_parent(db, job, outcome.parent, at)
            level, message = last_line(outcome)
            store.enter_line(db, job.run.id, level=level, message=message, at=at)
            store.enter_event(db, job.run.id, kind="status", data={"status": values["status"]}, at=at)

    def waiting(self) -> bool:
        """Is a run queued?"""
        with self.kept.reading() as db:
            return leases.any_queued(db)

    def mark_interrupted(self, at: datetime) -> None:
        """Write down that runs whose worker is gone are interrupted; nobody has to look at locks again."""
        with self.kept.writing() as db:
            for found in leases.running(db):
                if not store.worker_alive(found):
                    store.interrupt(db, found, at)


def change_parent(db: Connection, job: Job, outcome: Outcome, at: datetime) -> None:
    """Write how the run stands since whose rows were replayed or taken back, unless somebody works on it."""
    parent_id = str(job.run.settings.parent_run_id)
    found = store.row(db, parent_id, job.organisation_id)
    if found is not None and found["status"] not in ACTIVE:
        values: dict[str, Any] = {"status": outcome.status, "error": outcome.error}
        if outcome.status != UNDONE:
            values["result"] = outcome.result
        leases.change(db, parent_id, values)
        store.enter_event(db, parent_id, kind="status", data={"status": outcome.status}, at=at)


def write_news(db: Connection, job: Job, news: News, at: datetime) -> None:
    """Write changed tables with an event each, log lines and the phase."""
    for table in news.tables:
        store.put_progress(db, job.run.id, job.organisation_id, table)
        store.enter_event(db, job.run.id, kind="progress", data=store.plain_progress(table), at=at)
    for level, message in news.lines:
        store.enter_line(db, job.run.id, level=level, message=message, at=at)
    leases.change(db, job.run.id, {"phase": news.phase})


def last_line(outcome: Outcome) -> tuple[str, str]:
    """The end of a run's log: level and sentence."""
    if outcome.error is not None:
        return "error", f"The run is {outcome.status}: {outcome.error.get('message', '')}"
    return "info", f"The run is {outcome.status}, after {outcome.seconds:.1f} s."


def final_values(outcome: Outcome, at: datetime) -> dict[str, Any]:
    """The columns that an outcome sets."""
    return {
        "status": outcome.status,
        "seconds": outcome.seconds,
        "result": outcome.result,
        "error": outcome.error,
        "already_done": outcome.already_done,
        "finished_at": at,
        "heard_at": at,
        "owner": None,
    }
