"""Workers from a process that has the package imported already: each is forked from it, and then as mortal as any other.

Most of a worker's life would else go into its imports. The server opens nothing (no connection, no database file, no thread):
what is forked has connections, buffers and locks of its own, a process group of its own, and the environment it is given, so
that a SIGKILL to it does what it does to a worker that was started by a command.
"""

from __future__ import annotations

import importlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any

IMPORTED = (
    "duckdb", "psycopg", "pyarrow", "pymysql", "sqlglot", "tests.faults.work",
    "dms_workbench.engine.copying.lane_tasks", "dms_workbench.engine.copying.undoing", "dms_workbench.engine.copying.transforms",
    "dms_workbench.engine.verifying.hashed", "dms_workbench.engine.verifying.verify",
    "dms_workbench.engine.databases.duckdb", "dms_workbench.engine.databases.mysql",
    "dms_workbench.engine.databases.postgres", "dms_workbench.engine.databases.sqlite",
)  # fmt: skip
REQUEST_BYTES = 1 << 20
START_SECONDS = 120.0


class Forked:
    """A forked worker; as `subprocess.Popen`, as far as tests use that."""

    returncode: int | None = None

    def __init__(self, line: socket.socket, pid: int, pipes: tuple[int, int]) -> None:
        """line: by which the server will tell how it ended; pipes: where its output and its errors can be read."""
        self.line, self.pid = line, pid
        self.stdout: IO[str] | None = os.fdopen(pipes[0], "r", errors="replace")
        self.stderr: IO[str] | None = os.fdopen(pipes[1], "r", errors="replace")

    def poll(self) -> int | None:
        """How it ended: the exit code, or minus the signal's number; None while it lives."""
        with suppress(subprocess.TimeoutExpired):
            return self.wait(0.0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """The same, when it has ended. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            self.line.settimeout(timeout if timeout is None else max(timeout, 1e-4))
            try:
                said = self.line.recv(64)
            except TimeoutError:
                raise subprocess.TimeoutExpired("a forked worker", timeout or 0.0) from None
            self.returncode = os.waitstatus_to_exitcode(int(said)) if said else -signal.SIGKILL
            self.line.close()
        return self.returncode


class ForkServer:
    """The server, as a process of its own."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="dms-forks-")
        self.address = str(Path(self.folder.name) / "socket")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DMS_", "PG", "MYSQL"))}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.forks", self.address], env=kept, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == "ready", "the fork server did not start"

    def __enter__(self) -> ForkServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.folder.cleanup()

    def start(self, arguments: list[str], environment: dict[str, str]) -> Forked:
        """A worker with these arguments of `tests.faults.work`, and exactly this environment."""
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.connect(self.address)
        pipes = [os.pipe() for _ in range(2)]
        asked = json.dumps({"arguments": arguments, "environment": environment}).encode()
        socket.send_fds(line, [len(asked).to_bytes(4, "big")], [write for _, write in pipes])
        line.sendall(asked)
        for _, write in pipes:
            os.close(write)
        line.settimeout(START_SECONDS)
        pid = int(line.recv(16))
        return Forked(line, pid, (pipes[0][0], pipes[1][0]))


def serve(address: str) -> None:
    """Fork a worker for each connection, and tell it how the worker ended."""
    for name in IMPORTED:
        importlib.import_module(name)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(address)
    listener.listen(16)
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    waiting: dict[int, socket.socket] = {}
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    selector.register(woken, selectors.EVENT_READ)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                line = listener.accept()[0]
                waiting[begin(line)] = line
            else:
                os.read(woken, 4096)
        reap(waiting)


def begin(line: socket.socket) -> int:
    """Fork a worker as it is asked for; its number."""
    size, pipes, _, _ = socket.recv_fds(line, 4, 2)
    asked = b""
    while len(asked) < int.from_bytes(size, "big"):
        asked += line.recv(REQUEST_BYTES)
    pid = os.fork()
    if pid == 0:
        work(json.loads(asked), pipes)
    os.setpgid(pid, pid)
    for pipe in pipes:
        os.close(pipe)
    line.sendall(f"{pid:16}".encode())
    return pid


def reap(waiting: dict[int, socket.socket]) -> None:
    """Tell who waits for them how workers ended."""
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            line = waiting.pop(ended[0])
            with suppress(OSError):
                line.sendall(str(ended[1]).encode())
            line.close()


def work(asked: dict[str, Any], pipes: list[int]) -> None:
    """Be the worker; does not return."""
    from dms_workbench.engine import failpoints
    from tests.faults import work as worker

    code = 1
    try:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, pipe in zip((1, 2), pipes, strict=True):
            os.dup2(pipe, number)
        os.closerange(3, max(pipes) + 64)
        os.environ.clear()
        os.environ.update(asked["environment"])
        failpoints._armed.__init__(  # type: ignore[misc]  # every module holds the method of this very object
            os.environ.get(failpoints.VARIABLE, ""), os.environ.get(failpoints.STOP_VARIABLE, "")
        )
        code = worker.main(*asked["arguments"])
    except BaseException:  # noqa: BLE001  what a process prints that nobody caught
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
