"""Mappings: which table goes where and what each column is made of, kept version by version."""

# ruff: noqa: E402  lazily() comes before the modules that use the lazy store
from ...kernel.lazy import lazily

lazily(__name__, "store")

from .check import CheckMapping, DefaultMapping
from .compare import CompareMappings, MappingChange, MappingDiff, MappingMergeConflict, MergedMapping, MergeMappings
from .dictionary import DictionaryText, ShippedDictionary
from .errors import MappingConflict, MappingNotFound, MappingVersionNotFound
from .model import MappingCheck, MappingFinding, MappingText, MappingVersion
from .offered import OfferedLookup, SuggestedOffer
from .rebase import RebasedMapping, RebaseMapping, SchemaChangeFinding
from .save import GetMapping, ListMappings, ListMappingVersions, SaveMapping
from .sheet import ExportMappingSheet, ImportedSheet, ImportMappingSheet, MappingSheet, SheetCellChange
from .suggest import SourceCandidate, SuggestedColumn, SuggestedMapping, SuggestedTable, SuggestMapping
from .suggest_by_values import SuggestMappingByValues
from .templates import (
    BeginMapping,
    BegunMapping,
    GetMappingTemplate,
    ListMappingTemplates,
    MakeMappingTemplate,
    MappingTemplate,
    TemplateNotFound,
)

__all__ = [
    "BeginMapping",
    "BegunMapping",
    "CheckMapping",
    "CompareMappings",
    "DefaultMapping",
    "DictionaryText",
    "ExportMappingSheet",
    "GetMapping",
    "GetMappingTemplate",
    "ImportMappingSheet",
    "ImportedSheet",
    "ListMappingTemplates",
    "ListMappingVersions",
    "ListMappings",
    "MakeMappingTemplate",
    "MappingChange",
    "MappingCheck",
    "MappingConflict",
    "MappingDiff",
    "MappingFinding",
    "MappingMergeConflict",
    "MappingNotFound",
    "MappingSheet",
    "MappingTemplate",
    "MappingText",
    "MappingVersion",
    "MappingVersionNotFound",
    "MergeMappings",
    "MergedMapping",
    "OfferedLookup",
    "RebaseMapping",
    "RebasedMapping",
    "SaveMapping",
    "SchemaChangeFinding",
    "SheetCellChange",
    "ShippedDictionary",
    "SourceCandidate",
    "SuggestMapping",
    "SuggestMappingByValues",
    "SuggestedColumn",
    "SuggestedMapping",
    "SuggestedOffer",
    "SuggestedTable",
    "TemplateNotFound",
]
