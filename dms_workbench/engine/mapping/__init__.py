"""The mapping file: parse, check against both schemas, write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import lazy_names

if TYPE_CHECKING:
    from .check import check_mapping, open_points
    from .draft import Draft, draft_mapping
    from .errors import InvalidMapping, NamesCollide, NoName, Problem, invalid_mapping
    from .model import ColumnMap, Decision, Join, Lookup, Mapping, TableMap
    from .names import namesake_mapping, snake_case
    from .parse import FORMAT, mapping_sha, parse_mapping
    from .settle import settled
    from .write import write_mapping

__all__ = [
    "FORMAT",
    "ColumnMap",
    "Decision",
    "Draft",
    "InvalidMapping",
    "Join",
    "Lookup",
    "Mapping",
    "NamesCollide",
    "NoName",
    "Problem",
    "TableMap",
    "check_mapping",
    "draft_mapping",
    "invalid_mapping",
    "mapping_sha",
    "namesake_mapping",
    "open_points",
    "parse_mapping",
    "settled",
    "snake_case",
    "write_mapping",
]

__getattr__ = lazy_names(
    __name__,
    {
        "check": "check_mapping open_points",
        "draft": "Draft draft_mapping",
        "errors": "InvalidMapping NamesCollide NoName Problem invalid_mapping",
        "model": "ColumnMap Decision Join Lookup Mapping TableMap",
        "names": "namesake_mapping snake_case",
        "parse": "FORMAT mapping_sha parse_mapping",
        "settle": "settled",
        "write": "write_mapping",
    },
)
