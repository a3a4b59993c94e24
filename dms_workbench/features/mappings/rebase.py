"""Take a mapping to schemas that have changed since it was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ...engine.databases.errors import FileMissing, SchemaMissing
from ...engine.mapping.errors import InvalidMapping
from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Query
from ...kernel.shown import Readable
from ..connections import resolve_url
from ..schemas import GetSnapshot, ListSnapshots, catalogue_of
from .model import MappingFinding
from .save import Text

if TYPE_CHECKING:
    from ...engine.databases.catalogue import Catalogue
    from ...engine.mapping.rebase import RebaseFinding, Side

PAGE = 100
ORDER = ("gone", "renamed", "expression", "retyped", "new")


@dataclass(frozen=True)
class SchemaChangeFinding(Readable):
    """What one change of a schema means for the mapping."""

    kind: Literal["gone", "renamed", "retyped", "new", "expression"]
    side: Literal["source", "target"]
    table: str
    column: str
    """Empty where it is about the table."""
    message: str
    line: int
    """In the mapping as it was, from 1; 0 if it stands nowhere in it."""
    place: int
    """The column in that line."""
    successor: str
    """The name that it seems to have now; empty if none is known."""
    confidence: float | None
    """Of the successor, 0 to 1."""

    def __str__(self) -> str:
        return f"line {self.line}, column {self.place}: {self.message}" if self.line else self.message


@dataclass(frozen=True)
class RebasedMapping(Readable):
    """A mapping taken to its schemas as they are; nothing is saved."""

    text: str
    """The mapping file with open points and the new fingerprints; as it was, if neither schema has changed."""
    findings: tuple[SchemaChangeFinding, ...]
    problems: tuple[MappingFinding, ...]
    """What the check says of the mapping as it was, against the schemas as they are, with places in the old text."""
    source_known: bool
    """Is the source kept as it was when the mapping was written? If not, renames were guessed by name, and types not seen."""
    target_known: bool
    """The same of the target; true where there is none yet."""

    def __str__(self) -> str:
        lines = [str(finding) for finding in self.findings]
        return "\n".join(lines) or "Neither schema has changed in what the mapping uses."


class RebaseMapping(
    Query[RebasedMapping], route="POST /mappings/rebase", scope="mappings:edit", raises=(InvalidMapping,)
):
    """Compare the schemas a mapping was written for with those there are; what has changed becomes open points of the file.

    Gone and renamed tables and columns, other types, new columns, expressions that no longer work: nothing is dropped, and
    every line that a change touches is open until someone decides. The schemas as they were are found in the history of the
    connections by the mapping's fingerprints.

    source_connection_id: where the rows come from.
    target_connection_id: where they go.
    text: the content of the mapping file.
    source_schema: the source's schema; its default one if left out.
    target_schema: the target's schema; its default one if left out.
    """

    source_connection_id: str
    target_connection_id: str
    text: Text
    source_schema: str | None = None
    target_schema: str | None = None


@handles(RebaseMapping)
def rebase_mapping(query: RebaseMapping, ctx: Context) -> RebasedMapping:
    from ...engine.mapping import parse_mapping
    from ...engine.mapping.rebase import rebase_mapping as rebased
    from ...engine.mapping.text_with import text_with

    parsed = parse_mapping(query.text)
    source = side(ctx, query.source_connection_id, query.source_schema, parsed.source_fingerprint)
    try:
        target = side(ctx, query.target_connection_id, query.target_schema, parsed.target_fingerprint)
    except (FileMissing, SchemaMissing):
        target = None
    found = rebased(parsed, source, target, by=ctx.caller.name, at=f"{ctx.now:%Y-%m-%dT%H:%M:%SZ}")
    return RebasedMapping(
        text_with(parsed, found.mapping),
        tuple(finding_of(each) for each in sorted(found.findings, key=lambda each: ORDER.index(each.kind))),
        tuple(MappingFinding(each.line, each.column, each.message) for each in found.problems),
        source.before is not None,
        target is None or target.before is not None,
    )


def finding_of(each: RebaseFinding) -> SchemaChangeFinding:
    """A finding as a result."""
    sure = None if each.confidence is None else round(each.confidence, 4)
    place = each.line, each.place
    return SchemaChangeFinding(
        each.kind, each.side, each.table, each.column, each.message, *place, each.successor, sure
    )


def side(ctx: Context, connection_id: str, schema: str | None, fingerprint: str | None) -> Side:
    """One schema as it is, and as it was when it had the fingerprint, if that is kept."""
    from ...engine.databases.urls import database_for
    from ...engine.mapping.rebase import Side

    url = resolve_url(ctx, connection_id)
    now = catalogue_of(url, schema)
    if fingerprint == now.fingerprint():
        return Side(now, now, database_for(url))
    return Side(former(ctx, connection_id, fingerprint), now, database_for(url))


def former(ctx: Context, connection_id: str, fingerprint: str | None) -> Catalogue | None:
    """The kept catalogue of a connection with this fingerprint."""
    if fingerprint is None:
        return None
    for snapshot_id in kept(ctx, connection_id, fingerprint):
        return ctx.bus.send(GetSnapshot(snapshot_id)).catalogue
    return None


def kept(ctx: Context, connection_id: str, fingerprint: str) -> Iterator[str]:
    """The snapshots of a connection with this fingerprint, the newest first."""
    offset, total = 0, 1
    while offset < total:
        page = ctx.bus.send(ListSnapshots(connection_id, PAGE, offset))
        yield from (each.id for each in page.items if each.fingerprint == fingerprint)
        offset, total = offset + PAGE, page.total
