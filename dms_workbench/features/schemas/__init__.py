"""Schema snapshots: what a connection's catalogue is and was."""

# ruff: noqa: E402  lazily() comes before the modules that use the lazy store
from ...kernel.lazy import lazily

lazily(__name__, "store")

from .discover import DiscoverSchema, GetSnapshot, ListSnapshots, catalogue_of
from .errors import SnapshotNotFound
from .model import SchemaSnapshot, SnapshotSummary

__all__ = [
    "DiscoverSchema",
    "GetSnapshot",
    "ListSnapshots",
    "SchemaSnapshot",
    "SnapshotNotFound",
    "SnapshotSummary",
    "catalogue_of",
]
