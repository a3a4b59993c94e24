"""One CSV file as rows: what is found out about it by reading all of it once, and its rows in batches."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from ..base import Batch, Reject, Value
from ..catalogue import Column, DataType
from .csv_lines import Blocks
from .dialect import Dialect, Wishes
from .errors import FileChanged, FileOptionInvalid
from .kept import keep, place_of, recall
from .kinds import Form, Watch, forms_for
from .opening import FileState, open_bytes, state_of
from .records import Field, Piece, Place, Readable, Splitter, sliced
from .survey import Assumed, NotAsAssumed, assumed, survey
from .types import parse_type
from .values import Unlike, reader

REMEMBERED_FILES = 500
FIRST_BYTES = 65_536
"""So few rows tell the forms that all others are looked at for; the first are looked at one by one."""


@dataclass(frozen=True, slots=True)
class FirstFault:
    """The first row of a file that cannot be read."""

    path: str
    line: int
    offset: int
    reason: str


@dataclass(frozen=True, slots=True)
class Known:
    """What one reading of the whole file told."""

    dialect: Dialect
    columns: tuple[Column, ...]
    forms: tuple[Form | None, ...]
    rows: int
    """With those that are no records."""
    faults: int
    first_fault: FirstFault | None
    state: FileState
    start: Place
    """Where the first row stands."""
    blocks: Blocks
    """Where it may be cut."""


class CsvFile:
    """A file, and what is wished of it."""

    def __init__(self, path: Path, wishes: Wishes, declared: tuple[Column, ...] = ()) -> None:
        """declared: the columns as whoever wrote the file knows them."""
        self.path = path
        self.wishes = wishes
        self.declared = declared

    def known(self) -> Known:
        """What there is to know; read once for each state of the file. Raises FileMissing, FileUnreadable."""
        state = state_of(self.path)
        key = (str(self.path), state, self.wishes, self.declared)
        with _guard:
            if key in _remembered:
                _remembered.move_to_end(key)
                return _remembered[key]
        found = self.looked_at(state)
        with _guard:
            _remembered[key] = found
            while len(_remembered) > REMEMBERED_FILES:
                _remembered.popitem(last=False)
        return found

    def looked_at(self, state: FileState) -> Known:
        """What the look at a file in this state told, be it of an earlier process. Raises FileChanged."""
        place = None if self.declared else place_of(self.path, state, self.wishes)
        if place is not None and (kept := recall(place, self.path, state)) is not None:
            return kept
        found = examine(self.path, self.wishes, self.declared, state)
        if state_of(self.path) != state:
            raise FileChanged(path=str(self.path))
        if place is not None and place == place_of(self.path, state, self.wishes):
            keep(place, found)
        return found

    def batches(
        self,
        known: Known,
        names: Sequence[str],
        between: tuple[Place | None, int | None],
        batch_rows: int,
        batch_bytes: int,
    ) -> Iterator[tuple[Batch, Place]]:
        """The rows between a place and an offset, each batch with the place behind it. Raises FileChanged."""
        start, stop = between
        wanted = [next(at for at, column in enumerate(known.columns) if column.name == name) for name in names]
        readers = [reader(known.forms[at], known.columns[at].type, known.dialect.decimal) for at in wanted]
        with open_bytes(self.path) as file:
            if state_of(self.path) != known.state:
                raise FileChanged(path=str(self.path))
            splitter = Splitter(file, known.dialect, len(known.columns), start or known.start, stop)
            for whole in splitter.pieces(max(1, min(batch_bytes // 2, 2_000_000))):
                for piece in sliced(whole, batch_rows):
                    yield self.batch(piece, wanted, readers, known), piece.end
            if state_of(self.path) != known.state:
                raise FileChanged(path=str(self.path))

    def batch(
        self, piece: Piece, wanted: list[int], readers: Sequence[Callable[[str], Value] | None], known: Known
    ) -> Batch:
        """Records turned into columns of values."""
        columns = piece.by_column()
        rejects = {
            row: Reject(row, None, "invalid-value", f"{fault.reason} (line {piece.lines[row]})")
            for row, fault in piece.faults.items()
        }
        made: list[list[Value]] = []
        for at, read in zip(wanted, readers, strict=True):
            values, unlike = converted(columns[at], read, known.columns[at])
            made.append(values)
            for reject in unlike:
                rejects.setdefault(reject.row, reject)
        return Batch(
            made,
            len(piece.lines),
            "",
            [piece.lines, piece.offsets],
            rejects=[rejects[row] for row in sorted(rejects)],
            raw={row: fault.raw for row, fault in piece.faults.items()},
        )


_remembered: OrderedDict[tuple[object, ...], Known] = OrderedDict()
_guard = threading.Lock()


def converted(
    values: Sequence[Field], read: Callable[[str], Value] | None, column: Column
) -> tuple[list[Value], list[Reject]]:
    """A column's texts as values; a text of another kind stays and is rejected."""
    if read is None:
        return list(values), []
    try:
        if None not in values:
            return list(map(read, values)), []  # type: ignore[arg-type]  # there is no None
        return [None if value is None else read(value) for value in values], []
    except Unlike:
        pass
    found: list[Value] = []
    rejects = []
    for row, value in enumerate(values):
        try:
            found.append(None if value is None else read(value))
        except Unlike:
            found.append(value)
            rejects.append(Reject(row, column.name, "invalid-value", f"the text is not a valid {column.type.kind}"))
    return found, rejects


