"""How MySQL and MariaDB render their own values for verification: SQL of theirs, apart from how the copy reads them.

Large values are sent as they are: a function whose result is larger than ``max_allowed_packet`` gives NULL.
"""

from __future__ import annotations

from ..databases.catalogue import Column, TableName

SAFE_CHARSETS = (None, "utf8mb4", "utf8mb3", "utf8", "ascii", "latin1", "binary")
GEOMETRIES = ("geometry", "point", "linestring", "polygon", "multi", "geom")
UNTELLABLE = "\ufdd1"
"""Begins what is said of a text that has no form in Unicode; no text of interchange holds this character."""


def quoted(name: str) -> str:
    """An identifier in backquotes."""
    return "`" + name.replace("`", "``") + "`"


def qualified(table: TableName) -> str:
    """Database and table, quoted."""
    return quoted(table.name) if table.schema is None else f"{quoted(table.schema)}.{quoted(table.name)}"


def rendered(column: Column) -> str:
    """The text of a value; bytes as they are."""
    name, kind, native = quoted(column.name), column.type.kind, column.type.native.lower()
    if native.startswith("bit"):
        return bits(name, native, kind)
    if native.startswith(GEOMETRIES):
        return f"IF(ST_SRID({name}) > 0, CONCAT('SRID=', ST_SRID({name}), ';', ST_AsText({name})), ST_AsText({name}))"
    if kind in ("time", "timestamp", "timestamptz"):
        return clock(name, column)
    if kind == "text":
        return text(name, column)
    if kind in ("bytes", "json"):
        return name
    if kind == "float" and column.type.bits == 32:
        return f"CAST({name} * 1e0 AS CHAR)"
    number = f"ABS({name}) * SIGN({name})" if "zerofill" in native or native.startswith("year") else name
    if kind == "boolean":
        return f"CASE {name} WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE CAST({name} AS CHAR) END"
    return f"CAST({number} AS CHAR)"


def bits(name: str, native: str, kind: str) -> str:
    """A bit field: true or false, a number, or zeros and ones from its hexadecimal digits."""
    if kind == "boolean":
        return f"CASE ORD({name}) WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
    if kind == "bytes":
        return f"UNHEX(HEX({name}))"
    if kind in ("integer", "decimal"):
        return f"CONV(HEX({name}), 16, 10)"
    width = native.partition("(")[2].partition(")")[0] or "1"
    return f"LPAD(CONV(HEX({name}), 16, 2), {width}, '0')"


def clock(name: str, column: Column) -> str:
    """A time without needless zeros in the fraction of its second."""
    digits = column.type.scale or 0
    return f"REGEXP_REPLACE(CAST({name} AS CHAR), '[.]?0+$', '')" if digits else f"CAST({name} AS CHAR)"


def text(name: str, column: Column) -> str:
    """A text as the server sends it; where its character set has more than Unicode, only if it comes back the same."""
    charset = column.type.charset
    if charset in SAFE_CHARSETS:
        return name
    said = f"CONVERT({name} USING utf8mb4)"
    back = f"CONVERT({said} USING {charset})"
    return f"IF(HEX({back}) = HEX({name}), {said}, CONCAT('{UNTELLABLE}', HEX({name})))"


def hashable(column: Column) -> str:
    """The same text as `rendered` gives, cheaper where that is possible, for the server's own hash functions."""
    name, type_ = quoted(column.name), column.type
    if type_.kind in ("time", "timestamp", "timestamptz") and type_.scale:
        return f"TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST({name} AS CHAR)))"
    if type_.kind == "text" and type_.charset in SAFE_CHARSETS:
        return f"CONVERT({name} USING utf8mb4)"
    return rendered(column)


def size(column: Column) -> str:
    """Bytes of a value."""
    return f"LENGTH({quoted(column.name)})"
