"""How often a CSV file is read to find out what it is: once, and not again by a later process as long as it stays the same."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from dms_workbench.engine.databases.base import LineLimits
from dms_workbench.engine.databases.files import csv_table, kept, survey
from dms_workbench.engine.databases.files.csv_lines import chunks
from dms_workbench.engine.databases.files.csv_table import CsvFile, Known
from dms_workbench.engine.databases.files.dialect import Wishes
from dms_workbench.engine.databases.files.opening import open_bytes, state_of
from dms_workbench.platform import data_folder

HEAD = b"id,at,amount,name,fits\n"
LONG_AGO = 1_600_000_000


def rows(count: int, *, last: bytes = b"") -> bytes:
    """Rows well beyond the head of a file."""
    lines = (f'{i},2024-01-01 10:00:{i % 60:02},{i}.50,"name ""{i}""",true\n' for i in range(count))
    return HEAD + "".join(lines).encode() + last


class Counting:
    """A file that counts the bytes which are read of it."""

    def __init__(self, file: Any, counts: list[int]) -> None:
        self.file, self.counts = file, counts

    def __enter__(self) -> Counting:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def __iter__(self) -> Any:
        return iter(self.file)

    def seek(self, *place: int) -> int:
        return self.file.seek(*place)

    def read(self, size: int = -1) -> bytes:
        data: bytes = self.file.read(size)
        self.counts.append(len(data))
        return data


@pytest.fixture
def bytes_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of all reads of files that are looked at."""
    counts: list[int] = []
    for module in (csv_table, survey):
        monkeypatch.setattr(module, "open_bytes", lambda path: Counting(open_bytes(path), counts))
    return counts


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known of small files is kept too, and of those just written."""
    monkeypatch.setattr(kept, "LEAST_BYTES", 0)
    monkeypatch.setattr(kept, "SETTLED_SECONDS", -1.0)


def known(path: Path, *, wishes: Wishes | None = None) -> Known:
    """What is known of a file, to a process that has not seen it."""
    csv_table._remembered.clear()
    return CsvFile(path, wishes or Wishes()).known()


def kept_files() -> list[Path]:
    """What is kept of files."""
    return sorted((data_folder() / "looks").glob("*"))


def test_a_usual_file_is_read_once(tmp_path: Path, bytes_read: list[int]) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(rows(20_000))
    known(path)
    assert sum(bytes_read) < path.stat().st_size + 3 * survey.HEAD_BYTES


@pytest.mark.parametrize(
    ("last", "faults"),
    [
        (b"9,2024-01-01 10:00:00,9.50,\\N,true\n", 0),
        (b"9,2024-01-01 10:00:00,9.50,a\xff\xc3\xa9,true\n", 1),
        (b"9,2024-01-01 10:00:00,9.50,caf\xe9,true\n", 0),
        (b"9,2024-01-01 10:00:00,9.50,\xc3", 1),
    ],
    ids=["backslash null", "invalid bytes in UTF-8", "western text", "half a character"],
)
def test_what_the_head_does_not_tell_is_found_in_the_last_row(tmp_path: Path, last: bytes, faults: int) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(rows(20_000, last=last))
    found = known(path)
    whole = survey.survey(path, Wishes())
    assert (found.dialect, found.dialect.reasons) == (whole, whole.reasons)
    assert found.dialect.reasons if faults == 0 else found.first_fault is not None
    assert (found.rows, found.faults) == (20_001, faults)


@pytest.mark.parametrize("size", range(1, 8))
def test_what_speaks_against_the_head_is_seen_wherever_reads_end(size: int) -> None:
    def read_all(data: bytes) -> bytes:
        watched = survey.Assumed(io.BytesIO(data), Wishes())
        return b"".join(iter(lambda: watched.read(size), b""))

    assert read_all("grün,\\,N,€\n".encode()) == "grün,\\,N,€\n".encode()
    for data in (b"a,b,\\N\n", b"a,\xff\n", "a,€".encode()[:-1]):
        with pytest.raises(survey.NotAsAssumed):
            read_all(data)


@pytest.mark.usefixtures("settled")
def test_a_later_process_knows_a_file_without_reading_it(tmp_path: Path, bytes_read: list[int]) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(rows(20_000, last=b"1,2\n"))
    first = known(path)
    bytes_read.clear()
    again = known(path)
    assert again == first
    assert again.first_fault is not None
    assert not bytes_read
    assert [lines.rows for lines in read_lines(path, again)] == [lines.rows for lines in read_lines(path, first)]


def read_lines(path: Path, known: Known) -> list[Any]:
    """The chunks of a file, read to their end."""
    found = []
    for lines, _ in chunks(path, known, None, LineLimits(rows=7_000)):
        lines.drain()
        found.append(lines)
    return found


@pytest.mark.usefixtures("settled")
def test_a_file_that_was_changed_in_place_is_looked_at_again(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(rows(20_000))
    os.utime(path, (LONG_AGO, LONG_AGO))
    before, state = known(path), state_of(path)
    data = path.read_bytes()
    at = data.rindex(b"true", 0, len(data) - kept.TAIL_BYTES)
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"oops")
    os.utime(path, (LONG_AGO, LONG_AGO))
    assert state_of(path) == state
    assert (known(path).columns[-1].type.kind, before.columns[-1].type.kind) == ("text", "boolean")


@pytest.mark.usefixtures("settled")
def test_what_is_wished_of_a_file_is_looked_for_apart(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(rows(100))
    assert known(path).columns[0].type.kind == "integer"
    assert known(path, wishes=Wishes(types="text")).columns[0].type.kind == "text"


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("content", ["", "{}", '{"dialect": 3}', "[1]"])
def test_what_was_kept_badly_is_found_out_again(tmp_path: Path, content: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(rows(100))
    first = known(path)
    (place,) = kept_files()
    place.write_text(content)
    assert known(path) == first
    assert json.loads(place.read_text())["rows"] == first.rows


@pytest.mark.usefixtures("settled")
def test_what_is_kept_holds_no_value_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(rows(100, last=b'1,2,3,secret value,true,"x" y\n'))
    assert known(path).faults == 1
    (place,) = kept_files()
    assert "secret" not in place.read_text()
    assert os.name == "nt" or place.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("settled")
def test_only_so_many_files_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "KEPT_AT_MOST", 2)
    for number in range(4):
        path = tmp_path / f"{number}.csv"
        path.write_bytes(rows(10 + number))
        known(path)
    assert len(kept_files()) == 2


def test_a_file_just_written_is_not_trusted_to_show_changes_in_its_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "LEAST_BYTES", 0)
    monkeypatch.setattr(kept, "SETTLED_SECONDS", 3600.0)
    path = tmp_path / "t.csv"
    path.write_bytes(rows(10))
    known(path)
    assert not kept_files()


def test_a_folder_that_cannot_be_used_keeps_nobody_from_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "LEAST_BYTES", 0)
    monkeypatch.setattr(kept, "SETTLED_SECONDS", -1.0)
    monkeypatch.setenv("DMS_HOME", str(tmp_path / "t.csv" / "below a file"))
    path = tmp_path / "t.csv"
    path.write_bytes(rows(10))
    assert known(path).rows == 10
