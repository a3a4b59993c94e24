"""Two people's changes of one mapping file put together: entry by entry, whatever the order and the layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .errors import InvalidMapping
from .parse import parse_mapping
from .parts import Part, Version, is_divided
from .strict_yaml import CONFLICT

SIGNS = {"<": " ours", "|": " base", "=": "", ">": " theirs"}
OURS, BASE, MIDDLE, THEIRS = (f"{sign * CONFLICT}{name}" for sign, name in SIGNS.items())
Three = tuple[Part | None, Part | None, Part | None]
"""An entry in base, ours and theirs; None where it is not there."""

Changed = tuple[Part | None, Part, Part]
"""An entry that both sides have."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """An entry that both changed, each in another way."""

    where: str
    """Table and column, or what else it is."""
    base: str | None
    """The entry's text before; None where there was none, of the others where it was taken out."""
    ours: str | None
    theirs: str | None

    def __str__(self) -> str:
        if self.ours is None or self.theirs is None:
            kept = self.theirs if self.ours is None else self.ours
            out, changed = ("ours", "theirs") if self.ours is None else ("theirs", "ours")
            return f"{self.where}: {out} took it out, {changed} made it  {shown(kept)}"
        return f"{self.where}: ours has  {shown(self.ours)}  and theirs  {shown(self.theirs)}"


@dataclass(frozen=True, slots=True)
class Merged:
    """The result of a merge; with conflicts its text holds them, and is no mapping until they are resolved."""

    text: str
    conflicts: tuple[Conflict, ...] = ()

    @property
    def clean(self) -> bool:
        """Nothing is left to decide."""
        return not self.conflicts


def shown(text: str | None) -> str:
    """An entry in few words."""
    words = " ".join((text or "nothing").split())
    return words if len(words) <= 120 else f"{words[:117]}..."


def merge_mappings(base: str, ours: str, theirs: str) -> Merged:
    """Merge two texts that come from a third.

    The result is ours, with what theirs changed; comments of both stay with their lines. An entry is a column, join, lookup,
    type, or field of a table map. Raises InvalidMapping, naming the text that is none; an empty base is one without entries.
    """
    versions = Version(base, "base"), Version(ours, "ours"), Version(theirs, "theirs")
    if theirs in (ours, base):
        return Merged(ours)
    if ours == base:
        return Merged(theirs)
    merger = Merger(versions)
    text = merger.document()
    if merger.conflicts:
        return Merged(text, tuple(merger.conflicts))
    try:
        parse_mapping(text)
    except InvalidMapping:
        whole = Conflict("the file", base, ours, theirs)
        return Merged(marked(base, ours, theirs), (whole,))
    return Merged(text)


def marked(base: str | None, ours: str | None, theirs: str | None) -> str:
    """A conflict as it stands in the text."""
    parts = [(OURS, ours), (BASE, base), (MIDDLE, theirs)]
    return "".join(f"{mark}\n{ended(text or '')}" for mark, text in parts) + f"{THEIRS}\n"


def ended(text: str) -> str:
    """A text with the end of its last line."""
    return text if not text or text.endswith("\n") else f"{text}\n"


@dataclass(slots=True)
class Result:
    """What became of one entry: a part, or the text of a conflict."""

    part: Part
    conflict: str = ""


