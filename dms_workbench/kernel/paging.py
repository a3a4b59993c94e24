"""Lists in pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeAlias, TypeVar

from annotated_types import Ge, Le

from .shown import Readable, table, text_table

T = TypeVar("T")
PAGE_LIMIT = 1000
Limit: TypeAlias = Annotated[int, Ge(1), Le(PAGE_LIMIT)]
Offset: TypeAlias = Annotated[int, Ge(0)]


@dataclass(frozen=True)
class Page(Readable, Generic[T]):
    """A part of a list. total: items in the whole list; offset: items before this page."""

    items: tuple[T, ...]
    total: int
    offset: int
    limit: int

    @property
    def more(self) -> bool:
        """Are there items after this page?"""
        return self.offset + len(self.items) < self.total

    def __str__(self) -> str:
        shown = text_table(*table(self)) if self.items else "There is none."
        return f"{shown}\n({len(self.items)} of {self.total})" if len(self.items) < self.total else shown

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> T:
        return self.items[index]


def page(items: Sequence[T], *, total: int, offset: int, limit: int) -> Page[T]:
    """A page from the items a store function read."""
    return Page(tuple(items), total, offset, limit)
