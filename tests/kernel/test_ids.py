"""UUIDv7."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from dms_workbench.kernel.ids import new_id


def test_an_id_is_a_uuid_of_version_7_and_its_variant() -> None:
    made = uuid.UUID(new_id())
    assert (made.version, made.variant) == (7, uuid.RFC_4122)


def test_an_id_begins_with_the_time_in_milliseconds() -> None:
    before = time.time_ns() // 1_000_000
    stamp = uuid.UUID(new_id()).int >> 80
    assert before - 1 <= stamp <= time.time_ns() // 1_000_000 + 1


def test_ids_sort_as_they_were_made() -> None:
    made = [new_id() for _ in range(10_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_of_several_threads_differ() -> None:
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: new_id(), range(4_000)))
    assert len(set(made)) == len(made)
