"""Faults of the network, by a proxy between the worker and a server."""

from __future__ import annotations

import subprocess
import time
from typing import Any

import pytest

from tests.faults.proxy import Proxy
from tests.faults.registry import POSTGRES, SERVERS, scenario
from tests.faults.scene import Scene
from tests.faults.servers import speaking_tls


def ways(scene: Scene) -> tuple[Proxy, dict[str, Any], str]:
    """A proxy before a side drawn by lot, the ways to start a worker by, and the side."""
    side = scene.dice.choice(("source", "target"))
    proxy = scene.proxy(side)
    return proxy, {side: proxy.url(scene.source if side == "source" else scene.target)}, side


@scenario(SERVERS)
def connections_reset_again_and_again(scene: Scene) -> None:
    """RST to every connection of one side, several times a run: it goes on by itself."""
    proxy, way, _ = ways(scene)
    worker = scene.start(**way, lanes=scene.dice.choice((1, 2)), chunk_rows=100)
    worker.until_copying(100)
    for _ in range(3):
        scene.facts["cut"] = scene.facts.get("cut", 0) + proxy.cut(reset=scene.dice.random() < 0.5)
        time.sleep(scene.dice.uniform(0.2, 0.8))
    scene.expect_done(worker.wait())


@scenario(SERVERS)
def replies_to_commit_lost(scene: Scene) -> None:
    """A COMMIT reaches the server and its answer is lost, many times: the target is asked, nothing is there twice."""
    proxy = scene.proxy("target")
    early = scene.dice.random() < 0.3
    proxy.faults.cut_commit_replies = 5 if early else 0
    worker = scene.start(target=proxy.url(scene.target), lanes=scene.dice.choice((1, 2)), chunk_rows=100)
    worker.until_copying(100)
    proxy.faults.cut_commit_replies += 20
    result = worker.wait()
    assert proxy.lost_commits >= 10, proxy.lost_commits
    scene.facts["lost_commits"] = proxy.lost_commits
    scene.expect_done(result)


@scenario(SERVERS)
def cut_after_some_bytes(scene: Scene) -> None:
    """The line is cut after a random number of bytes, in the middle of whatever passes then, several times."""
    proxy, way, side = ways(scene)
    proxy.faults.count_sent = side == "target"
    worker = scene.start(**way, chunk_rows=300)
    for _ in range(4):
        proxy.faults.cut_after_bytes = scene.dice.randrange(2_000, 120_000)
        end = time.monotonic() + 8
        while proxy.faults.cut_after_bytes is not None and worker.process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
    proxy.faults.cut_after_bytes = None
    result = worker.wait()
    if result.get("status") == "succeeded":
        scene.expect_done(result)
    else:
        scene.finish()


@scenario(SERVERS)
def network_silent_for_a_while(scene: Scene) -> None:
    """Nothing passes to one side any more, nothing is closed; after a while it does again."""
    proxy, way, _ = ways(scene)
    worker = scene.start(**way, chunk_rows=100, patience_seconds=900)
    worker.until_copying(100)
    proxy.faults.black_hole = True
    scene.facts["outage_seconds"] = outage = scene.scaled(scene.dice.choice((5, 43, 600)))
    time.sleep(outage)
    proxy.faults.black_hole = False
    scene.expect_done(worker.wait())


@scenario(SERVERS)
def answers_lost_for_good(scene: Scene) -> None:
    """What one side's server says no longer arrives (a one-way cut): the watchdog ends the sessions, new ones go on."""
    proxy, way, _ = ways(scene)
    worker = scene.start(**way, chunk_rows=100, stall_seconds=2.0)
    worker.until_copying(100)
    proxy.faults.lose_replies = True
    time.sleep(scene.scaled(60))
    proxy.faults.lose_replies = False
    result = worker.wait()
    scene.expect_done(result)


@scenario(SERVERS)
def half_closed(scene: Scene) -> None:
    """The direction from the server to the worker is closed, the other stays open."""
    proxy, way, _ = ways(scene)
    worker = scene.start(**way, chunk_rows=100)
    worker.until_copying(100)
    proxy.half_close()
    scene.expect_done(worker.wait())


@scenario(SERVERS)
def no_new_connections(scene: Scene) -> None:
    """Every connection is cut and new ones are refused for a while."""
    proxy, way, side = ways(scene)
    worker = scene.start(**way, chunk_rows=100)
    worker.until_copying(100)
    proxy.faults.refuse = True
    proxy.cut()
    time.sleep(scene.scaled(60))
    proxy.faults.refuse = False
    result = worker.wait()
    assert f"waiting for the {side}" in worker.said(), worker.said()
    scene.expect_done(result)


@scenario(SERVERS)
def slow_network(scene: Scene) -> None:
    """Latency, jitter and little bandwidth: no false alarm."""
    proxy, way, _ = ways(scene)
    proxy.faults.latency_seconds, proxy.faults.jitter_seconds = 0.01, 0.02
    proxy.faults.bytes_per_second = 300_000
    worker = scene.start(**way, chunk_rows=1000)
    result = worker.wait(240)
    assert "is ended" not in worker.said(), worker.said()
    scene.expect_done(result)


