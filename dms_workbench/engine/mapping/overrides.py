"""Types and lossy rules of a mapping file: ``types`` at its top, ``lossy`` of a type or column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..schema.types import LOSSY_RULES, TypeOverride
from .strict_yaml import Node

if TYPE_CHECKING:
    from .parse import Parser

TYPE = ("type", "lossy")


class OverrideParser:
    """Reads overrides for a parser, which gathers the problems."""

    def __init__(self, parser: Parser) -> None:
        self.parser = parser

    def overrides(self, node: Node | None) -> tuple[TypeOverride, ...]:
        """The types by source type, in the order of the file: the first that fits a column decides."""
        if node is None or node.value is None:
            return ()
        if not node.is_map:
            self.parser.wrong(node, f"types must be a mapping from source type to target type; this is {node.kind}")
            return ()
        return tuple(self.override(pattern, child) for pattern, child in node.value.items())

    def override(self, pattern: str, node: Node) -> TypeOverride:
        """One source type."""
        if isinstance(node.value, str) and node.value:
            return TypeOverride(pattern, node.value, (), node.line, node.column)
        what = f"the type {pattern!r}"
        if not node.is_map:
            self.parser.wrong(node, f"{what} wants a type of the target, or {{type: …, lossy: …}}, not {node.kind}")
            return TypeOverride(pattern)
        if not self.parser.keys(node, TYPE, what):
            return TypeOverride(pattern)
        target = self.parser.text(node, "type", what, needed=False)
        lossy = self.lossy(node.value.get("lossy"), what)
        if target is None and not lossy:
            self.parser.wrong(node, f"{what} says neither type nor lossy")
        return TypeOverride(pattern, target, lossy, node.line, node.column)

    def lossy(self, node: Node | None, what: str) -> tuple[str, ...]:
        """One rule or a list of them."""
        if node is None:
            return ()
        found = []
        for child in node.value if node.is_list else [node]:
            if child.value in LOSSY_RULES:
                found.append(child.value)
            else:
                self.parser.wrong(
                    child, f"{str(child.value)[:40]!r} is no lossy rule of {what}; there is {', '.join(LOSSY_RULES)}"
                )
        return tuple(found)
