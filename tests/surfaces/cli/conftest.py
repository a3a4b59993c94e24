"""The installed ``dms`` as a process, as a person or a script runs it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

LIMIT_SECONDS = 90


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    exit_code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on standard output."""
        return json.loads(self.out)


def executable() -> str:
    """The installed program, beside this interpreter."""
    found = shutil.which("dms", path=str(Path(sys.executable).parent))
    assert found is not None, "install the package first: pip install -e ."
    return found


@dataclass(frozen=True)
class Dms:
    """Runs commands in a folder of the test's own."""

    folder: Path

    def __call__(self, *arguments: str, environment: dict[str, str] | None = None, text: str = "") -> Done:
        """Run a command to its end. It must never show a traceback."""
        process = self.start(*arguments, environment=environment)
        out, err = process.communicate(text, timeout=LIMIT_SECONDS)
        assert "Traceback" not in out + err
        return Done(process.returncode, out, err)

    def start(self, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """Start a command that hears Ctrl-C, even where the tests themselves were started in the background."""
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return subprocess.Popen(
                [executable(), *arguments],
                cwd=self.folder,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        finally:
            signal.signal(signal.SIGINT, before)


@pytest.fixture
def dms(tmp_path: Path) -> Dms:
    """The command line, run in the test's folder."""
    return Dms(tmp_path)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A small SQLite shop: two tables, one refers to the other."""
    return sqlite_file(
        tmp_path / "shop.sqlite",
        """
        CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), total NUMERIC(10, 2));
        INSERT INTO customers VALUES (1, 'Ada', 'London'), (2, 'Grace', NULL), (3, 'Zoé', 'Köln');
        INSERT INTO orders VALUES (1, 1, 19.9), (2, 1, 5), (3, 2, 120.25), (4, 3, 0);
        """,
    )


def sqlite_file(path: Path, sql: str) -> Path:
    """A SQLite file that a script makes."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(sql)
    return path


def long_table(path: Path, rows: int) -> Path:
    """A SQLite file with one table of many rows."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
        connection.executemany("INSERT INTO items VALUES (?, ?)", ((n, f"item {n}") for n in range(rows)))
        connection.commit()
    return path


def read_until(process: subprocess.Popen[str], words: str, seconds: float = 40.0) -> None:
    """Read a process's standard error until a line holds these words."""
    assert process.stderr is not None
    end, seen = time.monotonic() + seconds, ""
    while words not in seen:
        line = process.stderr.readline()
        seen += line
        assert line, f"it ended before it said {words!r}: {seen}"
        assert time.monotonic() < end, f"it did not say {words!r} in time: {seen}"
