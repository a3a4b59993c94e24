"""Reading one table of one database, as the database itself renders it, into the workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ..control import stop_if_wished
from ..databases.base import Source
from ..databases.catalogue import Column, Table
from . import sql
from .canonical import Side
from .large import DIGESTING, NO_LARGE, Digest, Large, Names, digested
from .lines import printed_rows
from .workspace import Workspace

if TYPE_CHECKING:
    import pyarrow

ALL_CLASSES = tuple("irtbx")
CELLS_IN_BATCH = 160_000
ROWS_IN_BATCH = 10_000
BYTES_IN_BATCH = 32_000_000
NOT_UTF8 = "\ufdd1"

Count = Callable[[int], None]
Insert = Callable[[str, "pyarrow.Table"], None]
Cells = Sequence[Sequence[Any]]
"""Values by column; of rows without columns a column of None."""
Packed = tuple["pyarrow.Table", list[str], Sequence[Sequence[str]]]
"""An Arrow table, the SQL that takes each column over, the storage classes that occur in each."""


class Wanted(NamedTuple):
    """What is read of a table."""

    columns: Sequence[Column]
    large: Names = frozenset()
    """The columns, by name, of whose large values digests are enough."""


class Unreadable(Exception):
    """A table cannot be read completely; the text says why, without values."""


def check_settings(database: Source) -> None:
    """Raise Unreadable if the database would not render its values exactly."""
    query, problem = sql.SETTINGS.get(database.can.database, ("", ""))
    if query and not single(database, query):
        raise Unreadable(f"{database.can.product} cannot be read exactly: {problem}")


def single(database: Source, query: str) -> Any:
    """The only value of a query."""
    rows = [row for batch in database.stream(query) for row in batch]
    return rows[0][0] if rows else None


@dataclass(frozen=True, slots=True)
class Spooled:
    """A spooled table: its name in the workspace, the product it came from, its columns in order, its rows."""

    name: str
    database: str
    columns: tuple[Column, ...]
    classes: tuple[frozenset[str], ...]
    """The storage classes that occur in each column, of a database where a column can have several."""
    rows: int
    strict: bool = False
    """Is it a table of SQLite with strict types?"""

    def place(self, column: str) -> int:
        """Where a column stands; raises ValueError for one that was not spooled."""
        return [known.name for known in self.columns].index(column)

    def side(self, place: int) -> Side:
        """How the values of a column were rendered."""
        return Side(self.database, self.columns[place].type, self.classes[place], self.strict)


def spool(
    database: Source,
    table: Table,
    wanted: Wanted,
    into: tuple[Workspace, str],
    counted: Count,
) -> Spooled:
    """Read all rows of some columns into the workspace's table of that name, made anew.

    counted: told the rows so far after every batch. Raises Unreadable if the database itself counts other rows.
    """
    spooled = spool_chosen(database, table, wanted, into, counted, [""])
    counts = database.count(table)
    if counts != spooled.rows:
        raise Unreadable(f"{spooled.rows:,} rows of {table.name} were read, but the database counts {counts:,}")
    return spooled


def spool_chosen(
    database: Source,
    table: Table,
    wanted: Wanted,
    into: tuple[Workspace, str],
    counted: Count,
    conditions: Iterable[str],
) -> Spooled:
    """As `spool`, of the rows that fulfil one of some conditions in the database's SQL, which exclude one another."""
    workspace, name = into
    workspace.execute(sql.create_spool(name, len(wanted.columns)))
    with workspace.inserting() as insert:
        return fill_spool(database, table, wanted, (workspace, name, insert), counted, conditions)


def fill_spool(
    database: Source,
    table: Table,
    wanted: Wanted,
    into: tuple[Workspace, str, Insert],
    counted: Count,
    conditions: Iterable[str],
) -> Spooled:
    """As `spool_chosen`, into a table that is there, by a way of inserting (see `Workspace.inserting`)."""
    workspace, name, insert = into
    columns, large = wanted
    classes: list[set[str]] = [set() for _ in columns]
    rows_read = 0
    for batch, expressions, seen in packed_rows(database, table, columns, conditions, (large, workspace.marker)):
        insert(sql.fill_spool(name, "batch", expressions), batch)
        for known, new in zip(classes, seen, strict=True):
            known.update(new)
        rows_read += batch.num_rows
        counted(rows_read)
        stop_if_wished(workspace.control)
    product, strict = database.can.database, ("strict", "") in table.options
    return Spooled(name, product, tuple(columns), tuple(map(frozenset, classes)), rows_read, strict)


def packed_rows(
    database: Source, table: Table, columns: Sequence[Column], conditions: Iterable[str], large: Large
) -> Iterator[Packed]:
    """The rows of each condition, as the database writes them; of large values the digest."""
    pack = PACKERS.get(database.can.database, packed_text)
    for condition in conditions:
        query = sql.render_query(database.can.database, table.name, columns, condition, large)
        printed = printed_rows(database, query, len(columns))
        if printed is not None:
            names = [f"a{index}" for index in range(len(columns))]
            yield from ((batch, names, [()] * len(columns)) for batch in printed)
            continue
        digesting = database.can.database in DIGESTING
        measured = [column for column in columns if not digesting or column.name not in large[0]]
        for rows in database.stream(query, batch_rows=batch_rows(database, table, measured, condition)):
            cells = cells_of(rows, columns, NO_LARGE if digesting else large)
            del rows
            yield pack(cells, columns)
            del cells


