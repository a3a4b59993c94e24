"""Mappings: which table goes where and what each column is made of, kept version by version."""

# ruff: noqa: E402  lazily() comes before the modules that use the lazy store
from ...kernel.lazy import lazily

lazily(__name__, "store")

from .check import CheckMapping, DefaultMapping
from .errors import MappingConflict, MappingNotFound, MappingVersionNotFound
from .model import MappingCheck, MappingFinding, MappingText, MappingVersion
from .save import GetMapping, ListMappings, ListMappingVersions, SaveMapping
from .suggest import SourceCandidate, SuggestedColumn, SuggestedMapping, SuggestedTable, SuggestMapping

__all__ = [
    "CheckMapping",
    "DefaultMapping",
    "GetMapping",
    "ListMappingVersions",
    "ListMappings",
    "MappingCheck",
    "MappingConflict",
    "MappingFinding",
    "MappingNotFound",
    "MappingText",
    "MappingVersion",
    "MappingVersionNotFound",
    "SaveMapping",
    "SourceCandidate",
    "SuggestMapping",
    "SuggestedColumn",
    "SuggestedMapping",
    "SuggestedTable",
]
