"""One column of MySQL's CREATE TABLE."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..catalogue import Column, DataType, Table
from .capabilities import literal, quote
from .types import charset_of, native_labels

NUMBER_KINDS = ("integer", "float")
BESIDE_THE_ROW = ("text", "blob", "json", "geometry", "point", "linestring", "polygon")
PLAIN_DEFAULT = re.compile(
    r"(?is)[-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?|0x[0-9a-f]+|[bx]'[0-9a-f]*'|'(?:[^'\\]|''|\\.)*'|null|true|false"
    r"|(?:current_timestamp|now|localtime|localtimestamp)(?:\(\d*\))?"
)
ROW_BOUND = ("ROW START", "ROW END")
PIECE = re.compile(r"(?s)'(?:[^'\\]|''|\\.)*'|`(?:[^`]|``)*`|.")
LABELLED = re.compile(r"(?is)\s*(?:enum|set)\s*\(")


def column_definition(table: Table, column: Column, checks: Sequence[str]) -> str:
    """The column with everything that is said of it, in the order in which SHOW CREATE TABLE says it."""
    said = [quote(column.name), type_text(table, column.type)]
    said.append(generated_text(column) if column.generated is not None else stored_text(column))
    if column.comment:
        said.append(f"COMMENT {literal(column.comment)}")
    options = dict(column.options)
    if "without system versioning" in options:
        said.append("WITHOUT SYSTEM VERSIONING")
    return " ".join(part for part in (*said, *checks) if part)


def type_text(table: Table, type: DataType) -> str:
    """The type with the character set and collation that differ from the table's."""
    native = type.native
    if type.labels is not None and LABELLED.match(native):
        native = native_labels(type.labels, several=type.several)
    options = dict(table.options)
    collation, charset = type.collation, type.charset
    if "collate" in native.lower().rpartition(")")[2] or (collation is None and charset is None):
        return native
    if collation is not None and collation == options.get("collation"):
        return native
    charset = charset or charset_of(str(collation))
    return f"{native} CHARACTER SET {charset}" + (f" COLLATE {collation}" if collation else "")


def generated_text(column: Column) -> str:
    """What a generated column is computed from; MariaDB takes no NOT NULL there."""
    if column.generated in ROW_BOUND:
        return f"GENERATED ALWAYS AS {column.generated}{' INVISIBLE' if column.hidden else ''}"
    kept = "STORED" if column.stored else "VIRTUAL"
    return f"GENERATED ALWAYS AS ({column.generated}) {kept}{' INVISIBLE' if column.hidden else ''}"


def stored_text(column: Column) -> str:
    """NULL or not, default, counter, and what an UPDATE sets."""
    said = []
    if not column.nullable or column.identity is not None:
        said.append("NOT NULL")
    elif column.type.native.lower().startswith("timestamp"):
        said.append("NULL")
    options = dict(column.options)
    if "srid" in options:
        said.append(f"/*!80003 SRID {options['srid']} */")
    if column.hidden:
        said.append("INVISIBLE")
    if column.identity is not None:
        said.append("AUTO_INCREMENT")
    elif column.default is not None:
        said.append(f"DEFAULT {default_text(column.default, column.type)}")
    if column.on_update is not None:
        said.append(f"ON UPDATE {column.on_update}")
    return " ".join(said)


def default_text(default: str, type: DataType) -> str:
    """A default: a literal as it is, an expression in brackets, as is a literal for a type that is kept beside the row."""
    beside = any(word in type.native.lower().partition("(")[0] for word in BESIDE_THE_ROW)
    if PLAIN_DEFAULT.fullmatch(default) and (not beside or default.lower() == "null"):
        return default
    return default if is_bracketed(default) else f"({default})"


def is_bracketed(expression: str) -> bool:
    """Does one pair of brackets hold all of it?"""
    pieces = PIECE.findall(expression)
    depth = 0
    for at, piece in enumerate(pieces):
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if not depth:
            return at == len(pieces) - 1 and pieces[0] == "("
    return False