def cells_of(rows: list[tuple[Any, ...]], columns: Sequence[Column], large: Large) -> Cells:
    """The values of rows by column, large ones as digests; the rows are emptied, so that no large value is kept."""
    cells: list[Sequence[Any]] = (
        [list(values) for values in zip(*rows, strict=True)] if columns else [[None] * len(rows)]
    )
    rows.clear()
    names, marker = large
    for values, column in zip(cells, columns, strict=False):
        if column.name in names:
            for place, value in enumerate(values):
                digest = digested(value, marker)
                if digest is not None:
                    cast("list[Any]", values)[place] = Digest(digest, type(value))
    return cells


def batch_rows(database: Source, table: Table, columns: Sequence[Column], condition: str = "") -> int:
    """Rows to fetch at a time: fewer of wide tables and of tables with huge values."""
    query = sql.widest_row(database.can.database, table.name, columns, condition)
    widest = single(database, query) if query else 0
    by_size = BYTES_IN_BATCH // max(int(widest or 0), 1)
    return max(min(ROWS_IN_BATCH, CELLS_IN_BATCH // max(len(columns), 1), by_size), 1)


def packed_text(cells: Cells, columns: Sequence[Column]) -> Packed:
    """Columns of text for the workspace."""
    import pyarrow as pa

    if not columns:
        return pa.table({"a0": pa.nulls(len(cells[0]), pa.string())}), [], []
    names = [f"a{index}" for index in range(len(columns))]
    arrays = [pa.array(column, pa.string()) for column in cells]
    return pa.Table.from_arrays(arrays, names=names), names, [()] * len(columns)


def packed_sent(cells: Cells, columns: Sequence[Column]) -> Packed:
    """Columns of text and, in columns of bytes, of bytes; text that is not UTF-8 becomes one that no other value has."""
    import pyarrow as pa

    if not columns:
        return packed_text(cells, columns)
    names = [f"a{index}" for index in range(len(columns))]
    cells = [values if Digest not in map(type, values) else list(map(digest_or_hex, values)) for values in cells]
    kinds = [
        column.type.kind == "bytes" and str not in map(type, values)
        for column, values in zip(columns, cells, strict=True)
    ]
    arrays = [
        pa.array(values, pa.binary()) if is_bytes else sent_texts(values)
        for values, is_bytes in zip(cells, kinds, strict=True)
    ]
    taken = [f"lower(hex({name}))" if is_bytes else name for name, is_bytes in zip(names, kinds, strict=True)]
    return pa.Table.from_arrays(arrays, names=names), taken, [()] * len(columns)


def digest_or_hex(value: Any) -> Any:
    """The text of a digest; of bytes beside one their hexadecimal digits."""
    return value.text if isinstance(value, Digest) else value.hex() if isinstance(value, bytes) else value


def sent_texts(values: Sequence[Any]) -> pyarrow.Array[Any]:
    """A column of text."""
    import pyarrow as pa

    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        return pa.array([None if value is None else sent_text(value) for value in values], pa.string())


def sent_text(value: str) -> str:
    """One text, or for one that is not UTF-8 its bytes behind a character that no text of interchange holds."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return NOT_UTF8 + value.encode("utf-8", "surrogateescape").hex()
    return value


def packed_stored(cells: Cells, columns: Sequence[Column]) -> Packed:
    """Columns of stored values for the workspace, with the storage class before each."""
    import pyarrow as pa

    if not columns:
        return packed_text(cells, columns)
    arrays: dict[str, pyarrow.Array[Any]] = {}
    expressions, seen = [], []
    for index, values in enumerate(cells):
        made = packed_column(values)
        arrays |= {f"a{index}{letter}": array for letter, array in made.items()}
        texts = [TAGGED[letter].format(x=f"a{index}{letter}") for letter in made]
        expressions.append(f"coalesce({', '.join([*texts, 'NULL'])})")
        seen.append(ALL_CLASSES if "x" in made else tuple(made))
    return pa.table(arrays), expressions, seen


PACKERS = {"sqlite": packed_stored, "mysql": packed_sent}
"""What packs the rows of a product that does not render all as text."""

TAGGED = {
    "i": "'i' || CAST({x} AS VARCHAR)",
    "r": "'r' || CAST({x} AS VARCHAR)",
    "t": "'t' || {x}",
    "b": "'b' || lower(hex({x}))",
    "x": "{x}",
}
"""SQL that writes the storage class before a value of an Arrow column; ``x`` has it already."""


def packed_column(values: Sequence[Any]) -> dict[str, pyarrow.Array[Any]]:
    """One column as an Arrow array for each storage class it has, NULL where a value is of another."""
    import pyarrow as pa

    letters = {int: "i", float: "r", str: "t", bytes: "b"}
    forms = {int: pa.int64(), float: pa.float64(), str: pa.string(), bytes: pa.binary()}
    types = set(map(type, values)) - {type(None)}
    if not types:
        return {"t": pa.nulls(len(values), pa.string())}
    if Digest in types:
        return {"x": pa.array([None if value is None else stored_text(value) for value in values], pa.string())}
    try:
        return {
            letters[kind]: pa.array(values if len(types) == 1 else only(values, kind), forms[kind]) for kind in types
        }
    except UnicodeEncodeError:
        return {"x": pa.array([None if value is None else stored_text(value) for value in values], pa.string())}


def only(values: Sequence[Any], kind: type) -> list[Any]:
    """The values of one type, None for the others."""
    return [value if value.__class__ is kind else None for value in values]


def stored_text(value: Any) -> str:
    """One value with its storage class before it; text that is not UTF-8 (read with surrogates) as its bytes."""
    if isinstance(value, Digest):
        return f"{'b' if value.kind is bytes else 't'}{value.text}"
    if isinstance(value, bytes):
        return f"b{value.hex()}"
    if not isinstance(value, str):
        return f"r{value!r}" if isinstance(value, float) else f"i{value}"
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return "x" + value.encode("utf-8", "surrogatepass").hex()
    return f"t{value}"
