"""Strict YAML: values with their places; no tags, anchors, aliases, second documents or duplicate keys.

Plain words are read as YAML 1.2 reads them, so ``NO`` and ``on`` are text; a number with a leading zero is text too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .errors import Problem, invalid_mapping

LARGEST_BYTES = 5_000_000
DEEPEST = 12
MOST_NODES = 500_000

Scalar = str | int | float | bool | None


@dataclass(slots=True)
class Node:
    """A value of the file: a scalar, a list of nodes, or a mapping from key to node.

    line, column: where it starts, from 1. raw: the scalar as written, before it was read as a number or the like.
    """

    value: Any
    line: int
    column: int
    raw: str = ""
    style: str = ""
    """``'`` ``"`` ``|`` ``>``, or nothing for a plain scalar."""
    keys: dict[str, Node] = field(default_factory=dict)
    """Of a mapping: the key as a node, for its place."""

    @property
    def is_map(self) -> bool:
        """Is it a mapping?"""
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        """Is it a list?"""
        return isinstance(self.value, list)

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return KINDS[type(self.value)]


KINDS: dict[type, str] = {
    dict: "a mapping",
    list: "a list",
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "nothing",
}


def read_yaml(text: str, path: str) -> Node:
    """The file's only document. Raises InvalidMapping with line and column."""
    check_size(text, path)
    check_conflicts(text, path)
    return Reader(text, path).document()


def check_size(text: str, path: str) -> None:
    """Refuse what is too large, or is no Unicode text."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        column = error.start - (text.rfind("\n", 0, error.start) + 1) + 1
        raise invalid_mapping([Problem(line, column, "this is not valid Unicode text")], path) from None
    if size > LARGEST_BYTES:
        raise invalid_mapping([Problem(1, 1, f"the file has {size:,} bytes; {LARGEST_BYTES:,} are the limit")], path)


CONFLICT = 7
"""How many signs mark the parts of a conflict that a merge left in a file."""
OPENED = re.compile(rf"^<{{{CONFLICT}}}(?= |\r?$)", re.MULTILINE)
CLOSED = re.compile(rf"^>{{{CONFLICT}}}(?= |\r?$)", re.MULTILINE)


def check_conflicts(text: str, path: str) -> None:
    """Refuse a file in which a merge left conflicts, naming each."""
    opened = [found.start() for found in OPENED.finditer(text)]
    if not opened or not CLOSED.search(text):
        return
    message = (
        "a merge left a conflict here: both sides changed it. Keep one of the two, between <<<<<<< and >>>>>>>, "
        "and take the lines with these signs out"
    )
    raise invalid_mapping([Problem(text.count("\n", 0, place) + 1, 1, message) for place in opened], path)


class Reader:
    """Builds nodes from the events of the YAML parser, so that limits hold while it reads."""

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path
        self.nodes = 0
        self.problems: list[Problem] = []
        self.events = self.parsed()

    def parsed(self) -> Iterator[Any]:
        """The parser's events; its errors become ours."""
        import yaml

        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            yield from yaml.parse(self.text, loader)
        except yaml.YAMLError as error:
            raise self.broken(error) from None

    def broken(self, error: Any) -> Exception:
        """What the parser says, with its place."""
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        said = getattr(error, "problem", None) or getattr(error, "reason", None) or "this is no YAML"
        if mark is not None:
            return invalid_mapping(
                [*self.problems, Problem(mark.line + 1, mark.column + 1, f"not YAML: {said}")], self.path
            )
        position = getattr(error, "position", None)
        offset = position if isinstance(position, int) else 0
        line = self.text.count("\n", 0, offset) + 1
        column = offset - self.text.rfind("\n", 0, offset)
        return invalid_mapping([*self.problems, Problem(line, column, f"not YAML: {said}")], self.path)

    def document(self) -> Node:
        """The one document of the file."""
        import yaml

        root: Node | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                raise self.stop(event, "a second document starts here; a mapping file has one")
            if isinstance(event, yaml.NodeEvent):
                root = self.node(event, 1)
        if root is None:
            raise invalid_mapping([Problem(1, 1, "the file is empty")], self.path)
        if self.problems:
            raise invalid_mapping(self.problems, self.path)
        return root

    def stop(self, event: Any, message: str) -> Exception:
        """The error for something that ends the reading."""
        problem = Problem(event.start_mark.line + 1, event.start_mark.column + 1, message)
        return invalid_mapping([*self.problems, problem], self.path)

    def node(self, event: Any, depth: int) -> Node:
        """The node that starts with this event."""
        import yaml

        self.check(event, depth)
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, yaml.ScalarEvent):
            style = event.style or ""
            value = event.value if style else plain_value(event.value)
            return Node(value, line, column, event.value, style)
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(list(self.items(depth)), line, column)
        node = Node({}, line, column)
        self.fill(node, depth)
        return node

    def check(self, event: Any, depth: int) -> None:
        """Refuse what a mapping file has no use for."""
        import yaml

        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise self.stop(event, f"the file holds more than {MOST_NODES:,} values")
        if isinstance(event, yaml.AliasEvent):
            raise self.stop(
                event, f"*{event.anchor}: aliases are not allowed; write the value again (or quote it, if it is a text)"
            )
        if event.anchor is not None:
            raise self.stop(event, f"&{event.anchor}: anchors are not allowed")
        if event.tag is not None:
            raise self.stop(event, f"{event.tag}: tags are not allowed")
        if depth > DEEPEST:
            raise self.stop(event, f"values are nested more than {DEEPEST} deep")

    def items(self, depth: int) -> Iterator[Node]:
        """The items of a list."""
        import yaml

        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self.node(event, depth + 1)

    def fill(self, node: Node, depth: int) -> None:
        """Read a mapping's keys and values."""
        import yaml

        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                return
            key = self.node(event, depth + 1)
            value = self.node(next(self.events), depth + 1)
            if key.is_map or key.is_list:
                self.problems.append(Problem(key.line, key.column, f"a key is a text, not {key.kind}"))
                continue
            if key.raw in node.keys:
                first = node.keys[key.raw]
                self.problems.append(
                    Problem(key.line, key.column, f"{key.raw!r} stands here a second time; first in line {first.line}")
                )
                continue
            node.value[key.raw] = value
            node.keys[key.raw] = key


NULLS = frozenset({"", "~", "null", "Null", "NULL"})
TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
FRACTION = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}([eE][+-]?[0-9]{1,2})?")


def plain_value(text: str) -> Scalar:
    """A plain scalar as YAML 1.2 reads it, but a number that would lose a leading zero or sign stays text."""
    if text in NULLS:
        return None
    if text in TRUTHS:
        return TRUTHS[text]
    if WHOLE.fullmatch(text) and text != "-0":
        return int(text)
    return float(text) if FRACTION.fullmatch(text) else text
