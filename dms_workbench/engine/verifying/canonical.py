"""One text for every value: SQL expressions of DuckDB that turn what a database rendered into a form that is equal
exactly when the values are.

Two steps. `normal` takes a database's own rendering of a column to the common text of the column's kind (the forms of
`engine.databases.base`, but booleans as ``true``/``false``, bytes in hexadecimal, ``timestamptz`` as the UTC time without its
``+00``). `expected` and `found` take that to the canonical text of the target column. What cannot be said exactly in the
target's kind becomes a text that no target value has: it can only be right in quarantine.

SQLite holds any type in any column, so its values carry their storage class as a first letter: ``i`` integer, ``r`` real,
``t`` text, ``b`` blob in hexadecimal, ``x`` text that is not UTF-8, in hexadecimal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..databases.catalogue import DataType
from ..databases.sqlite.types import affinity
from .losses import becomes_null, changed_text
from .structures import structure_sql

PLAIN_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?"
PLAIN_WHOLE = "0|-?[1-9][0-9]*"
SMALL_WHOLE = "0|-?[1-9][0-9]{0,14}"
DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def quick(pattern: str, result: str, otherwise: str, condition: str = "true") -> str:
    """SQL for a value ``x``: the result where it fits the pattern, else the function of `spellings`."""
    return f"CASE WHEN x IS NULL THEN NULL WHEN regexp_full_match(x, '{pattern}') AND {condition} THEN {result} ELSE {otherwise}(x) END"


def shortest(digits: range, condition: str = "true") -> str:
    """The cases of SQL for the shortest text of a 32 bit float ``x``: DuckDB's own has a digit too many for some."""
    written = {count: f"printf('%.{count}g', CAST(x AS DOUBLE))" for count in digits}
    return " ".join(f"WHEN {condition} AND CAST({text} AS FLOAT) = x THEN {text}" for text in written.values())


