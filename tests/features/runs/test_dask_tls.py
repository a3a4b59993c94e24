"""Lanes on a Dask cluster whose every connection is TLS with certificates on both sides: a run, a pause, and strangers."""

from __future__ import annotations

import datetime
import ipaddress
import os
import socket
import subprocess
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions, RunResult, execute_run
from dms_workbench.engine.copying.lane_tasks import LaneOutcome, LaneTask
from dms_workbench.engine.copying.pacing import Budget
from dms_workbench.engine.planning import PlanOptions, build_plan
from dms_workbench.features.runs.dask_executor import PURPOSE, DaskLanes, Tls
from dms_workbench.kernel.master_keys import key_ring
from dms_workbench.kernel.sealing import keys_for

from .test_dask_executor import ROWS, ROWS_PER_SECOND, Cluster, Watching, databases, key, master_key

pytest.importorskip("distributed")
pytestmark = pytest.mark.postgres
__all__ = ["databases", "key", "master_key"]


@dataclass
class Secured(Cluster):
    """A cluster that listens with TLS only and asks who connects for a certificate."""

    ca: str = ""
    cert: str = ""
    secret: str = ""

    @property
    def address(self) -> str:
        """Of the scheduler."""
        return f"tls://127.0.0.1:{self.port}"

    def start(self, module: str, *words: str) -> subprocess.Popen[bytes]:
        """A process of Dask with its certificate."""
        words = (
            "--protocol",
            "tls",
            "--tls-ca-file",
            self.ca,
            "--tls-cert",
            self.cert,
            "--tls-key",
            self.secret,
            *words,
        )
        return super().start(module, *words)


def certificate(folder: Path, name: str, issuer: tuple[object, object] | None) -> tuple[object, object]:
    """A key and a certificate as PEM files; issuer: who signs, None for an authority of its own."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    own = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer, by = issuer if issuer is not None else (own, called)
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(by)  # type: ignore[arg-type]
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(signer, hashes.SHA256())  # type: ignore[arg-type]
    )
    pem = serialization.Encoding.PEM
    (folder / f"{name}.crt").write_bytes(made.public_bytes(pem))
    (folder / f"{name}.key").write_bytes(
        own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return own, called


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, key: str) -> Iterator[Secured]:
    """A scheduler and a worker that speak TLS only."""
    folder = tmp_path_factory.mktemp("dask-tls")
    authority = certificate(folder, "authority", None)
    for name in ("cluster", "client"):
        certificate(folder, name, authority)
    certificate(folder, "stranger", certificate(folder, "other", None))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Secured(
        folder,
        {**os.environ, "DMS_MASTER_KEY": key},
        port,
        ca=str(folder / "authority.crt"),
        cert=str(folder / "cluster.crt"),
        secret=str(folder / "cluster.key"),
    )
    made.schedule()
    made.worker()
    yield made
    made.close()


class Counting(DaskLanes):
    """Notes the tables of the tasks that are given out together."""

    def run(self, tasks: Sequence[LaneTask], look: Callable[[], None]) -> Iterator[LaneOutcome]:
        """As Dask does."""
        TOGETHER.append([task.map_no for task in tasks])
        yield from DaskLanes.run(self, tasks, look)


TOGETHER: list[list[int]] = []


def copy(
    urls: tuple[str, str],
    cluster: Secured,
    who: str,
    spool: Path,
    control: Control | None = None,
    rate: float | None = ROWS_PER_SECOND,
    **given: Any,
) -> RunResult:
    """Plan and run, the lanes on the cluster, with the certificate of somebody."""
    plan = build_plan(*urls, PlanOptions(**given))
    spool.mkdir(exist_ok=True)
    ring = key_ring()
    tls = Tls(cluster.ca, str(cluster.folder / f"{who}.crt"), str(cluster.folder / f"{who}.key"))
    return execute_run(
        plan,
        *urls,
        run_id=plan.ledger_run_id or str(uuid.uuid4()),
        options=RunOptions(
            lanes=3,
            chunk_rows=100,
            lane_runner=Counting(cluster.address, tls, urls, (ring.current, keys_for(PURPOSE, ring))),
            budget=Budget(rows_per_second=rate),
        ),
        control=control or Control(),
        spool_directory=spool,
    )


@pytest.mark.timeout(240)
def test_a_run_over_tls_is_paused_and_goes_on_where_its_lanes_stopped(
    secured: Secured, master_key: str, databases: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert master_key
    monkeypatch.setattr("dms_workbench.features.runs.dask_executor.LOST_SECONDS", 90.0)
    monkeypatch.setattr("dms_workbench.engine.copying.tables.LANE_MINIMUM_ROWS", 1_000)
    control = Watching(databases[1], lambda: None, after=1_000)
    control.wish = lambda: "pause" if control.done or control.arrived() > control.after else "run"  # type: ignore[method-assign]

    first = copy(databases, secured, "client", tmp_path / "spool", control)
    there = control.arrived()
    again = copy(databases, secured, "client", tmp_path / "spool")

    assert (first.status, 1_000 < there < ROWS) == ("paused", True), first.error
    assert (again.run_id, again.status, again.error) == (first.run_id, "succeeded", None)
    assert [(table.read, table.written, table.verified) for table in again.tables] == [(ROWS, ROWS, "equal")]


@pytest.mark.timeout(240)
def test_tables_go_together_but_behind_those_they_refer_to_and_the_books_are_the_same(
    secured: Secured, master_key: str, databases: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert master_key
    monkeypatch.setattr("dms_workbench.features.runs.dask_executor.LOST_SECONDS", 90.0)
    monkeypatch.setattr("dms_workbench.engine.copying.tables.LANE_MINIMUM_ROWS", 1_000)
    with psycopg.connect(databases[0], autocommit=True) as connection:
        connection.execute("CREATE TABLE b (id bigint PRIMARY KEY, a_id bigint REFERENCES a (id))")
        connection.execute("INSERT INTO b SELECT i, i FROM generate_series(1, 2000) i")
        connection.execute("CREATE TABLE c (id bigint, v text)")
        connection.execute("INSERT INTO c SELECT i % 7, 'same' FROM generate_series(1, 500) i")
    TOGETHER.clear()

    made = copy(databases, secured, "client", tmp_path / "spool", rate=None)
    anew = list(TOGETHER)
    TOGETHER.clear()
    merged = copy(databases, secured, "client", tmp_path / "spool", rate=None, mode="upsert", exclude=("c",))

    assert anew == [[0, 0, 0, 1, 2, 2]], "nothing is referred to before the rows are there"
    assert TOGETHER == [[0, 0, 0], [1, 1]], "references are checked: parents first"
    assert (made.status, merged.status) == ("succeeded", "succeeded"), (made.error, merged.error)
    assert [(table.read, table.written, table.verified) for table in made.tables] == [
        (ROWS, ROWS, "equal"),
        (500, 500, "equal"),
        (2_000, 2_000, "equal"),
    ]
    assert [(table.unchanged, table.verified) for table in merged.tables] == [(ROWS, "equal"), (2_000, "equal")]


@pytest.mark.timeout(120)
def test_a_certificate_of_another_authority_gets_nowhere(
    secured: Secured, master_key: str, databases: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert master_key
    monkeypatch.setattr("dms_workbench.features.runs.dask_executor.CONNECT_SECONDS", 3.0)

    refused = copy(databases, secured, "stranger", tmp_path / "spool")

    assert refused.error is not None
    assert (refused.status, refused.error["code"]) == ("failed", "executor-lost")
    assert Watching(databases[1], lambda: None, after=0).arrived() == 0
