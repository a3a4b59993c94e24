"""The words that names and values are looked through for, from ``words.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def content() -> dict[str, Any]:
    """The file's content."""
    return tomllib.loads((files(__package__) / "words.toml").read_text(encoding="utf-8"))


@cache
def words(name: str) -> frozenset[str]:
    """The list of that name. Raises KeyError."""
    return frozenset(content()[name])


@cache
def personal_names() -> tuple[tuple[str, frozenset[str], float], ...]:
    """Classes of personal data with the names of columns that hold them and how sure such a name makes, in order."""
    return tuple((each["class"], frozenset(each["names"]), float(each["confidence"])) for each in content()["personal"])
