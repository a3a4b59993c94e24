"""How grave it is to make the second side as the first one, and why."""

from __future__ import annotations

from ..databases.catalogue import DataType
from .diff_model import Change, Severity
from .diff_parts import Part

Grade = tuple[Severity, str]

MISSING: dict[str, Grade] = {
    "primary key": ("risky", "fails where rows are equal or NULL"),
    "unique key": ("risky", "fails where rows are equal"),
    "foreign key": ("risky", "fails where rows have no parent"),
    "check": ("risky", "fails where rows break it"),
    "exclusion constraint": ("risky", "fails where rows break it"),
    "trigger": ("risky", "changes what writing does"),
    "rule": ("risky", "changes what writing does"),
    "policy": ("risky", "changes who sees which rows"),
}
EXTRA: dict[str, Grade] = {
    "table": ("breaking", "its rows would be gone"),
    "column": ("breaking", "its values would be gone"),
    "primary key": ("breaking", "rows lose what names them"),
    "unique key": ("risky", "equal rows become possible"),
    "foreign key": ("risky", "rows without a parent become possible"),
    "check": ("risky", "rows that broke it become possible"),
    "exclusion constraint": ("risky", "rows that broke it become possible"),
    "index": ("risky", "what reads through it becomes slow"),
}
CHANGED: dict[tuple[str, str], Grade] = {
    ("column", "identity"): ("risky", "decides who gives the numbers"),
    ("column", "default"): ("risky", "rows that name no value get another one"),
    ("column", "generated"): ("breaking", "its values are computed in another way"),
    ("column", "collation"): ("risky", "order and equality of text change"),
    ("column", "character set"): ("risky", "text is converted"),
    ("column", "on update"): ("risky", "changes what writing does"),
    ("primary key", "columns"): ("breaking", "other columns name the rows"),
    ("foreign key", "on delete"): ("risky", "deleting a parent does something else"),
    ("foreign key", "on update"): ("risky", "changing a parent's key does something else"),
    ("check", "expression"): ("risky", "fails where rows break it"),
    ("index", "unique"): ("risky", "decides whether rows may be equal"),
    ("index", "condition"): ("risky", "covers other rows"),
    ("table", "row security"): ("risky", "changes who sees which rows"),
    ("table", "persistence"): ("risky", "an unlogged table is empty after a crash"),
    ("table", "partitioning"): ("breaking", "the table must be made again"),
    ("table", "partition of"): ("breaking", "rows belong to another part"),
    ("table", "inheritance"): ("risky", "rows show up in other tables"),
}
QUIET = frozenset(
    ("comment", "name", "owner", "order of columns", "options", "validated", "stored", "valid", "cache", "hidden",
     "included columns", "columns")
)  # fmt: skip
"""Facts whose change breaks nothing by itself."""


def grade(change: Change, part: Part, aspect: str, other: Part | None) -> Grade:
    """The severity and its reason. part: of the first side where it is there; other: of the second side, if changed."""
    if change == "missing":
        return missing(part)
    if change == "extra":
        return EXTRA.get(part.kind, ("breaking", "whatever uses it stops working"))
    if other is not None and part.kind == "column" and aspect == "type":
        return type_grade(part.thing.type, other.thing.type)
    if other is not None and aspect == "nullability":
        return nullability(wanted=bool(part.thing.nullable))
    if part.kind == "type" and aspect == "labels" and other is not None:
        kept = set(other.thing.labels) <= set(part.thing.labels)
        return ("harmless", "labels are added") if kept else ("breaking", "rows may hold a label that would be gone")
    if (part.kind, aspect) in CHANGED:
        return CHANGED[part.kind, aspect]
    return ("harmless", "") if aspect in QUIET else ("risky", "works in another way")


def missing(part: Part) -> Grade:
    """Of making an object."""
    if part.kind == "column" and not part.thing.nullable and part.thing.default is None and not makes_values(part):
        return "risky", "NOT NULL without a default: fails where the table has rows"
    if part.kind == "index" and part.thing.unique:
        return "risky", "fails where rows are equal"
    return MISSING.get(part.kind, ("harmless", "nothing else changes"))


def makes_values(part: Part) -> bool:
    """Does a column give values by itself?"""
    column = part.thing
    return bool(column.identity or column.sequence or column.generated)


def nullability(*, wanted: bool) -> Grade:
    """Of NOT NULL."""
    return ("harmless", "NULL becomes possible") if wanted else ("risky", "NOT NULL: fails where rows hold NULL")


def type_grade(wanted: DataType, present: DataType) -> Grade:
    """Of giving a column another type. wanted: what it becomes; present: what it is."""
    if wanted.kind != present.kind:
        return type_of_other_kind(wanted, present)
    if wanted.labels is not None and not set(present.labels or ("",)) <= set(wanted.labels):
        return "breaking", "values outside the labels are refused"
    if narrower(wanted, present):
        return "breaking", "narrower: values may not fit"
    return "harmless", "wider: every value fits"


def type_of_other_kind(wanted: DataType, present: DataType) -> Grade:
    """Between kinds."""
    if wanted.kind == "text" and wanted.length is None and wanted.labels is None and present.kind != "bytes":
        return "risky", "values become text"
    if (present.kind, wanted.kind) == ("integer", "decimal") and wanted.precision is None:
        return "harmless", "wider: every value fits"
    return "breaking", "another kind of value"


def narrower(wanted: DataType, present: DataType) -> bool:
    """Does the wanted type hold less than the present one?"""
    limits = [(wanted.length, present.length)]
    if wanted.kind in ("integer", "float"):
        bits, had = wanted.bits or 64, present.bits or 64
        return bits < had or (wanted.unsigned != present.unsigned and not (present.unsigned and bits > had))
    if wanted.kind == "decimal":
        return narrower_decimal(wanted, present)
    if wanted.kind in ("time", "timestamp", "timestamptz"):
        limits = [(6 if wanted.scale is None else wanted.scale, 6 if present.scale is None else present.scale)]
    return any(small is not None and (large is None or small < large) for small, large in limits)


def narrower_decimal(wanted: DataType, present: DataType) -> bool:
    """Fewer digits before or after the point?"""
    if wanted.precision is None:
        return False
    if present.precision is None:
        return True
    before, after = wanted.precision - (wanted.scale or 0), wanted.scale or 0
    return before < present.precision - (present.scale or 0) or after < (present.scale or 0)
