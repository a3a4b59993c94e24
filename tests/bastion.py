"""A bastion of the tests' own: an OpenSSH server on a free loopback port, with a key and a client configuration."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dms_workbench.platform import user_name
from tests.servers import require

START_SECONDS = 10.0


@dataclass(frozen=True)
class Bastion:
    """A running SSH server: ``address`` is user@host:port, ``config`` a client configuration that may log in."""

    address: str
    config: Path
    stranger: Path
    """A client configuration whose key the server does not know."""


def program(name: str) -> str:
    """The path of an OpenSSH program."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    return found or require("sshd", f"{name} is missing: apt install openssh-server")


@contextmanager
def bastion_server(folder: Path) -> Iterator[Bastion]:
    """Start the server; it ends with the block."""
    sshd = program("sshd")
    for key in ("host", "client", "stranger"):
        subprocess.run([program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)], check=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    (folder / "authorized").write_text((folder / "client.pub").read_text())
    (folder / "authorized").chmod(0o600)
    (folder / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\nStrictModes no\n"
        f"UsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nPidFile none\nAllowTcpForwarding yes\n"
    )
    public = (folder / "host.pub").read_text().split()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {public[0]} {public[1]}\n")
    for name in ("client", "stranger"):
        (folder / f"{name}_config").write_text(
            f"IdentityFile {folder}/{name}\nIdentitiesOnly yes\nIdentityAgent none\nUserKnownHostsFile {folder}/known_hosts\n"
        )
    server = subprocess.Popen([sshd, "-D", "-e", "-f", str(folder / "sshd_config")], stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield Bastion(f"{user_name()}@127.0.0.1:{port}", folder / "client_config", folder / "stranger_config")
    finally:
        server.terminate()
        server.wait(timeout=10)


def wait_for(port: int) -> None:
    """Until the server answers."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
