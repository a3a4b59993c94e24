"""Columns of values as the lines of a CSV file (RFC 4180), read back as exactly the same values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..base import Value
from .values import written

LOOKS_LIKE_NULL = "\\N"
"""Quoted where it is text: unquoted it says NULL in the exports of several databases."""


@dataclass(frozen=True, slots=True)
class Writing:
    """How a CSV file is written."""

    delimiter: str = ","
    null: str = ""

    def lines(self, columns: Sequence[list[Value]]) -> str:
        """Rows, column by column, as text."""
        fields = [self.fields(column) for column in columns]
        joined = "\n".join(map(self.delimiter.join, zip(*fields, strict=True)))
        return f"{joined}\n" if fields and fields[0] else ""

    def header(self, names: Sequence[str]) -> str:
        """The first line."""
        return self.lines([[name] for name in names])

    def fields(self, values: list[Value]) -> list[str]:
        """The fields of a column."""
        texts = values if set(map(type, values)) <= {str, type(None)} else [written(value) for value in values]
        special = re.compile(f'["\r\n{re.escape(self.delimiter)}]')
        present = [text for text in texts if text is not None]
        apart = {"", self.null, LOOKS_LIKE_NULL}
        if not special.search("".join(present)) and not apart.intersection(present):
            return [self.null if text is None else text for text in texts]
        return [
            self.null
            if text is None
            else '"' + text.replace('"', '""') + '"'
            if text in apart or special.search(text)
            else text
            for text in texts
        ]
