"""What the texts of CREATE INDEX, VIEW, TRIGGER and TABLE statements say, and the same statement under another name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ..catalogue import Trigger
from ..tokens import Token, parts, text_of, tokens
from .capabilities import quote

Timing = Literal["before", "after", "instead of"]
TIMINGS: dict[str, Timing] = {"BEFORE": "before", "AFTER": "after", "INSTEAD": "instead of"}
EVENTS = ("INSERT", "UPDATE", "DELETE")


def index_expressions(sql: str) -> list[str]:
    """The text of each part of an index, without its collation, its direction and brackets around it all."""
    return [text_of(sql, bare_part(part)) for part in parts(list(tokens(sql)))]


def bare_part(part: list[Token]) -> list[Token]:
    """A part without what follows its column or expression, and without brackets around it."""
    if part[-1].keyword in ("ASC", "DESC"):
        part = part[:-1]
    if len(part) > 2 and part[-2].depth == 1 and part[-2].keyword == "COLLATE":
        part = part[:-2]
    while len(part) > 2 and part[0].keyword == "(" and closing(part) == len(part) - 1:
        part = part[1:-1]
    return part


def closing(part: Sequence[Token]) -> int:
    """Where the parenthesis is closed that a part begins with."""
    return next(n for n, token in enumerate(part) if n and token.keyword == ")" and token.depth == part[0].depth)


def index_condition(sql: str) -> str | None:
    """What a partial index holds only."""
    every = list(tokens(sql))
    at = next((n for n, token in enumerate(every) if token.depth == 0 and token.keyword == "WHERE"), None)
    return None if at is None else text_of(sql, every[at + 1 :])


def view_query(sql: str) -> str:
    """The SELECT of a view."""
    every = list(tokens(sql))
    at = next((n for n, token in enumerate(every) if token.depth == 0 and token.keyword == "AS" and n > 2), None)
    return "" if at is None else text_of(sql, every[at + 1 :]).rstrip("; \n")


def names_in(sql: str) -> set[str]:
    """Every name and word of a statement in small letters."""
    return {token.name.lower() for token in tokens(sql)}


def read_trigger(name: str, sql: str) -> Trigger:
    """A trigger from its statement."""
    every = list(tokens(sql))
    begin = next((n for n, token in enumerate(every) if token.depth == 0 and token.keyword == "BEGIN"), len(every))
    words = [token.keyword for token in every[name_at(every) + 1 : begin]]
    at = next((n for n, word in enumerate(words) if word in EVENTS), 0)
    timing: Timing = next((TIMINGS[word] for word in words[:at] if word in TIMINGS), "before")
    return Trigger(
        name=name,
        definition=sql,
        timing=timing,
        events=(words[at].lower(),) if words else (),
        body=text_of(sql, every[begin + 1 : -1]) or None,
    )


def name_at(every: Sequence[Token]) -> int:
    """Where the object's own name stands in a CREATE statement; its schema is passed over."""
    at = 1
    while at < len(every) and every[at].keyword in ("TEMP", "TEMPORARY", "UNIQUE", "VIRTUAL"):
        at += 1
    at += 1
    if [token.keyword for token in every[at : at + 3]] == ["IF", "NOT", "EXISTS"]:
        at += 3
    return at + 2 if at + 2 < len(every) and every[at + 1].keyword == "." else at


def named(sql: str, name: str, *, table: str | None = None) -> str:
    """A statement with another name, and another table behind ON; what is called so already stays as it is written."""
    every = list(tokens(sql))
    places = [(every[name_at(every)], name)]
    if table is not None:
        on = next(n for n in range(name_at(every) + 1, len(every)) if every[n].depth == 0 and every[n].keyword == "ON")
        places.append((every[on + 1], table))
    for token, wanted in reversed(places):
        if token.name != wanted:
            sql = sql[: token.start] + quote(wanted) + sql[token.end :]
    return sql


def own_name(sql: str) -> str:
    """The name of the object that a statement makes."""
    every = list(tokens(sql))
    return every[name_at(every)].name
