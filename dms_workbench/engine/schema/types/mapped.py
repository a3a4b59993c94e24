"""The one function that decides the type of a new column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module

from ...databases.base import Database
from ...databases.catalogue import DataType
from ...databases.mysql.types import exact_collation
from .conditions import Place
from .overrides import TypeOverride, override_for
from .table import Conversion, Rule, filled, pair_rules

__all__ = ["Conversion", "MappedType", "target_type"]

ASKED_FOR = "asked for in the mapping file; what does not fit goes to quarantine"


@dataclass(frozen=True, slots=True)
class MappedType:
    """The type of a new column, and what happens to values on the way."""

    type: DataType
    conversion: Conversion
    note: str = ""


def target_type(
    source: str,
    target: str,
    type: DataType,
    overrides: Sequence[TypeOverride] = (),
    *,
    key_columns: int = 0,
    server: str = "",
) -> MappedType:
    """The type a source type becomes in another product, by the overrides, then by the pair's table.

    source, target: products (``postgres mysql sqlite duckdb files``). Within one product the type stays as it is. A source of
    ``expression`` is what an expression made; its types are DuckDB's.
    """
    place = Place(key_columns, server)
    asked = override_for(type, overrides)
    if asked is not None and asked.target is not None:
        parsed = database(target).parse_type(filled(asked.target, type, place))
        return MappedType(parsed, "checked", ASKED_FOR)
    if source == target:
        return MappedType(type, "exact")
    if (rule := first_fit(source, target, type, place)) is None:
        return MappedType(like_native(type, target), "exact")
    native = rule.native_target(type, place)
    if rule.collation is not None:
        collation = exact_collation(server) if rule.collation == "exact" else rule.collation
        native += f" CHARACTER SET {collation.partition('_')[0]} COLLATE {collation}"
    parsed = database(target).parse_type(native)
    return MappedType(with_labels(parsed, type), rule.conversion, rule.note)


def first_fit(source: str, target: str, type: DataType, place: Place) -> Rule | None:
    """The first line of the pair's table that fits; None where the pair has none."""
    return next((rule for rule in pair_rules(source, target) if rule.fits(type, place)), None)


def like_native(type: DataType, target: str) -> DataType:
    """A type of a product that shares its types with the target (files and DuckDB)."""
    return database(target).parse_type(type.native)


def with_labels(made: DataType, source: DataType) -> DataType:
    """An enumeration keeps its labels, whatever the parser of the target makes of them."""
    if made.native.upper().startswith("ENUM(") and source.labels is not None:
        return replace(made, labels=source.labels)
    return made


def database(product: str) -> Database:
    """A product's package."""
    found: Database = import_module(f"...databases.{product}", __package__).database
    return found
