"""From a mapping and its two schemas to a sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...databases.catalogue import Catalogue, Column, Table
from ..check import Checker, columns_of, found, used_columns
from ..model import ColumnMap, Lookup, Mapping, TableMap
from ..parse import mapping_sha
from ..reads import names_read
from .layout import Sheet, SheetRow, fitting, row_mark
from .words import in_words

FEEDS_NOTHING = "no table of the source is mapped to this table"
NOT_MAPPED = "the table is not mapped"


def sheet_of(mapping: Mapping, source: Catalogue, target: Catalogue | None, *, at: str = "") -> Sheet:
    """A row for each target column of every table map, then for those of tables that nothing is mapped to.

    target: None if it is empty or not known yet. at: when, for the overview.
    """
    maker = Maker(mapping, source, target)
    sha = mapping_sha(mapping.text)
    rows = [marked(values, sha) for values in maker.rows()]
    left = tuple((fitting(a), fitting(b), c, d) for a, b, c, d in maker.left())
    return Sheet(
        rows=tuple(rows),
        name=mapping.name,
        sha=sha,
        overview=tuple((name, fitting(text)) for name, text in maker.overview(rows, left, at)),
        left=left,
        lookups=tuple((fitting(name), fitting(key), fitting(value)) for name, key, value in lookup_lines(mapping)),
    )


def marked(values: dict[str, str], sha: str) -> SheetRow:
    """A row with its mark."""
    fitted = {key: fitting(text) for key, text in values.items()}
    return SheetRow({**fitted, "mark": row_mark(fitted, sha)})


def parts_of(mapping: Mapping) -> list[str]:
    """For each table map which one it is of those between the same two tables: 1, 2, 3 …"""
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for table in mapping.tables:
        seen[table.source, table.target] += 1
        found.append(str(seen[table.source, table.target]))
    return found


def cells_of(column: ColumnMap) -> dict[str, str]:
    """The cells that a column map itself fills."""
    decision = column.decision
    sure = "" if decision is None or decision.confidence is None else f"{decision.confidence:.2f}"
    return {
        "target_column": column.target,
        "source_column": column.source or "",
        "expression": column.expression or "",
        "in_words": in_words(column),
        "status": "" if decision is None else decision.status,
        "confidence": sure,
        "owner": column.owner or "",
        "remark": column.remark or "",
    }


def cells_of_table(table: TableMap, part: str) -> dict[str, str]:
    """The cells that a table map fills in each of its rows."""
    return {
        "target_table": table.target,
        "source_table": table.source,
        "part": part,
        "where": table.where or "",
        "mode": table.mode or "",
    }


@dataclass
class Maker:
    """One sheet that is being made."""

    mapping: Mapping
    source: Catalogue
    target: Catalogue | None

    def __post_init__(self) -> None:
        """Check the mapping: what is wrong are open points."""
        self.checker = Checker(self.mapping, self.source, self.target)
        self.problems = sorted(self.checker.problems())

    def rows(self) -> Iterator[dict[str, str]]:
        """All rows."""
        for number, (table, part) in enumerate(zip(self.mapping.tables, parts_of(self.mapping), strict=True)):
            source = found(self.source, table.source)
            target = found(self.target, table.target) if self.target is not None else None
            wrong = self.wrong(number, table, source, target)
            maps = self.maps(table, source)
            for column in self.in_order(maps, target):
                there = next((each for each in target.columns if each.name == column.target), None) if target else None
                yield {
                    **cells_of_table(table, part),
                    **cells_of(column),
                    **target_cells(there, target, column),
                    "source_type": source_types(column, source),
                    "open_points": "\n".join(self.open_points(wrong.get(column.target, ()), column, there)),
                }
        yield from self.unfed()

    def maps(self, table: TableMap, source: Table | None) -> Sequence[ColumnMap]:
        """The column maps of a table map."""
        if source is None:
            return table.columns or ()
        return columns_of(table, source)

    def in_order(self, maps: Sequence[ColumnMap], target: Table | None) -> Iterator[ColumnMap]:
        """Column maps as the target has its columns, those that nothing is mapped to among them."""
        if target is None:
            yield from maps
            return
        by_name = {column.target: column for column in maps}
        names = [column.name for column in target.columns]
        for column in target.columns:
            if column.name in by_name or column.generated is None:
                yield by_name.get(column.name, ColumnMap(column.name))
        yield from (column for column in maps if column.target not in names)

    def open_points(self, wrong: Sequence[str], column: ColumnMap, there: Column | None) -> Iterator[str]:
        """What stands in the way or waits for a decision. wrong: what the check says of this column."""
        if column.decision is not None and column.decision.status == "open":
            candidates = ", ".join(column.decision.candidates)
            yield f"to be decided; candidates: {candidates}" if candidates else "to be decided"
        if not column.made and (column.decision is None or column.decision.status == "rejected"):
            needed = there is not None and not (there.nullable or there.default is not None or there.identity)
            if needed or column.decision is None:
                yield "nothing is mapped to it, and it takes no NULL" if needed else "nothing is mapped to it"
        elif column.made:
            yield from wrong

    def wrong(self, number: int, table: TableMap, source: Table | None, target: Table | None) -> dict[str, list[str]]:
        """What the check says of each target column of a table map."""
        if source is None:
            return {column.target: [f"the source has no table {table.source!r}"] for column in table.columns or ()}
        said: dict[str, list[str]] = {}
        for column in columns_of(table, source):
            for problem in (
                *self.checker.target_column(number, column, target),
                *self.checker.source_column(number, column, source),
            ):
                said.setdefault(column.target, []).append(problem.message)
        for problem in self.checker.expressions(number, table, source):
            name, colon, message = problem.message.partition(": ")
            if colon:
                said.setdefault(name, []).append(message)
        return said

    def unfed(self) -> Iterator[dict[str, str]]:
        """Columns of target tables without any table map."""
        fed = {table.target for table in self.mapping.tables}
        for table in () if self.target is None else self.target.tables:
            if table.name.name in fed:
                continue
            for column in table.columns:
                cells = target_cells(column, table, ColumnMap(column.name))
                yield {"target_table": table.name.name, "target_column": column.name, **cells,
                       "open_points": FEEDS_NOTHING}  # fmt: skip

    def left(self) -> Iterator[tuple[str, str, str, str]]:
        """Source columns that nothing is made of, with what becomes of them."""
        used: dict[str, set[str]] = {}
        ignored: dict[str, set[str]] = {}
        for table in self.mapping.tables:
            source = found(self.source, table.source)
            if source is not None:
                lookups = self.checker.joins.lookups(table)
                used.setdefault(table.source, set()).update(used_columns(table, source, lookups))
                ignored.setdefault(table.source, set()).update(table.ignore)
        helping = self.read_besides()
        for source in self.source.tables:
            name = source.name.name
            for column in source.columns:
                if column.name not in used.get(name, set()):
                    fate = "not mapped and not ignored: open" if name in used else helping.get(name, NOT_MAPPED)
                    fate = "ignored on purpose" if column.name in ignored.get(name, set()) else fate
                    fate = "computed by the source" if column.generated is not None else fate
                    yield name, column.name, column.type.native, fate

    def read_besides(self) -> dict[str, str]:
        """Source tables that lookups and joins read, in words."""
        words = {lookup.table: f"read by the lookup {lookup.name}" for lookup in self.mapping.lookups if lookup.table}
        joins = {join.table: f"joined as {join.name}" for table in self.mapping.tables for join in table.joins}
        return words | joins

    def overview(self, rows: Sequence[SheetRow], left: Sequence[tuple[str, ...]], at: str) -> Iterator[tuple[str, str]]:
        """Counts, versions, and how to use the sheet."""
        yield "Mapping", self.mapping.name
        yield "Version", mapping_sha(self.mapping.text)
        yield "Exported", at
        yield "Source", f"{self.source.database} {self.source.version}, {self.source.fingerprint()}"
        if self.target is not None:
            yield "Target", f"{self.target.database} {self.target.version}, {self.target.fingerprint()}"
        made = sum(bool(row.get("source_column") or row.get("expression")) for row in rows)
        counts = Counter(row.get("status") or "no decision" for row in rows)
        yield "Table maps", str(len(self.mapping.tables))
        yield "Target columns", f"{len(rows)}, of which {made} are made of something"
        yield "Decisions", ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
        yield "Rows with open points", str(sum(bool(row.get("open_points")) for row in rows))
        yield "Source columns left", str(len(left))
        for table in self.mapping.tables:
            yield f"Table {table.target}", table_words(table)
        yield (
            "To fill in",
            "White columns: Source column or Rule, Status, Owner, Remark. Grey ones follow from elsewhere.",
        )
        yield "Problems found", "\n".join(str(problem) for problem in self.problems) or "none"


def table_words(table: TableMap) -> str:
    """A table map in a line."""
    parts = [f"from {table.source}"]
    parts += [f"joined with {join.table}" for join in table.joins]
    parts += [f"where {table.where}"] if table.where is not None else []
    parts += [f"mode {table.mode}"] if table.mode is not None else []
    parts += [table.decision.status] if table.decision is not None else []
    parts += [f"owner {table.owner}"] if table.owner is not None else []
    parts += [table.remark] if table.remark is not None else []
    return "; ".join(parts)


def target_cells(column: Column | None, table: Table | None, made: ColumnMap) -> dict[str, str]:
    """Type, nullability and key of a target column."""
    if column is None or table is None:
        return {"target_type": made.type or "", "nullable": "", "key": ""}
    return {
        "target_type": column.type.native,
        "nullable": "yes" if column.nullable else "no",
        "key": ", ".join(keys_of(column.name, table)),
    }


def keys_of(name: str, table: Table) -> Iterator[str]:
    """The keys that a column is part of."""
    if table.primary_key is not None and name in table.primary_key.columns:
        yield "primary"
    if any(name in key.columns for key in table.unique_keys):
        yield "unique"
    for key in table.foreign_keys:
        if name in key.columns:
            yield f"→ {key.references.name}.{key.referenced_columns[key.columns.index(name)]}"


def source_types(column: ColumnMap, source: Table | None) -> str:
    """The type of the source column; of several in a rule, each with its name."""
    if source is None:
        return ""
    types = {each.name: each.type.native for each in source.columns}
    if column.source is not None:
        return types.get(column.source, "")
    return ", ".join(f"{name} {types[name]}" for name in names_read(column.expression) if name in types)


def lookup_lines(mapping: Mapping) -> Iterator[tuple[str, str, str]]:
    """Every value of the lookups, or where they come from."""
    for lookup in mapping.lookups:
        yield from lines_of_lookup(lookup)


def lines_of_lookup(lookup: Lookup) -> Iterator[tuple[str, str, str]]:
    """One lookup."""
    if lookup.values is None:
        yield lookup.name, f"{lookup.table}.{lookup.key}", f"{lookup.table}.{lookup.value}"
    for key, value in (lookup.values or {}).items():
        yield lookup.name, str(key), "NULL" if value is None else str(value)
