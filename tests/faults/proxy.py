"""A TCP proxy that a test can order about: slow, narrow, cut, deaf in one direction, flipping bytes, refusing.

    with Proxy("127.0.0.1", 5432) as proxy:
        connect("127.0.0.1", proxy.port)
        proxy.cut()

It runs in threads of this process. Faults may be set at any time and hold for the connections that are open, too.
"""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

PIECE_BYTES = 65_536
TICK_SECONDS = 0.02
BURST_SECONDS = 0.25
"""What a shared line may catch up after a rest, so that one busy connection fills it."""
COMMIT = b"COMMIT\0"


@dataclass
class Faults:
    """What the proxy does to whoever passes; each may be changed while connections are open."""

    latency_seconds: float = 0.0
    jitter_seconds: float = 0.0
    bytes_per_second: float | None = None
    """Of each connection, in each direction."""
    shared_bytes_per_second: float | None = None
    """Of all connections together."""
    refuse: bool = False
    """Close new connections at once."""
    black_hole: bool = False
    """Nothing passes in either direction, nothing is closed; what is sent meanwhile passes later."""
    lose_replies: bool = False
    """What the server says is thrown away."""
    cut_after_bytes: int | None = None
    """Cut when so many more bytes have come from the server, or with ``count_sent`` from the client."""
    count_sent: bool = False
    flip_after_bytes: int | None = None
    """Turn one bit round after so many more bytes from the server, once."""
    cut_commit_replies: int = 0
    """So many times, let a COMMIT through to the server and cut before its answer comes back."""


@dataclass
class Link:
    """One connection through the proxy."""

    client: socket.socket
    server: socket.socket
    over: threading.Event = field(default_factory=threading.Event)
    commit_sent: bool = False

    def close(self, *, reset: bool = False) -> None:
        """End both sides; reset: with RST instead of FIN."""
        self.over.set()
        for side in (self.client, self.server):
            with contextlib.suppress(OSError):
                if reset:
                    side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                side.shutdown(socket.SHUT_RDWR)
            with contextlib.suppress(OSError):
                side.close()


class Proxy:
    """Passes TCP connections on to one address, with faults."""

    def __init__(self, host: str, port: int, *, seed: int = 0, address: str = "127.0.0.1") -> None:
        """host, port: where to; address: where it listens."""
        self.address = address
        self.to = (host, port)
        self.faults = Faults()
        self.dice = random.Random(seed)
        self.links: list[Link] = []
        self.guard = threading.Lock()
        self.free_at = 0.0
        """When the line that all connections share has passed what it was given."""
        self.lost_commits = 0
        self.connections = 0
        self.listener = socket.create_server((address, 0), backlog=200)
        self.port: int = self.listener.getsockname()[1]
        self.over = threading.Event()

    def __enter__(self) -> Proxy:
        threading.Thread(target=self.accept, daemon=True, name="proxy").start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()

    def url(self, url: str) -> str:
        """A URL that leads through the proxy instead."""
        head, _, tail = url.rpartition("@")
        return f"{head}@{self.address}:{self.port}/{tail.partition('/')[2]}"

    def accept(self) -> None:
        """Take connections until the proxy is closed."""
        while not self.over.is_set():
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.faults.refuse:
                client.close()
                continue
            threading.Thread(target=self.link, args=(client,), daemon=True).start()

    def link(self, client: socket.socket) -> None:
        """Connect one client to the server, and pass bytes in both directions."""
        try:
            server = socket.create_connection(self.to, 10)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        for side in (client, server):
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link = Link(client, server)
        with self.guard:
            self.links.append(link)
            self.connections += 1
        threading.Thread(target=self.pump, args=(link, client, server, self.sent), daemon=True).start()
        self.pump(link, server, client, self.received)
        link.close()
        with self.guard, contextlib.suppress(ValueError):
            self.links.remove(link)

    def pump(
        self, link: Link, source: socket.socket, sink: socket.socket, treat: Callable[[Link, bytes], bytes]
    ) -> None:
        """Pass bytes in one direction."""
        try:
            while data := source.recv(PIECE_BYTES):
                data = treat(link, data)
                self.wait(link, len(data))
                if data:
                    sink.sendall(data)
            if not link.over.is_set():
                sink.shutdown(socket.SHUT_WR)
        except OSError:
            link.close()

    def wait(self, link: Link, size: int) -> None:
        """Be as slow as ordered."""
        faults = self.faults
        if faults.latency_seconds or faults.jitter_seconds:
            time.sleep(faults.latency_seconds + self.dice.uniform(0, faults.jitter_seconds))
        if faults.bytes_per_second:
            time.sleep(size / faults.bytes_per_second)
        if faults.shared_bytes_per_second:
            with self.guard:
                now = time.monotonic()
                self.free_at = max(self.free_at, now - BURST_SECONDS) + size / faults.shared_bytes_per_second
                seconds = self.free_at - now
            time.sleep(max(0.0, seconds))
        while faults.black_hole and not link.over.is_set():
            time.sleep(TICK_SECONDS)

    def sent(self, link: Link, data: bytes) -> bytes:
        """Look at what the client sends."""
        if self.faults.cut_commit_replies and COMMIT in data:
            link.commit_sent = True
        if self.faults.count_sent:
            self.count(link, data)
        return data

    def received(self, link: Link, data: bytes) -> bytes:
        """Treat what the server says."""
        faults = self.faults
        if link.commit_sent and faults.cut_commit_replies:
            with self.guard:
                faults.cut_commit_replies -= 1
                self.lost_commits += 1
            link.close(reset=True)
            return b""
        link.commit_sent = False
        if not faults.count_sent:
            self.count(link, data)
        if faults.flip_after_bytes is not None:
            faults.flip_after_bytes -= len(data)
            if faults.flip_after_bytes <= 0:
                at = max(0, len(data) + faults.flip_after_bytes - 1)
                faults.flip_after_bytes = None
                data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        return b"" if faults.lose_replies else data

    def count(self, link: Link, data: bytes) -> None:
        """Cut when the ordered number of bytes has passed."""
        if self.faults.cut_after_bytes is None:
            return
        self.faults.cut_after_bytes -= len(data)
        if self.faults.cut_after_bytes <= 0:
            self.faults.cut_after_bytes = None
            link.close(reset=True)

    def cut(self, *, reset: bool = True) -> int:
        """End every connection that is open now; returns how many."""
        with self.guard:
            links, self.links = self.links, []
        for link in links:
            link.close(reset=reset)
        return len(links)

    def half_close(self) -> None:
        """End the direction from the server to the client only."""
        with self.guard:
            links = list(self.links)
        for link in links:
            with contextlib.suppress(OSError):
                link.client.shutdown(socket.SHUT_WR)