MACROS = {
    # A number in plain notation without needless zeros: 1.50 is 1.5, -0.0 is 0.
    "dms_decimal": r"regexp_replace(regexp_replace(x, '(\.[0-9]*[1-9])0+$|\.0+$', '\1'), '^-0$', '0')",
    "dms_number": quick(PLAIN_NUMBER, "dms_decimal(x)", "spelled_number"),
    "dms_whole": quick(PLAIN_WHOLE, "x", "spelled_whole"),
    "dms_double": "CAST(TRY_CAST(x AS DOUBLE) AS VARCHAR)",
    "dms_number_as_double": quick(SMALL_WHOLE, "x || '.0'", "spelled_double"),
    "dms_number_as_single": quick("0|-?[1-9][0-9]{0,6}", "x || '.0'", "spelled_single"),
    "dms_shortest_of": "CASE WHEN x IS NULL OR NOT isfinite(x) THEN CAST(x AS VARCHAR) "
    f"{shortest(range(1, 6), 'abs(x) < 1.2e-38')} {shortest(range(6, 9))} ELSE printf('%.9g', CAST(x AS DOUBLE)) END",
    "dms_single": "dms_shortest_of(TRY_CAST(x AS FLOAT))",
    # the double that holds a 32 bit float's exact value
    "dms_widened": "CAST(CAST(TRY_CAST(x AS FLOAT) AS DOUBLE) AS VARCHAR)",
    # the double nearest to a 32 bit float's shortest text
    "dms_shortest": "dms_double(dms_single(x))",
    "dms_double_or_single": "CASE WHEN dms_widened(x) = x THEN dms_shortest(x) ELSE x END",
    # what a text is a number for; a copy takes no word for one
    "dms_finite": "CASE WHEN x NOT IN ('NaN', 'Infinity', '-Infinity', 'nan', 'inf', '-inf') THEN x END",
    # the digest of a large text (see `large`) is that of its bytes
    "dms_bytes": "CASE WHEN regexp_full_match(x, '[0-9a-f]{32}@[0-9]+:[0-9a-f]{64}') THEN x ELSE lower(hex(x)) END",
    "dms_unsigned_zero": "CASE WHEN x = '-0.0' THEN '0.0' ELSE x END",
    "dms_word": r"lower(trim(x, E' \t\n\r\f\x0b'))",
    "dms_boolean": "CASE WHEN dms_word(x) IN ('1', 't', 'true', 'y', 'yes', 'on') THEN 'true'"
    " WHEN dms_word(x) IN ('0', 'f', 'false', 'n', 'no', 'off') THEN 'false' END",
    "dms_date": quick(DAY, "CAST(TRY_CAST(x AS DATE) AS VARCHAR)", "spelled_date", "x > '0001'"),
    "dms_time": quick(CLOCK, "CAST(TRY_CAST(x AS TIME) AS VARCHAR)", "spelled_time"),
    "dms_timestamp": quick(
        f"{DAY}[ T]{CLOCK}", "CAST(TRY_CAST(x AS TIMESTAMP) AS VARCHAR)", "spelled_timestamp", "x > '0001'"
    ),
    "dms_local": r"regexp_replace(x, '(\+00|Z)$', '')",
    "dms_timestamptz": quick(
        rf"{DAY}[ T]{CLOCK}(\+00|Z)",
        "CAST(TRY_CAST(dms_local(x) AS TIMESTAMP) AS VARCHAR)",
        "spelled_timestamptz",
        "x > '0001'",
    ),
    "dms_uuid": quick(UUID, "x", "spelled_uuid"),
    # DuckDB prints the era in the middle: 0044-03-15 (BC) 12:00:00
    "dms_era_last": "CASE WHEN contains(x, ' (BC)') THEN replace(x, ' (BC)', '') || ' BC' ELSE x END",
    "dms_utc": r"regexp_replace(x, '\+00(:00)?( BC)?$', '\2')",
    "dms_with_zone": "CASE WHEN x IN ('infinity', '-infinity') THEN x WHEN ends_with(x, ' BC')"
    " THEN left(x, length(x) - 3) || '+00 BC' ELSE x || '+00' END",
    "dms_midnight": "CASE WHEN x IN ('infinity', '-infinity') THEN x WHEN regexp_matches(x, ' 00:00:00( BC)?$')"
    " THEN replace(x, ' 00:00:00', '') END",
    "dms_at_midnight": "CASE WHEN x IN ('infinity', '-infinity') THEN x WHEN ends_with(x, ' BC')"
    " THEN left(x, length(x) - 3) || ' 00:00:00 BC' ELSE x || ' 00:00:00' END",
    "dms_interval": "coalesce(CAST(TRY_CAST(replace(x, ' +', ' ') AS INTERVAL) AS VARCHAR), x)",
}
"""Macros of one parameter ``x``. A macro repeats its argument as text, so they are shallow: nested ones would grow without end."""


@dataclass(frozen=True, slots=True)
class Side:
    """Where a value was rendered: the product, and the column's type there."""

    database: str
    type: DataType
    classes: frozenset[str] = frozenset("irtbx")
    """The storage classes that occur, of a product whose values carry them."""
    strict: bool = False
    """Are the columns of the table of SQLite strictly typed?"""

    @property
    def dynamic(self) -> bool:
        """Values carry their storage class."""
        return self.database == "sqlite"

    @property
    def padded(self) -> bool:
        """Blanks at the end have no meaning (``char(n)`` of PostgreSQL)."""
        return self.type.fixed and self.database == "postgres"


def normal(value: str, side: Side) -> str:
    """The common text of a rendering by PostgreSQL or DuckDB."""
    kind = side.type.kind
    if side.database != "duckdb":
        return value
    if kind == "date":
        return f"replace({value}, ' (BC)', ' BC')"
    if kind in ("timestamp", "timestamptz"):
        return f"dms_era_last({value})"
    return value


