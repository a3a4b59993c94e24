"""The tables and columns that a sheet may name: those of the schemas, or those that mapping and sheet know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ...databases.catalogue import Catalogue, Table
from ...expressions.errors import InvalidExpression
from ...expressions.syntax import parse_expression
from ..check import Checker, binding_error, found
from ..model import Mapping, TableMap
from ..parse import did_you_mean
from ..reads import columns_named, names_read
from .layout import IDENTITY, Mark, Sheet, SheetRow, fitting, read_mark

Note = Callable[[SheetRow, str, str], None]
"""Notes a problem: row, key of the column, message."""


@dataclass
class Names:
    """What is known while a sheet is imported."""

    mapping: Mapping
    sheet: Sheet
    source: Catalogue | None
    target: Catalogue | None

    def __post_init__(self) -> None:
        """Rows by table, once."""
        self.heard_of: dict[str, list[str]] = {}
        self.exported = [row for row in self.sheet.rows if intact(row)]
        self.checker = None if self.source is None else Checker(self.mapping, self.source, self.target)
        if self.checker is not None:
            list(self.checker.check_lookups())

    def source_table(self, name: str) -> Table | None:
        """The source table in the schema, if that is known."""
        return None if self.source is None else found(self.source, name)

    def target_table(self, name: str) -> Table | None:
        """The target table in the schema, if that is known."""
        return None if self.target is None else found(self.target, name)

    def target_known(self, row: SheetRow, mark: Mark) -> bool:
        """Is there such a target column?"""
        table = self.target_table(row.get("target_table"))
        if table is not None:
            return row.get("target_column") in {fitting(column.name) for column in table.columns}
        return all(mark.same(key, row.get(key)) for key in IDENTITY)

    def target_spelled(self, table: TableMap, name: str) -> str:
        """A target column as its schema spells it."""
        there = self.target_table(table.target)
        names = [] if there is None else [column.name for column in there.columns]
        return next((each for each in names if fitting(each) == name), name)

    def targets(self, table: str) -> list[str]:
        """The columns of a target table."""
        there = self.target_table(table)
        names = [] if there is None else [column.name for column in there.columns]
        names += [row.get("target_column") for row in self.exported if row.get("target_table") == table]
        for each in self.mapping.tables:
            if each.target == table:
                names += [column.target for column in each.columns or ()]
        return list(dict.fromkeys(names))

    def sources(self, table: TableMap) -> list[str]:
        """The columns of a source table, without those of joins."""
        there = self.source_table(table.source)
        if there is not None:
            return [column.name for column in there.columns]
        if table.source not in self.heard_of:
            self.heard_of[table.source] = list(dict.fromkeys(self.sources_heard_of(table.source)))
        return self.heard_of[table.source]

    def sources_heard_of(self, name: str) -> Iterator[str]:
        """Columns of a source table that mapping and sheet name."""
        for table in self.mapping.tables:
            if table.source == name:
                yield from self.namesakes(table) if table.columns is None else ()
                yield from (column.source for column in table.columns or () if column.source is not None)
                yield from table.ignore
                on = [text for join in table.joins for text in join.on.values()]
                texts = [table.where, *on, *(column.expression for column in table.columns or ())]
                yield from (read for text in texts for read in names_read(text) if "." not in read)
        for row in self.sheet.rows:
            if row.get("source_table") == name:
                kept = read_mark(row.get("mark")).same("source_column", row.get("source_column"))
                yield from [row.get("source_column")] if kept or not row.get("target_table") else ()
        yield from (column for table, column, *_ in self.sheet.left if table == name)

    def namesakes(self, table: TableMap) -> list[str]:
        """The columns of a table map that names none: every column that is copied and not ignored."""
        there = self.source_table(table.source)
        if there is not None:
            return [column.name for column in there.copied_columns if column.name not in table.ignore]
        rows = [
            row
            for row in self.exported
            if row.get("target_table") == fitting(table.target) and row.get("source_table") == fitting(table.source)
        ]
        return [
            row.get("target_column")
            for row in rows
            if read_mark(row.get("mark")).same("source_column", row.get("target_column"))
        ]

    def say_table(self, note: Note, row: SheetRow) -> None:
        """A row of a table map that there is not."""
        target, source = row.get("target_table"), row.get("source_table")
        maps = [(table.target, table.source) for table in self.mapping.tables]
        if target not in {name for name, _ in maps}:
            hint = did_you_mean(target, sorted({name for name, _ in maps}))
            note(row, "target_table", f"the mapping has no table map for {target!r}{hint}")
            return
        hint = did_you_mean(source, [name for to, name in maps if to == target])
        note(row, "source_table", f"the mapping has no table map from {source!r} to {target}{hint}")

    def say_target(self, note: Note, row: SheetRow, table: TableMap) -> None:
        """A target column that there is not."""
        name = row.get("target_column")
        hint = did_you_mean(name, self.targets(table.target))
        note(row, "target_column", f"the target table {table.target} has no column {name!r}{hint}")

    def check_source(self, note: Note, row: SheetRow, table: TableMap, name: str) -> None:
        """Is it a column of the source table?"""
        known = self.sources(table)
        if name not in known:
            hint = did_you_mean(name, known)
            note(row, "source_column", f"{table.source} has no column {name!r}{hint}")

    def check_expression(self, note: Note, row: SheetRow, table: TableMap, text: str) -> None:
        """Does the expression work? Without the schema: is it one, and does it name known columns?"""
        there = self.source_table(table.source)
        if there is not None and self.checker is not None:
            error = binding_error(there, [("", text)], None, self.checker.joins.lookups(table))
            if error is not None:
                note(row, "expression", f"{error.reason} (at character {error.offset + 1})")
            return
        try:
            names = columns_named(parse_expression(text))
        except InvalidExpression as error:
            note(row, "expression", f"{error.reason} (at character {error.offset + 1})")
            return
        self.check_names(note, row, table, names)

    def check_names(self, note: Note, row: SheetRow, table: TableMap, names: Sequence[str]) -> None:
        """Do the columns that an expression names exist, those of joins apart?"""
        known = self.sources(table)
        folded = {name.casefold() for name in known}
        joins = {join.name.casefold() for join in table.joins}
        for name in names:
            first, dot, _ = name.partition(".")
            if name.casefold() not in folded and not (dot and first.casefold() in joins):
                note(row, "expression", f"{table.source} has no column {name!r}{did_you_mean(name, known)}")


def intact(row: SheetRow) -> bool:
    """Does a row still say which one it is?"""
    mark = read_mark(row.get("mark"))
    return bool(mark.cells) and all(mark.same(key, row.get(key)) for key in IDENTITY)
