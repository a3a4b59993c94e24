"""A way to a server behind a bastion: one connection through ``ssh -W``, by the user's own OpenSSH.

OpenSSH rather than a library: the keys, the agent, ``~/.ssh/config``, jump hosts and known hosts are those that the
user's ``ssh bastion`` uses already. No port stays open: a listener on loopback takes exactly one connection and hands it
to ``ssh`` as its standard input and output. When either side ends, or this process is killed, the line closes and
``ssh`` with it.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from .errors import ConnectionFailed
from .urls import ConnectionUrl, Host

LOOPBACK = "127.0.0.1"
BASTION = re.compile(
    r"(?:(?P<user>[A-Za-z_][\w.-]*)@)?(?P<host>[A-Za-z0-9](?:[\w.-]*\w)?|\[[0-9A-Fa-f:]+\])(?::(?P<port>\d{1,5}))?"
)
"""``[user@]host[:port]``; a host may be a name of ``~/.ssh/config``. Never begins with a dash."""
CHANNEL = re.compile(r"^channel \d+: open failed: ")
STDERR_BYTES = 4_000
ENDS_SECONDS = 3.0
"""How long ssh may take to say why it gave up, once the connection through it has failed."""


class TunnelFailed(
    ConnectionFailed,
    code="tunnel-failed",
    retryable=False,
    next="Run ssh {bastion} once by hand: it must log in without asking anything.",
):
    """No way through the bastion {bastion}: {reason}"""


@dataclass(slots=True)
class Tunnel:
    """The near end of a tunnel: connect to ``address`` and ``port``, once."""

    bastion: str
    listener: socket.socket
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    taken: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    said: bytearray = field(default_factory=bytearray)

    @property
    def address(self) -> str:
        """The loopback address to connect to."""
        return LOOPBACK

    @property
    def port(self) -> int:
        """The port to connect to."""
        return int(self.listener.getsockname()[1])

    def serve(self) -> None:
        """Take one connection, and give it to ssh."""
        try:
            line, _ = self.listener.accept()
        except OSError:
            return
        finally:
            self.listener.close()
        self.taken.set()
        with line:
            self.process = subprocess.Popen(
                self.command, stdin=line.fileno(), stdout=line.fileno(), stderr=subprocess.PIPE
            )
        assert self.process.stderr is not None  # noqa: S101  (it is a pipe)
        with self.process.stderr as errors:
            for piece in iter(lambda: errors.read(1024), b""):
                if len(self.said) < STDERR_BYTES:
                    self.said += piece
        self.process.wait()
        self.ended.set()

    def failure(self) -> TunnelFailed | None:
        """Why ssh gave up, if it did: to be asked when the connection through it failed."""
        if not self.ended.wait(ENDS_SECONDS) or self.process is None or self.process.returncode == 0:
            return None
        return TunnelFailed(bastion=self.bastion, database=self.bastion, reason=reason_of(bytes(self.said)))


def reason_of(said: bytes) -> str:
    """The last line ssh printed, in small print: names of hosts and users only, never a key."""
    lines = [CHANNEL.sub("", line.strip()) for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(("debug", "Warning:", "@", "stdio forwarding"))]
    return (telling or lines or ["ssh ended without a word"])[-1]


@contextlib.contextmanager
def tunnel(bastion: str, host: str, port: int, *, config: str = "", timeout_seconds: float = 10) -> Iterator[Tunnel]:
    """A tunnel for one connection to ``host`` and ``port`` as the bastion sees them.

    bastion: ``[user@]host[:port]``. config: another file than ``~/.ssh/config``. The connection made meanwhile outlives
    the block; the listener does not. Raises TunnelFailed where there is no ssh or the bastion cannot be read.
    """
    listener = socket.create_server((LOOPBACK, 0), backlog=1)
    try:
        command = ssh_command(bastion, host, port, config=config, timeout_seconds=timeout_seconds)
        opened = Tunnel(bastion, listener, command)
        threading.Thread(target=opened.serve, name=f"ssh {bastion}", daemon=True).start()
        yield opened
        opened.taken.wait(ENDS_SECONDS)
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@contextlib.contextmanager
def way_to(url: ConnectionUrl, host: Host, timeout_seconds: float) -> Iterator[Tunnel | None]:
    """The tunnel that a URL asks for with ``?ssh=bastion``; None where it asks for none. Raises TunnelFailed."""
    bastion = url.options.get("ssh")
    if bastion is None:
        yield None
        return
    user = url.options.get("ssh_user")
    config = os.path.expanduser(url.options.get("ssh_config", ""))
    address = f"{user}@{bastion}" if user else bastion
    with tunnel(address, host.name, host.port, config=config, timeout_seconds=timeout_seconds) as way:
        yield way


def ssh_command(bastion: str, host: str, port: int, *, config: str, timeout_seconds: float) -> list[str]:
    """The command that joins its input and output to a server behind the bastion; it never asks a person."""
    found = BASTION.fullmatch(bastion)
    if found is None:
        raise TunnelFailed(bastion="given", database="ssh", reason="write it as user@host or user@host:port")
    program = shutil.which("ssh")
    if program is None:
        raise TunnelFailed(bastion=bastion, database=bastion, reason="there is no ssh program here; install OpenSSH")
    options = {
        "BatchMode": "yes",
        "ConnectTimeout": str(max(2, round(timeout_seconds))),
        "ServerAliveInterval": "10",
        "ServerAliveCountMax": "3",
        "ControlMaster": "no",
        "ClearAllForwardings": "yes",
    }
    command = [program, *(["-F", config] if config else []), *(f"-o{name}={value}" for name, value in options.items())]
    command += ["-p", found["port"]] if found["port"] else []
    command += ["-l", found["user"]] if found["user"] else []
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return [*command, "-W", target, "--", found["host"].strip("[]")]
