"""What only the text of a CREATE TABLE statement tells: checks, generated expressions, collations, names of constraints."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ..catalogue import Check
from ..tokens import TOKEN, Token, parts, text_between, tokens, unquoted

CONSTRAINTS = frozenset(("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"))
KEYWORD_VALUES = frozenset(("NULL", "TRUE", "FALSE", "CURRENT_TIME", "CURRENT_DATE", "CURRENT_TIMESTAMP"))
VIRTUAL = re.compile(r"\s*CREATE\s+VIRTUAL\s+TABLE\b.*?\bUSING\s+[\"'`\[]?(\w+)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a foreign key's text says beyond its pragma, in the order declared."""

    name: str | None
    deferrable: bool
    initially_deferred: bool


@dataclass(frozen=True, slots=True)
class Uniqueness:
    """A primary or unique key's name and what follows it."""

    name: str | None
    columns: tuple[str, ...]
    primary: bool
    conflict: str | None
    """What the table does with a row that breaks it: ``REPLACE`` ``IGNORE`` ``FAIL`` ``ROLLBACK``."""


@dataclass(slots=True)
class Definition:
    """What a CREATE TABLE statement says beyond the pragmas."""

    generated: dict[str, str] = field(default_factory=dict)
    """Column -> expression."""
    collations: dict[str, str] = field(default_factory=dict)
    """Column -> collation, where one is declared."""
    autoincrement: bool = False
    checks: list[Check] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    keys: list[Uniqueness] = field(default_factory=list)
    without_rowid: bool = False
    strict: bool = False

    def key_name(self, columns: tuple[str, ...], *, primary: bool) -> str | None:
        """The name given to the key of these columns."""
        folded = tuple(name.lower() for name in columns)
        return next(
            (
                key.name
                for key in self.keys
                if key.primary == primary and tuple(name.lower() for name in key.columns) == folded
            ),
            None,
        )


def read_definition(sql: str) -> Definition:
    """Read a statement as SQLite keeps it."""
    found = Definition()
    every = list(tokens(sql))
    ending = [token.keyword for token in every if token.depth == 0]
    ending = ending[len(ending) - ending[::-1].index(")") :] if ")" in ending else []
    found.without_rowid = "ROWID" in ending
    found.strict = "STRICT" in ending
    for part in parts(every):
        Part(sql, part, found).read()
    return found


def virtual_module(sql: str | None) -> str | None:
    """The module of a CREATE VIRTUAL TABLE statement, in lower case; None for other statements."""
    match = VIRTUAL.match(sql or "")
    return match[1].lower() if match else None


class Part:
    """One column, or one or more table constraints."""

    def __init__(self, sql: str, part: list[Token], found: Definition) -> None:
        """part: between two commas of the statement; found: what it is added to."""
        self.sql = sql
        self.part = part
        self.found = found
        self.column = None if part[0].keyword in CONSTRAINTS else part[0].name
        self.readers: dict[str, Callable[[int], None]] = {
            "AUTOINCREMENT": self.autoincrement,
            "CHECK": self.check,
            "AS": self.generated,
            "COLLATE": self.collation,
            "REFERENCES": self.reference,
            "PRIMARY": self.key,
            "UNIQUE": self.key,
        }

    def read(self) -> None:
        """Read all that is said behind the column's name."""
        for index, token in enumerate(self.part):
            if token.depth == 1 and (index or self.column is None) and (reader := self.readers.get(token.keyword)):
                reader(index)

    def opens(self, index: int) -> bool:
        """Does a parenthesis follow?"""
        return index + 1 < len(self.part) and self.part[index + 1].keyword == "("

    def autoincrement(self, index: int) -> None:  # noqa: ARG002  as the others
        """AUTOINCREMENT."""
        self.found.autoincrement = True

    def check(self, index: int) -> None:
        """CHECK (…)."""
        if self.opens(index):
            text = text_between(self.sql, self.part, index + 1)
            self.found.checks.append(Check(text, self.name_before(index), column=self.column))

    def generated(self, index: int) -> None:
        """AS (…)."""
        if self.column is not None and self.opens(index):
            self.found.generated[self.column] = text_between(self.sql, self.part, index + 1)

    def collation(self, index: int) -> None:
        """COLLATE name."""
        if self.column is not None and index + 1 < len(self.part):
            self.found.collations[self.column] = self.part[index + 1].name

    def key(self, index: int) -> None:
        """PRIMARY KEY or UNIQUE, of the column or with a list of columns."""
        primary = self.part[index].keyword == "PRIMARY"
        columns: tuple[str, ...] = (self.column,) if self.column is not None else ()
        opening = index + 1 + primary
        if self.column is None and opening < len(self.part) and self.part[opening].keyword == "(":
            columns = tuple(item[0].name for item in parts(self.part[opening:], depth=2))
        self.found.keys.append(Uniqueness(self.name_before(index), columns, primary, self.conflict_after(index)))

    def reference(self, index: int) -> None:
        """REFERENCES …, and when it is checked."""
        words = [token.keyword for token in self.part[index:] if token.depth == 1]
        deferrable = False
        if "DEFERRABLE" in words:
            at = words.index("DEFERRABLE")
            deferrable = words[at - 1] != "NOT"
            words = words[at:]
        start = next((i for i in range(index, -1, -1) if self.part[i].keyword == "FOREIGN"), index)
        deferred = deferrable and words[1:3] == ["INITIALLY", "DEFERRED"]
        self.found.references.append(Reference(self.name_before(start), deferrable, deferred))

    def name_before(self, index: int) -> str | None:
        """The name given by CONSTRAINT in front of a token."""
        if index >= 2 and self.part[index - 2].keyword == "CONSTRAINT":
            return self.part[index - 1].name
        return None

    def conflict_after(self, index: int) -> str | None:
        """The ON CONFLICT clause of a key, as far as the next constraint."""
        words = [token.keyword for token in self.part[index + 1 :] if token.depth == 1]
        for at, word in enumerate(words):
            if word in CONSTRAINTS:
                break
            if word == "CONFLICT" and at + 1 < len(words):
                return None if words[at + 1] == "ABORT" else words[at + 1]
        return None


def default_expression(text: str | None) -> str | None:
    """A default as an expression that stands anywhere: SQLite takes a name or a name in quotes there for text."""
    if text is None or text.upper() in KEYWORD_VALUES:
        return text
    token = TOKEN.fullmatch(text)
    if token is None or text[0] == "'" or not (text[0] in '"`[' or text[0].isalpha() or text[0] == "_"):
        return text
    return "'" + unquoted(text).replace("'", "''") + "'"