def examine(path: Path, wishes: Wishes, declared: tuple[Column, ...], state: FileState) -> Known:
    """Read a whole file, once where its head tells how. Raises FileOptionInvalid where the wishes do not fit it."""
    guess = assumed(path, wishes)
    if guess is not None:
        try:
            return look_through(path, wishes, declared, (state, guess), lambda file: Assumed(file, wishes))
        except NotAsAssumed:
            pass
    return look_through(path, wishes, declared, (state, survey(path, wishes)), lambda file: file)


def look_through(
    path: Path,
    wishes: Wishes,
    declared: tuple[Column, ...],
    found: tuple[FileState, Dialect],
    watched: Callable[[BinaryIO], Readable],
) -> Known:
    """Look at all rows of a file. found: its state and dialect. watched: what looks at the bytes as they are read."""
    state, dialect = found
    with open_bytes(path) as file:
        first = first_record(Splitter(watched(file), dialect, None, Place(dialect.bom_bytes)))
    if first is None:
        columns = declared or tuple(Column(name, parse_type("text")) for name in wishes.names)
        return Known(dialect, columns, (None,) * len(columns), 0, 0, None, state, Place(dialect.bom_bytes), Blocks())
    fields, behind = first
    watches = [Watch(forms_for(dialect)) for _ in fields]
    look = Look(path, dialect, watches)
    look.run(behind, watched)
    header = dialect.header if wishes.header is not None else is_header(fields, watches)
    dialect = replace(dialect, header=header)
    rows, start, blocks = look.rows, behind, look.blocks
    if not header:
        rows, start = rows + 1, Place(dialect.bom_bytes)
        blocks = blocks.behind(blocks_of(path, dialect, len(fields), (start, behind.offset)))
        for watch, value in zip(watches, fields, strict=True):
            watch.look([value])
    names = column_names(fields if header else [None] * len(fields), wishes, path)
    columns, forms = typed(names, watches, wishes, declared, path)
    return Known(dialect, columns, forms, rows, look.faults, look.first_fault, state, start, blocks)


def first_record(splitter: Splitter) -> tuple[list[Field], Place] | None:
    """The fields of the first record and the place behind it; None for an empty file."""
    for whole in splitter.pieces(65_536):
        for piece in sliced(whole, 1):
            fields: list[Field] = piece.by_row()[0] if 0 not in piece.faults else [piece.faults[0].raw]
            return fields, piece.end
    return None


def blocks_of(path: Path, dialect: Dialect, width: int, between: tuple[Place, int]) -> Blocks:
    """The blocks between a place and an offset."""
    found = Blocks()
    with open_bytes(path) as file:
        for piece in Splitter(file, dialect, width, *between).pieces():
            found.add(piece)
    return found


