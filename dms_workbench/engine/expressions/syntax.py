"""From the text of an expression to a tree: sqlglot's DuckDB grammar without any function it knows, within limits."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from .errors import InvalidExpression, wrong

if TYPE_CHECKING:
    from sqlglot.expressions import Expression

LONGEST_EXPRESSION = 10_000
"""Characters."""
MOST_TOKENS = 4_000
DEEPEST_NESTING = 25
"""Brackets and CASEs inside each other."""
DEEPEST_TREE = 100

OPENING = frozenset({"(", "CASE"})
CLOSING = frozenset({")", "END"})
LISTS = frozenset({"[", "]", "{", "}"})

PARSED_CALLS = ("CAST", "TRY_CAST", "EXTRACT", "TRIM", "SUBSTRING", "POSITION")
"""Calls with a grammar of their own; every other call stays a name with arguments."""


def parse_expression(text: str) -> Expression:
    """The tree of one scalar expression.

    Raises InvalidExpression with the place for what is no expression, for more than one, and past the limits.
    """
    if len(text) > LONGEST_EXPRESSION:
        raise wrong(f"the expression has {len(text):,} characters; {LONGEST_EXPRESSION:,} are the limit")
    if "\0" in text:
        raise wrong("the expression holds a NUL character", text.index("\0"))
    lone = next((place for place, letter in enumerate(text) if "\ud800" <= letter <= "\udfff"), None)
    if lone is not None:
        raise wrong("the expression holds half a character (a lone surrogate)", lone)
    tokens = tokens_of(text)
    check_nesting(tokens)
    check_cast_types(tokens)
    return check_depth(only_tree(text, tokens))


def tokens_of(text: str) -> list[Any]:
    """The expression's words and signs, in brackets: so nothing in it can be read as a statement."""
    from sqlglot.errors import SqlglotError

    try:
        tokens: list[Any] = dialect().tokenize(in_brackets(text))
    except SqlglotError as error:
        raise wrong("the expression ends inside a text or name: a quote is not closed", len(text) - 1) from error
    if len(tokens) <= 2:
        raise wrong("the expression is empty; write NULL for no value")
    if len(tokens) > MOST_TOKENS:
        raise wrong(f"the expression has {len(tokens):,} words and signs; {MOST_TOKENS:,} are the limit")
    return tokens


def in_brackets(text: str) -> str:
    """The text in brackets; a comment at its end cannot reach the second one."""
    return f"({text}\n)"


def check_nesting(tokens: list[Any]) -> None:
    """Refuse what would exhaust the parser, and brackets without a partner, before it gets there."""
    opened: list[int] = []
    for token in tokens[1:-1]:
        if token.token_type.name not in {"STRING", "IDENTIFIER"}:
            check_bracket(token.text.upper(), token.start - 1, opened)
    if opened:
        raise wrong("this bracket or CASE is not closed", opened[-1])


def check_bracket(word: str, place: int, opened: list[int]) -> None:
    """Keep account of what is open."""
    if word == ";":
        raise wrong("one expression is wanted, without a semicolon", place)
    if word in LISTS:
        raise wrong(f"{word} is not in the language: an expression gives one value", place)
    if word in CLOSING:
        if not opened:
            raise wrong(f"{word!r} closes nothing", place)
        opened.pop()
    elif word in OPENING:
        opened.append(place)
        if len(opened) > DEEPEST_NESTING:
            raise wrong(f"brackets and CASE are nested more than {DEEPEST_NESTING} deep", place)


def check_cast_types(tokens: list[Any]) -> None:
    """Refuse the two casts that DuckDB takes without a word and does differently than written."""
    for before, word, after in zip(tokens, tokens[1:], [*tokens[2:], None], strict=False):
        if before.text.upper() not in {"AS", "::"}:
            continue
        name, bracket = word.text.upper(), after is not None and after.text == "("
        if name in {"VARCHAR", "TEXT", "CHAR", "BPCHAR", "STRING"} and bracket:
            raise wrong(f"a cast to {name} cuts nothing: write {name} alone, and left(…, n) to cut", word.start - 1)
        if name in {"DECIMAL", "NUMERIC", "DEC"} and not bracket:
            raise wrong(f"say how many digits: {name}(12,2) is 12 in all, 2 of them after the point", word.start - 1)


def only_tree(text: str, tokens: list[Any]) -> Expression:
    """Parse; exactly one expression may come out."""
    from sqlglot.errors import SqlglotError

    try:
        trees: list[Any] = parser().parse(tokens, in_brackets(text))
    except SqlglotError as error:
        raise unexpected(error, len(text)) from None
    except RecursionError:
        raise wrong(f"the expression is nested more than {DEEPEST_TREE} deep") from None
    except (AttributeError, TypeError, ValueError, KeyError, IndexError, AssertionError) as error:
        raise wrong("this is no expression of the language") from error
    if len(trees) != 1 or trees[0] is None:
        raise wrong("one expression is wanted")
    tree: Expression = trees[0]
    return tree


def unexpected(error: Exception, length: int) -> InvalidExpression:
    """The parser's complaint in words, with its place."""
    details = (getattr(error, "errors", None) or [{}])[0]
    word = str(details.get("highlight") or "")
    start = details.get("start_context")
    offset = min(max(len(start) - 1 if isinstance(start, str) else 0, 0), length)
    said = str(details.get("description") or "")
    if offset >= length and word in {")", ""}:
        return wrong("the expression ends too early", max(length - 1, 0))
    if "Required keyword" in said:
        return wrong(f"something is missing after {word[:40]!r}", offset)
    if said.lower().startswith("expected type"):
        return wrong(f"a type is missing after {word[:40]!r}", offset)
    return wrong(f"{word[:40]!r} was not expected here" if word else "this is no expression", offset)


def check_depth(tree: Expression) -> Expression:
    """Refuse a tree too deep to walk; goes by levels, not by calls."""
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > DEEPEST_TREE:
            raise wrong(f"the expression is nested more than {DEEPEST_TREE} deep", offset_of(level[0]))
        level = [child for node in level for child in node.iter_expressions()]
    return tree


def offset_of(node: Expression) -> int:
    """Where a node starts in the text: its own place or that of the first part that has one."""
    stack = [node]
    found = None
    while stack and found is None:
        current = stack.pop()
        found = current.meta.get("start") if "start" in current.meta else None
        stack.extend(reversed(list(current.iter_expressions())))
    return max(int(found or 0) - 1, 0)


@cache
def dialect() -> Any:
    """sqlglot's DuckDB dialect."""
    from sqlglot.dialects.duckdb import DuckDB

    return DuckDB()


def parser() -> Any:
    """A fresh parser that knows operators, CASE and the `PARSED_CALLS`, and no other function."""
    from sqlglot.errors import ErrorLevel

    return parser_class()(error_level=ErrorLevel.IMMEDIATE, dialect=dialect())


@cache
def parser_class() -> Any:
    """The DuckDB parser with everything taken out that is not in the language."""
    base: Any = dialect().parser_class
    parsers = {name: base.FUNCTION_PARSERS[name] for name in PARSED_CALLS}
    cases = {"CASE": base.NO_PAREN_FUNCTION_PARSERS["CASE"]}
    return type(
        "ScalarParser",
        (base,),
        {"FUNCTIONS": {}, "FUNCTION_PARSERS": parsers, "NO_PAREN_FUNCTIONS": {}, "NO_PAREN_FUNCTION_PARSERS": cases},
    )