@scenario(SERVERS, root=True)
def packets_dropped(scene: Scene) -> None:
    """All packets between the worker's machine and both servers are dropped for a while: noticed within seconds, and it goes on."""
    namespace, near, far = f"dms{scene.dice.randrange(10**6)}", "10.213.47.1", "10.213.47.2"
    link = f"v{namespace}"
    for command in (
        f"ip netns add {namespace}",
        f"ip link add {link} type veth peer name inner netns {namespace}",
        f"ip addr add {near}/30 dev {link}",
        f"ip link set {link} up",
        f"ip -n {namespace} addr add {far}/30 dev inner",
        f"ip -n {namespace} link set inner up",
        f"ip -n {namespace} link set lo up",
    ):
        if subprocess.run(command.split(), capture_output=True, check=False).returncode:
            pytest.skip(f"no network namespaces here: {command}")
        if command.startswith("ip netns"):
            scene.stack.callback(lambda: subprocess.run(["ip", "netns", "del", namespace], check=False))
    plain = {"postgres": "?sslmode=disable", "mariadb": "?ssl-mode=DISABLED"}
    worker = scene.start(
        source=scene.proxy("source", near).url(scene.source) + plain[scene.source_product],
        target=scene.proxy("target", near).url(scene.target) + plain[scene.target_product],
        inside=("ip", "netns", "exec", namespace),
        chunk_rows=50,
        lanes=scene.dice.choice((1, 2)),
    )
    worker.until_copying(100)
    subprocess.run(["ip", "link", "set", link, "down"], check=True)
    began = time.monotonic()
    outage = scene.scaled(scene.dice.choice((5, 43, 200)))
    if outage > 9:
        noticed = worker.until(lambda line: "said" in line, 9)
        scene.facts["noticed_seconds"] = round(time.monotonic() - began, 1) if noticed else None
    time.sleep(max(0.0, outage - (time.monotonic() - began)))
    subprocess.run(["ip", "link", "set", link, "up"], check=True)
    scene.expect_done(worker.wait())


@scenario(POSTGRES)
def a_bit_turned_round(scene: Scene) -> None:
    """A bit of the stream is changed on the way without TLS: refused, rejected, or found by the verification; never a success."""
    proxy = scene.proxy("source")
    worker = scene.start(source=proxy.url(scene.source), chunk_rows=3000)
    worker.until(lambda line: line.get("at") == "copy")
    proxy.faults.flip_after_bytes = scene.dice.randrange(1_000, 100_000)
    result = worker.wait()
    if result.get("status") == "succeeded":
        scene.expect_same()


@scenario(SERVERS)
def a_bit_turned_round_under_tls(scene: Scene) -> None:
    """A bit of an encrypted stream is changed on the way: the connection ends with an error, and the run goes on by itself."""
    side = scene.dice.choice(("source", "target"))
    server = scene.source_server if side == "source" else scene.target_server
    url, product = (scene.source, scene.source_product) if side == "source" else (scene.target, scene.target_product)
    scene.stack.enter_context(speaking_tls(server))
    proxy = scene.proxy(side)
    secure = {"postgres": "?sslmode=require", "mariadb": "?ssl-mode=REQUIRED"}[product]
    way: dict[str, Any] = {side: proxy.url(url) + secure}
    worker = scene.start(**way, chunk_rows=100)
    worker.until_copying(100)
    for _ in range(2):
        proxy.faults.flip_after_bytes = scene.dice.randrange(1, 2_000)
        end = time.monotonic() + 10
        while proxy.faults.flip_after_bytes is not None and worker.process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        scene.facts["flipped"] = scene.facts.get("flipped", 0) + (proxy.faults.flip_after_bytes is None)
        time.sleep(0.3)
    proxy.faults.flip_after_bytes = None
    result = worker.wait()
    assert scene.facts["flipped"], scene.facts
    assert any("connection-lost" in note for note in result.get("notes", ())), result.get("notes")
    scene.expect_done(result)


@scenario(POSTGRES)
def another_server_behind_the_name(scene: Scene) -> None:
    """In mid-run the address leads to another server: the run stops rather than write there."""
    proxy = scene.proxy("target")
    worker = scene.start(target=proxy.url(scene.target), chunk_rows=100)
    worker.until_copying(100)
    other = scene.source_server
    name = scene.name(scene.target)
    other.execute(f"create database {name}")
    try:
        proxy.to = ("127.0.0.1", other.port)
        proxy.cut()
        result = worker.wait()
        assert (result.get("error") or {}).get("code") == "other-database", result
        assert not other.execute("select 1 from pg_class where relname = 'numbers'", name)
    finally:
        other.execute(f"drop database {name} with (force)")
    scene.finish()
