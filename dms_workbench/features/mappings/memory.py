"""The organisation's memory of confirmed pairs: shared project by project, shown, exported, imported, forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from annotated_types import Len

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Command, Query
from ...kernel.paging import Limit, Offset, Page, page
from ...kernel.shown import Readable
from ..projects import GetProject
from . import store
from .memory_model import InvalidMemory, MemoryImport, contributed, difference, read, written
from .save import Text

if TYPE_CHECKING:
    from ...engine.matching.confirmed import Remembered


@dataclass(frozen=True)
class RememberedPair(Readable):
    """A pair of columns and what the organisation's projects decided about it."""

    source: str
    target: str
    accepted: int
    rejected: int
    projects: tuple[str, ...]
    last_at: datetime


@dataclass(frozen=True)
class MemorySharing(Readable):
    """Whether a project shares what it decides, and how many pairs the memory has from it."""

    project_id: str
    shared: bool
    pairs: int

    def __str__(self) -> str:
        return f"{'Shared' if self.shared else 'Not shared'}; the memory holds {self.pairs} pairs of this project."


@dataclass(frozen=True)
class MemoryText(Readable):
    """The memory as the text of a file."""

    text: str

    def __str__(self) -> str:
        return self.text


class ListMemory(Query[Page[RememberedPair]], route="GET /mappings/memory", scope="memory:read"):
    """The pairs of names that projects of the organisation share, with counts and the projects they come from.

    limit: pairs in a page; offset: pairs to leave out before it.
    """

    limit: Limit = 100
    offset: Offset = 0


@handles(ListMemory)
def list_memory(query: ListMemory, ctx: Context) -> Page[RememberedPair]:
    lines = store.memory_lines(ctx.db, ctx.caller.organisation_id)
    pairs: dict[tuple[str, str], RememberedPair] = {}
    for each in lines:
        key = f"{each.source_table}.{each.source_column}", f"{each.target_table}.{each.target_column}"
        known = pairs.get(key) or RememberedPair(*key, 0, 0, (), each.at)
        pairs[key] = RememberedPair(
            *key,
            known.accepted + each.accepted,
            known.rejected + each.rejected,
            tuple(dict.fromkeys((*known.projects, each.project))),
            max(known.last_at, each.at),
        )
    shown = list(pairs.values())[query.offset : query.offset + query.limit]
    return page(shown, total=len(pairs), offset=query.offset, limit=query.limit)


class ExportMemory(Query[MemoryText], route="GET /mappings/memory/text", scope="memory:read"):
    """The memory as the text of a file that people can review: a line for each pair and project."""


@handles(ExportMemory)
def export_memory(_query: ExportMemory, ctx: Context) -> MemoryText:
    return MemoryText(written(store.memory_lines(ctx.db, ctx.caller.organisation_id)))


class ImportMemory(
    Command[MemoryImport], route="POST /mappings/memory/import", scope="memory:edit", raises=(InvalidMemory,)
):
    """Take the lines of a memory file in; without ``apply`` nothing is changed and the difference is shown.

    Lines that are not in the file stay, and what projects here said themselves is never changed by a file.

    text: the content of the file.
    apply: import it.
    """

    text: Text
    apply: bool = False


@handles(ImportMemory)
def import_memory(command: ImportMemory, ctx: Context) -> MemoryImport:
    organisation_id = ctx.caller.organisation_id
    lines = read(command.text)
    own = {(line.pair, line.project) for line in store.memory_lines(ctx.db, organisation_id, imported=False)}
    known = store.memory_lines(ctx.db, organisation_id)
    found = list(difference((line for line in lines if (line.pair, line.project) not in own), known))
    changes = tuple(change for change in found if change.kind != "unchanged")
    if command.apply:
        for change in changes:
            store.replace_imported(ctx.db, organisation_id, ctx.new_id(), change.line)
    return MemoryImport(changes, len({(line.pair, line.project) for line in lines}) - len(changes), command.apply)


