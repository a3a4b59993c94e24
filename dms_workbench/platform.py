"""The few things that differ between operating systems."""

from __future__ import annotations

import getpass
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

WINDOWS = sys.platform == "win32"
LINUX = sys.platform == "linux"
PRIVATE_FOLDER_MODE = 0o700
PRIVATE_FILE_MODE = 0o600


def data_folder() -> Path:
    """Where the workbench keeps its store and keys: ``DMS_HOME``, or the user's data folder. It may not exist yet."""
    home = os.environ.get("DMS_HOME")
    if home:
        return Path(home).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("dms-workbench", appauthor=False))


def private_folder(path: Path) -> Path:
    """The folder, made if need be, readable by its owner only."""
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER_MODE)
        if not WINDOWS:
            path.chmod(PRIVATE_FOLDER_MODE)
    return path


def private_file(path: Path) -> Path:
    """The file, made empty if need be, readable and writable by its owner only."""
    if not path.exists():  # opening and closing an existing SQLite file would drop this process's locks on it
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, PRIVATE_FILE_MODE))
    return path


def user_name() -> str:
    """The operating system's name of the user; ``user`` and a number where it knows none (some containers)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"user{os.getuid()}" if hasattr(os, "getuid") else "user"


def host_name() -> str:
    """This computer's name."""
    return socket.gethostname()


class FileLock:
    """A lock on a file that this process holds until it lets go or ends, however it ends."""

    def __init__(self, path: Path, descriptor: int) -> None:
        """Use ``FileLock.take``."""
        self.path, self._descriptor = path, descriptor

    @classmethod
    def take(cls, path: Path) -> FileLock | None:
        """The lock, the file made if need be; None while another process holds it."""
        private_file(path)
        descriptor = os.open(path, os.O_RDWR)
        if lock_descriptor(descriptor, shared=False):
            return cls(path, descriptor)
        os.close(descriptor)
        return None

    def note(self, text: str) -> None:
        """Write into the file, once, who holds the lock, for people who look."""
        os.write(self._descriptor, text.encode())

    def release(self) -> None:
        """Let go. May be called twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def is_locked(path: str | Path) -> bool:
    """Does a process hold a `FileLock` on this file? A file that is not there is not locked."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        return not lock_descriptor(descriptor, shared=True)
    finally:
        os.close(descriptor)


def lock_descriptor(descriptor: int, *, shared: bool) -> bool:
    """Lock an open file without waiting; False if another process has it. Closing the file unlocks it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def start_detached(
    command: Sequence[str], *, log: Path, folder: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a process that outlives this one and that no terminal's Ctrl-C reaches: it gets a session of its own.

    log: the file that takes what it prints, readable by its owner only; folder: where it runs;
    environment: variables to set besides this process's own.
    """
    own_group: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        own_group = {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
    with private_file(log).open("ab") as output:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            env={**os.environ, **environment},
            **own_group,
        )


def on_request_to_end(act: Callable[[], None]) -> None:
    """Call this when the process is asked to end (SIGTERM, or Ctrl-Break on Windows); only from the main thread."""
    for name in ("SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda _number, _frame: act())


def kill_own_process() -> None:
    """End this process at once, as a power cut would: nothing is flushed, closed or told."""
    os.kill(os.getpid(), signal.SIGTERM if WINDOWS else signal.SIGKILL)


def stop_own_process() -> None:
    """Stop this process until somebody lets it go on, as a machine that is put to sleep; nothing on Windows."""
    if not WINDOWS:
        os.kill(os.getpid(), signal.SIGSTOP)


def process_limit() -> int | None:
    """How many processes and threads this account may have; None where nothing limits them, or that is not known."""
    if WINDOWS:
        return None
    import resource

    found = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    return None if found == resource.RLIM_INFINITY else found


def queued_bytes(descriptor: int) -> tuple[int, int]:
    """Bytes of an open TCP line that have arrived unread, and that are not yet taken by the other side.

    Raises OSError if the descriptor is no such line, or the system does not tell (not Linux).
    """
    if sys.platform != "linux":
        raise OSError("only Linux tells what waits in a line")
    import array
    import fcntl
    import termios

    unread, unsent = array.array("i", [0]), array.array("i", [0])
    fcntl.ioctl(descriptor, termios.FIONREAD, unread)
    fcntl.ioctl(descriptor, termios.TIOCOUTQ, unsent)
    return unread[0], unsent[0]
