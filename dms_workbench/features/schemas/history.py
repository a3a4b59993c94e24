"""The history of a connection's schemas with what changed, and snapshots as files."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Command, Query
from ...kernel.paging import Limit, Offset, Page, page
from ...kernel.shown import Readable
from . import store
from .discover import keep, summary
from .errors import SnapshotNotFound
from .model import SnapshotSummary
from .places import product

if TYPE_CHECKING:
    from typing import Any

    from ...engine.schema.diff_model import Comparison


@dataclass(frozen=True)
class HistoryEntry(Readable):
    """One structure that a schema had, and what changed to it."""

    id: str
    schema: str | None
    tables: int
    changes: str
    """In a few words, compared with the snapshot before; ``first`` for the first one."""
    breaking: int
    """How many of the changes could break something."""
    first_seen_at: datetime
    last_seen_at: datetime
    fingerprint: str


class SchemaHistory(Query[Page[HistoryEntry]], route="GET /connections/{connection_id}/history", scope="schemas:read"):
    """The history of a connection's schemas, newest first, each with what changed since the one before.

    connection_id: the connection.
    limit: snapshots in a page; offset: snapshots to leave out before it.
    """

    connection_id: str
    limit: Limit = 20
    offset: Offset = 0


@handles(SchemaHistory)
def schema_history(query: SchemaHistory, ctx: Context) -> Page[HistoryEntry]:
    items, total = store.page_of(ctx.db, ctx.caller.organisation_id, query.connection_id, query.limit, query.offset)
    return page([entry(ctx, item) for item in items], total=total, offset=query.offset, limit=query.limit)


def entry(ctx: Context, item: SnapshotSummary) -> HistoryEntry:
    """One line of the history."""
    before = store.latest(ctx.db, ctx.caller.organisation_id, item.connection_id, item.schema, before=item.id)
    words, breaking = "first", 0
    if before is not None:
        found = between(ctx, before.id, item.id)
        words, breaking = in_words(found), sum(each.severity == "breaking" for each in found.certain)
    return HistoryEntry(
        item.id, item.schema, item.tables, words, breaking, item.first_seen_at, item.last_seen_at, item.fingerprint
    )


def between(ctx: Context, before_id: str, after_id: str) -> Comparison:
    """What changed from one snapshot to a later one."""
    from ...engine.databases.catalogue import Catalogue
    from ...engine.schema.diff import compare

    rows = [store.find(ctx.db, ctx.caller.organisation_id, each) for each in (after_id, before_id)]
    after, before = [Catalogue.from_dict(row.catalogue) for row in rows if row is not None]
    return compare((after, product(after.database)), (before, product(before.database)))


def in_words(found: Comparison) -> str:
    """``2 columns added, 1 table renamed?, 1 index removed``."""
    verbs = {"missing": "added", "extra": "removed", "changed": "changed"}
    counts = Counter((each.kind, verbs[each.change]) for each in found.certain)
    counts.update((rename.kind, "renamed?") for rename in found.renames)
    parts = [f"{number} {kind if number == 1 else plural(kind)} {verb}" for (kind, verb), number in counts.items()]
    return ", ".join(parts) or "nothing of the structure"


def plural(kind: str) -> str:
    """Several of a kind."""
    own = {"index": "indexes", "policy": "policies", "statistics": "statistics", "row security": "row security"}
    return own.get(kind, f"{kind}s")


@dataclass(frozen=True)
class SnapshotText(Readable):
    """A snapshot as the text of a file."""

    text: str

    def __str__(self) -> str:
        return self.text


class ExportSnapshot(
    Query[SnapshotText], route="GET /snapshots/{snapshot_id}/text", scope="schemas:read", raises=(SnapshotNotFound,)
):
    """A snapshot as the text of a file that people and git can compare.

    snapshot_id: the snapshot.
    moving: with what moves without the structure moving: sizes, estimates, positions of sequences.
    """

    snapshot_id: str
    moving: bool = True


@handles(ExportSnapshot)
def export_snapshot(query: ExportSnapshot, ctx: Context) -> SnapshotText:
    from ...engine.databases.catalogue import Catalogue
    from ...engine.schema.snapshot import write_snapshot

    found = store.find(ctx.db, ctx.caller.organisation_id, query.snapshot_id)
    if found is None:
        raise SnapshotNotFound(snapshot_id=query.snapshot_id)
    return SnapshotText(write_snapshot(Catalogue.from_dict(found.catalogue), moving=query.moving))


class ImportSnapshot(
    Command[SnapshotSummary], route="POST /connections/{connection_id}/snapshots", scope="schemas:discover"
):
    """Keep the text of a snapshot file in the history of a connection.

    connection_id: the connection it is the schema of.
    text: the content of the file.
    """

    connection_id: str
    text: str


@handles(ImportSnapshot)
def import_snapshot(command: ImportSnapshot, ctx: Context) -> SnapshotSummary:
    from ...engine.schema.snapshot import read_snapshot

    catalogue: Any = read_snapshot(command.text)
    return summary(ctx, keep(ctx, command.connection_id, catalogue))
