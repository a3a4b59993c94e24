from __future__ import annotations

import io
import json
import sys

import pytest

from dms_workbench.surfaces.cli.faults import log_file, unforeseen
from dms_workbench.surfaces.cli.terminal import Terminal, error_text, paint, public_error, write

ERROR = {
    "code": "x",
    "message": "It broke.",
    "where": "orders",
    "safe": "Nothing was changed.",
    "next": "dms status",
    "facts": {},
}


class Screen(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_with_json_only_data_reaches_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(as_json=True)
    terminal.show("words")
    terminal.say("news")
    terminal.data({"a": 1})
    shown = capsys.readouterr()

    assert (json.loads(shown.out), shown.err) == ({"a": 1}, "news\n")


def test_without_json_data_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal().data({"a": 1})
    assert capsys.readouterr().out == ""


def test_quiet_keeps_results_and_errors(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(quiet=True, verbose=True)
    terminal.say("news")
    terminal.detail("more")
    terminal.show("result")
    terminal.fail(ERROR)
    shown = capsys.readouterr()

    assert shown.out == "result\n"
    assert shown.err.startswith("✗ It broke.")
    assert "news" not in shown.err


def test_an_error_tells_what_happened_where_what_is_safe_and_what_to_do() -> None:
    assert error_text(ERROR).splitlines() == [
        "✗ It broke.",
        "  In orders",
        "  Nothing was changed.",
        "  Next: dms status",
    ]


def test_the_error_of_json_has_exactly_its_five_parts() -> None:
    assert list(public_error(ERROR)) == ["code", "message", "where", "safe", "next"]


def test_colour_is_for_terminals_only_and_never_with_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm")
    assert paint("x", "bold", stream=Screen()) == "\x1b[1mx\x1b[0m"
    assert paint("x", "bold", stream=io.StringIO()) == "x"
    monkeypatch.setenv("NO_COLOR", "1")
    assert paint("x", "bold", stream=Screen()) == "x"


def test_a_terminal_of_few_letters_gets_plain_ones() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    write(stream, "✓ a → b: 1\u202f000 …")
    assert stream.buffer.getvalue() == b"ok a -> b: 1,000 ...\n"
    stream.close()


def test_progress_is_drawn_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", Screen())
    assert Terminal().live
    assert not Terminal(quiet=True).live
    monkeypatch.setenv("TERM", "dumb")
    assert not Terminal().live


def test_an_unforeseen_fault_is_a_sentence_and_a_log_without_values() -> None:
    try:
        raise ValueError("canary")
    except ValueError as fault:
        error = unforeseen(fault)
    log = log_file().read_text()

    assert error.code == "unforeseen-fault"
    assert "ValueError" in error.message
    assert str(log_file()) in error.message
    assert "test_terminal.py" in log
    assert "canary" not in log + error.message


def test_a_fault_is_told_even_where_nothing_can_be_logged(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("DMS_HOME", f"{tmp_path}/file/below")
    with open(f"{tmp_path}/file", "w"):
        error = unforeseen(ValueError("canary"))

    assert "no log" in error.message


def test_each_problem_of_a_mapping_has_a_line_of_its_own() -> None:
    problems = [{"line": n, "column": 1, "message": f"wrong {n}"} for n in range(1, 5)]
    error = {"code": "invalid-mapping", "message": "one line", "facts": {"path": "shop.yaml", "problems": problems}}

    assert error_text(error).splitlines() == [
        "✗ shop.yaml cannot be used:",
        *(f"    line {n}, column 1: wrong {n}" for n in range(1, 5)),
    ]
    assert error_text(error | {"facts": {"path": "shop.yaml", "problems": problems[:1]}}) == "✗ one line"
