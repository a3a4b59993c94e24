"""A snapshot file's lines as plain values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ...kernel.errors import UsageError
from .snapshot_values import read_flow

FORMAT = "dms-schema/1"
NAME = re.compile(r"([a-z_]+):(?: (.*))?$", re.DOTALL)


class SnapshotUnreadable(UsageError, code="snapshot-unreadable", next="dms schemas export SNAPSHOT"):
    """The schema snapshot cannot be read: line {line}: {reason}."""


class SnapshotTooNew(UsageError, code="snapshot-too-new", next="Use the version of the workbench that wrote it."):
    """The schema snapshot is of the form {format}; this version reads {known}."""


@dataclass(slots=True)
class Lines:
    """The lines of a file, and how far they are read."""

    lines: list[str]
    at: int = 0

    def peek(self) -> str | None:
        """The next line that says something; None at the end."""
        while self.at < len(self.lines) and (not self.lines[self.at].strip() or self.lines[self.at][0] == "#"):
            self.at += 1
        return self.lines[self.at] if self.at < len(self.lines) else None


def is_snapshot(text: str) -> bool:
    """Does a text say that it is a schema snapshot?"""
    return text.lstrip("\ufeff").startswith("format: dms-schema/")


def read_values(text: str) -> dict[str, Any]:
    """The file as plain values. Raises SnapshotUnreadable, SnapshotTooNew."""
    reader = Lines([line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")])
    try:
        check_format(reader.peek() or "")
        values = read_block(reader, "")
        if reader.peek() is not None:
            raise ValueError("it stands too far to the right or is no fact")
    except (ValueError, IndexError, RecursionError) as error:
        raise SnapshotUnreadable(line=reader.at + 1, reason=str(error) or "it cannot be read") from None
    return values


def check_format(line: str) -> None:
    """Raise unless the first line names the form that is read here."""
    if not line.startswith("format: "):
        raise ValueError(f"the first line must be format: {FORMAT}")
    if line.strip() != f"format: {FORMAT}":
        raise SnapshotTooNew(format=line.removeprefix("format: ").strip()[:40], known=FORMAT)


def read_block(reader: Lines, indent: str) -> dict[str, Any]:
    """Facts one below the other, as far as they stand at this indent."""
    values: dict[str, Any] = {}
    while (line := reader.peek()) is not None and line.startswith(indent) and line[len(indent)] not in " -":
        found = NAME.match(line[len(indent) :])
        if found is None:
            raise ValueError("it is not of the form name: value")
        if found[1] in values:
            raise ValueError(f"{found[1]} is said twice")
        reader.at += 1
        values[found[1]] = read_value(reader, indent, found[2])
    return values


def read_value(reader: Lines, indent: str, text: str | None) -> Any:
    """What follows a name: a value on its line, a block of text, or a list below it."""
    if text == "|-":
        return read_text(reader, indent + "  ")
    if text is not None:
        reader.at -= 1
        value = read_flow(text)
        reader.at += 1
        return value
    return read_entries(reader, indent + "  ")


def read_text(reader: Lines, indent: str) -> str:
    """A block of text."""
    found: list[str] = []
    while reader.at < len(reader.lines):
        line = reader.lines[reader.at]
        if line and not line.startswith(indent):
            break
        found.append(line[len(indent) :])
        reader.at += 1
    while found and not found[-1]:
        found.pop()
    return "\n".join(found)


def read_entries(reader: Lines, indent: str) -> list[Any]:
    """A list: each entry on one line, or a block of facts behind its dash."""
    found: list[Any] = []
    while (line := reader.peek()) is not None and line.startswith(f"{indent}- "):
        text = line[len(indent) + 2 :]
        if NAME.match(text):
            reader.lines[reader.at] = f"{indent}  {text}"
            found.append(read_block(reader, f"{indent}  "))
        else:
            found.append(read_flow(text))
            reader.at += 1
    return found
