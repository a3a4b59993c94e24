"""What DuckDB says of an expression that does not bind, in words a person can act on; no value of a row is in them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .types import in_words

TYPE = r"([A-Z_0-9]+(?: WITH TIME ZONE)?(?:\(\d+,\s*\d+\))?)"

COMPARE = re.compile(rf"Cannot compare values of type {TYPE} and type {TYPE}")
MIX = re.compile(rf"Cannot mix values of type {TYPE} and {TYPE} in (\w+)")
MATCH = re.compile(r"argument types '(.+?)\((.*)\)'")


def in_plain_words(message: str, names: Sequence[str]) -> str:
    """A sentence for an error of DuckDB's binder. names: the source columns behind c0, c1 …"""
    for pattern, sentence in ((COMPARE, compared), (MIX, mixed), (MATCH, unmatched)):
        found = pattern.search(message)
        if found:
            return sentence(found)
    if "Could not convert string" in message:
        return "a text stands where another type is wanted, and cannot be read as one: cast one side"
    first = re.sub(r"^[\w ]+ Error: ", "", message.split("\n", maxsplit=1)[0])
    first = re.sub(r"\bc(\d+)\b", lambda c: repr(names[int(c[1])]) if int(c[1]) < len(names) else c[0], first)
    return f"{first[:1].lower()}{first[1:200]}".rstrip(".")


def compared(found: re.Match[str]) -> str:
    """Two types that are not compared without a cast."""
    return f"{in_words(found[1])} and {in_words(found[2])} cannot be compared: cast one of them to the other's type"


def mixed(found: re.Match[str]) -> str:
    """Two types in one CASE or coalesce."""
    return f"{found[3]} gives {in_words(found[1])} here and {in_words(found[2])} there: cast one of them"


def unmatched(found: re.Match[str]) -> str:
    """A function or operator that does not take such values."""
    types = re.findall(TYPE, found[2]) or [""]
    given = " and ".join(in_words(name) for name in types)
    what = re.sub(r"__[0-9a-f]{12}$", "", found[1].strip('"'))
    if re.fullmatch(r"\W+", what):
        return f"{what} cannot be used with {given}: cast first"
    return f"{what}() does not take {given}: cast first"
