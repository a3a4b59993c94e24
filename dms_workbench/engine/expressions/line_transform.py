"""Expressions over lines of PostgreSQL's COPY text: only the fields that they need are read, all others stay as they are.

A chunk is transformed as a whole, or refused as a whole: where a row fails, where a field is not of its column's type or a
result might not be stored as it is, its rows are to be read again as values, which tells them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..databases.base import RowsRefused
from ..databases.catalogue import Column, DataType
from ..databases.postgres.text import TO_ESCAPE, unescape
from .batch import in_order
from .evaluate import DuckEvaluator
from .results import canonical_sql
from .types import input_type

if TYPE_CHECKING:
    import pyarrow as pa

NULL = r"\N"
READ_BY_ARROW = frozenset(
    ("integer", "float", "boolean", "date", "timestamp", "timestamptz", "text", "json", "decimal")
)
SAME_KIND = frozenset(("boolean", "date", "uuid"))
FRACTION = 6
ROW_ENDS, MESSAGE = ord("\n"), ord("d")
HEAD_BYTES = 5
"""Type and size of a message."""


class LineTransform:
    """The expressions of one table map over its lines. Not for use by two threads at a time."""

    def __init__(
        self, evaluator: DuckEvaluator, targets: Sequence[Column], keys: int, kept_keys: Sequence[bool], has_rest: bool
    ) -> None:
        """See `of`."""
        self.evaluator = evaluator
        self.keys, self.kept_keys, self.has_rest = keys, kept_keys, has_rest
        self.numbers = evaluator.select.used
        self.needed = [evaluator.columns[number].name for number in self.numbers]
        self.sql = self.statement(targets)
        self.lengths = [target.type.length if target.type.kind == "text" else None for target in targets]

    @classmethod
    def of(
        cls, evaluator: DuckEvaluator, targets: Sequence[Column], keys: int, kept_keys: Sequence[bool], has_rest: bool
    ) -> LineTransform | None:
        """The transform of lines that hold the key's fields, those needed, and the rest; None where there is none.

        targets: the column that each expression is for, in the evaluator's order. kept_keys: which fields of the key are
        written too, before the results. has_rest: is there a rest, behind the results?
        """
        columns = [evaluator.columns[number] for number in evaluator.select.used]
        results = zip(evaluator.types, targets, strict=True)
        if not all(is_read(column.type) for column in columns) or not all(fits(type, of.type) for type, of in results):
            return None
        return cls(evaluator, targets, keys, kept_keys, has_rest) if columns else None

    def statement(self, targets: Sequence[Column]) -> str:
        """The query: row, is it unfit, and the results as text."""
        select = self.evaluator.select
        where = f"({select.where.sql})" + (f" OR ({select.where.fault}) IS NOT NULL" if select.where.fault else "")
        results, unfit = [], [f"({select.fault}) IS NOT NULL"] if select.fault else []
        for number, (part, type, target) in enumerate(zip(select.outputs, self.evaluator.types, targets, strict=True)):
            results.append(f", CAST({canonical_sql(part.sql, type)} AS VARCHAR) AS o{number}")
            unfit += [f"NOT ({check})" for check in [stored(part.sql, type, target.type)] if check]
        bad = " OR ".join(f"({each})" for each in unfit) or "FALSE"
        return f'SELECT "row", {bad} AS bad{"".join(results)} FROM {{source}} WHERE {where}'

    def apply(self, data: bytes, rows: int, *, framed: bool) -> tuple[bytes, int]:
        """The lines of a chunk with the results in place, and how many are left by the filter. Raises RowsRefused.

        framed: each line still in its message of the wire.
        """
        import duckdb
        import pyarrow as pa

        try:
            fields = self.fields(*(unframed(data) if framed else line_ends(data)), rows)
            made = self.evaluated(fields, rows)
            return self.lines(fields, made)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, duckdb.Error, UnicodeError):
            raise RowsRefused("rows are to be evaluated one by one") from None

    def fields(self, data: Any, ends: Any, rows: int) -> list[Any]:
        """The fields of the key, those needed, and the rest of the line with its end. ends: where each line ends."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        if len(ends) != rows or ends[-1] != len(data):
            raise RowsRefused("the rows of a chunk cannot be told apart")
        offsets: Any = np.zeros(rows + 1, np.int32)
        offsets[1:] = ends
        lines: Any = pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(data))
        lines.validate(full=True)
        count = self.keys + len(self.numbers)
        if not self.has_rest:
            lines = pc.ascii_rtrim(lines, "\n")
        parts = pc.split_pattern(lines, "\t", max_splits=count if self.has_rest else count - 1)
        width = count + self.has_rest
        flat = parts.values
        if len(flat) != rows * width:
            raise RowsRefused("the fields of a row cannot be told apart")
        return [flat.take(pa.array(np.arange(place, rows * width, width))) for place in range(width)]

    def evaluated(self, fields: Sequence[Any], rows: int) -> pa.Table:
        """The results of the rows that the filter leaves."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        arrays: dict[str, Any] = {"row": pa.array(np.arange(rows))}
        for number, field in zip(self.numbers, fields[self.keys :], strict=False):
            arrays[f"c{number}"] = typed(field, self.evaluator.columns[number].type)
        connection = self.evaluator.connection
        connection.register("raw", pa.table(arrays))
        names = ", ".join(arrays).replace("row", '"row"', 1)
        source = f"(SELECT {names} FROM raw) AS batch{self.evaluator.select.joins}"
        table = in_order(connection.sql(self.sql.format(source=source)).to_arrow_table())
        if pc.any(table.column("bad"), min_count=0).as_py():
            raise RowsRefused("a row fails")
        for number, length in enumerate(self.lengths):
            longest = 0 if length is None else pc.max(pc.utf8_length(table.column(f"o{number}"))).as_py() or 0
            if length is not None and longest > length:
                raise RowsRefused("a text is too long, be it by blanks that PostgreSQL would cut")
        return table

    def lines(self, fields: Sequence[Any], made: pa.Table) -> tuple[bytes, int]:
        """The lines: the key's fields that are kept, the results, the rest."""
        import pyarrow.compute as pc

        kept = made.num_rows
        before = [field for field, is_kept in zip(fields, self.kept_keys, strict=False) if is_kept]
        after = [fields[-1]] if self.has_rest else []
        if kept < len(fields[0]):
            rows = made.column("row")
            before, after = ([field.take(rows) for field in each] for each in (before, after))
        results = [escaped(made.column(f"o{number}")) for number in range(made.num_columns - 2)]
        joined: Any = pc.binary_join_element_wise(*before, *results, *after, "\t")
        if not self.has_rest:
            joined = pc.binary_join_element_wise(joined, "\n", "")
        chunks = joined.chunks if hasattr(joined, "chunks") else [joined]
        return b"".join(text_of(chunk) for chunk in chunks), kept