CONVERSIONS = {
    # (from kind, to kind): what gives the canonical text, with {x} the normal text
    ("integer", "integer"): "{x}",
    ("integer", "decimal"): "{x}",
    ("integer", "boolean"): "dms_boolean({x})",
    ("decimal", "integer"): "dms_whole({x})",
    ("decimal", "decimal"): "dms_decimal({x})",
    ("decimal", "boolean"): "dms_boolean(dms_decimal({x}))",
    ("float", "integer"): "dms_whole(dms_double({x}))",
    ("float", "decimal"): "dms_finite(dms_number(dms_double({x})))",
    ("float", "boolean"): "dms_boolean(dms_whole(dms_double({x})))",
    ("boolean", "boolean"): "{x}",
    ("boolean", "integer"): "CASE {x} WHEN 'true' THEN '1' WHEN 'false' THEN '0' END",
    ("boolean", "decimal"): "CASE {x} WHEN 'true' THEN '1' WHEN 'false' THEN '0' END",
    ("text", "integer"): "dms_whole({x})",
    ("text", "decimal"): "dms_finite(dms_number({x}))",
    ("text", "boolean"): "dms_boolean({x})",
    ("text", "bytes"): "dms_bytes({x})",
    ("text", "date"): "dms_date({x})",
    ("text", "time"): "dms_time({x})",
    ("text", "timestamp"): "dms_timestamp({x})",
    ("text", "timestamptz"): "dms_timestamptz({x})",
    ("text", "interval"): "dms_interval({x})",
    ("text", "uuid"): "dms_uuid({x})",
    ("bytes", "bytes"): "{x}",
    ("date", "date"): "{x}",
    ("date", "timestamp"): "dms_at_midnight({x})",
    ("timestamp", "timestamp"): "{x}",
    ("timestamp", "date"): "dms_midnight({x})",
    ("timestamptz", "timestamptz"): "dms_utc({x})",
    ("timestamptz", "timestamp"): "dms_utc({x})",
    ("timestamptz", "text"): "dms_with_zone(dms_utc({x}))",
    ("timestamptz", "other"): "dms_with_zone(dms_utc({x}))",
    ("time", "time"): "{x}",
    ("time", "interval"): "dms_interval({x})",
    ("interval", "interval"): "dms_interval({x})",
    ("interval", "text"): "spelled_interval({x})",
    ("interval", "other"): "spelled_interval({x})",
    ("uuid", "uuid"): "lower({x})",
    ("float", "text"): "dms_double({x})",
    ("float", "json"): "dms_double({x})",
    ("float", "other"): "dms_double({x})",
}  # fmt: skip

TEXT_LIKE = ("text", "json", "other")


def converted(value: str, source: DataType, target: DataType) -> str:
    """Canonical text at the target's type of a normal text of the source's; NULL where there is no exact one."""
    if target.kind == "float":
        return converted_to_float(value, source, target)
    if source.kind == "float" and source.bits == 32:
        value = f"dms_shortest({value})"
    if is_bits(source) and target.kind in ("integer", "decimal"):
        return f"spelled_bits({value})"
    conversion = CONVERSIONS.get((source.kind, target.kind))
    if conversion is None and source.kind in ("json", "other"):
        conversion = CONVERSIONS.get(("text", target.kind))
    if conversion is not None:
        return conversion.format(x=value)
    if target.kind in TEXT_LIKE and source.kind != "bytes":
        return value
    return "CAST(NULL AS VARCHAR)"


def is_bits(type: DataType) -> bool:
    """Zeros and ones."""
    return type.kind == "other" and type.native.lower().startswith(("bit", "varbit"))


def converted_to_float(value: str, source: DataType, target: DataType) -> str:
    """Floats by their exact value at the target's width."""
    single = target.bits == 32
    if source.kind == "float":
        if source.bits == 32:
            return f"dms_widened({value})" if single else f"dms_shortest({value})"
        return value if source.native == PRINTED_AS_DOUBLE.native else f"dms_double({value})"
    number = f"dms_number_as_single({value})" if single else f"dms_number_as_double({value})"
    if source.kind in ("integer", "decimal"):
        return number
    if source.kind in TEXT_LIKE:
        return f"dms_finite({number})"
    return "CAST(NULL AS VARCHAR)"


