"""Lines of the account of objects: how one object's fate becomes a line with its statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ..databases.catalogue import TableName
from ..databases.ddl import NotExpressible
from ..schema.fate import Fate
from ..schema.inventory import Item, label_of
from .plan import STEPS, PlannedObject, Step

Origin = tuple[str, str, str]
"""What tells an object of the source from all others (`Item.key`)."""


@dataclass(slots=True)
class Lines:
    """The account while it is made: each object of the source once, each object of the target once."""

    several: bool
    found: list[tuple[Origin | None, PlannedObject]] = field(default_factory=list)

    def add(self, origin: Item | None, line: PlannedObject) -> None:
        """A line, and the object of the source it stands for."""
        self.found.append((origin.key if origin is not None else None, line))

    def tell(self, item: Item, fate: Fate, at: Item | None = None, **more: Any) -> None:
        """The line of an object with its fate. at: the object in the target, if it is not called alike."""
        placed = at or item
        label = label_of(replace(placed, label=""), several=self.several)
        line = PlannedObject(item.kind, label, fate.outcome, fate.reason, **more)
        self.add(item, line)

    def known(self) -> set[Origin]:
        """The objects of the source that have a line."""
        return {origin for origin, _ in self.found if origin is not None}

    def finished(self) -> tuple[PlannedObject, ...]:
        """The lines in the order in which objects are made, no two of a kind called alike."""
        best: dict[Origin, bool] = {}
        for origin, line in self.found:
            if origin is not None:
                best[origin] = best.get(origin, False) or line.outcome != "left_out"
        kept: list[PlannedObject] = []
        told: set[Origin] = set()
        for origin, line in self.found:
            if origin is not None and line.outcome == "left_out" and (best[origin] or origin in told):
                continue
            told |= {origin} if origin is not None else set()
            kept.append(line)
        ordered = sorted(kept, key=lambda line: STEPS.index(line.step) if line.outcome != "left_out" else -1)
        made = [line for line in ordered if line.outcome != "left_out"]
        return tuple(numbered(made + [line for line in kept if line.outcome == "left_out"]))


def numbered(lines: list[PlannedObject]) -> list[PlannedObject]:
    """The lines with a number behind names that stand in one already."""
    seen: dict[tuple[str, str], int] = {}
    result = []
    for line in lines:
        at = (line.kind, line.name)
        seen[at] = seen.get(at, 0) + 1
        result.append(line if seen[at] == 1 else replace(line, name=f"{line.name} ({seen[at]})"))
    return result


def made(
    fate: Fate, statements: Callable[[], list[str]], *, step: Step, on: TableName | None = None, **more: Any
) -> tuple[Fate, dict[str, Any]]:
    """A fate with the statements that bring it about; left out, with the reason, where the target has no such object."""
    try:
        found = tuple(statements())
    except NotExpressible as error:
        return Fate("left_out", error.reason), {}
    when = "before" if STEPS.index(step) <= STEPS.index("rows") else "after"
    return fate, {"statements": found, "step": step, "when": when, "on": on, **more}
