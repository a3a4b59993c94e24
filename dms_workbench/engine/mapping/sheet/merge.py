"""A sheet that comes back, and the mapping as it is now: what was changed in the sheet is what changes in the mapping.

Each row carries a mark with a hash of every cell as it was exported. So it is known cell by cell whether the sheet, the
mapping or both have changed since: one side's change is taken, two different ones are a conflict and nothing is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ...databases.catalogue import Catalogue
from ..model import ColumnMap, Mapping, TableMap
from ..parse import mapping_sha
from .edits import edited_column
from .errors import SheetProblem, conflict, refused
from .layout import BY_KEY, COLUMNS, DERIVED, IDENTITY, SHA_LETTERS, Mark, Sheet, SheetRow, fitting, read_mark
from .make import cells_of, cells_of_table, parts_of
from .names import Names

EDITABLE = tuple(column.key for column in COLUMNS if column.editable)
MADE_OF = ("source_column", "expression")


@dataclass(frozen=True, slots=True)
class SheetChange:
    """One cell that changes in the mapping."""

    row: int
    """Of the sheet, as the spreadsheet counts."""
    table: str
    column: str
    """The target's."""
    cell: str
    """The heading."""
    old: str
    new: str

    def __str__(self) -> str:
        old, new = self.old or "(nothing)", self.new or "(nothing)"
        return f"{self.table}.{self.column}, {self.cell}: {old} → {new}"


@dataclass(frozen=True, slots=True)
class SheetMerge:
    """What an import makes of a mapping."""

    mapping: Mapping
    """With the changes; its text is still the old one."""
    columns: dict[tuple[int, str], ColumnMap]
    """Each column map that is new or changed, by number of the table map and target column."""
    changes: tuple[SheetChange, ...]
    notes: tuple[str, ...]
    """What was in the sheet and was not taken over, and why."""


