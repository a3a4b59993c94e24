"""Which type a column gets in another product: one table of data per ordered pair, read and checked once.

For who derives a target table (`engine.schema.derive`): one function decides every type that is not asked for by name::

    mapped = target_type("postgres", "mysql", column.type, overrides, key_columns=1, server="10.11.19-MariaDB")
    mapped.type        # the DataType of the new column, in the target's own terms
    mapped.conversion  # "exact", "converted" or "checked"
    mapped.note        # the sentence that documents the conversion; empty where it is exact

overrides: `Mapping.types` of the mapping file as it is, (); the first that fits wins over the tables here.
key_columns: how many text or binary columns the widest key or index has that the column is part of, 0 if none: MariaDB and
MySQL need a limit there. server: the target's version text, where the pair's table asks for it (``server MariaDB 10.7``).
A column that is given a type of its own (`ColumnMap.type`) does not come here.
"""

from __future__ import annotations

from .mapped import Conversion, MappedType, target_type
from .overrides import LOSSY_RULES, TypeOverride, override_for
from .table import PRODUCTS, Rule, pair_rules

__all__ = [
    "LOSSY_RULES",
    "PRODUCTS",
    "Conversion",
    "MappedType",
    "Rule",
    "TypeOverride",
    "override_for",
    "pair_rules",
    "target_type",
]
