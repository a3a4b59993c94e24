"""Where things stand in a mapping file, found again in its text."""

from __future__ import annotations

from .strict_yaml import Node, read_yaml


class Places:
    """Line and column of any value of the file, and of a character inside a text."""

    def __init__(self, text: str) -> None:
        self.root = read_yaml(text, "the mapping") if text else None
        self.lines = text.split("\n")

    def at(self, *path: str | int, offset: int | None = None) -> tuple[int, int]:
        """Line and column, from 1, of the value under keys and indexes; (0, 0) if there is no file.

        A path that leads nowhere gives the last value on the way. offset: of a character in the text found there.
        """
        node = self.root
        if node is None:
            return 0, 0
        for step in path:
            child = self.child(node, step)
            if child is None:
                return node.line, node.column
            node = child
        return (node.line, node.column) if offset is None else self.inside(node, offset)

    def key(self, *path: str | int) -> tuple[int, int]:
        """Line and column of a key, rather than of what stands under it."""
        node = self.root
        for step in path[:-1]:
            node = self.child(node, step) if node is not None else None
        if node is None or str(path[-1]) not in node.keys:
            return self.at(*path)
        found = node.keys[str(path[-1])]
        return found.line, found.column

    @staticmethod
    def child(node: Node, step: str | int) -> Node | None:
        """The value under one key or index."""
        if isinstance(step, int):
            return node.value[step] if node.is_list and step < len(node.value) else None
        return node.value.get(step) if node.is_map else None

    def inside(self, node: Node, offset: int) -> tuple[int, int]:
        """The place of a character of a text: found by reading text and file side by side."""
        line, column = node.line - 1, node.column - 1
        if node.style in {"|", ">"}:
            line, column = line + 1, 0
        elif node.style:
            column += 1
        for character in node.raw[:offset]:
            line, column = self.forward(line, column, character, node.style)
        line, column = self.settled(line, column, node.raw[offset : offset + 1])
        return line + 1, column + 1

    def forward(self, line: int, column: int, character: str, style: str) -> tuple[int, int]:
        """One character of the text further."""
        line, column = self.settled(line, column, character)
        rest = self.lines[line][column:] if line < len(self.lines) else ""
        if not rest:
            return (line + 1, 0) if line + 1 < len(self.lines) else (line, column)
        if rest.startswith("''") and style == "'":
            return line, column + 2
        if rest.startswith("\\") and style == '"':
            return line, column + ESCAPE_LENGTHS.get(rest[1:2], 2)
        return line, column + 1

    def settled(self, line: int, column: int, character: str) -> tuple[int, int]:
        """Past the indentation and line ends that folding took out of the text."""
        while line + 1 < len(self.lines) and not self.lines[line][column:].strip() and character not in {" ", "\n", ""}:
            line, column = line + 1, 0
        here = self.lines[line] if line < len(self.lines) else ""
        if character != " " and not here[:column].strip():
            column = max(column, len(here) - len(here.lstrip(" ")))
        return line, column


ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}
