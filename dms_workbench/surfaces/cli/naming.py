"""Errors about a mapping's text say which file it was read from: its path never travels in a message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ...engine.mapping.errors import InvalidMapping, invalid_mapping


@contextmanager
def named(path: str | None) -> Iterator[None]:
    """While the mapping of a file is worked with, what is wrong in it is told with the file's path."""
    try:
        yield
    except InvalidMapping as error:
        if path is None or not error.problems:
            raise
        raise invalid_mapping(error.problems, path) from None
