r"""Finding out how a CSV file is written: delimiter and quotes by its first records, encoding and NULL over the whole of it.

What the whole of it tells is assumed first, of a file whose head is UTF-8 without ``\N``, and watched by who reads all of it
for the types of its columns: so most files are read once.
"""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from .dialect import Dialect, Wishes
from .opening import open_bytes
from .records import Field, Place, Splitter

HEAD_BYTES = 256_000
PASS_BYTES = 4_000_000
DELIMITERS = (",", ";", "\t", "|")
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
NUL_SHARE_OF_UTF16 = 0.4
STRAY_NUL_SHARE = 0.1
ONE_COLUMN = 0.05
"""What is made at most of a delimiter that does not occur."""
WESTERN = re.compile(
    rb"(?<=[A-Za-z])[\xc0-\xd6\xd8-\xf6\xf8-\xfd\x8a\x8c\x8e\x9a\x9c\x9e\x9f]{1,2}(?![\x80-\xff])"
    rb"|(?<![\x80-\xff])[\xc0-\xd6\xd8-\xf6\xf8-\xfd\x8a\x8c\x8e\x9a\x9c\x9e\x9f]{1,2}(?=[A-Za-z])"
    rb"|(?<![\x80-\xff])[\x80\x82\x84\x85\x91-\x97\x99\xa0-\xbf]{1,2}(?=[A-Za-z0-9 ])"
    rb"|(?<=[A-Za-z0-9 ])[\x80\x82\x84\x85\x91-\x97\x99\xa0-\xbf]{1,2}(?![\x80-\xff])"
)
"""High bytes as they stand in Western European text of one byte a character: letters beside letters, signs beside words."""
HIGH = re.compile(rb"[\x80-\xff]+")


@dataclass(slots=True)
class Bytes:
    """What one pass over a whole file tells of its bytes."""

    utf8: bool = True
    multibyte: bool = False
    """Are there characters beyond ASCII that are valid UTF-8?"""
    strange: bool = False
    """Are there high bytes that no Western European text would hold like that?"""
    backslash_null: bool = False


class NotAsAssumed(Exception):
    """Some bytes of a file are not as its head made believe: it must be surveyed as a whole."""


class Assumed:
    r"""A file that is read as UTF-8 without ``\N``, as long as it is that."""

    def __init__(self, file: BinaryIO, wishes: Wishes) -> None:
        """Watch what has not been wished."""
        self.file = file
        self.decoder = codecs.getincrementaldecoder("utf-8")() if wishes.encoding is None else None
        self.within_character = False
        self.no_null = nulls_are_looked_for(wishes)
        self.before = b""

    def seek(self, offset: int) -> int:
        """Go to a place; what is read from there on is watched."""
        return self.file.seek(offset)

    def read(self, size: int) -> bytes:
        """The next bytes. Raises NotAsAssumed."""
        block = self.file.read(size)
        if self.decoder is not None and (self.within_character or not block.isascii()):
            try:
                self.decoder.decode(block, final=not block)
            except UnicodeDecodeError:
                raise NotAsAssumed from None
            self.within_character = bool(self.decoder.getstate()[0])
        if self.no_null:
            # One byte is found many times faster than two.
            if self.before + block[:1] == b"\\N" or (b"\\" in block and b"\\N" in block):
                raise NotAsAssumed
            self.before = block[-1:]
        return block


def nulls_are_looked_for(wishes: Wishes) -> bool:
    """Is it left open what says NULL?"""
    return wishes.format != "text" and wishes.null is None


def assumed(path: Path, wishes: Wishes) -> Dialect | None:
    """The dialect by the head of a file alone, to be watched by `Assumed`; None where the head speaks against that."""
    with open_bytes(path) as file:
        head = file.read(HEAD_BYTES)
    encoding, bom_bytes, _ = encoding_of(path, head, wishes, whole=False)
    if encoding != "utf-8":
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return None
    if nulls_are_looked_for(wishes) and b"\\N" in head:
        return None
    return dialect_of(path, (head, encoding, bom_bytes), wishes, [], whole=False)