def line_ends(data: bytes) -> tuple[Any, Any]:
    """Lines, and where each ends: a newline within a field is escaped."""
    import numpy as np

    found = np.frombuffer(data, np.uint8)
    return data, np.flatnonzero(found == ROW_ENDS) + 1


def unframed(data: bytes) -> tuple[Any, Any]:
    """Lines out of CopyData messages, one a line, and where each ends. Raises RowsRefused.

    Each message begins behind the end of a line; what looks like one inside of a message's head is too close to be one.
    That the sizes in the heads lead from each message to the next proves it.
    """
    import numpy as np

    found = np.frombuffer(data, np.uint8)
    starts = np.concatenate([[0], np.flatnonzero(found[:-1] == ROW_ENDS) + 1])
    starts = starts[found[starts] == MESSAGE]
    starts = starts[np.concatenate([[True], np.diff(starts) > HEAD_BYTES])]
    sizes = sum(found[starts + 1 + place].astype(np.int64) << (24 - 8 * place) for place in range(4))
    following = np.concatenate([starts[1:], [len(found)]])
    if bool((starts + 1 + sizes != following).any()):
        raise RowsRefused("the rows of a chunk cannot be told apart")
    kept = np.ones(len(found), bool)
    for place in range(HEAD_BYTES):
        kept[starts + place] = False
    return found[kept], following - HEAD_BYTES * np.arange(1, len(starts) + 1)


