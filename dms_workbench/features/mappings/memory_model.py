"""The memory of an organisation: pairs of names that its projects confirmed or turned down. Names only, never values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from ...kernel.errors import UsageError
from ...kernel.shown import Readable

FORMAT = "# dms-mapping-memory/1"
HEAD = ("source_table", "source_column", "target_table", "target_column", "accepted", "rejected", "project", "at", "by")
ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
LONGEST = 300
"""Characters of a name."""
MOST = 1_000_000_000

Pair = tuple[str, str, str, str]


class InvalidMemory(
    UsageError, code="invalid-memory", next="dms mappings memory-export shows what such a file looks like."
):
    """Line {line} of the memory file cannot be read: {reason}."""


@dataclass(frozen=True)
class MemoryLine(Readable):
    """What one project says of a pair of columns."""

    source_table: str
    source_column: str
    target_table: str
    target_column: str
    accepted: int
    rejected: int
    project: str
    at: datetime
    by: str

    @property
    def pair(self) -> Pair:
        """Both columns with their tables."""
        return self.source_table, self.source_column, self.target_table, self.target_column

    def __str__(self) -> str:
        return (
            f"{self.source_table}.{self.source_column} -> {self.target_table}.{self.target_column}: "
            f"accepted {self.accepted}, rejected {self.rejected} ({self.project}, {self.at:%Y-%m-%d}, {self.by})"
        )


@dataclass(frozen=True)
class MemoryChange(Readable):
    """What importing a file does to one line."""

    kind: Literal["added", "changed", "unchanged"]
    line: MemoryLine
    before: MemoryLine | None = None

    def __str__(self) -> str:
        sign = {"added": "+", "changed": "~", "unchanged": " "}[self.kind]
        was = (
            "" if self.before is None else f", before: accepted {self.before.accepted}, rejected {self.before.rejected}"
        )
        return f"{sign} {self.line}{was}"


@dataclass(frozen=True)
class MemoryImport(Readable):
    """What importing a file does, or did."""

    changes: tuple[MemoryChange, ...]
    """Without lines that stay as they are."""
    unchanged: int
    applied: bool

    def __str__(self) -> str:
        counts = f"{len(self.changes)} lines differ, {self.unchanged} stay as they are."
        end = "Imported." if self.applied else "Nothing was imported yet: --apply does it."
        return "\n".join([*map(str, self.changes), counts, end])


def difference(lines: Iterable[MemoryLine], known: Iterable[MemoryLine]) -> Iterator[MemoryChange]:
    """What each line of a file means for what is known: the last of several about a pair and project counts."""
    before = {(line.pair, line.project): line for line in known}
    for key, line in {(line.pair, line.project): line for line in lines}.items():
        old = before.get(key)
        kind: Literal["added", "changed", "unchanged"] = "added" if old is None else "changed"
        if old is not None and (old.accepted, old.rejected) == (line.accepted, line.rejected):
            kind = "unchanged"
        yield MemoryChange(kind, line, old)


def written(lines: Iterable[MemoryLine]) -> str:
    """The file: a line for each pair and project, fields between tabs, in order of names."""
    rows = [[*each.pair, str(each.accepted), str(each.rejected), each.project, f"{each.at:%Y-%m-%dT%H:%M:%SZ}", each.by]
            for each in sorted(lines, key=lambda line: (line.pair, line.project))]  # fmt: skip
    return "".join("\t".join(map(escaped, row)) + "\n" for row in [[FORMAT], HEAD, *rows])


def read(text: str) -> list[MemoryLine]:
    """The lines of a file. Raises InvalidMemory."""
    lines = text.removeprefix("\ufeff").split("\n")
    if lines[0].rstrip("\r") != FORMAT:
        raise InvalidMemory(line=1, reason=f"a memory file begins with {FORMAT!r}")
    found = []
    for number, line in enumerate(lines[1:], 2):
        fields = [unescaped(each) for each in line.rstrip("\r").split("\t")]
        if fields != [""] and not line.startswith("#") and tuple(fields) != HEAD:
            found.append(of_fields(fields, number))
    return found


def of_fields(fields: Sequence[str], number: int) -> MemoryLine:
    """One line."""
    if len(fields) != len(HEAD):
        raise InvalidMemory(line=number, reason=f"it has {len(fields)} fields instead of {len(HEAD)}, divided by tabs")
    *names, accepted, rejected, project, at, by = fields
    if not all(names) or not project or max(map(len, [*names, project, by])) > LONGEST:
        raise InvalidMemory(line=number, reason=f"a name is empty, or longer than {LONGEST} characters")
    try:
        counts = [int(each) for each in (accepted, rejected)]
        when = datetime.fromisoformat(at.replace("Z", "+00:00"))
    except ValueError:
        raise InvalidMemory(line=number, reason="accepted and rejected are numbers, at is a time") from None
    if not all(0 <= each <= MOST for each in counts):
        raise InvalidMemory(line=number, reason=f"counts are from 0 to {MOST}")
    whole = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return MemoryLine(names[0], names[1], names[2], names[3], counts[0], counts[1], project, whole, by)


def escaped(text: str) -> str:
    """A field as it is written."""
    return "".join(ESCAPES.get(letter, letter) for letter in text)


def unescaped(text: str) -> str:
    """A field as it was written."""
    back = {shown[1]: letter for letter, shown in ESCAPES.items()}
    made, letters = [], iter(text)
    for letter in letters:
        following = next(letters, "") if letter == "\\" else ""
        made.append(back.get(following, letter + following) if letter == "\\" else letter)
    return "".join(made)


def contributed(text: str, project: str, at: datetime, by: str) -> list[MemoryLine]:
    """What a mapping file says of pairs of columns. Raises InvalidMapping."""
    from ...engine.mapping import parse_mapping
    from ...engine.mapping.decide import confirmed_by

    said = confirmed_by(parse_mapping(text))
    pairs = [(*source, *target) for source, target in sorted(said.accepted | said.rejected)]
    return [
        MemoryLine(
            *pair,
            accepted=int((pair[:2], pair[2:]) in said.accepted),
            rejected=int((pair[:2], pair[2:]) in said.rejected),
            project=project,
            at=at,
            by=by,
        )
        for pair in pairs
        if all(0 < len(name) <= LONGEST for name in pair)
    ]
