"""The proxy does what it is told."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.faults.proxy import Proxy


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that says everything again."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=again, args=(line,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def again(line: socket.socket) -> None:
    """Say everything again."""
    try:
        while data := line.recv(1000):
            line.sendall(data)
    except OSError:
        return


def said(line: socket.socket, text: bytes) -> bytes:
    """What comes back, b"" for an end."""
    line.settimeout(0.5)
    try:
        line.sendall(text)
        return line.recv(1000)
    except TimeoutError:
        return b"(nothing)"
    except OSError:
        return b""


def test_bytes_pass_unchanged(echo: int) -> None:
    with Proxy("127.0.0.1", echo) as proxy, socket.create_connection(("127.0.0.1", proxy.port)) as line:
        assert said(line, b"hello") == b"hello"


def test_a_cut_ends_open_connections_and_new_ones_can_be_refused(echo: int) -> None:
    with Proxy("127.0.0.1", echo) as proxy, socket.create_connection(("127.0.0.1", proxy.port)) as line:
        assert said(line, b"a") == b"a"
        assert proxy.cut() == 1
        assert said(line, b"b") == b""
        proxy.faults.refuse = True
        with socket.create_connection(("127.0.0.1", proxy.port)) as second:
            assert said(second, b"c") == b""


def test_replies_can_be_lost_and_what_is_held_back_passes_later(echo: int) -> None:
    with Proxy("127.0.0.1", echo) as proxy, socket.create_connection(("127.0.0.1", proxy.port)) as line:
        proxy.faults.lose_replies = True
        assert said(line, b"a") == b"(nothing)"
        proxy.faults.lose_replies = False
        proxy.faults.black_hole = True
        assert said(line, b"b") == b"(nothing)"
        proxy.faults.black_hole = False
        assert line.recv(10) == b"b"


def test_one_bit_is_turned_round_once(echo: int) -> None:
    with Proxy("127.0.0.1", echo) as proxy, socket.create_connection(("127.0.0.1", proxy.port)) as line:
        proxy.faults.flip_after_bytes = 3
        assert said(line, b"abcde") == b"abbde"
        assert said(line, b"abcde") == b"abcde"


def test_the_line_is_cut_after_so_many_bytes(echo: int) -> None:
    with Proxy("127.0.0.1", echo) as proxy, socket.create_connection(("127.0.0.1", proxy.port)) as line:
        proxy.faults.cut_after_bytes = 4
        assert said(line, b"abc") == b"abc"
        assert said(line, b"def") == b""


def test_a_commit_passes_and_its_answer_does_not(echo: int) -> None:
    with Proxy("127.0.0.1", echo) as proxy, socket.create_connection(("127.0.0.1", proxy.port)) as line:
        proxy.faults.cut_commit_replies = 1
        assert said(line, b"Q\0\0\0\x0bCOMMIT\0") == b""
        assert proxy.lost_commits == 1
        end = time.monotonic() + 2
        while proxy.links and time.monotonic() < end:
            time.sleep(0.01)
        assert not proxy.links
