"""Faults of lanes on Dask: workers killed, put to sleep and given up, the scheduler killed, a cluster behind TLS."""

from __future__ import annotations

import base64
import contextlib
import datetime
import ipaddress
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests import servers
from tests.faults.desks import committed, desk, until
from tests.faults.registry import FROM_POSTGRES, POSTGRES, scenario
from tests.faults.scene import Scene
from tests.faults.tunnel import Tunnel
from tests.faults.worker import WAIT_SECONDS, Worker

WORKERS = 2
START_SECONDS = 60.0
FORGOTTEN_SECONDS = 3
"""After so long without a word the scheduler gives up a worker."""
ROWS_PER_SECOND = 1_500
"""So that a run is still at work when something is killed, however fast the machine is."""


@dataclass
class Cluster:
    """A scheduler and workers of Dask, each a process of its own."""

    folder: Path
    tls: tuple[str, str, str] | None = None
    """Files: the authority's certificate, the certificate and its key; None speaks without TLS."""
    key: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(32)).decode())
    """The master key that the run and the workers share."""
    port: int = field(default_factory=servers.free_port)
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    seen_through: int = 0
    """The port of a tunnel by which workers reach the scheduler; 0 without."""

    def address(self, port: int = 0) -> str:
        """Of the scheduler. port: of a tunnel to it."""
        return f"{'tls' if self.tls else 'tcp'}://127.0.0.1:{port or self.port}"

    def environment(self) -> dict[str, str]:
        """What its processes and a run with it are given."""
        return {"DMS_MASTER_KEY": self.key}

    def start(self, module: str, *words: str) -> subprocess.Popen[bytes]:
        """One process."""
        tls = zip(("--tls-ca-file", "--tls-cert", "--tls-key"), self.tls or (), strict=False)
        settings = {
            "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": f"{FORGOTTEN_SECONDS} s",
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "50",
        }
        with (self.folder / f"{module}-{len(self.started)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *words, *(word for pair in tls for word in pair)],
                env={**os.environ, **self.environment(), **settings},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def schedule(self) -> None:
        """A scheduler that listens, at the same address each time."""
        address = ("--host", self.address(self.port).rpartition(":")[0], "--port", str(self.port))
        self.scheduler = self.start("dask_scheduler", *address, "--no-dashboard")
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.scheduler.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise RuntimeError(f"the scheduler did not start: {self.logs()[-1500:]}")

    def work(self) -> None:
        """One more worker, of two threads."""
        folder = str(self.folder / f"worker-{len(self.started)}")
        words = ("--no-nanny", "--no-dashboard", "--nthreads", "2", "--local-directory", folder)
        self.workers.append(self.start("dask_worker", self.address(self.seen_through), *words))

    def ready(self) -> None:
        """See to it that the scheduler and all workers are there."""
        if self.scheduler is None or self.scheduler.poll() is not None:
            self.schedule()
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) < WORKERS:
            self.work()

    def wait_for_workers(self, count: int) -> None:
        """Wait until so many workers have ever reached the scheduler."""
        until(lambda: self.logs().count("Registered to:") >= count)

    def logs(self) -> str:
        """What all of it has said."""
        return "\n".join(log.read_text(errors="replace") for log in self.folder.glob("*.log"))

    def close(self) -> None:
        """End all of it."""
        for process in self.started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def cluster(scene: Scene) -> Cluster:
    """The cluster that plays share."""
    pytest.importorskip("distributed")
    found: Cluster | None = scene.ground.shared.get("cluster")
    if found is None:
        folder = scene.ground.folder / "dask"
        folder.mkdir()
        found = scene.ground.shared["cluster"] = Cluster(folder)
        scene.ground.stack.callback(found.close)
    found.ready()
    return found


def start(scene: Scene, on: Cluster, **options: Any) -> Worker:
    """The run of a scene, its lanes on a cluster."""
    dask = {"address": on.address(), "lost_seconds": START_SECONDS, "tls": on.tls or (), **options.pop("dask", {})}
    return scene.start(
        environment=on.environment(),
        dask=dask,
        lanes=3,
        chunk_rows=100,
        budget={"rows_per_second": ROWS_PER_SECOND},
        **options,
    )


@scenario(FROM_POSTGRES, kills=True)
def dask_workers_killed(scene: Scene) -> None:
    """Dask workers are killed at random moments and new ones come: their lanes go on elsewhere, and the run never stops."""
    on = cluster(scene)
    run = start(scene, on)
    run.until_copying(1)
    for _ in range(scene.dice.randint(2, 3)):
        time.sleep(scene.dice.uniform(0, 1.2))
        on.work()
        victim = on.workers.pop(scene.dice.randrange(len(on.workers)))
        if run.process.poll() is None:
            os.killpg(victim.pid, signal.SIGKILL)
            scene.kills += 1
        victim.wait(30)
    scene.expect_done(run.wait())


@scenario(POSTGRES, kills=True)
def dask_run_killed(scene: Scene) -> None:
    """The run itself is killed while its lanes work elsewhere: the next one fences them, and nothing is there twice."""
    on = cluster(scene)
    for _ in range(scene.dice.randint(1, 2)):
        run = start(scene, on)
        run.until_copying(1)
        time.sleep(scene.dice.uniform(0, 1.0))
        scene.kills += run.kill()
    scene.expect_done(start(scene, on).wait())


