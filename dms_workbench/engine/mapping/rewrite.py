"""A mapping file changed to hold another mapping: lines that say the same stay byte for byte, comments and order too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from dataclasses import replace

from ...kernel.errors import WorkbenchError
from .errors import InvalidMapping
from .model import ColumnMap, Mapping, TableMap
from .parse import parse_mapping
from .spans import Entry, Patch, Piece, Spans
from .wanted import Wanted, wanted_of
from .write import text as as_text

MADE = ("source", "expression", "constant")
"""Keys of a column of which there is one."""


class NotEditable(
    WorkbenchError,
    code="mapping-not-editable",
    status=409,
    exit_code=1,
    safe="Nothing was changed.",
    next="Make the change in the file by hand; dms mappings check tells whether it is right.",
):
    """{path} is written in a way in which this change cannot be made without touching other lines."""


def rewritten(text: str, mapping: Mapping, *, path: str = "the mapping") -> str:
    """The text, changed so that it holds the mapping; what is the same in both stays as it is written.

    Entries stand where they stood; new ones come after the one that is before them in the mapping.
    Raises InvalidMapping for a text or mapping that is none, NotEditable.
    """
    old = parse_mapping(text, path=path)
    before, after = aligned(old.tables, mapping.tables)
    spans = Spans(text)
    patch = Patch(spans)
    Rewriter(patch).change(spans.root, wanted_of(old, before), wanted_of(mapping, after))
    result = patch.result()
    if result != text and not says(result, mapping):
        raise NotEditable(path=path)
    return result


def says(text: str, mapping: Mapping) -> bool:
    """Does a file hold the mapping?"""
    try:
        return unordered(parse_mapping(text)) == unordered(mapping)
    except InvalidMapping:
        return False


def aligned(old: Sequence[TableMap], new: Sequence[TableMap]) -> tuple[list[str], list[str]]:
    """Keys by which the table maps of two versions are known; one whose source or target changed keeps its own."""
    before, after = table_keys(old), table_keys(new)
    for place, key in enumerate(after):
        if key in before:
            continue
        for was, table in zip(before, old, strict=True):
            alike = table.source == new[place].source or table.target == new[place].target
            if was not in after and alike:
                after[place] = was
                break
    return before, after


def table_keys(tables: Sequence[TableMap]) -> list[str]:
    """A key for each table map: its tables, numbered where they stand twice."""
    met: Counter[tuple[str, str]] = Counter()
    keys = []
    for table in tables:
        pair = (table.source, table.target)
        met[pair] += 1
        keys.append(f"{as_text(table.source)} {as_text(table.target)} {met[pair]}")
    return keys


def unordered(mapping: Mapping) -> Mapping:
    """The mapping without places, its entries in one order: what two files must share to say the same."""
    tables = [
        replace(
            table,
            line=0,
            column=0,
            columns=None if table.columns is None else tuple(sorted(map(plain, table.columns), key=lambda c: c.target)),
            joins=tuple(sorted(table.joins, key=lambda join: join.name)),
            ignore=tuple(sorted(table.ignore)),
        )
        for table in mapping.tables
    ]
    keys = table_keys(mapping.tables)
    return replace(
        mapping,
        tables=tuple(table for _, table in sorted(zip(keys, tables, strict=True), key=lambda pair: pair[0])),
        lookups=tuple(sorted(mapping.lookups, key=lambda lookup: lookup.name)),
        types=tuple(replace(each, line=0, column=0) for each in sorted(mapping.types, key=lambda each: each.pattern)),
        text="",
    )


def plain(column: ColumnMap) -> ColumnMap:
    """A column without its place, its expression in the form in which it would be written."""
    return replace(column, line=0, column=0)


class Rewriter:
    """Changes pieces of a text until they are as wanted."""

    def __init__(self, patch: Patch) -> None:
        self.patch = patch
        self.spans = patch.spans

    def change(self, piece: Piece, old: Wanted | None, new: Wanted) -> None:
        """Change a piece."""
        if old is not None and old.flow == new.flow:
            return
        if old is None or old.parts is None or new.parts is None or not piece.entries:
            self.patch.value(piece, new.flow)
        elif new.is_list and piece.kind == "list" and len(piece.entries) == len(old.parts):
            self.entries(piece, dict(zip(old.parts, piece.entries, strict=True)), old.parts, new)
        elif not new.is_list and piece.kind == "map":
            self.entries(piece, {entry.key: entry for entry in piece.entries}, old.parts, new)
        else:
            self.patch.value(piece, new.flow)

    def entries(self, piece: Piece, there: dict[str, Entry], before: Mapped[str, Wanted], new: Wanted) -> None:
        """Change, take out and put in entries of a map or list."""
        wanted = new.parts or {}
        made_alike = all(before.get(key) == wanted.get(key) for key in MADE)
        gone = [key for key in there if key not in wanted and (not made_alike if key in MADE else key in before)]
        put = {key: part for key, part in wanted.items() if key not in there and before.get(key) != part}
        if len(gone) == len(there) and not (put and new.in_lines and self.has_lines(piece)):
            self.patch.value(piece, new.flow)
            return
        for key, part in wanted.items():
            if key in there:
                self.change(there[key].value, before.get(key), part)
        if piece.flow:
            FlowEntries(self.patch, piece, there, new.is_list).change(gone, put, list(wanted))
        else:
            BlockEntries(self.patch, piece, there, new.is_list).change(gone, put, list(wanted))

    def has_lines(self, piece: Piece) -> bool:
        """Are the lines of a piece its own?"""
        return not piece.flow and not self.spans.shares_line(piece.entries[0])


class FlowEntries:
    """The entries of a map or list in brackets."""

    def __init__(self, patch: Patch, piece: Piece, there: dict[str, Entry], is_list: bool) -> None:
        self.patch = patch
        self.piece = piece
        self.there = there
        self.is_list = is_list

    def change(self, gone: list[str], put: dict[str, Wanted], order: list[str]) -> None:
        """Take out and put in."""
        kept = [key for key in self.there if key not in gone]
        entries = list(self.there.items())
        last_kept = self.there[kept[-1]]
        for place, (key, entry) in enumerate(entries):
            if key in gone and entry.start < last_kept.start:
                self.patch.change(entry.start, entries[place + 1][1].start, "")
        if entries[-1][0] in gone:
            self.patch.change(last_kept.end, entries[-1][1].end, "")
        for key, part in put.items():
            written = part.flow if self.is_list else f"{as_text(key)}: {part.flow}"
            before = [other for other in order[: order.index(key)] if other in kept]
            if before:
                place = self.there[max(before, key=kept.index)].end
                self.patch.change(place, place, f", {written}")
            else:
                place = self.there[kept[0]].start
                self.patch.change(place, place, f"{written}, ")


class BlockEntries:
    """The entries of a map or list of which each has lines of its own."""

    def __init__(self, patch: Patch, piece: Piece, there: dict[str, Entry], is_list: bool) -> None:
        self.patch = patch
        self.spans = patch.spans
        self.there = there
        self.is_list = is_list
        self.indent = " " * self.spans.column(piece.entries[0].start)

    def change(self, gone: list[str], put: dict[str, Wanted], order: list[str]) -> None:
        """Take out and put in."""
        for key in gone:
            self.take_out(self.there[key])
        first = next(iter(self.there.values()))
        for key, part in put.items():
            lines = [f"{self.indent}{line}" for line in (part.item() if self.is_list else part.lines(key))]
            before = [other for other in order[: order.index(key)] if other in self.there]
            if before:
                entry = max((self.there[other] for other in before), key=lambda found: found.start)
                self.patch.insert_lines(self.spans.after(entry), lines)
            elif self.spans.shares_line(first):
                self.patch.insert_lines(self.spans.after(first), lines)
            else:
                self.patch.insert_lines(self.spans.line_start(first.start), lines)

    def take_out(self, entry: Entry) -> None:
        """Take out the lines of an entry; of one behind a dash only what stands there."""
        if self.spans.shares_line(entry):
            ends_line = self.patch.text[entry.end - 1 : entry.end] == "\n"
            self.patch.change(entry.start, entry.end, "\n" if ends_line else "")
        else:
            self.patch.change(self.spans.line_start(entry.start), self.spans.after(entry), "")
