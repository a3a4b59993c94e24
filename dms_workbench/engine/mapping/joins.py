"""Joins of a table map: read from the file, and turned into the lookups that carry them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import KINDS, Join
from .strict_yaml import Node

if TYPE_CHECKING:
    from .parse import Parser

JOIN = ("table", "on", "kind")


class JoinParser:
    """Reads joins for a parser, which gathers the problems."""

    def __init__(self, parser: Parser) -> None:
        self.parser = parser

    def joins(self, node: Node | None) -> tuple[Join, ...]:
        """The joins, by name."""
        if node is None or node.value is None:
            return ()
        if not node.is_map:
            self.parser.wrong(node, f"joins must be a mapping from name to join; this is {node.kind}")
            return ()
        made = [self.join(name, child) for name, child in node.value.items()]
        return tuple(join for join in made if join is not None)

    def join(self, name: str, node: Node) -> Join | None:
        """One join."""
        what = f"the join {name!r}"
        if not self.parser.keys(node, JOIN, what):
            return None
        kind = node.value.get("kind")
        if kind is not None and kind.value not in KINDS:
            self.parser.wrong(kind, f"the kind of {what} is {' or '.join(KINDS)}, not {str(kind.value)[:40]!r}")
            return None
        table = self.parser.text(node, "table", what)
        on = self.on(node, what)
        return None if table is None or not on else Join(name, table, on, "left" if kind is None else kind.value)

    def on(self, node: Node, what: str) -> dict[str, str]:
        """What each column of the joined table's key is equal to."""
        found = node.value.get("on")
        if found is None or not found.is_map or not found.value:
            place, said = (
                (node, "is missing")
                if found is None
                else (found, "is empty" if found.value in ({}, None) else f"is {found.kind}")
            )
            self.parser.wrong(
                place, f"on must be a mapping from a column of the joined table to an expression; in {what} it {said}"
            )
            return {}
        on = {}
        for key, child in found.value.items():
            if isinstance(child.value, str) and child.value:
                on[key] = child.value
            else:
                self.parser.wrong(child, f"{key} in {what} wants an expression, not {child.kind}")
        return on
