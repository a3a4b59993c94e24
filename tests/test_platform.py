from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from dms_workbench import platform
from tests.migrating import until

POSIX = pytest.mark.skipif(platform.WINDOWS, reason="Windows has neither file modes nor process groups")
HOLDER = """
import sys, time
from pathlib import Path
from dms_workbench.platform import FileLock
assert FileLock.take(Path(sys.argv[1])) is not None
print("held", flush=True)
time.sleep(60)
"""


def test_a_lock_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    assert not platform.is_locked(path)
    first = platform.FileLock.take(path)
    assert first is not None

    assert platform.FileLock.take(path) is None
    assert platform.is_locked(path)
    first.release()
    first.release()

    assert not platform.is_locked(path)


def test_a_lock_ends_with_its_process_however_that_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert platform.is_locked(path)
        holder.kill()
        holder.wait()

    assert not platform.is_locked(path)


def test_a_lock_says_who_holds_it(tmp_path: Path) -> None:
    lock = platform.FileLock.take(tmp_path / "a.lock")
    assert lock is not None

    lock.note("process 7")
    lock.release()

    assert (tmp_path / "a.lock").read_text() == "process 7"


@POSIX
def test_a_detached_process_has_a_session_of_its_own_and_a_private_log(tmp_path: Path) -> None:
    log = tmp_path / "process.log"
    script = "import os; print(os.getsid(0) == os.getpid(), os.getcwd(), os.environ['COLOUR'])"

    process = platform.start_detached(
        [sys.executable, "-c", script], log=log, folder=tmp_path, environment={"COLOUR": "blue"}
    )

    assert process.wait(30) == 0
    assert log.read_text() == f"True {tmp_path} blue\n"
    assert stat.S_IMODE(log.stat().st_mode) == platform.PRIVATE_FILE_MODE


@POSIX
def test_a_request_to_end_is_heard() -> None:
    heard: list[bool] = []
    before = signal.getsignal(signal.SIGTERM)
    try:
        platform.on_request_to_end(lambda: heard.append(True))
        os.kill(os.getpid(), signal.SIGTERM)
        until(lambda: bool(heard))
    finally:
        signal.signal(signal.SIGTERM, before)
