"""Names of columns in expressions: found as written, else without regard to case, else with the nearest known one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..databases.catalogue import Column
from .errors import wrong
from .functions import CHANGING


def nearest(name: str, known: Sequence[str]) -> str:
    """``; did you mean 'x'?`` for the known name most alike, or nothing if none is."""
    from rapidfuzz import fuzz, process, utils

    found = process.extractOne(name, known, scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=60)
    return f"; did you mean {found[0]!r}?" if found else ""


@dataclass(slots=True)
class Columns:
    """The columns an expression may name; each is ``c0``, ``c1`` … in the SQL, so that no name ever gets into it."""

    columns: Sequence[Column]
    spelled: Sequence[str] = ()
    """The SQL of each column; by default its number."""
    used: set[int] = field(default_factory=set)

    def sql(self, name: str, offset: int, *, in_quotes: bool) -> str:
        """The SQL of a column, which counts as used. Raises InvalidExpression for a name of none or of several."""
        number = self.number(name, offset, in_quotes=in_quotes)
        self.used.add(number)
        return self.spelled[number] if self.spelled else f"c{number}"

    def number(self, name: str, offset: int, *, in_quotes: bool) -> int:
        """The number of a column."""
        names = [column.name for column in self.columns]
        if name in names:
            return names.index(name)
        found = [i for i, known in enumerate(names) if known.casefold() == name.casefold()]
        if len(found) == 1:
            return found[0]
        if found:
            raise wrong(f"{name!r} may be any of {', '.join(repr(names[i]) for i in found)}: write it exactly", offset)
        if name.lower() in CHANGING and not in_quotes:
            raise wrong(changing(name), offset)
        quotes = "; a text stands in single quotes" if in_quotes else ""
        raise wrong(f"there is no column {name!r}{nearest(name, names) or quotes}", offset)


def changing(name: str) -> str:
    """Why something like now() is refused."""
    return f"{name} gives another value each time; an expression gives the same for the same row: write a constant"
