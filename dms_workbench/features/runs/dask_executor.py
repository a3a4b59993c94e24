"""Lanes as Dask tasks on the processes of ``dask worker``.

The scheduler and its workers see one function of ours and sealed text: plan, addresses and passwords are encrypted
(AES-256-GCM) under a key derived from the master key, which the workers' hosts must have too (``DMS_MASTER_KEY``, or the folder
``master-keys``). Nothing that a user wrote is pickled, and results are short JSON texts.
"""

from __future__ import annotations

import base64
import json
import logging
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...kernel.errors import Failed, WorkbenchError
from ...kernel.master_keys import key_ring
from ...kernel.sealing import keys_for

if TYPE_CHECKING:
    from ...engine.copying.lane_tasks import LaneOutcome, LaneTask

log = logging.getLogger("dms_workbench.engine")
PURPOSE = "lanes"
CONNECT_SECONDS = 10.0
LOOK_SECONDS = 0.4
LOST_SECONDS = 15.0
"""How long the scheduler may be away, or without any worker while nothing runs, before the run gives up."""
ATTEMPTS = 50
"""How often a task is given out again whose worker has died."""
NONCE_BYTES = 12
PLAIN = ["dask", "msgpack"]
"""How results may be written: whoever stands in for a scheduler cannot make this process unpickle anything."""


class ExecutorLost(
    WorkbenchError,
    code="executor-lost",
    status=503,
    retryable=True,
    safe="What was committed stays, and is in the ledger.",
    next="See that the scheduler and its workers run, then repeat the command: it goes on where the last commit left it.",
):
    """The Dask scheduler {address} cannot be used: {reason}."""


class ExtraMissing(WorkbenchError, code="dask-missing", status=501, next="pip install 'dms-workbench[dask]'"):
    """Lanes on Dask need the package distributed, which is not installed."""


class TaskDamaged(WorkbenchError, code="lane-task-damaged", status=400):
    """A task for a lane was changed on its way, or sealed with a key that this host does not have."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Files of the certificates for ``tls://`` addresses."""

    ca: str | None = None
    cert: str | None = None
    key: str | None = None

    def security(self) -> Any:
        """As Dask wants it; None without."""
        if self.ca is None and self.cert is None:
            return None
        from distributed.security import Security

        make: Any = Security
        return make(tls_ca_file=self.ca, tls_client_cert=self.cert, tls_client_key=self.key, require_encryption=True)


@dataclass(frozen=True, slots=True)
class DaskLanes:
    """A `LaneRunner` on a Dask cluster."""

    address: str
    tls: Tls
    urls: tuple[str, str] = field(repr=False)
    """Of source and target, passwords included."""
    keys: tuple[str, dict[str, bytes]] = field(repr=False)
    """The current key's name and all keys, to seal tasks with."""

    def run(self, tasks: Sequence[LaneTask], look: Callable[[], None]) -> Iterator[LaneOutcome]:
        """Each task's outcome as it comes. Raises ExecutorLost, ExtraMissing."""
        client = self.connect()
        try:
            yield from Tasks(self, client).run(tasks, look)
        finally:
            client.close(timeout=2)

    def connect(self) -> Any:
        """Reach the scheduler. Raises ExecutorLost, ExtraMissing."""
        try:
            from distributed import Client
        except ImportError:
            raise ExtraMissing from None
        make: Any = Client
        try:
            return make(
                self.address,
                security=self.tls.security(),
                timeout=CONNECT_SECONDS,
                set_as_default=False,
                name="dms",
                heartbeat_interval=2_000,
                deserializers=PLAIN,
            )
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise ExecutorLost(address=self.address, reason=type(error).__name__) from error

    def sealed(self, task: LaneTask) -> str:
        """A task as it travels."""
        name, keys = self.keys
        clear = json.dumps({"task": task.to_json(), "urls": list(self.urls)}).encode()
        nonce = secrets.token_bytes(NONCE_BYTES)
        box = nonce + cipher(keys[name]).encrypt(nonce, clear, PURPOSE.encode())
        return json.dumps({"key": name, "box": base64.b64encode(box).decode()})