class Look:
    """The look at all rows behind the first record."""

    def __init__(self, path: Path, dialect: Dialect, watches: list[Watch]) -> None:
        self.path = path
        self.dialect = dialect
        self.watches = watches
        self.rows = 0
        self.faults = 0
        self.first_fault: FirstFault | None = None
        self.blocks = Blocks()

    def run(self, start: Place, watched: Callable[[BinaryIO], Readable]) -> None:
        """Look at every row."""
        from .arrow_look import ArrowLook

        with open_bytes(self.path) as file, ArrowLook(self.dialect, self.watches) as quick:
            splitter = Splitter(watched(file), self.dialect, len(self.watches), start)
            splitter.looks = quick.take
            for piece in splitter.pieces(first_bytes=FIRST_BYTES):
                self.rows += len(piece.lines)
                self.blocks.add(piece)
                if piece.faults:
                    self.note(piece)
                if piece.looked_at or (piece.block and quick.look(piece.block.data, len(piece.lines))):
                    continue
                quick.wait()
                bad = set(piece.faults)
                for watch, values in zip(self.watches, piece.by_column(), strict=True):
                    watch.look([value for row, value in enumerate(values) if row not in bad] if bad else values)

    def note(self, piece: Piece) -> None:
        """Count the faults, keep the first."""
        self.faults += len(piece.faults)
        if self.first_fault is None:
            row = min(piece.faults)
            self.first_fault = FirstFault(
                str(self.path), piece.lines[row], piece.offsets[row], piece.faults[row].reason
            )


def is_header(first: list[Field], watches: list[Watch]) -> bool:
    """Does the first record name the columns? It does unless it looks like the rows behind it."""
    typed = [(watch, value) for watch, value in zip(watches, first, strict=True) if watch.form() is not None]
    if typed:
        return not all(watch.fits(value) for watch, value in typed)
    return not any(looks_typed(value) for value in first)


def looks_typed(value: Field) -> bool:
    """Is it a number, a date, or another value that names no column?"""
    if value is None:
        return False
    watch = Watch(forms_for(Dialect()))
    watch.look([value])
    return watch.form() is not None


def column_names(fields: Sequence[Field], wishes: Wishes, path: Path) -> list[str]:
    """Names of the columns: an empty one gets its number, one that occurs again a number behind it."""
    if wishes.names:
        if len(wishes.names) != len(fields):
            allowed = f"{len(fields)} names, one for each column"
            raise FileOptionInvalid(option="names", where=path.name, allowed=allowed)
        return list(wishes.names)
    given = {name for name in fields if name}
    taken: set[str] = set()
    names = []
    for number, field in enumerate(fields, 1):
        base = field or f"column{number}"
        name, count = base, 1
        while name in taken or (name != field and name in given):
            count += 1
            name = f"{base}_{count}"
        taken.add(name)
        names.append(name)
    return names


def typed(
    names: list[str], watches: list[Watch], wishes: Wishes, declared: tuple[Column, ...], path: Path
) -> tuple[tuple[Column, ...], tuple[Form | None, ...]]:
    """The columns: as declared by whoever wrote the file, as wished, or as found."""
    if [column.name for column in declared] == names:
        return declared, (None,) * len(names)
    wished = dict(wishes.columns)
    if unknown := sorted(set(wished) - set(names)):
        raise FileOptionInvalid(option="types", where=path.name, allowed=f"for its columns only, not for {unknown[0]}")
    columns, forms = [], []
    for name, watch in zip(names, watches, strict=True):
        form = None if name in wished else watch.form()
        type: DataType = parse_type(wished[name]) if name in wished else watch.type()
        columns.append(Column(name, type, nullable=watch.has_null or not watch.seen))
        forms.append(form)
    return tuple(columns), tuple(forms)


def encode_place(number: int, place: Place, state: FileState) -> str:
    """A position: which file, where in it, and the state of the file."""
    return json.dumps([number, place.offset, place.line, place.opened, str(state)], separators=(",", ":"))
