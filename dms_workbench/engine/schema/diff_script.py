"""The statements of differences in an order in which each finds what it needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .diff_model import Difference

STAGES = (
    "type", "sequence", "table", "column", "primary key", "unique key", "check", "exclusion constraint", "index",
    "foreign key", "function", "procedure", "view", "materialized view", "trigger",
)  # fmt: skip
"""Kinds of objects, each after what it may need."""


def statements_in_order(differences: Sequence[Difference]) -> Iterator[tuple[str, bool]]:
    """Every statement and whether it destroys something.

    Renames come first; then views go that stand in the way, objects are made and changed, and what is extra is dropped.
    """
    ordered = sorted(differences, key=stage)
    renames = [each for each in ordered if is_rename(each)]
    for each in renames:
        yield from ((statement, False) for statement in each.resolution.statements)
    for each in reversed(ordered):
        yield from ((statement, each.resolution.destructive) for statement in each.resolution.before)
    for each in ordered:
        if not is_rename(each):
            yield from ((statement, each.resolution.destructive) for statement in each.resolution.statements)


def is_rename(each: Difference) -> bool:
    """Is it a new name of a table or column?"""
    return each.aspect == "name" and each.kind in ("table", "column")


def stage(each: Difference) -> tuple[bool, int]:
    """Where a difference stands: what is dropped comes last, the other way round."""
    place = STAGES.index(each.kind) if each.kind in STAGES else len(STAGES)
    return (each.change == "extra", -place if each.change == "extra" else place)


def script_of(differences: Sequence[Difference], *, destructive: bool = False) -> str:
    """The statements as a script; those that destroy something stand as comments unless they are asked for."""
    lines = []
    for statement, destroys in statements_in_order(differences):
        text = statement.rstrip().rstrip(";") + ";"
        lines.append("\n".join(f"-- {line}" for line in text.splitlines()) if destroys and not destructive else text)
    for each in differences:
        if each.resolution.unresolved:
            name = " ".join(f"{each.kind} {each.name}: {each.resolution.unresolved}".split())
            lines.append(f"-- {name}")
    return "\n".join(lines) + ("\n" if lines else "")
