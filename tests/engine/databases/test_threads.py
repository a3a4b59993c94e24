"""A process that may start no further thread says so in words of ours."""

from __future__ import annotations

import pytest

from dms_workbench import platform
from dms_workbench.engine.databases.errors import ThreadsUsedUp
from dms_workbench.engine.databases.sockets import threads_wanted


def test_no_further_thread_is_told_with_what_to_do() -> None:
    with pytest.raises(ThreadsUsedUp) as told, threads_wanted():
        raise RuntimeError("can't start new thread")
    assert "ulimit -u" in told.value.next


def test_other_errors_pass_as_they_are() -> None:
    with pytest.raises(RuntimeError, match="something else"), threads_wanted():
        raise RuntimeError("something else")


@pytest.mark.skipif(platform.WINDOWS, reason="Windows has no such limit")
def test_the_limit_of_processes_is_read_from_the_system() -> None:
    import resource

    limit = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    assert platform.process_limit() == (None if limit == resource.RLIM_INFINITY else limit)
