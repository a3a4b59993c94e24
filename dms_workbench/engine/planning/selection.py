"""Which tables the options ask for."""

from __future__ import annotations

from fnmatch import fnmatchcase

from .options import PlanOptions


def wanted(name: str, options: PlanOptions) -> bool:
    """Do the options ask for a table?"""
    asked = not options.tables or any(matches(name, pattern) for pattern in options.tables)
    return asked and not any(matches(name, pattern) for pattern in options.exclude)


def matches(name: str, pattern: str) -> bool:
    """A name, or a glob that fits it; a schema before the name is passed over."""
    return (
        name == pattern
        or fnmatchcase(name, pattern)
        or ("." in pattern and fnmatchcase(name, pattern.partition(".")[2]))
    )