def text_of(array: Any) -> Any:
    """All texts of an array without nulls, one after the other."""
    import numpy as np

    _, offsets, data = array.buffers()
    if data is None:
        return b""
    wide = str(array.type).startswith("large")
    places = np.frombuffer(offsets, np.int64 if wide else np.int32)
    return memoryview(data)[int(places[array.offset]) : int(places[array.offset + len(array)])]


def is_read(type: DataType) -> bool:
    """Can a field of the type be read here?"""
    return type.kind in READ_BY_ARROW and (type.bits or 64) <= 64 and not type.unsigned


def typed(field: Any, type: DataType) -> Any:
    """A column's fields as values. Raises ArrowInvalid."""
    import pyarrow as pa
    import pyarrow.compute as pc

    null = pa.scalar(None, pa.string())
    texts = pc.if_else(pc.equal(field, pa.scalar(NULL)), null, field)
    if type.kind in ("text", "json", "decimal") and pc.any(pc.match_substring(texts, "\\"), min_count=0).as_py():
        texts = pa.array([unescape(text) if text and "\\" in text else text for text in texts.to_pylist()], pa.string())
    if type.kind == "boolean":
        return pc.equal(texts, pa.scalar("t"))
    wanted = arrow_type(type)
    return texts if wanted is None else texts.cast(wanted)


def arrow_type(type: DataType) -> Any:
    """The Arrow type of values of a column as expressions see them; None for text."""
    import pyarrow as pa

    match type.kind:
        case "integer":
            return pa.int64()
        case "float":
            return pa.float64()
        case "date":
            return pa.date32()
        case "timestamp" | "timestamptz":
            return pa.timestamp("us", "UTC" if type.kind == "timestamptz" else None)
        case "decimal" if input_type(type) != "VARCHAR":
            return pa.decimal128(type.precision or 0, type.scale or 0)
    return None


def escaped(texts: Any) -> Any:
    """Results as fields: escaped, and NULL as it is written."""
    import pyarrow.compute as pc

    if pc.any(pc.match_substring_regex(texts, r"[\\\t\n\r]"), min_count=0).as_py():
        for sign, written in TO_ESCAPE.items():
            texts = pc.replace_substring(texts, sign, written)
    return pc.fill_null(texts, NULL) if texts.null_count else texts


def fits(type: DataType, target: DataType) -> bool:
    """Is the text of every result that `stored` lets pass read by PostgreSQL as the value that conversion would make of it?"""
    if target.labels is not None or target.several or target.user_type is not None:
        return False
    if target.kind == "decimal":
        return type.kind in ("integer", "decimal") and target.native.startswith("numeric")
    if type.kind != target.kind:
        return False
    if type.kind == "text":
        return target.native == "text" or target.native.startswith("character")
    if type.kind in ("timestamp", "timestamptz"):
        return (FRACTION if target.scale is None else target.scale) == FRACTION
    if type.kind == "float":
        return (type.bits, target.bits) == (64, 64)
    return type.kind in SAME_KIND or (type.kind == "integer" and target.native in ("smallint", "integer", "bigint"))


def stored(sql: str, type: DataType, target: DataType) -> str:
    """SQL that is not true where PostgreSQL would round a result without a word; "" where it never does."""
    if target.kind == "decimal" and target.precision is not None and (type.scale or 0) > (target.scale or 0):
        return f"coalesce(round({sql}, {target.scale or 0}) = {sql}, TRUE)"
    return ""
