"""SQL cut into words, quoted names and signs, as far as the statements that SQLite and DuckDB keep need it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

TOKEN = re.compile(
    r"""(?P<blank>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))
      | (?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|'(?:[^']|'')*')
      | (?P<word>[\w$]+)
      | (?P<sign>.)""",
    re.DOTALL | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, quoted name or sign, and where it stands."""

    text: str
    start: int
    end: int
    depth: int
    """Parentheses it stands in; an opening one and its closing one have the depth outside of them."""
    quoted: bool

    @property
    def keyword(self) -> str:
        """In upper case; empty for a quoted name."""
        return "" if self.quoted else self.text.upper()

    @property
    def name(self) -> str:
        """As an identifier, without its quotes."""
        return unquoted(self.text)


def tokens(sql: str) -> Iterator[Token]:
    """The tokens that mean something, in order."""
    depth = 0
    for match in TOKEN.finditer(sql):
        if match.lastgroup == "blank":
            continue
        text, quoted = match[0], match.lastgroup == "quoted"
        if text == ")" and not quoted:
            depth -= 1
        yield Token(text, match.start(), match.end(), depth, quoted)
        if text == "(" and not quoted:
            depth += 1


def parts(found: Sequence[Token], depth: int = 1) -> Iterator[list[Token]]:
    """The tokens of each item between the first parentheses of a depth, cut at their commas."""
    current: list[Token] = []
    inside = False
    for token in found:
        if token.depth < depth:
            if inside and current:
                yield current
            if inside and token.text == ")":
                return
            inside = inside or (token.keyword == "(" and token.depth == depth - 1)
            current = []
        elif inside and token.depth == depth and token.keyword == ",":
            if current:
                yield current
            current = []
        elif inside:
            current.append(token)


def text_between(sql: str, part: Sequence[Token], opening: int) -> str:
    """The text between a parenthesis and the one that closes it."""
    closing = next(t for t in part[opening + 1 :] if t.keyword == ")" and t.depth == part[opening].depth)
    return sql[part[opening].end : closing.start].strip()


def text_of(sql: str, part: Sequence[Token]) -> str:
    """The text from the first token to the last one."""
    return sql[part[0].start : part[-1].end] if part else ""


def unquoted(name: str) -> str:
    """A name without its quotes."""
    if len(name) < 2 or name[0] not in "\"`['":
        return name
    return name[1:-1] if name[0] == "[" else name[1:-1].replace(name[0] * 2, name[0])
