"""Compare two versions of a mapping, and merge what two people made of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from annotated_types import Len

from ...engine.mapping.errors import InvalidMapping
from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Query
from ...kernel.shown import Readable
from .save import Text

DIFFERENT_EXIT, CONFLICT_EXIT = 4, 1
BaseText: TypeAlias = Annotated[str, Len(0, 10_000_000)]


@dataclass(frozen=True)
class MappingChange(Readable):
    """One thing that is different between two mappings."""

    kind: Literal["added", "removed", "changed"]
    entry: str
    """``table``, ``column``, ``join``, ``lookup``, ``type`` or ``file``."""
    where: str
    """The target table, with the column or join; the lookup or source type; empty for the file."""
    field: str
    """What of it: ``made of``, ``owner``, ``decision`` …; empty where the entry came or went as a whole."""
    before: str | None
    after: str | None
    words: str

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True)
class MappingDiff(Readable):
    """What leads from one version of a mapping to another."""

    first: str
    """What the first version is called."""
    second: str
    changes: tuple[MappingChange, ...]

    @property
    def exit_code(self) -> int:
        """0 if both say the same, 4 if not."""
        return DIFFERENT_EXIT if self.changes else 0

    def __str__(self) -> str:
        return "\n".join(map(str, self.changes)) or "Both say the same."

    def _repr_html_(self) -> str:
        from .compared_html import diff_html

        return diff_html(self)


class CompareMappings(
    Query[MappingDiff], route="POST /mappings/compare", scope="mappings:read", raises=(InvalidMapping,)
):
    """What is different between two mappings, entry by entry; order, layout and comments do not count.

    first_text: the content of the first mapping file.
    second_text: the content of the second.
    first: what the first is called in the answer and in errors.
    second: what the second is called.
    """

    first_text: Text
    second_text: Text
    first: str = "first"
    second: str = "second"


@handles(CompareMappings)
def compare_mappings(query: CompareMappings, ctx: Context) -> MappingDiff:  # noqa: ARG001
    from ...engine.mapping import parse_mapping
    from ...engine.mapping.diff import diff_mappings

    found = diff_mappings(
        parse_mapping(query.first_text, path=query.first), parse_mapping(query.second_text, path=query.second)
    )
    changes = (
        MappingChange(each.kind, each.entry, each.where, each.field, each.before, each.after, str(each))
        for each in found
    )
    return MappingDiff(query.first, query.second, tuple(changes))


@dataclass(frozen=True)
class MappingMergeConflict(Readable):
    """An entry that both sides changed, each in another way."""

    where: str
    """The target table and column, or what else it is."""
    base: str | None
    """The entry before; None where there was none, of a side where it took the entry out."""
    ours: str | None
    theirs: str | None
    words: str

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True)
class MergedMapping(Readable):
    """The changes of two sides in one text. Conflicts stand in it between ``<<<<<<<`` and ``>>>>>>>``."""

    text: str
    conflicts: tuple[MappingMergeConflict, ...]

    @property
    def exit_code(self) -> int:
        """0 if everything could be merged, 1 if conflicts are left."""
        return CONFLICT_EXIT if self.conflicts else 0

    def __str__(self) -> str:
        return "\n".join(map(str, self.conflicts)) or "Merged without a conflict."


class MergeMappings(
    Query[MergedMapping], route="POST /mappings/merge", scope="mappings:read", raises=(InvalidMapping,)
):
    """Put together what two people made of one mapping: entry by entry, with the comments of both; nothing is saved.

    base_text: the content of the file that both began with; empty if there was none.
    ours_text: what one of them made of it; the result is laid out as this.
    theirs_text: what the other made of it.
    """

    base_text: BaseText
    ours_text: Text
    theirs_text: Text


@handles(MergeMappings)
def merge_mappings(query: MergeMappings, ctx: Context) -> MergedMapping:  # noqa: ARG001
    from ...engine.mapping.merge import merge_mappings as merge

    merged = merge(query.base_text, query.ours_text, query.theirs_text)
    return MergedMapping(
        merged.text,
        tuple(
            MappingMergeConflict(each.where, each.base, each.ours, each.theirs, str(each)) for each in merged.conflicts
        ),
    )