@dataclass(slots=True)
class Tasks:
    """The tasks of one table under way."""

    lanes: DaskLanes
    client: Any
    given: dict[Any, tuple[LaneTask, int]] = field(default_factory=dict)
    """Each with how often it was given out before."""
    lost_since: float | None = None

    def run(self, tasks: Sequence[LaneTask], look: Callable[[], None]) -> Iterator[LaneOutcome]:
        """Give them out, and again where a worker has died."""
        for task in tasks:
            self.give(task, 0)
        while self.given:
            look()
            time.sleep(LOOK_SECONDS)
            if not self.is_there():
                continue
            for future in [each for each in self.given if each.status != "pending"]:
                task, attempts = self.given.pop(future)
                outcome = self.outcome(future)
                if outcome is not None:
                    yield outcome
                else:
                    self.give(task, attempts + 1)

    def give(self, task: LaneTask, attempts: int) -> None:
        """Give a task out. Raises ExecutorLost when that has been tried too often."""
        if attempts > ATTEMPTS:
            raise ExecutorLost(address=self.lanes.address, reason=f"its workers died {attempts} times over one lane")
        name = f"{task.name}-{attempts}-{secrets.token_hex(4)}"
        try:
            future = self.client.submit(run_lane, self.lanes.sealed(task), key=name, pure=False, retries=0)
        except Exception as error:
            raise ExecutorLost(address=self.lanes.address, reason=type(error).__name__) from error
        self.given[future] = (task, attempts)

    def outcome(self, future: Any) -> LaneOutcome | None:
        """How a task ended; None where its worker has died."""
        from ...engine.copying.lane_tasks import LaneOutcome

        if future.status != "finished":
            return None
        try:
            text = future.result(timeout=CONNECT_SECONDS)
        except Exception:  # noqa: BLE001  whatever Dask says of a dead worker, the lane is looked at again
            return None
        return LaneOutcome.from_json(text) if isinstance(text, str) else None

    def is_there(self) -> bool:
        """Is the scheduler there, with a worker? Raises ExecutorLost when it has not been for a while."""
        if self.client.status == "running" and self.workers():
            self.lost_since = None
            return True
        self.lost_since = self.lost_since or time.monotonic()
        if time.monotonic() - self.lost_since > LOST_SECONDS:
            reason = "it has no worker" if self.client.status == "running" else "it does not answer"
            raise ExecutorLost(address=self.lanes.address, reason=reason)
        return False

    def workers(self) -> int:
        """How many workers there are."""
        try:
            return len(self.client.scheduler_info()["workers"])
        except Exception:  # noqa: BLE001  a scheduler that does not answer has none
            return 0


def run_lane(text: str) -> str:
    """Copy a lane: what a Dask worker does. Takes a sealed task and gives an outcome, both text; never raises."""
    from ...engine.copying.lane_tasks import LaneOutcome, LaneTask, execute_lane
    from ...engine.ledger import Seals

    try:
        found = json.loads(text)
        ring = key_ring()
        clear = json.loads(unsealed(found, keys_for(PURPOSE, ring)))
        task = LaneTask.from_json(clear["task"])
        seals = Seals(ring.current, keys_for("quarantine", ring))
        return execute_lane(task, (clear["urls"][0], clear["urls"][1]), seals).to_json()
    except WorkbenchError as error:
        return LaneOutcome(-1, -1, error=error.as_dict()).to_json()
    except Exception as error:
        log.exception("a lane failed")
        failed = Failed(
            reason=f"An unforeseen error stopped a lane ({type(error).__name__}); the Dask worker's log has it."
        )
        return LaneOutcome(-1, -1, error=failed.as_dict()).to_json()


def unsealed(found: dict[str, str], keys: dict[str, bytes]) -> bytes:
    """What a sealed task holds. Raises TaskDamaged."""
    from cryptography.exceptions import InvalidTag

    try:
        box = base64.b64decode(found["box"], validate=True)
        clear: bytes = cipher(keys[found["key"]]).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], PURPOSE.encode())
    except (InvalidTag, ValueError, KeyError):
        raise TaskDamaged from None
    return clear


def cipher(key: bytes) -> Any:
    """AES-GCM with a key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)
