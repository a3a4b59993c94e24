"""A way to a port of this machine that keeps every byte that passes."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType

PIECE_BYTES = 65_536


class Tunnel:
    """Passes TCP connections on and listens to both directions."""

    def __init__(self, to: int) -> None:
        """to: the port it leads to."""
        self.to = to
        self.pieces: list[bytes] = []
        self.sockets: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]

    def __enter__(self) -> Tunnel:
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in (self.listener, *self.sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def accept(self) -> None:
        """Take connections in."""
        while True:
            try:
                near = self.listener.accept()[0]
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                return
            self.sockets += [near, far]
            for ends in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=ends, daemon=True).start()

    def carry(self, source: socket.socket, target: socket.socket) -> None:
        """One direction, to its end."""
        with suppress(OSError):
            while piece := source.recv(PIECE_BYTES):
                self.pieces.append(piece)
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)

    def heard(self) -> bytes:
        """All that has passed."""
        return b"".join(self.pieces)
