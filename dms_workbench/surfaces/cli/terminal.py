"""What a command says and where: results on standard output, everything else on standard error."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TextIO

COLOURS = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
PLAIN = str.maketrans({"✓": "ok", "✗": "x", "→": "->", "─": "-", "·": "-", "…": "...", "•": "*", "\u202f": ","})
WIDTH_WITHOUT_TERMINAL = 120


def error_alone(error: dict[str, Any]) -> dict[str, Any]:
    """The JSON object of a command that failed."""
    return {"error": error}


@dataclass
class Terminal:
    """Where one command writes.

    as_json: standard output holds one JSON value. quiet: no progress and no messages. verbose: more of them.
    failure: makes the JSON object of a failure from its error. path: the command as typed, ``dms runs start``.
    """

    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    failure: Callable[[dict[str, Any]], dict[str, Any]] = error_alone
    path: str = "dms"

    def show(self, text: str) -> None:
        """A result for people, on standard output; nothing with ``--json``."""
        if not self.as_json and text:
            write(sys.stdout, text)

    def data(self, value: Any) -> None:
        """The result for machines: the one JSON value of ``--json``; nothing without it."""
        if self.as_json:
            sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")
            sys.stdout.flush()

    def say(self, text: str) -> None:
        """A message on standard error, unless quiet."""
        if not self.quiet and text:
            write(sys.stderr, text)

    def detail(self, text: str) -> None:
        """A message for those who asked for more."""
        if self.verbose:
            self.say(text)

    def fail(self, error: dict[str, Any]) -> None:
        """An error: words on standard error, and with ``--json`` the object too."""
        self.complain(error)
        self.data(self.failure(public_error(error)))

    def complain(self, error: dict[str, Any]) -> None:
        """An error in words, on standard error."""
        write(sys.stderr, error_text(error))

    @property
    def live(self) -> bool:
        """May progress be drawn and redrawn on standard error?"""
        return sys.stderr.isatty() and not self.quiet and os.environ.get("TERM") != "dumb"


def write(stream: TextIO, text: str) -> None:
    """Write a text and end the line; in plain letters where the terminal knows no others."""
    encoding = stream.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(PLAIN).encode(encoding, "replace").decode(encoding)
    stream.write(text + "\n")
    with contextlib.suppress(OSError):
        stream.flush()


def paint(text: str, *styles: str, stream: TextIO | None = None) -> str:
    """The text in colour, where the stream is a terminal and NO_COLOR is not set."""
    return (
        f"\x1b[{';'.join(COLOURS[style] for style in styles)}m{text}\x1b[0m"
        if text and in_colour(stream or sys.stdout)
        else text
    )


def in_colour(stream: TextIO) -> bool:
    """Does this stream show colours?"""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()


def width() -> int:
    """Columns there are for results."""
    return shutil.get_terminal_size((WIDTH_WITHOUT_TERMINAL, 24)).columns if sys.stdout.isatty() else 10_000


def public_error(error: dict[str, Any]) -> dict[str, str]:
    """The error of ``--json``."""
    return {name: str(error.get(name) or "") for name in ("code", "message", "where", "safe", "next")}


def error_text(error: dict[str, Any]) -> str:
    """An error in words: what happened, what is safe, what to do."""
    lines = [f"{paint('✗', 'red', 'bold', stream=sys.stderr)} {message_text(error)}"]
    if error.get("where") and error["where"] not in error["message"]:
        lines.append(f"  In {error['where']}")
    if error.get("safe"):
        lines.append(f"  {error['safe']}")
    if error.get("next"):
        lines.append(f"  {paint('Next:', 'bold', stream=sys.stderr)} {error['next']}")
    return "\n".join(lines)


def message_text(error: dict[str, Any]) -> str:
    """What happened; where a mapping has several problems, one below the other, and all of them."""
    problems = (error.get("facts") or {}).get("problems") or ()
    if error.get("code") != "invalid-mapping" or len(problems) < 2:
        return str(error["message"])
    lines = [
        f"    line {of['line']}, column {of['column']}: {of['message']}" if of["line"] else f"    {of['message']}"
        for of in problems
    ]
    return "\n".join([f"{error['facts']['path']} cannot be used:", *lines])