class ShareMemory(Command[MemorySharing], route="PUT /projects/{project_id}/mappings-memory", scope="memory:edit"):
    """Share a project's confirmed pairs of names with the other projects of its organisation, or stop; off until shared.

    What its saved mappings hold is taken in at once, later versions when they are saved. Only names of tables and columns
    are kept, never values.

    project_id: the project.
    on: share; ``false`` stops, what the memory has already stays until it is forgotten.
    """

    project_id: str
    on: bool = True


@handles(ShareMemory)
def share_memory(command: ShareMemory, ctx: Context) -> MemorySharing:
    store.set_sharing(
        ctx.db, ctx.caller.organisation_id, command.project_id, on=command.on, at=ctx.now, by=ctx.caller.name
    )
    if command.on:
        for listed in store.latest_of_each(ctx.db, command.project_id):
            version = store.latest(ctx.db, command.project_id, listed.name)
            if version is not None:
                contribute(ctx, command.project_id, version.name, version.text)
    return sharing(ctx, command.project_id)


class ForgetMemory(Command[MemorySharing], route="DELETE /projects/{project_id}/mappings-memory", scope="memory:edit"):
    """Take everything that a project shared out of the organisation's memory, and stop sharing.

    project_id: the project.
    """

    project_id: str


@handles(ForgetMemory)
def forget_memory(command: ForgetMemory, ctx: Context) -> MemorySharing:
    store.set_sharing(ctx.db, ctx.caller.organisation_id, command.project_id, on=False, at=ctx.now, by=ctx.caller.name)
    store.forget(ctx.db, ctx.caller.organisation_id, project_id=command.project_id)
    return sharing(ctx, command.project_id)


@dataclass(frozen=True)
class MemoryForgotten(Readable):
    """How many lines are gone."""

    origin: str
    pairs: int

    def __str__(self) -> str:
        return f"{self.pairs} pairs of {self.origin} are forgotten."


class ForgetImportedMemory(Command[MemoryForgotten], route="DELETE /mappings/memory/{origin}", scope="memory:edit"):
    """Take everything out of the memory that was imported as a project's.

    origin: the project as the imported file named it.
    """

    origin: Annotated[str, Len(1, 300)]


@handles(ForgetImportedMemory)
def forget_imported_memory(command: ForgetImportedMemory, ctx: Context) -> MemoryForgotten:
    return MemoryForgotten(command.origin, store.forget(ctx.db, ctx.caller.organisation_id, origin=command.origin))


def sharing(ctx: Context, project_id: str) -> MemorySharing:
    """How a project shares."""
    pairs = len(store.memory_lines(ctx.db, ctx.caller.organisation_id, project_id=project_id))
    return MemorySharing(project_id, store.shares(ctx.db, project_id), pairs)


def contribute(ctx: Context, project_id: str, name: str, text: str) -> None:
    """Put what a mapping says in the place of what its earlier version said, if its project shares."""
    if store.shares(ctx.db, project_id):
        project = ctx.bus.send(GetProject(project_id)).name
        lines = contributed(text, project, ctx.now, ctx.caller.name)
        store.replace_contribution(ctx.db, ctx.caller.organisation_id, project_id, name, lines, ctx.new_id)


def remembered(ctx: Context, project_id: str | None) -> tuple[Remembered, ...]:
    """What other projects of the organisation than this one say; nothing without a project."""
    from ...engine.matching.confirmed import Remembered

    if project_id is None:
        return ()
    counts: dict[tuple[str, str, str, str], list[int]] = {}
    for line in store.memory_lines(ctx.db, ctx.caller.organisation_id, without=project_id):
        both = counts.setdefault(line.pair, [0, 0])
        both[0] += line.accepted
        both[1] += line.rejected
    return tuple(
        Remembered(pair[:2], pair[2:], accepted, rejected) for pair, (accepted, rejected) in sorted(counts.items())
    )
