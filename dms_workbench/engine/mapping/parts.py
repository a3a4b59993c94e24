"""A mapping file as parts that two people may change apart: each entry with its lines and the comments above it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from .parse import parse_mapping
from .rewrite import table_keys
from .spans import Entry, Piece, Spans, last_of
from .strict_yaml import plain_value
from .write import text as as_text

TABLES = "tables"
DIVIDED = frozenset(
    (
        "", "lookups", "lookups.*", "lookups.*.values", "types",
        "tables", "tables.*", "tables.*.columns", "tables.*.joins", "tables.*.ignore",
    )
)  # fmt: skip
"""Where entries are merged one by one; anything deeper is one thing."""


@dataclass(frozen=True, slots=True)
class Part:
    """One entry in one version of a file."""

    key: str
    lead: str
    """The lines above it that are no entry: comments and empty lines."""
    body: str
    """From its key to the end of its last line."""
    column: int
    """Where its key starts in the line, from 0."""
    prefix: str
    """What stands before its key in the line: spaces, or a list's dash."""
    piece: Piece
    tail: str
    """What follows its value in the line, a comment and the line's end; "" where the value's lines are its own."""
    flow: str
    """The entry in one line, for a map or list in brackets."""
    said: Any
    """What it says, however it is written."""

    @property
    def whole(self) -> str:
        """All its lines."""
        return self.lead + self.prefix + self.body

    def at(self, column: int) -> Part:
        """The part, moved to another column."""
        if column == self.column:
            return self
        first, *rest = self.body.splitlines(keepends=True)
        by = column - self.column
        body = first + "".join(shifted(line, by) for line in rest)
        lead = "".join(shifted(line, by) for line in self.lead.splitlines(keepends=True))
        return replace(self, lead=lead, body=body, column=column, prefix=" " * column)


def shifted(line: str, by: int) -> str:
    """A line further in or out."""
    if not line.strip():
        return line
    if by >= 0:
        return " " * by + line
    return line[min(-by, len(line) - len(line.lstrip(" "))) :]


class Version:
    """One version of a file, read."""

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.spans = Spans(text)
        self.tables = table_keys(parse_mapping(text, path=path).tables) if text.strip() else []

    @property
    def tail(self) -> str:
        """What follows the last entry."""
        entries = self.spans.root.entries
        return self.text[self.spans.after(entries[-1]) :] if entries else self.text

    def head_of(self, part: Part) -> str:
        """The beginning of a part in lines, up to its first entry: its key, or its dash, and a comment behind it."""
        first = part.piece.entries[0]
        if self.spans.shares_line(first):
            return part.body[: self.spans.column(first.start) - part.column]
        return part.body[: part.body.index("\n") + 1]

    def is_glued(self, part: Part) -> bool:
        """Does its first entry stand in the line of its dash?"""
        return self.spans.shares_line(part.piece.entries[0])

    def parts(self, piece: Piece, path: tuple[str, ...]) -> dict[str, Part]:
        """The entries of a piece by key, in their order."""
        found = {}
        after = self.start_of(piece)
        for key, entry in zip(self.keys(piece, path), piece.entries, strict=True):
            part = self.in_brackets(key, entry, path) if piece.flow else self.in_lines(key, entry, after, path)
            found[key] = part
            after = self.spans.after(entry)
        return found

    def start_of(self, piece: Piece) -> int:
        """Where the lines above the first entry of a piece begin."""
        if not piece.entries or piece.flow or piece is self.spans.root:
            return 0
        first = piece.entries[0]
        if self.spans.shares_line(first):
            return self.spans.line_start(first.start)
        place = self.spans.line_start(first.start)
        while place > 0:
            above = self.spans.line_start(place - 1)
            line = self.text[above:place].strip()
            if line and not line.startswith("#"):
                break
            place = above
        return place

    def keys(self, piece: Piece, path: tuple[str, ...]) -> list[str]:
        """A key of its own for each entry."""
        if path == (TABLES,):
            return self.tables
        met: Counter[str] = Counter()
        keys = []
        for entry in piece.entries:
            met[entry.key] += 1
            keys.append(entry.key if met[entry.key] == 1 else f"{entry.key} {met[entry.key]}")
        return keys

    def in_lines(self, key: str, entry: Entry, after: int, path: tuple[str, ...]) -> Part:
        """An entry that has lines of its own."""
        spans = self.spans
        start, end = spans.line_start(entry.start), spans.after(entry)
        last = last_of(entry.value)
        single = last is entry.value and last.style not in {"|", ">"}
        return Part(
            key=key,
            lead=self.text[min(after, start) : start],
            body=self.text[entry.start : end],
            column=spans.column(entry.start),
            prefix=self.text[start : entry.start],
            piece=entry.value,
            tail=self.text[last.end : end] if single else "",
            flow=self.in_one_line(entry, path),
            said=said(entry.value, path),
        )

    def in_brackets(self, key: str, entry: Entry, path: tuple[str, ...]) -> Part:
        """An entry of a map or list in brackets, as it would be in a line of its own."""
        written = self.in_one_line(entry, path)
        dash = "- " if self.is_list(path) else ""
        return Part(key, "", f"{dash}{written}\n", 0, "", entry.value, "\n", written, said(entry.value, path))

    @staticmethod
    def is_list(path: tuple[str, ...]) -> bool:
        """Are the entries there items of a list?"""
        return path == (TABLES,) or path[-1:] == ("ignore",)

    def in_one_line(self, entry: Entry, path: tuple[str, ...]) -> str:
        """An entry without lines of its own."""
        value = one_line(entry.value)
        return value if self.is_list(path) else f"{as_text(entry.key)}: {value}"


def one_line(piece: Piece) -> str:
    """A value in one line."""
    if piece.kind == "map":
        return "{" + ", ".join(f"{as_text(entry.key)}: {one_line(entry.value)}" for entry in piece.entries) + "}"
    if piece.kind == "list":
        return "[" + ", ".join(one_line(entry.value) for entry in piece.entries) + "]"
    plain = not piece.style and not isinstance(plain_value(piece.raw), str)
    return (piece.raw or "null") if plain else as_text(piece.raw)


def said(piece: Piece, path: tuple[str, ...] = ()) -> Any:
    """What a value says: words by their text, numbers as they are written, short forms as long ones."""
    if piece.kind == "map":
        return {entry.key: said(entry.value) for entry in piece.entries}
    if piece.kind == "list":
        return [said(entry.value) for entry in piece.entries]
    value = piece.raw if piece.style else plain_value(piece.raw)
    if not isinstance(value, str):
        return ("plain", "null" if value is None else piece.raw)
    return {"source": value} if path[-1:] == ("columns",) else value


def is_divided(path: tuple[str, ...]) -> bool:
    """Are the entries there merged one by one?"""
    return ".".join("*" if place == 1 else name for place, name in enumerate(path)) in DIVIDED
