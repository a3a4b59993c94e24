"""MySQL's and MariaDB's types in the common terms, and the type that holds every value of a common type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..catalogue import DataType, Kind
from .capabilities import is_mariadb, literal

INTEGER_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}
RENDERED_BITS = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}
FLOAT_BITS = {"float": 32, "double": 64}
PLAIN_KINDS: dict[str, Kind] = {"date": "date", "json": "json", "uuid": "uuid"}
CLOCKS: dict[str, Kind] = {"time": "time", "datetime": "timestamp", "timestamp": "timestamptz"}
BYTE_TYPES = frozenset({"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"})
UNLIMITED_TEXTS = frozenset({"tinytext", "text", "mediumtext", "longtext"})
SYNONYMS = {
    "bool": "tinyint(1)", "boolean": "tinyint(1)", "integer": "int", "int1": "tinyint", "int2": "smallint",
    "int3": "mediumint", "int4": "int", "int8": "bigint", "middleint": "mediumint", "dec": "decimal",
    "numeric": "decimal", "fixed": "decimal", "real": "double", "double precision": "double", "float4": "float",
    "float8": "double", "character varying": "varchar", "character": "char", "char byte": "binary", "nchar": "char",
    "nvarchar": "varchar", "national varchar": "varchar", "national char": "char", "long": "mediumtext",
    "long varchar": "mediumtext", "long varbinary": "mediumblob", "serial": "bigint unsigned",
}  # fmt: skip
"""What people write, and what the server makes of it."""

AS_WRITTEN = re.compile(
    r"(?P<name>[a-z][a-z0-9]*(?: (?:precision|varying|byte|varchar|varbinary|char))?) ?(?:\((?P<sizes>[^()']*)\))?"
    r"(?P<flags>(?: (?:unsigned|signed|zerofill|binary|ascii|unicode|compressed))*)"
)
LABELS = re.compile(r"(?is)(?P<name>enum|set)\s*\((?P<labels>.*)\)(?P<rest>[^)']*)")
ONE_LABEL = re.compile(r"(?s)\s*'((?:[^'\\]|''|\\.)*)'\s*(?:,|\Z)")
ESCAPED = re.compile(r"(?s)''|\\(.)")
ESCAPES = {"0": "\x00", "n": "\n", "t": "\t", "r": "\r", "b": "\b", "Z": "\x1a"}
COMMENT = re.compile(r"(?s)/\*.*?\*/")
OWN_CHARSET = re.compile(r"(?i)\s+(?:character\s+set|charset)\s+(?P<charset>\w+)")
OWN_COLLATION = re.compile(r"(?i)\s+collate\s+(?P<collation>\w+)")

LARGEST_PRECISION, LARGEST_SCALE = 65, 30
LARGEST_VARCHAR, LARGEST_CHAR = 16_383, 255
LARGEST_ENUM, LARGEST_SET, LONGEST_LABEL = 65_535, 64, 255
EXACT_COLLATION = "utf8mb4_nopad_bin"
"""Tells every two texts apart, with blanks at their end too; MariaDB's name for it."""
EXACT_IN_MYSQL, NEARLY_EXACT = "utf8mb4_0900_bin", "utf8mb4_bin"
EXACT_IN_MYSQL_SINCE = (8, 0, 17)
TEXT_CHARSET = "utf8mb4"


def parse_type(native: str) -> DataType:
    """The common meaning of a column's type as the catalogue prints it or as people write it.

    ``tinyint(1)`` is an integer; ``time`` may be longer than a day and negative; ``bit(1)`` is a boolean and longer bits
    are ``other``, written as zeros and ones; geometries are ``other``, written as well-known text.
    """
    bare, charset, collation = without_charset(native)
    found = parse_labels(bare, native) or parse_sized(bare, native) or DataType("other", native)
    return found if charset is None and collation is None else with_charset(found, charset, collation)


def without_charset(native: str) -> tuple[str, str | None, str | None]:
    """A type without its character set and collation, and these two."""
    kept, _, rest = native.rpartition(")")
    head, tail = (kept + ")", rest) if "'" in kept else ("", native)
    charset, collation = OWN_CHARSET.search(tail), OWN_COLLATION.search(tail)
    tail = OWN_COLLATION.sub("", OWN_CHARSET.sub("", tail))
    return head + tail, charset and charset["charset"].lower(), collation and collation["collation"].lower()


def with_charset(type: DataType, charset: str | None, collation: str | None) -> DataType:
    """A type with its character set; the charset ``binary`` makes text bytes."""
    from dataclasses import replace

    charset = charset or (charset_of(collation) if collation else None)
    if charset == "binary" and type.kind == "text":
        return DataType("bytes", type.native)
    return replace(type, charset=charset, collation=collation)


def charset_of(collation: str) -> str:
    """The character set of a collation: what its name begins with."""
    return collation.partition("_")[0]


def parse_labels(bare: str, native: str) -> DataType | None:
    """ENUM and SET with their labels; None for other types."""
    match = LABELS.fullmatch(bare.strip())
    if match is None:
        return None
    return DataType("text", native, labels=tuple(labels_of(match["labels"])), several=match["name"].lower() == "set")


def labels_of(text: str) -> Iterator[str]:
    """The labels of a list of string literals."""
    for match in ONE_LABEL.finditer(text):
        yield ESCAPED.sub(lambda found: ESCAPES.get(found[1], found[1]) if found[1] else "'", match[1])