def survey(path: Path, wishes: Wishes) -> Dialect:
    """The dialect of a file: wishes first, the rest found out, by all of it. Raises OSError."""
    with open_bytes(path) as file:
        head = file.read(HEAD_BYTES)
    encoding, bom_bytes, reason = encoding_of(path, head, wishes)
    return dialect_of(path, (head, encoding, bom_bytes), wishes, [reason] if reason else [])


def dialect_of(
    path: Path, known: tuple[bytes, str, int], wishes: Wishes, reasons: list[str], *, whole: bool = True
) -> Dialect:
    """The dialect, of a file whose head, encoding and length of byte order mark are known. whole: may all of it be read?"""
    head, encoding, bom_bytes = known
    start = Dialect(encoding=encoding, bom_bytes=bom_bytes)
    body = head[bom_bytes:]
    newline = newline_of(body, encoding)
    dialect = replace(start, newline=newline)
    tab_file = path.name.lower().removesuffix(".gz").endswith((".tsv", ".tab"))
    dialect = delimited(dialect, body, wishes, prefer="\t" if tab_file else ",", whole=len(head) < HEAD_BYTES)
    dialect = with_nulls(path, dialect, wishes, reasons, whole=whole)
    return replace(
        dialect,
        decimal=wishes.decimal or ".",
        thousands=wishes.thousands or "",
        typed=wishes.types != "text",
        header=True if wishes.header is None else wishes.header,
        reasons=tuple(reasons),
    )


def encoding_of(path: Path, head: bytes, wishes: Wishes, *, whole: bool = True) -> tuple[str, int, str]:
    """Encoding, length of the byte order mark, and the reason where it had to be found out.

    whole: may all of the file be read? If not, UTF-8 is assumed of one that says nothing else.
    """
    for mark, encoding in BOMS:
        if head.startswith(mark) and wishes.encoding in (None, encoding):
            return encoding, len(mark), ""
    if wishes.encoding:
        return wishes.encoding, 0, ""
    if wide := looks_wide(head):
        return wide, 0, f"it is read as {wide}: every other byte is zero"
    if not whole or (found := bytes_of(path)).utf8:
        return "utf-8", 0, ""
    if found.multibyte or found.strange:
        return "utf-8", 0, "it is read as UTF-8, and some rows hold bytes that are none"
    return "cp1252", 0, "it is read as Windows-1252: it is not UTF-8, and its other bytes are those of Western text"


