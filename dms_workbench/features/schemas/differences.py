"""What a comparison of two schemas shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...engine.schema.diff_model import Difference, Rename, differences_of, open_renames
from ...engine.schema.diff_script import script_of
from ...engine.schema.render_html import differences_html, differences_page

EQUAL, DIFFERENT = 0, 4


@dataclass(frozen=True)
class ComparedSide:
    """One side of a comparison."""

    label: str
    database: str
    version: str
    schema: str | None
    fingerprint: str
    tables: int

    def __str__(self) -> str:
        return f"{self.label} ({self.database} {self.version}".rstrip() + ")"


@dataclass(frozen=True)
class SchemaDiff:
    """The differences of two schemas, and the renames that wait for an answer.

    In a notebook: ``diff.renames[0].accept()`` or ``.reject()``, then `differences` and `script` follow.
    """

    first: ComparedSide
    second: ComparedSide
    base: ComparedSide | None = None
    certain: tuple[Difference, ...] = ()
    """Differences that stand whatever the answers are."""
    renames: list[Rename] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    @property
    def differences(self) -> list[Difference]:
        """All differences, as the renames are answered now; what both sides have changed alike is among them."""
        return differences_of(self.certain, self.renames)

    @property
    def unlike(self) -> list[Difference]:
        """Those in which the two sides are not the same."""
        return [each for each in self.differences if each.origin != "both"]

    @property
    def open_renames(self) -> list[Rename]:
        """Renames without an answer."""
        return open_renames(self.renames)

    @property
    def equal(self) -> bool:
        """Is there no difference and no open question?"""
        return not self.unlike and not self.open_renames

    @property
    def exit_code(self) -> int:
        """0 equal, 4 different."""
        return EQUAL if self.equal else DIFFERENT

    def answer(self, all_renames: str | None) -> SchemaDiff:
        """Give every open rename one answer, ``yes`` or ``no``; None leaves them open."""
        while all_renames and (waiting := self.open_renames):
            for rename in waiting:
                rename.answer = "yes" if all_renames == "yes" else "no"
        return self

    def script(self, *, destructive: bool = False) -> str:
        """The statements that make the second side as the first one; renames first. Open renames have none.

        destructive: with those after which rows or objects are gone; else they stand as comments.
        """
        return script_of(self.unlike, destructive=destructive)

    def as_dict(self) -> dict[str, Any]:
        """Plain data: the object of ``--json``."""
        from ...kernel.wire import to_plain

        return {
            "first": to_plain(self.first),
            "second": to_plain(self.second),
            "base": self.base and to_plain(self.base),
            "equal": self.equal,
            "differences": [to_plain(each) for each in self.differences],
            "renames": [question(rename) for rename in self.renames],
            "notes": list(self.notes),
            "script": self.script(),
        }

    def to_html(self) -> str:
        """A page of its own, without anything from elsewhere."""
        return differences_page(*self.shown())

    def shown(self) -> tuple[str, str, list[Difference], list[Rename], tuple[str, ...]]:
        """What the pages show."""
        return str(self.first), str(self.second), self.differences, self.open_renames, self.notes

    def __str__(self) -> str:
        lines = [f"{self.first} compared with {self.second}"]
        lines += [f"  {each.severity}: {each}" for each in self.differences]
        lines += [f"  rename? {rename}" for rename in self.open_renames]
        return "\n".join(lines if len(lines) > 1 else [*lines, "  equal"])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(type(self).__name__ if cycle else str(self))

    def _repr_html_(self) -> str:
        return differences_html(*self.shown())


def question(rename: Rename) -> dict[str, Any]:
    """A rename as plain data."""
    names = ("number", "kind", "table", "first", "second", "confidence", "answer", "within")
    found = {name: getattr(rename, name) for name in names}
    return {**found, "confidence": round(rename.confidence, 3), "evidence": list(rename.evidence)}