@dataclass
class Merge:
    """One import."""

    mapping: Mapping
    sheet: Sheet
    by: str
    at: str
    names: Names
    problems: list[SheetProblem] = field(default_factory=list)
    conflicts: list[SheetProblem] = field(default_factory=list)
    changes: list[SheetChange] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    columns: dict[tuple[int, str], ColumnMap] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The table maps by what a row says of them."""
        self.numbers: dict[tuple[str, str, str], int] = {}
        for number, (table, part) in enumerate(zip(self.mapping.tables, parts_of(self.mapping), strict=True)):
            self.numbers[fitting(table.target), fitting(table.source), part] = number
        self.seen: dict[tuple[str, ...], int] = {}

    def rows(self) -> None:
        """Every row of the sheet."""
        for row in self.sheet.rows:
            if not row.get("target_column") and not row.get("target_table"):
                continue
            first = self.seen.setdefault(row.identity, row.number)
            if first != row.number:
                self.problem(row, "target_column", f"this target column stands in row {first} already")
                continue
            self.row(row, read_mark(row.get("mark")))

    def row(self, row: SheetRow, mark: Mark) -> None:
        """One row."""
        part = row.get("part") or "1"
        number = self.numbers.get((row.get("target_table"), row.get("source_table"), part))
        if number is None:
            self.without_table_map(row, mark)
            return
        table = self.mapping.tables[number]
        old = next((each for each in columns_now(table, self.names) if fitting(each.target) == row.get("target_column")), None)  # fmt: skip
        if old is None and not self.names.target_known(row, mark):
            self.names.say_target(self.problem, row, table)
            return
        target = old.target if old is not None else self.names.target_spelled(table, row.get("target_column"))
        self.cells(row, mark, number, old or ColumnMap(target))

    def without_table_map(self, row: SheetRow, mark: Mark) -> None:
        """A row that no table map of the mapping answers to."""
        edited = [key for key in EDITABLE if row.get(key) and not mark.same(key, row.get(key))]
        exported = all(mark.same(key, row.get(key)) for key in IDENTITY)
        if exported and not edited:
            return
        if not exported or not row.get("source_table"):
            self.names.say_table(self.problem, row)
            return
        message = f"the mapping has no table map from {row.get('source_table')} to {row.get('target_table')} any more"
        self.conflicts.append(SheetProblem(row.number, BY_KEY["source_table"].title, message))

    def cells(self, row: SheetRow, mark: Mark, number: int, old: ColumnMap) -> None:
        """The cells of a row that is known."""
        table = self.mapping.tables[number]
        now = {**cells_of_table(table, row.get("part")), **cells_of(old)}
        now = {key: fitting(text) for key, text in now.items()}
        taken = {key: row.get(key) for key in EDITABLE if self.taken(row, mark, key, now.get(key, ""))}
        self.not_taken(row, mark, now)
        if not taken:
            return
        new = edited_column(self, row, table, old, {key: text.strip() for key, text in taken.items()})
        if new is None or new == old:
            return
        self.columns[number, old.target] = new
        after = {key: fitting(text) for key, text in cells_of(new).items()}
        self.changes += [
            SheetChange(row.number, table.target, old.target, BY_KEY[key].title, now[key], after[key])
            for key in EDITABLE
            if now[key] != after[key]
        ]

    def taken(self, row: SheetRow, mark: Mark, key: str, now: str) -> bool:
        """Is a cell to be taken over? Notes a conflict where both sides have changed it."""
        text = row.values.get(key)
        if text is None or text == now or text.strip() == now or mark.same(key, text):
            return False
        group = MADE_OF if key in MADE_OF else (key,)
        if self.unchanged(mark, row, group, key, now):
            return True
        message = f"the sheet says {shown(text)}, the mapping meanwhile {shown(now)}"
        self.conflicts.append(SheetProblem(row.number, BY_KEY[key].title, message))
        return False

    def unchanged(self, mark: Mark, row: SheetRow, group: Sequence[str], key: str, now: str) -> bool:
        """Is the mapping as it was when the row was exported? A row added by hand may fill what is empty."""
        if not mark.cells:
            return not now
        if mapping_sha(self.mapping.text).removeprefix("sha256:")[:SHA_LETTERS] == mark.sha:
            return True
        current = self.current(row)
        return all(mark.same(each, now if each == key else current.get(each, "")) for each in group)

    def current(self, row: SheetRow) -> dict[str, str]:
        """The cells of the mapping that a row is about."""
        number = self.numbers[row.get("target_table"), row.get("source_table"), row.get("part") or "1"]
        columns = columns_now(self.mapping.tables[number], self.names)
        found = next((each for each in columns if fitting(each.target) == row.get("target_column")), None)
        return {} if found is None else {key: fitting(text) for key, text in cells_of(found).items()}

    def not_taken(self, row: SheetRow, mark: Mark, now: dict[str, str]) -> None:
        """Cells that are not to be filled in and were changed all the same: said, never taken."""
        for column in COLUMNS:
            text = row.values.get(column.key)
            if column.editable or column.key in IDENTITY or text is None or not mark.cells:
                continue
            if mark.same(column.key, text) is False and text != now.get(column.key):
                why = "it follows from the schemas" if column.key in DERIVED else "it is changed in the mapping file"
                self.notes.append(f"Row {row.number}, {column.title}: {shown(text)} was not taken over; {why}.")

    def problem(self, row: SheetRow, key: str, message: str) -> None:
        """Note what is wrong with a cell."""
        self.problems.append(SheetProblem(row.number, BY_KEY[key].title, message))

    def absent(self) -> Iterator[str]:
        """Columns of the mapping that the sheet does not have."""
        tables = parts_of(self.mapping)
        rows = {row.identity for row in self.sheet.rows}
        missing = [
            f"{table.target}.{column.target}"
            for table, part in zip(self.mapping.tables, tables, strict=True)
            for column in table.columns or ()
            if tuple(map(fitting, (table.target, column.target, table.source, part))) not in rows
        ]
        if missing:
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            yield f"Not in the sheet, and left as they are: {', '.join(missing[:5])}{more}."


def shown(text: str) -> str:
    """A cell's text in a message."""
    return repr(text if len(text) <= 60 else f"{text[:57]}...") if text else "nothing"


def columns_now(table: TableMap, names: Names) -> Sequence[ColumnMap]:
    """The column maps of a table map; of one without, a namesake for each column that is known."""
    if table.columns is not None:
        return table.columns
    return [ColumnMap(name, source=name) for name in names.namesakes(table)]


def merge_sheet(
    mapping: Mapping,
    sheet: Sheet,
    *,
    by: str,
    at: str,
    source: Catalogue | None = None,
    target: Catalogue | None = None,
) -> SheetMerge:
    """Take over what was changed in a sheet since it was exported.

    by, at: who and when (ISO 8601, UTC), for decisions that were changed. source, target: the schemas, where they can be
    read; names are then checked against them, else against those that mapping and sheet know.
    Raises SheetRefused with every row that cannot be used, SheetConflict with every cell that both sides have changed.
    """
    merge = Merge(mapping, sheet, by, at, Names(mapping, sheet, source, target))
    merge.rows()
    if merge.problems:
        raise refused(merge.problems)
    if merge.conflicts:
        raise conflict(merge.conflicts)
    tables = tuple(
        with_columns(table, number, merge.columns, columns_now(table, merge.names))
        for number, table in enumerate(mapping.tables)
    )
    notes = (*sheet.notes, *merge.notes, *merge.absent())
    return SheetMerge(replace(mapping, tables=tables), merge.columns, tuple(merge.changes), notes)


def with_columns(
    table: TableMap, number: int, columns: dict[tuple[int, str], ColumnMap], now: Sequence[ColumnMap]
) -> TableMap:
    """A table map with its changed columns, new ones at its end."""
    changed = {target: column for (of, target), column in columns.items() if of == number}
    if not changed:
        return table
    kept = [changed.pop(column.target, column) for column in now]
    return replace(table, columns=(*kept, *changed.values()))