def looks_wide(head: bytes) -> str:
    """UTF-16 without a mark: the zero bytes of ASCII characters stand at even or at odd places."""
    sample = head[: len(head) // 2 * 2]
    half = len(sample) // 2
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if (
            half >= 2
            and sample[start::2].count(0) > NUL_SHARE_OF_UTF16 * half
            and sample[1 - start :: 2].count(0) < STRAY_NUL_SHARE * half
        ):
            return encoding
    return ""


def bytes_of(path: Path) -> Bytes:
    """One pass for valid UTF-8; a second one only where it is not."""
    found = Bytes()
    decoder = codecs.getincrementaldecoder("utf-8")()
    with open_bytes(path) as file:
        try:
            while block := file.read(PASS_BYTES):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            found.utf8 = False
    if not found.utf8:
        look_at_high_bytes(path, found)
    return found


def look_at_high_bytes(path: Path, found: Bytes) -> None:
    """Tell UTF-8 with faults from Western text of one byte a character."""
    with open_bytes(path) as file:
        for line in file:
            if line.isascii():
                continue
            text = line.decode("utf-8", "surrogateescape")
            if re.search("[\u0080-\ud7ff\ue000-\U0010ffff]", text):
                found.multibyte = True
                return
            if HIGH.search(WESTERN.sub(b"", line)):
                found.strange = True


def newline_of(body: bytes, encoding: str) -> str:
    """Lines end with a line feed, unless there is none and there are carriage returns."""
    if "\n".encode(encoding) not in body and "\r".encode(encoding) in body:
        return "\r"
    return "\n"


def delimited(dialect: Dialect, body: bytes, wishes: Wishes, *, prefer: str, whole: bool) -> Dialect:
    """The dialect with delimiter, quote and escape."""
    candidates = (wishes.delimiter,) if wishes.delimiter else (prefer, *(mark for mark in DELIMITERS if mark != prefer))
    best: tuple[float, Dialect] = (-1.0, replace(dialect, delimiter=candidates[0]))
    for mark in candidates:
        if best[0] >= ONE_COLUMN and mark.encode(dialect.encoding) not in body:
            continue
        for quote, escape in quotings(wishes, body, dialect.encoding):
            tried = replace(dialect, delimiter=mark, quote=quote, escape=escape)
            score = score_of(sample_rows(tried, body, whole=whole))
            if score > best[0]:
                best = (score, tried)
    return best[1]


def quotings(wishes: Wishes, body: bytes, encoding: str) -> list[tuple[str, str]]:
    """Quote and escape to be tried, likeliest first."""
    if wishes.quote is not None:
        return [(wishes.quote, wishes.escape or wishes.quote)]
    found = [('"', wishes.escape)] if wishes.escape else [('"', '"')]
    if not wishes.escape and '\\"'.encode(encoding) in body:
        found.append(('"', "\\"))
    if '"'.encode(encoding) not in body and "'".encode(encoding) in body and not wishes.escape:
        found.append(("'", "'"))
    return found


def sample_rows(dialect: Dialect, body: bytes, *, whole: bool) -> list[list[Field] | None]:
    """The first records; None for what is none. The last one of a part of a file may be cut off, so it is left out."""
    rows: list[list[Field] | None] = []
    for piece in Splitter(io.BytesIO(body), dialect, None, Place(0)).pieces(HEAD_BYTES):
        rows += [None if row in piece.faults else fields for row, fields in enumerate(piece.by_row())]
    if not whole and len(rows) > 1:
        rows.pop()
        while rows and rows[-1] is None:
            rows.pop()
    return rows


def score_of(rows: list[list[Field] | None]) -> float:
    """How much a way of reading makes of the rows: as many fields in each as in the first, and more than one."""
    if not rows or rows[0] is None:
        return 0.0
    width = len(rows[0])
    alike = sum(1 for row in rows if row is not None and len(row) == width) / len(rows)
    faults = sum(1 for row in rows if row is None) / len(rows)
    if width == 1:
        return ONE_COLUMN * alike - faults / 100 if alike == 1 else 0.01
    quoted_alone = Counter(value[0] for row in rows if row for value in row if value and value[0] == value[-1] == "'")
    return alike - faults + min(width, 100) / 10_000 + 0.05 - min(0.01, quoted_alone["'"] / (100 * len(rows)))


def with_nulls(path: Path, dialect: Dialect, wishes: Wishes, reasons: list[str], *, whole: bool) -> Dialect:
    r"""The dialect with what says NULL, and whether it is PostgreSQL's text format; looks at the whole file.

    whole: may it? If not, no ``\N`` is assumed.
    """
    text_format = wishes.format == "text"
    marked = whole and nulls_are_looked_for(wishes) and has_backslash_null(path, dialect)
    if wishes.format is None and not text_format and dialect.delimiter == "\t" and marked and wishes.null is None:
        text_format = True
        reasons.append("it is read as PostgreSQL's COPY text format: it is cut by tabs and holds \\N")
    if text_format:
        delimiter = wishes.delimiter or "\t"
        return replace(dialect, text_format=True, delimiter=delimiter, quote="", escape="", null="\\N")
    if wishes.null is not None:
        return replace(dialect, null=wishes.null)
    if marked:
        reasons.append("NULL is \\N, which it holds; an empty field is empty text")
        return replace(dialect, null="\\N")
    return dialect


def has_backslash_null(path: Path, dialect: Dialect) -> bool:
    r"""Is there a field ``\N`` anywhere?"""
    unit = dialect.encoding if dialect.encoding.startswith("utf-16") else "ascii"
    mark = re.escape(dialect.delimiter.encode(unit, "replace"))
    ends = b"|".join([mark, re.escape("\n".encode(unit)), re.escape("\r".encode(unit))])
    null = re.escape("\\N".encode(unit))
    pattern = re.compile(b"(?:^|" + ends + b")" + null + b"(?:" + ends + b"|$)")
    tail = b""
    with open_bytes(path) as file:
        while block := file.read(PASS_BYTES):
            data = tail + block
            if "\\N".encode(unit) in data and pattern.search(data):
                return True
            tail = data[-16:]
    return False
