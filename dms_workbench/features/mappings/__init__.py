"""Mappings: which table goes where and what each column is made of, kept version by version."""

# ruff: noqa: E402  lazily() comes before the modules that use the lazy store
from ...kernel.lazy import lazily

lazily(__name__, "store")

from .check import CheckMapping, DefaultMapping
from .compare import CompareMappings, MappingChange, MappingDiff, MappingMergeConflict, MergedMapping, MergeMappings
from .dictionary import DictionaryText, ShippedDictionary
from .edit import EditMapping
from .errors import MappingConflict, MappingNotFound, MappingVersionNotFound
from .memory import (
    ExportMemory,
    ForgetImportedMemory,
    ForgetMemory,
    ImportMemory,
    ListMemory,
    MemoryForgotten,
    MemorySharing,
    MemoryText,
    RememberedPair,
    ShareMemory,
)
from .memory_model import InvalidMemory, MemoryChange, MemoryImport, MemoryLine
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
    "EditMapping",
    "ExportMappingSheet",
    "ExportMemory",
    "ForgetImportedMemory",
    "ForgetMemory",
    "GetMapping",
    "GetMappingTemplate",
    "ImportMappingSheet",
    "ImportMemory",
    "ImportedSheet",
    "InvalidMemory",
    "ListMappingTemplates",
    "ListMappingVersions",
    "ListMappings",
    "ListMemory",
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
    "MemoryChange",
    "MemoryForgotten",
    "MemoryImport",
    "MemoryLine",
    "MemorySharing",
    "MemoryText",
    "MergeMappings",
    "MergedMapping",
    "OfferedLookup",
    "RebaseMapping",
    "RebasedMapping",
    "RememberedPair",
    "SaveMapping",
    "SchemaChangeFinding",
    "ShareMemory",
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
