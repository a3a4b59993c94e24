"""The columns of a sheet, its rows, and the mark by which each cell is known to be as it was exported."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from .cells import line_ends

LONGEST_CELL = 32_000
"""Characters; a cell of a spreadsheet holds 32,767."""
STATUSES = ("accepted", "open", "rejected")
MARK_LETTERS = 6
"""Of a cell's hash, 36 bits."""
SHA_LETTERS = 16
"""Of the mapping's SHA-256, in hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of the sheet. width: in characters; editable: what is changed there is taken over by an import."""

    key: str
    title: str
    width: int
    editable: bool = False
    note: str = ""


COLUMNS = (
    SheetColumn("target_table", "Target table", 20),
    SheetColumn("target_column", "Target column", 22),
    SheetColumn("target_type", "Target type", 16),
    SheetColumn("nullable", "NULL", 7),
    SheetColumn("key", "Key", 16),
    SheetColumn("source_table", "Source table", 20),
    SheetColumn("part", "Part", 6, note="2, 3 … where one source table feeds one target table several times"),
    SheetColumn("source_column", "Source column", 22, editable=True, note="taken as it is; or give a rule"),
    SheetColumn("source_type", "Source type", 16),
    SheetColumn("expression", "Rule", 40, editable=True, note="an expression over source columns; or a source column"),
    SheetColumn("in_words", "Rule in words", 32),
    SheetColumn("where", "Filter of the table", 26),
    SheetColumn("mode", "Mode", 10),
    SheetColumn("status", "Status", 11, editable=True, note="accepted, open or rejected"),
    SheetColumn("confidence", "Sure", 7),
    SheetColumn("owner", "Owner", 14, editable=True),
    SheetColumn("remark", "Remark", 34, editable=True),
    SheetColumn("open_points", "Open points", 40),
)
MARK = SheetColumn("mark", "As exported", 12, note="how the row was when it was exported; leave it as it is")
TITLES = {column.title: column for column in (*COLUMNS, MARK)}
BY_KEY = {column.key: column for column in (*COLUMNS, MARK)}
IDENTITY = ("target_table", "target_column", "source_table", "part")
DERIVED = ("target_type", "nullable", "key", "source_type", "in_words", "open_points")
"""What follows from the schemas and the rest: never compared with the mapping."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One target column of a table map, one that nothing feeds, or (without target) a source column left over."""

    values: dict[str, str]
    """By the key of the column; a column that is absent is not in it."""
    number: int = 0
    """As the spreadsheet counts, from 1; 0 before it is written."""

    @property
    def identity(self) -> tuple[str, ...]:
        """By what the row is found in a mapping."""
        return tuple(self.values.get(key, "") for key in IDENTITY)

    def get(self, key: str) -> str:
        """The text of a cell."""
        return self.values.get(key, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as values."""

    rows: tuple[SheetRow, ...]
    name: str = ""
    """Of the mapping."""
    sha: str = ""
    """Of the mapping's text."""
    overview: tuple[tuple[str, str], ...] = ()
    left: tuple[tuple[str, str, str, str], ...] = ()
    """Source table, column, type and what becomes of it: columns that nothing is made of."""
    lookups: tuple[tuple[str, str, str], ...] = ()
    """Name, key, value; or name, and where its values come from."""
    notes: tuple[str, ...] = field(default=())
    """What was passed over when it was read."""


def cell_mark(key: str, text: str) -> str:
    """The mark of one cell."""
    digest = hashlib.sha256(f"{key}\0{text}".encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest).decode()[:MARK_LETTERS]


def row_mark(values: dict[str, str], sha: str) -> str:
    """The mark of a row: the version of the mapping, then its cells in the order of `COLUMNS`."""
    cells = "".join(cell_mark(column.key, values.get(column.key, "")) for column in COLUMNS)
    return f"{sha.removeprefix('sha256:')[:SHA_LETTERS]}:{cells}"


@dataclass(frozen=True, slots=True)
class Mark:
    """A row's mark, read. cells: the mark of each cell by key, {} if it was lost; sha: the version's beginning."""

    sha: str = ""
    cells: dict[str, str] = field(default_factory=dict)

    def same(self, key: str, text: str) -> bool | None:
        """Is this the text that was exported? None if that is not known."""
        return self.cells[key] == cell_mark(key, text) if key in self.cells else None


def read_mark(text: str) -> Mark:
    """A mark as written by `row_mark`; an empty one if it is none."""
    sha, colon, cells = text.strip().partition(":")
    if not colon or len(sha) != SHA_LETTERS or len(cells) != MARK_LETTERS * len(COLUMNS):
        return Mark()
    parts = [cells[at : at + MARK_LETTERS] for at in range(0, len(cells), MARK_LETTERS)]
    return Mark(sha, dict(zip((column.key for column in COLUMNS), parts, strict=True)))


def fitting(text: str) -> str:
    """The text as a cell can hold it: line ends alike, and a sentence in place of what is too long."""
    plain = line_ends(text)
    if len(plain) <= LONGEST_CELL:
        return plain
    digest = hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"({len(plain):,} characters, too many for a cell: see the mapping file; {digest})"


def titles_of(columns: Sequence[SheetColumn]) -> list[str]:
    """The heading."""
    return [column.title for column in columns]
