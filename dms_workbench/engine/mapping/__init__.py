"""The mapping file: parse, check against both schemas, write."""

from .check import check_mapping
from .draft import Draft, draft_mapping
from .errors import InvalidMapping, NamesCollide, NoName, Problem, invalid_mapping
from .model import ColumnMap, Lookup, Mapping, TableMap
from .names import namesake_mapping, snake_case
from .parse import FORMAT, mapping_sha, parse_mapping
from .write import write_mapping

__all__ = [
    "FORMAT",
    "ColumnMap",
    "Draft",
    "InvalidMapping",
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
    "parse_mapping",
    "snake_case",
    "write_mapping",
]
