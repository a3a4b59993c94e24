from __future__ import annotations

import logging
from pathlib import Path

import pytest

from dms_workbench.surfaces.worker import log

SECRET = "hunter2"


def fail_with_values() -> None:
    try:
        raise ValueError(f"row 7 holds {SECRET}")
    except ValueError as error:
        raise RuntimeError(f"the row {SECRET} was refused") from error


def test_a_traceback_shows_where_and_never_which_values() -> None:
    try:
        fail_with_values()
    except RuntimeError as error:
        text = log.WithoutValues().formatException((type(error), error, error.__traceback__))

    assert SECRET not in text
    assert "builtins.RuntimeError" in text
    assert "builtins.ValueError" in text
    assert "in fail_with_values" in text


def test_what_nobody_caught_goes_to_the_log_without_values(caplog: pytest.LogCaptureFixture) -> None:
    error = RuntimeError(SECRET)

    with caplog.at_level(logging.CRITICAL, "dms_workbench.worker"):
        log.unforeseen(RuntimeError, error, None)

    (record,) = caplog.records
    assert record.getMessage() == "unforeseen"
    assert SECRET not in log.WithoutValues().format(record)


def test_a_log_that_has_grown_long_is_shortened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "worker.log"
    path.write_bytes(b"a" * 90 + b"b" * 20)
    monkeypatch.setattr(log, "KEPT_BYTES", 100)

    log.shorten(path)

    assert path.read_bytes() == b"a" * 30 + b"b" * 20
