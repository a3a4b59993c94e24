"""Rows of CSV files that hold bytes which are no text: read all the same, with these bytes as lone surrogates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..databases.files.csv_table import converted
from ..databases.files.read import FilesSource
from ..databases.files.records import Cutting
from ..databases.files.values import reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..databases.base import Batch, Source, Value
    from ..databases.catalogue import Column, Table
    from ..databases.files.csv_table import Known

BYTE = re.compile(r"\\x([89a-f][0-9a-f])")
"""A byte that could not be decoded, as it stands in the text of a row that is none."""
REASON = "it holds bytes that are no "


def mend(source: Source, table: Table, columns: Sequence[Column], batch: Batch) -> None:
    r"""Put rows that are no records only for such bytes back into the batch, and take them off its rejects.

    A row whose text says ``\xff`` in letters besides is read as if these were a byte: the row's text does not tell them apart.
    """
    asked = [each for each in batch.rejects if each.column is None and each.reason.startswith(REASON)]
    if not asked or not isinstance(source, FilesSource):
        return
    parts = source.csv(source.found(table))
    names = batch.keys[0] if len(parts) > 1 else ()
    mended = set()
    for reject in asked:
        known = next(known for file, known in parts if not names or file.path.name == names[reject.row])
        values = values_of(batch.raw.get(reject.row, ""), known, columns)
        if values is None:
            continue
        mended.add(reject.row)
        for column, value in zip(batch.columns, values, strict=True):
            column[reject.row] = value
    batch.rejects = [each for each in batch.rejects if each.column is not None or each.row not in mended]


def values_of(raw: str, known: Known, columns: Sequence[Column]) -> list[Value] | None:
    """The values of these columns in a row's text; None where it has not as many fields as the file has columns."""
    text = BYTE.sub(lambda found: chr(0xDC00 + int(found[1], 16)), raw)
    lines = text.split(known.dialect.newline)
    fields, used = Cutting(known.dialect, len(known.columns), lines, 1, valid=True).record(0)
    if used != len(lines) or isinstance(fields, str) or len(fields) != len(known.columns):
        return None
    made = []
    for wanted in columns:
        at = next(at for at, column in enumerate(known.columns) if column.name == wanted.name)
        read = reader(known.forms[at], known.columns[at].type, known.dialect.decimal)
        values, _ = converted([fields[at]], read, known.columns[at])
        made += values
    return made