PRINTED_AS_DOUBLE = DataType("float", "DOUBLE", bits=64)
"""DuckDB's own spelling of a double is the canonical one already."""
STORED = {
    "i": DataType("integer", "INTEGER", bits=64),
    "r": PRINTED_AS_DOUBLE,
    "t": DataType("text", "TEXT"),
    "b": DataType("bytes", "BLOB"),
}
DECIMAL_WORD = DataType("decimal", "DECIMAL")
"""What a text in a column of decimals is: it may be one of the words for what is no number."""


def converted_stored(value: str, stored: Side, target: Side, rules: Sequence[str] = ()) -> str:
    """As `converted`, of a value of SQLite with its storage class before it."""
    text = f"substr({value}, 2)"
    cases = {letter: by_rules(text, STORED[letter], target, rules) for letter in STORED if letter in stored.classes}
    if stored.type.kind == "decimal" and target.type.kind in ("decimal", "float") and "t" in cases:
        cases["t"] = f"coalesce({cases['t']}, {converted(text, DECIMAL_WORD, target.type)})"
    if "replace-invalid" in rules and target.type.kind == "text":
        cases |= {letter: f"utf8_replaced({text}, '{letter}')" for letter in "bx" if letter in stored.classes}
    if target.type.kind == "integer" and stored.type.kind == "boolean" and "t" in cases:
        truth = CONVERSIONS["boolean", "integer"].format(x=CONVERSIONS["text", "boolean"].format(x=text))
        cases["t"] = f"coalesce({truth}, {cases['t']})"
    return by_class(value, stored, cases)


def by_class(value: str, stored: Side, cases: dict[str, str]) -> str:
    """The canonical text by the storage class before a value; NULL for a class that is not among the cases."""
    if cases and stored.classes == cases.keys() and len(cases) == 1:
        return next(iter(cases.values()))
    whens = " ".join(f"WHEN '{letter}' THEN {canonical}" for letter, canonical in cases.items())
    return f"CASE left({value}, 1) {whens} END" if whens else "CAST(NULL AS VARCHAR)"


def as_written(value: str, target: Side) -> str:
    """Canonical text of what stands in a target's column of SQLite; NULL for a storage class in which no value is written there."""
    return by_class(value, target, written_cases(value, target))


def as_stored(value: str, side: Side) -> str:
    """As `as_written`, of a column between two of the same type: there values of every storage class pass as they are."""
    text = f"substr({value}, 2)"
    others = {letter: f"{text} || '{OF_CLASS}{letter}'" for letter in side.classes}
    return by_class(value, side, others | written_cases(value, side))


def written_cases(value: str, side: Side) -> dict[str, str]:
    """By storage class the canonical text, of those in which values of the column's kind are written and that occur."""
    text = f"substr({value}, 2)"
    classes = written_classes(side) & side.classes
    cases = {letter: converted(text, STORED[letter], side.type) for letter in STORED if letter in classes}
    if side.type.kind == "decimal" and "r" in cases:
        cases["r"] = f"dms_number(dms_double({text}))"
    if side.type.kind in TEXT_LIKE and "r" in cases:
        cases["r"] = f"dms_finite({cases['r']})"  # the word for an infinity stays a text
    return cases


def written_classes(target: Side) -> frozenset[str]:
    """The storage classes that values of a column's kind have in a target of SQLite.

    A column with a numeric affinity makes numbers of texts by itself, so there a text may be found as a number, too.
    """
    kind = target.type.kind
    if kind in CLASSES_OF_KINDS:
        return CLASSES_OF_KINDS[kind]
    native = target.type.native.strip('"')
    untouched = target.strict and native.upper() == "ANY"
    return TEXTS if untouched or affinity(native) in ("TEXT", "BLOB") else TEXTS | NUMBERS


OF_CLASS = "\ufdd2"
"""Stands before the storage class of a value that has not the usual one; no text of interchange holds this character."""
TEXTS, NUMBERS = frozenset("t"), frozenset("ir")
CLASSES_OF_KINDS = {
    "boolean": frozenset("i"),
    "integer": frozenset("i"),
    "decimal": NUMBERS,
    "float": NUMBERS,
    "bytes": frozenset("b"),
}


