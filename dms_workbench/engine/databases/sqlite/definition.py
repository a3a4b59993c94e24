"""What only the text of a CREATE TABLE statement tells: generated expressions, checks, AUTOINCREMENT, options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""(?P<blank>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))
      | (?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|'(?:[^']|'')*')
      | (?P<word>[\w$]+)
      | (?P<sign>.)""",
    re.DOTALL | re.VERBOSE,
)
CONSTRAINTS = frozenset(("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"))
KEYWORD_VALUES = frozenset(("NULL", "TRUE", "FALSE", "CURRENT_TIME", "CURRENT_DATE", "CURRENT_TIMESTAMP"))
VIRTUAL = re.compile(r"\s*CREATE\s+VIRTUAL\s+TABLE\b.*?\bUSING\s+[\"'`\[]?(\w+)", re.IGNORECASE | re.DOTALL)


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


@dataclass(slots=True)
class Definition:
    """What a CREATE TABLE statement says beyond the pragmas."""

    generated: dict[str, str] = field(default_factory=dict)
    """Column -> expression."""
    autoincrement: bool = False
    checks: list[str] = field(default_factory=list)
    """The name of each check constraint, or its expression."""
    without_rowid: bool = False
    strict: bool = False


def read_definition(sql: str) -> Definition:
    """Read a statement as SQLite keeps it."""
    found = Definition()
    ending = [token.keyword for token in tokens(sql) if token.depth == 0]
    ending = ending[len(ending) - ending[::-1].index(")") :] if ")" in ending else []
    found.without_rowid = "ROWID" in ending
    found.strict = "STRICT" in ending
    for part in parts(sql):
        read_part(sql, part, found)
    return found


def virtual_module(sql: str | None) -> str | None:
    """The module of a CREATE VIRTUAL TABLE statement, in lower case; None for other statements."""
    match = VIRTUAL.match(sql or "")
    return match[1].lower() if match else None


def read_part(sql: str, part: list[Token], found: Definition) -> None:
    """One column or table constraint."""
    name = unquoted(part[0].text)
    is_column = part[0].keyword not in CONSTRAINTS
    for index, token in enumerate(part):
        if token.depth != 1:
            continue
        if token.keyword == "AUTOINCREMENT":
            found.autoincrement = True
        opens = index + 1 < len(part) and part[index + 1].text == "(" and not part[index + 1].quoted
        if token.keyword == "CHECK" and opens:
            found.checks.append(constraint_name(part, index) or inside(sql, part, index + 1))
        if token.keyword == "AS" and opens and is_column and index:
            found.generated[name] = inside(sql, part, index + 1)


def constraint_name(part: list[Token], index: int) -> str | None:
    """The name given by CONSTRAINT in front of a token."""
    if index >= 2 and part[index - 2].keyword == "CONSTRAINT":
        return unquoted(part[index - 1].text)
    return None


def inside(sql: str, part: list[Token], opening: int) -> str:
    """The text between a parenthesis and the one that closes it."""
    closing = next(t for t in part[opening + 1 :] if t.text == ")" and t.depth == part[opening].depth and not t.quoted)
    return sql[part[opening].end : closing.start].strip()


def parts(sql: str) -> Iterator[list[Token]]:
    """The tokens of each definition between the outermost parentheses."""
    current: list[Token] = []
    for token in tokens(sql):
        if token.depth == 0 or (token.depth == 1 and token.text == "," and not token.quoted):
            if current:
                yield current
            current = []
            if token.depth == 0 and token.text == ")":
                return
        else:
            current.append(token)


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


def default_expression(text: str | None) -> str | None:
    """A default as an expression that stands anywhere: SQLite takes a name or a name in quotes there for text."""
    if text is None or text.upper() in KEYWORD_VALUES:
        return text
    token = TOKEN.fullmatch(text)
    if token is None or text[0] == "'" or not (text[0] in '"`[' or text[0].isalpha() or text[0] == "_"):
        return text
    return "'" + unquoted(text).replace("'", "''") + "'"


def unquoted(name: str) -> str:
    """A name without its quotes."""
    if len(name) < 2 or name[0] not in "\"`['":
        return name
    return name[1:-1] if name[0] == "[" else name[1:-1].replace(name[0] * 2, name[0])