def parse_sized(bare: str, native: str) -> DataType | None:
    """Every type with a common meaning but those with labels."""
    words = " ".join(COMMENT.sub(" ", bare).lower().split())
    match = AS_WRITTEN.fullmatch(words)
    if match is None:
        return None
    name, flags = match["name"], match["flags"]
    if name in SYNONYMS:
        synonym = AS_WRITTEN.fullmatch(SYNONYMS[name])
        name, flags = (synonym["name"], flags + synonym["flags"]) if synonym else (name, flags)
    sizes = [int(size) for size in (match["sizes"] or "").replace(" ", "").split(",") if size.isdigit()]
    return parse_number(name, sizes, flags, native) or parse_other(name, sizes, native)


def parse_number(name: str, sizes: list[int], flags: str, native: str) -> DataType | None:
    """Numbers and bits."""
    unsigned = "unsigned" in flags or "zerofill" in flags
    if name in INTEGER_BITS:
        return DataType("integer", native, bits=INTEGER_BITS[name], unsigned=unsigned)
    if name == "float" and len(sizes) == 1 and sizes[0] > 24:
        name = "double"
    if name in FLOAT_BITS:
        return DataType("float", native, bits=FLOAT_BITS[name], unsigned=unsigned)
    if name == "decimal":
        precision, scale = [*sizes, *(10, 0)[len(sizes) :]][:2]
        return DataType("decimal", native, precision=precision or 10, scale=scale, unsigned=unsigned)
    if name == "year":
        return DataType("integer", native, bits=16)
    if name == "bit":
        bits = sizes[0] if sizes else 1
        return DataType("boolean", native) if bits == 1 else DataType("other", native, length=bits)
    return None


def parse_other(name: str, sizes: list[int], native: str) -> DataType | None:
    """Text, bytes, clocks and the rest."""
    if name in PLAIN_KINDS:
        return DataType(PLAIN_KINDS[name], native)
    if name in CLOCKS:
        return DataType(CLOCKS[name], native, scale=sizes[0] if sizes else 0)
    if name in BYTE_TYPES:
        return DataType("bytes", native)
    if name in UNLIMITED_TEXTS:
        return DataType("text", native)
    if name in ("char", "varchar"):
        return DataType("text", native, length=sizes[0] if sizes else 1, fixed=name == "char")
    return None


def render_type(type: DataType) -> str:
    """The type for a common type of another product, with its character set; MariaDB's ``uuid`` needs version 10.7."""
    if type.labels is not None or type.kind == "text":
        return with_exact_text(render_text(type))
    if type.kind == "integer":
        return render_integer(type)
    if type.kind == "decimal":
        return render_decimal(type)
    if type.kind in ("time", "timestamp", "timestamptz"):
        digits = 6 if type.scale is None else min(type.scale, 6)
        return f"{'time' if type.kind == 'time' else 'datetime'}({digits})"
    plain: dict[Any, str] = {
        "boolean": "tinyint(1)",
        "float": "float" if type.bits == 32 else "double",
        "bytes": "longblob",
        "date": "date",
        "uuid": "uuid",
        "json": "json",
    }
    if type.element is not None:
        return "json"
    return plain.get(type.kind) or with_exact_text("varchar(80)" if type.kind == "interval" else "longtext")


def exact_collation(version: str = "") -> str:
    """The collation that tells every two texts apart on a server of that version; without one, on a MariaDB of today."""
    if not version or is_mariadb(version):
        return EXACT_COLLATION
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:3])
    return EXACT_IN_MYSQL if numbers >= EXACT_IN_MYSQL_SINCE else NEARLY_EXACT


def with_exact_text(native: str) -> str:
    """A text type that tells every two texts apart."""
    return f"{native} CHARACTER SET {TEXT_CHARSET} COLLATE {EXACT_COLLATION}"


def render_integer(type: DataType) -> str:
    """The smallest integer type that holds the range; decimal where none does."""
    for name, bits in RENDERED_BITS.items():
        if (type.bits or 64) <= bits:
            return f"{name} unsigned" if type.unsigned else name
    return "decimal(39,0)"


def render_decimal(type: DataType) -> str:
    """The decimal type; the largest where a number has no limits. Values beyond 65 digits, 30 of them a fraction, do not fit."""
    if type.precision is None:
        return f"decimal({LARGEST_PRECISION},{LARGEST_SCALE})"
    scale = type.scale or 0
    whole = type.precision - scale
    scale = min(max(scale, 0), LARGEST_SCALE)
    return f"decimal({min(max(whole, 0) + scale, LARGEST_PRECISION) or 1},{scale})"


def render_text(type: DataType) -> str:
    """Text of a limited or unlimited length, or one of labels."""
    if type.labels is not None:
        return render_labels(type.labels, several=type.several)
    if type.length is None or type.length < 1 or type.length > LARGEST_VARCHAR:
        return "longtext"
    return f"char({type.length})" if type.fixed and type.length <= LARGEST_CHAR else f"varchar({type.length})"


def render_labels(labels: tuple[str, ...], *, several: bool = False) -> str:
    """ENUM or SET where the labels can be told apart there, else text that holds the longest."""
    if several:
        longest = sum(map(len, labels)) + len(labels)
        fits = len(labels) <= LARGEST_SET and not any("," in label or not label for label in labels)
    else:
        longest, fits = max(map(len, labels), default=1), 0 < len(labels) <= LARGEST_ENUM
    told_apart = len({label.rstrip(" ") for label in labels}) == len(labels)
    unchanged = all(label == label.rstrip(" ") and len(label) <= LONGEST_LABEL for label in labels)
    if fits and told_apart and unchanged:
        return native_labels(labels, several=several)
    return f"varchar({max(longest, 1)})" if longest <= LARGEST_VARCHAR else "longtext"


def native_labels(labels: tuple[str, ...], *, several: bool) -> str:
    """ENUM or SET with exactly these labels."""
    return f"{'set' if several else 'enum'}({','.join(map(literal, labels))})"
