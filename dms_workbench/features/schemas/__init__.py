"""Schema snapshots: what a connection's catalogue is and was."""

# ruff: noqa: E402  lazily() comes before the modules that use the lazy store
from ...kernel.lazy import lazily

lazily(__name__, "store")

from .compare import CompareSchemas
from .compatibility import AssessCompatibility, CompatibilityReport, column_reason
from .differences import ComparedSide, SchemaDiff
from .discover import DiscoverSchema, GetSnapshot, ListSnapshots, catalogue_of
from .errors import SnapshotNotFound
from .history import ExportSnapshot, HistoryEntry, ImportSnapshot, SchemaHistory, SnapshotText
from .model import SchemaSnapshot, SnapshotSummary
from .places import connection_of, is_text, place_of

__all__ = [
    "AssessCompatibility",
    "CompareSchemas",
    "ComparedSide",
    "CompatibilityReport",
    "DiscoverSchema",
    "ExportSnapshot",
    "GetSnapshot",
    "HistoryEntry",
    "ImportSnapshot",
    "ListSnapshots",
    "SchemaDiff",
    "SchemaHistory",
    "SchemaSnapshot",
    "SnapshotNotFound",
    "SnapshotSummary",
    "SnapshotText",
    "catalogue_of",
    "column_reason",
    "connection_of",
    "is_text",
    "place_of",
]
