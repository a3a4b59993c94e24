"""What can go wrong with schema snapshots."""

from __future__ import annotations

from ...kernel.errors import NotFound


class SnapshotNotFound(NotFound, code="snapshot-not-found"):
    """There is no schema snapshot {snapshot_id}."""