@scenario(POSTGRES, kills=True)
def dask_scheduler_killed(scene: Scene) -> None:
    """The scheduler is killed in mid-run: the run says that it is lost, and the same command goes on with a new one."""
    on = cluster(scene)
    run = start(scene, on, dask={"lost_seconds": 2.0})
    run.until_copying(1)
    time.sleep(scene.dice.uniform(0, 1.0))
    assert on.scheduler is not None
    os.killpg(on.scheduler.pid, signal.SIGKILL)
    on.scheduler.wait(30)
    scene.kills += 1
    result = run.wait()
    assert result.get("status") == "succeeded" or (result.get("error") or {}).get("code") == "executor-lost", result
    on.ready()
    scene.expect_done(start(scene, on).wait())


@scenario(POSTGRES)
def dask_task_run_twice(scene: Scene) -> None:
    """A Dask worker sleeps until its lanes are given to another one, and wakes up: both carry them out, each row is there once."""
    on = cluster(scene)
    run = start(scene, on)
    run.until_copying(300)
    asleep = on.workers[0]
    os.killpg(asleep.pid, signal.SIGSTOP)
    time.sleep(FORGOTTEN_SECONDS * 2.5)
    os.killpg(asleep.pid, signal.SIGCONT)
    scene.expect_done(run.wait())
    scene.facts["given_up"] = on.logs().count("unresponsive")


@scenario(POSTGRES)
def dask_behind_tls(scene: Scene) -> None:
    """Over tls:// a run without a certificate is told so, with one it copies; no line of the log shows a password."""
    pytest.importorskip("distributed")
    folder = scene.ground.folder / f"tls-{time.monotonic_ns()}"
    folder.mkdir()
    with ended(Cluster(folder, tls=certificates(folder))) as on:
        on.ready()
        told = start(scene, on, dask={"tls": (), "lost_seconds": 2.0}).wait()
        assert (told.get("error") or {}).get("code") == "executor-lost", told
        scene.expect_done(start(scene, on).wait())
    assert scene.source_server.password not in on.logs()


@scenario(POSTGRES, kills=True)
def dask_by_command(scene: Scene) -> None:
    """``dms migrate --executor dask --scheduler tls://…`` as users give it: a Dask worker is killed, and the command succeeds."""
    pytest.importorskip("distributed")
    folder = scene.ground.folder / f"command-{time.monotonic_ns()}"
    folder.mkdir()
    files = certificates(folder)
    with ended(Cluster(folder, tls=files)) as on, desk(scene) as at:
        at.variables = on.environment()
        on.ready()
        on.wait_for_workers(WORKERS)
        words = ("--tls-ca", files[0], "--tls-cert", files[1], "--tls-key", files[2])
        command = at.start(*at.migrate("--executor", "dask", "--scheduler", on.address(), *words))
        until(lambda: committed(scene) > 0 or command.poll() is not None)
        on.work()
        on.wait_for_workers(WORKERS + 1)
        os.killpg(on.workers[0].pid, signal.SIGKILL)
        scene.kills += 1
        _, said = command.communicate(timeout=WAIT_SECONDS)
        assert command.returncode == 0, said[-1500:]
    scene.expect_same()


@scenario(POSTGRES)
def dask_overheard(scene: Scene) -> None:
    """Without TLS somebody hears every word between run, scheduler and workers: no password and no database is among them."""
    pytest.importorskip("distributed")
    folder = scene.ground.folder / f"overheard-{time.monotonic_ns()}"
    folder.mkdir()
    with ended(Cluster(folder)) as on, Tunnel(on.port) as tunnel:
        on.seen_through = tunnel.port
        on.ready()
        scene.expect_done(start(scene, on, dask={"address": on.address(tunnel.port)}).wait())
        heard = tunnel.heard()
    assert b"run_lane" in heard
    for secret in (scene.source_server.password, scene.name(scene.source), scene.name(scene.target)):
        assert secret.encode() not in heard


@contextmanager
def ended(made: Cluster) -> Iterator[Cluster]:
    """A cluster that is gone afterwards."""
    with ExitStack() as stack:
        stack.callback(made.close)
        yield made


def certificates(folder: Path) -> tuple[str, str, str]:
    """An authority, and a certificate for 127.0.0.1 with its key, as files."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    def made(name: str, issuer: str, key: Any, signer: Any, *, authority: bool) -> bytes:
        now = datetime.datetime.now(datetime.UTC)
        names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, each)]) for each in (name, issuer)]
        certificate = (
            x509.CertificateBuilder(names[1], names[0], key.public_key(), x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
            )
            .sign(signer, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM)

    authority, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    contents = {
        "ca.pem": made("test authority", "test authority", authority, authority, authority=True),
        "cert.pem": made("127.0.0.1", "test authority", own, authority, authority=False),
        "key.pem": own.private_bytes(*plain),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)
    paths = [str(folder / name) for name in contents]
    return paths[0], paths[1], paths[2]