class Merger:
    """One merge."""

    def __init__(self, versions: tuple[Version, Version, Version]) -> None:
        self.base, self.ours, self.theirs = self.versions = versions
        self.conflicts: list[Conflict] = []

    def document(self) -> str:
        """The whole file."""
        sides = [version.parts(version.spans.root, ()) for version in self.versions]
        results = self.entries(sides, ())
        return "".join(self.text_of(result, 0) for result in results) + self.tail()

    def tail(self) -> str:
        """What follows the last entry."""
        return lines_of_both(*(version.tail for version in self.versions))

    # -- entries

    def entries(self, sides: Sequence[dict[str, Part]], path: tuple[str, ...]) -> list[Result]:
        """All entries of a map or list."""
        base, ours, theirs = sides
        found = {}
        for key in {**base, **ours, **theirs}:
            result = self.entry((base.get(key), ours.get(key), theirs.get(key)), (*path, key))
            if result is not None:
                found[key] = result
        return [found[key] for key in ordered(list(base), list(ours), list(theirs)) if key in found]

    def entry(self, three: Three, path: tuple[str, ...]) -> Result | None:
        """One entry; None where it is out."""
        base, ours, theirs = three
        if alike(ours, theirs) or alike(theirs, base):
            return None if ours is None else Result(ours)
        if alike(ours, base):
            return None if theirs is None else Result(theirs)
        if ours is None or theirs is None:
            return self.taken_out(three, path)
        if is_divisible(ours, theirs, path):
            return self.divided((base, ours, theirs), path)
        if ours.said == theirs.said or (base is not None and theirs.said == base.said):
            return Result(with_comments(ours, theirs, base))
        if base is not None and ours.said == base.said:
            return Result(with_comments(theirs, ours, base))
        return self.conflict(ours, three, path)

    def taken_out(self, three: Three, path: tuple[str, ...]) -> Result | None:
        """One side took the entry out: it is out, unless the other side changed what it says."""
        base, ours, theirs = three
        left = ours or theirs
        if left is None or (base is not None and left.said == base.said):
            return None
        return self.conflict(left, three, path)

    def conflict(self, part: Part, three: Three, path: tuple[str, ...]) -> Result:
        """An entry that nobody but a person can settle. part: where it stands."""
        base, ours, theirs = (None if each is None else each.at(part.column).whole for each in three)
        words = [None if each is None else each.flow for each in three]
        self.conflicts.append(Conflict(place(path), *words))
        return Result(part, marked(base, ours, theirs))

    def divided(self, three: Changed, path: tuple[str, ...]) -> Result:
        """A map or list whose entries are merged one by one."""
        base, ours, theirs = three
        before = len(self.conflicts)
        results = self.entries(
            [
                version.parts(part.piece, path) if part is not None else {}
                for version, part in zip(self.versions, three, strict=True)
            ],
            path,
        )
        whole = with_comments(ours, theirs, base, only_lead=True)
        if not results:
            return self.conflict(ours, three, path)
        if not ours.piece.flow:
            return self.in_lines(whole, results, three)
        if len(self.conflicts) > before:
            del self.conflicts[before:]
            return self.conflict(ours, three, path)
        return Result(in_brackets(whole, [result.part for result in results]))

    def in_lines(self, whole: Part, results: list[Result], three: Changed) -> Result:
        """A divided part again, from its entries."""
        ours = three[1]
        column = self.ours.spans.column(ours.piece.entries[0].start)
        first, *rest = results
        if not self.ours.is_glued(ours):
            text = "".join(self.text_of(result, column) for result in results)
            return Result(replace(whole, body=self.head_of(three) + text))
        head = self.ours.head_of(ours)
        text = "".join(self.text_of(result, column) for result in rest)
        if first.conflict:
            return Result(replace(whole, body=f"{head.rstrip()}\n{first.conflict}{text}"))
        moved = first.part.at(column)
        lead = "" if moved.lead == ours.lead else moved.lead
        return Result(replace(whole, lead=whole.lead + lead, body=head + ended(moved.body) + text))

    def head_of(self, three: Changed) -> str:
        """The line of a key whose entries follow, with the comment behind it."""
        base, ours, theirs = (
            version.head_of(part) if part is not None and in_own_lines(version, part) else ""
            for version, part in zip(self.versions, three, strict=True)
        )
        return one_of(base, ours, theirs or base)

    def text_of(self, result: Result, column: int) -> str:
        """An entry's lines."""
        if result.conflict:
            return result.conflict
        part = result.part.at(column)
        return part.lead + " " * column + ended(part.body)


def is_divisible(ours: Part, theirs: Part, path: tuple[str, ...]) -> bool:
    """Are the entries of a map or list merged one by one? Those of a lookup are only if its values stand in the file."""
    pieces = (ours.piece, theirs.piece)
    if not is_divided(path) or not all(piece.entries for piece in pieces) or ours.piece.kind != theirs.piece.kind:
        return False
    return path[:1] != ("lookups",) or len(path) != 2 or all(piece.get("values") for piece in pieces)


