"""A mapping file's text as pieces with their places, so that one can be changed and every other character stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .strict_yaml import plain_value


@dataclass(slots=True)
class Piece:
    """A value in the text: from `start` up to `end`, characters from 0."""

    start: int
    end: int
    kind: str
    """``map``, ``list`` or ``scalar``."""
    flow: bool = False
    """Written in brackets."""
    raw: str = ""
    style: str = ""
    entries: list[Entry] = field(default_factory=list)

    def get(self, key: str) -> Entry | None:
        """The entry under a key."""
        return next((entry for entry in self.entries if entry.key == key), None)

    @property
    def tree(self) -> Any:
        """The value without its places."""
        if self.kind == "map":
            return {entry.key: entry.value.tree for entry in self.entries}
        if self.kind == "list":
            return [entry.value.tree for entry in self.entries]
        return self.raw if self.style else plain_value(self.raw)


@dataclass(slots=True)
class Entry:
    """One entry of a map, or one item of a list (its key is its text, if it is one; it starts at its dash)."""

    key: str
    start: int
    value: Piece

    @property
    def end(self) -> int:
        """Where its value ends."""
        return self.value.end


class Spans:
    """The pieces of one text, which has been read without a problem before."""

    def __init__(self, text: str) -> None:
        import yaml

        self.text = text
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        parsed: Any = yaml.parse(text, loader)
        self.events: Iterator[Any] = iter(parsed)
        self.mark = 1 if text.startswith("\ufeff") else 0
        """A byte order mark is not counted by the parser."""
        self.root = self.document()

    def place(self, mark: Any) -> int:
        """Where the parser is, in characters of the text."""
        return int(mark.index) + self.mark

    def document(self) -> Piece:
        """The document's one value."""
        import yaml

        for event in self.events:
            if isinstance(event, yaml.NodeEvent):
                root = self.piece(event)
                list(self.events)
                return root
        return Piece(0, 0, "scalar")

    def piece(self, event: Any) -> Piece:
        """The value that begins with this event."""
        import yaml

        start, end = self.place(event.start_mark), self.place(event.end_mark)
        if isinstance(event, yaml.ScalarEvent):
            return Piece(start, end, "scalar", raw=event.value, style=event.style or "")
        is_map = isinstance(event, yaml.MappingStartEvent)
        found = Piece(start, end, "map" if is_map else "list", flow=bool(event.flow_style))
        closing = self.fill_map(found) if is_map else self.fill_list(found)
        found.end = closing if found.flow else (found.entries[-1].end if found.entries else end)
        return found

    def fill_map(self, found: Piece) -> int:
        """Read the entries of a map; where its last sign ends."""
        import yaml

        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                return self.place(event.end_mark)
            found.entries.append(Entry(event.value, self.place(event.start_mark), self.piece(next(self.events))))
        return found.end

    def fill_list(self, found: Piece) -> int:
        """Read the items of a list; where its last sign ends."""
        import yaml

        after = found.start
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                return self.place(event.end_mark)
            item = self.piece(event)
            start = item.start if found.flow else self.dash(after)
            found.entries.append(Entry(item.raw, start, item))
            after = item.end
        return found.end

    def dash(self, position: int) -> int:
        """The next dash of a list, past spaces and comments."""
        while position < len(self.text) and self.text[position] != "-":
            position = self.text.find("\n", position) if self.text[position] == "#" else position + 1
        return position

    # -- lines

    def line_start(self, position: int) -> int:
        """Where the line of a character begins."""
        return self.text.rfind("\n", 0, position) + 1

    def line_end(self, position: int) -> int:
        """Where the line after that of a character begins."""
        found = self.text.find("\n", position)
        return len(self.text) if found < 0 else found + 1

    def after(self, entry: Entry) -> int:
        """Where the line after an entry begins; a comment behind it is before that."""
        deepest = last_of(entry.value)
        if deepest.style in {"|", ">"} and self.text[deepest.end - 1 : deepest.end] == "\n":
            return deepest.end
        return self.line_end(deepest.end)

    def column(self, position: int) -> int:
        """How many characters stand before it in its line."""
        return position - self.line_start(position)

    def shares_line(self, entry: Entry) -> bool:
        """Does anything but spaces stand before the entry in its line?"""
        return bool(self.text[self.line_start(entry.start) : entry.start].strip())


def last_of(piece: Piece) -> Piece:
    """The scalar or bracket that a piece ends with."""
    while piece.entries and not piece.flow:
        piece = piece.entries[-1].value
    return piece


class Patch:
    """Changes of a text, made all at once."""

    def __init__(self, spans: Spans) -> None:
        self.spans = spans
        self.text = spans.text
        self.edits: list[tuple[int, int, str]] = []
        self.begun: set[int] = set()
        """Places where lines are put in already."""

    def change(self, start: int, end: int, new: str) -> None:
        """Put something in the place of some characters."""
        self.edits.append((start, end, new))

    def result(self) -> str:
        """The text with all changes."""
        out, done = [], 0
        for start, end, new in sorted(self.edits, key=lambda edit: edit[:2]):
            out += [self.text[done:start], new]
            done = max(done, end)
        return "".join([*out, self.text[done:]])

    def value(self, piece: Piece, new: str) -> None:
        """Put another value in one line in the place of one; a comment behind it stays."""
        if piece.start == piece.end:
            self.change(piece.start, piece.end, f" {new}")
            return
        last = last_of(piece)
        if last is not piece or piece.style in {"|", ">"}:
            self.lines_value(piece, last, new)
        else:
            self.change(piece.start, piece.end, new)

    def lines_value(self, piece: Piece, last: Piece, new: str) -> None:
        """Put a value in one line in the place of one that takes several."""
        start = piece.start
        if piece.style in {"|", ">"}:
            head = self.text[start : self.spans.line_end(start)].rstrip("\r\n")
            new += head[head.index("#") - 1 :] if "#" in head else ""
        else:
            start = self.value_place(piece)
            new = f" {new}" if start != piece.start else new
        ends_line = self.text[last.end - 1 : last.end] == "\n"
        self.change(start, last.end, new + ("\n" if ends_line else ""))

    def value_place(self, piece: Piece) -> int:
        """Where a value may begin in the line of its key, if only spaces lie between; else its own start."""
        before = self.text[: piece.start].rstrip()
        return len(before) if before.endswith(":") else piece.start

    def insert_lines(self, position: int, lines: list[str]) -> None:
        """Put lines in front of the line that begins there."""
        starts = position == 0 or self.text[position - 1] == "\n" or position in self.begun
        self.begun.add(position)
        self.change(position, position, ("" if starts else "\n") + "".join(f"{line}\n" for line in lines))
