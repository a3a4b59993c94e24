"""What the expressions of one table map share while they are compiled, and how nodes are refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from .columns import Columns
from .errors import wrong
from .lookups import LookupTable
from .parts import LARGEST_TEXT, Fault, Faults, Part, checked
from .syntax import offset_of

if TYPE_CHECKING:
    from sqlglot.expressions import Expression

LONGEST_SQL = 100_000
LONGEST_CAUSE = 50_000
"""Beyond it a row that fails is told without naming what in the expression is to blame."""

Compiler: TypeAlias = "Callable[[Scope, Expression], Part]"
"""Makes the part of one kind of node."""


@dataclass(frozen=True, slots=True)
class Join:
    """One lookup as used: the lookup's name, its alias in the SELECT, the SQL of the key."""

    lookup: str
    alias: str
    key: str


@dataclass(slots=True)
class Scope:
    """What the expressions of one table map share: columns, lookups, the joins and faults found so far."""

    columns: Columns
    lookups: Mapping[str, LookupTable]
    nodes: Mapping[str, Compiler]
    """The kinds of node that are allowed, and what compiles them."""
    joins: list[Join] = field(default_factory=list)
    repairs: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)
    """Functions of `repairs.REPAIRS` used, each with the texts that are written out behind its value."""
    faults: Faults = field(default_factory=Faults)
    open_lookups: int = 0
    """Lookups whose key is being compiled."""
    guard: str = '"row" >= 0'
    """True on every row, in a way the database cannot know beforehand."""

    def part(self, node: Expression) -> Part:
        """Compile a node; refuse what has no place in the language."""
        compiler = self.nodes.get(type(node).__name__)
        if compiler is None:
            raise wrong(refusal(node), offset_of(node))
        part = compiler(self, node)
        if len(part.sql) > LONGEST_SQL:
            raise wrong("the expression is too large once its lookups and CASEs are written out", offset_of(node))
        if len(part.cause) > LONGEST_CAUSE:
            unnamed = replace(part, cause=part.fault)
            part = self.failing(unnamed, "a part of the expression cannot be computed for the value")
        if part.characters > LARGEST_TEXT:
            raise wrong(
                f"the result could be {part.characters:,} characters long; {LARGEST_TEXT:,} are the limit",
                offset_of(node),
            )
        return part

    def fault(self, reason: str, code: str = "transform-failed") -> str:
        """The number, as SQL, of a fault of the present target column."""
        return str(self.faults.number(Fault(code, reason)))

    def failing(self, part: Part, reason: str) -> Part:
        """The part, blamed for that reason where it fails."""
        return checked(part, self.guarded(part.sql), self.fault(reason))

    def guarded(self, sql: str) -> str:
        """NULL if the SQL raises, a list of its value if not.

        The CASE keeps DuckDB from moving a part that occurs twice in front of the TRY (seen with 2.0).
        """
        return f"TRY(CASE WHEN {self.guard} THEN [{sql}] END)"

    def join(self, lookup: str, key: str) -> str:
        """The alias of a lookup joined on a key; the same one for the same key."""
        for join in self.joins:
            if (join.lookup, join.key) == (lookup, key):
                return join.alias
        self.joins.append(Join(lookup, f"l{len(self.joins)}", key))
        return self.joins[-1].alias


def only(node: Expression, *names: str) -> None:
    """Refuse a node that carries more than the named arguments."""
    extra = [name for name, value in node.args.items() if name not in names and value not in (None, False, [])]
    if extra:
        raise wrong(f"{words(node)} with {extra[0].replace('_', ' ')} is not in the language", offset_of(node))


def words(node: Expression) -> str:
    """A node's kind in words: NullSafeEQ -> null safe eq."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).lower()


REFUSALS = {
    "Select": "a query is not an expression: a lookup reads other tables",
    "Subquery": "a query inside an expression is not in the language: a lookup reads other tables",
    "Exists": "a query inside an expression is not in the language: a lookup reads other tables",
    "Star": "* stands for no value; name a column",
    "Alias": "only one value is wanted: a name after it (or a word without a sign before it) has no place here",
    "Tuple": "one value is wanted, not several in brackets",
    "Lambda": "functions of one's own (->) are not in the language",
    "Window": "window functions see other rows; an expression sees one row",
    "Pow": "powers are not in the language: they soon leave every number type",
    "Placeholder": "there are no parameters in an expression",
    "Parameter": "there are no parameters in an expression",
    "Dot": "a name with a dot is not in the language: write the column's name alone",
    "JSONExtract": "-> is not in the language; json_extract_string(text, 'path') reads JSON",
    "JSONExtractScalar": "->> is not in the language; json_extract_string(text, 'path') reads JSON",
}


def refusal(node: Expression) -> str:
    """Why a node is refused."""
    return REFUSALS.get(type(node).__name__, f"{words(node)} is not in the language")


def text_literal(node: Expression, what: str) -> str:
    """The text of a literal; anything else is refused."""
    if type(node).__name__ != "Literal" or not node.args.get("is_string"):
        raise wrong(f"{what} must be a text written out in single quotes", offset_of(node))
    return str(node.this)