def in_own_lines(version: Version, part: Part) -> bool:
    """Does a part stand in lines, with a head of its own?"""
    return bool(part.piece.entries) and not part.piece.flow and not version.is_glued(part)


def in_brackets(whole: Part, parts: list[Part]) -> Part:
    """A map or list in brackets again, from its entries; comments above them come above it."""
    opening, closing = "{}" if whole.piece.kind == "map" else "[]"
    written = ", ".join(part.flow for part in parts)
    key = whole.flow[: whole.flow.index(opening)] if opening in whole.flow else ""
    dash = "- " if whole.body.startswith("-") and not key else ""
    body = f"{dash}{key}{opening}{written}{closing}{whole.tail or chr(10)}"
    lead = "".join(part.at(whole.column).lead for part in parts)
    return replace(whole, lead=whole.lead + lead, body=body, flow=f"{key}{opening}{written}{closing}")


def place(path: tuple[str, ...]) -> str:
    """Where an entry is, in words."""
    if path[:1] == ("tables",) and len(path) > 1:
        source, target, number = path[1].rsplit(" ", 2) if path[1].count(" ") >= 2 else ("", path[1], "1")
        table = target.strip('"') if number == "1" else f"{target.strip(chr(34))} ({number})"
        inner = path[2:] if path[2:3] != ("columns",) else path[3:]
        return ".".join([table, *inner]) if inner else f"the table map of {table} from {source}"
    return ".".join(path) if path else "the file"


def alike(one: Part | None, other: Part | None) -> bool:
    """Are two entries the same, comments too?"""
    if one is None or other is None:
        return one is other
    return one.said == other.said and one.whole == other.whole


def ordered(base: list[str], ours: list[str], theirs: list[str]) -> list[str]:
    """All keys: as ours has them, those of theirs behind the one they follow there."""
    order = list(ours)
    for number, key in enumerate(theirs):
        if key in order:
            continue
        before = next((other for other in reversed(theirs[:number]) if other in order), None)
        behind = next((other for other in theirs[number:] if other in order), None)
        at = (
            order.index(before) + 1 if before is not None else order.index(behind) if behind is not None else len(order)
        )
        order.insert(at, key)
    return order + [key for key in base if key not in order]


# -- comments


def with_comments(main: Part, other: Part, base: Part | None, *, only_lead: bool = False) -> Part:
    """A part with the comments that the other side put to the same entry."""
    moved = other.at(main.column)
    was = base.at(main.column) if base is not None else None
    lead = lines_of_both(was.lead if was is not None else "", main.lead, moved.lead)
    if only_lead or not main.tail or not moved.tail:
        return replace(main, lead=lead)
    tail = one_of(was.tail if was is not None else "", main.tail, moved.tail)
    body = main.body[: len(main.body) - len(main.tail)] + tail
    return replace(main, lead=lead, body=body, tail=tail)


def one_of(base: str, ours: str, theirs: str) -> str:
    """A text that one side may have changed; ours, if both did, and both comments where they can stand together."""
    if ours == base or not ours.strip():
        return theirs if theirs.strip() or ours == base else ours
    if theirs in (base, ours) or "#" not in theirs or "#" not in ours:
        return ours
    said = theirs[theirs.index("#") + 1 :].strip()
    return ours if said in ours else f"{ours.rstrip()}; {said}\n"


def lines_of_both(base: str, ours: str, theirs: str) -> str:
    """Lines that are no entries: of the side that changed them; of both, ours and then what theirs put to them."""
    if theirs in (base, ours):
        return ours
    if ours == base:
        return theirs
    known = set(base.splitlines()) | set(ours.splitlines())
    return ended(ours) + "".join(line for line in theirs.splitlines(keepends=True) if line.rstrip("\r\n") not in known)


__all__ = ["Conflict", "Merged", "merge_mappings"]