def own_form(value: str, side: Side) -> str:
    """Canonical text at the column's own type; NULL where a value is not of it."""
    if side.dynamic:
        return converted_stored(value, side, side)
    return converted(normal(value, side), side.type, side.type)


def refused(value: str, canonical: str, salt: str) -> str:
    """The canonical text, or where there is none a text that nothing else can have."""
    return f"coalesce({canonical}, '{salt}' || {value})"


def expected(value: str, source: Side, target: Side, salt: str, rules: Sequence[str] = ()) -> str:
    """What a source value must have become: the canonical text at the target's type.

    value: SQL of the spooled rendering; salt: text no value begins with; rules: the column's lossy rules.
    """
    if (structure := structure_of(source, target, value)) is not None:
        canonical = structure
    elif keeps_storage_class(source, target):
        canonical = as_stored(value, source)
    elif source.dynamic:
        canonical = converted_stored(value, source, target, rules)
    else:
        canonical = by_rules(normal(value, source), source.type, target, rules)
    text = refused(value, agreed(canonical, source, target), salt)
    null = becomes_null(f"substr({value}, 2)" if source.dynamic else value, target.database, target.type, rules)
    return text if null is None else f"CASE WHEN {null} THEN NULL ELSE {text} END"


def by_rules(value: str, source: DataType, target: Side, rules: Sequence[str]) -> str:
    """As `converted`, of what the rules make of the value."""
    if not rules or source.kind == "bytes":
        return converted(value, source, target.type)
    base = f"dms_shortest({value})" if source.kind == "float" and source.bits == 32 else value
    changed = changed_text(base, target.database, target.type, rules)
    return converted(value, source, target.type) if changed == base else converted(changed, STORED["t"], target.type)


def found(value: str, source: Side, target: Side, salt: str) -> str:
    """The canonical text of a target value; the source's type decides what counts as the same float, blank or JSON."""
    if keeps_storage_class(source, target):
        canonical = as_stored(value, target)
    elif target.dynamic:
        canonical = as_written(value, target)
    else:
        canonical = converted(normal(value, target), target.type, target.type)
    if source.type.kind == "float" and source.type.bits == 32:
        canonical = widened_from_single(canonical, target.type)
    return refused(value, agreed(canonical, source, target), salt)


def widened_from_single(canonical: str, target: DataType) -> str:
    """A 32 bit float in a wider type: its exact value and the double of its shortest text are the same, nothing else is."""
    wider = target.kind in TEXT_LIKE or (target.kind == "float" and target.bits != 32)
    return f"dms_double_or_single({canonical})" if wider else canonical


def keeps_storage_class(source: Side, target: Side) -> bool:
    """Columns of the same type on both sides, between which values pass as they are: the integer 1 is not the text 1."""
    same = source.type.native == target.type.native and source.strict == target.strict
    return source.dynamic and target.dynamic and same


def agreed(canonical: str, source: Side, target: Side) -> str:
    """What the two databases together cannot tell apart, made the same on both sides."""
    if target.type.kind == "float" and target.dynamic:
        return f"dms_unsigned_zero({canonical})"
    if target.type.kind == "text" and (source.padded or target.padded):
        return f"rtrim({canonical}, ' ')"
    if reads_json(source, target):
        return f"json_meaning({canonical})"
    return canonical


def structure_of(source: Side, target: Side, value: str = "NULL") -> str | None:
    """SQL that reads an array, composite or hstore of PostgreSQL, if it becomes JSON in the target's product."""
    return structure_sql(source.type, value) if source.database == "postgres" != target.database else None


def reads_json(source: Side, target: Side) -> bool:
    """PostgreSQL's jsonb keeps the meaning, not the text; so does what was made of an array."""
    return (target.type.native == "jsonb" and source.type.native != "jsonb") or structure_of(source, target) is not None
