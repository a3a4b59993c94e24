"""The operator's ``PG…`` variables: shut out while libpq reads its settings, and there again afterwards."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator

_cleaning = threading.Lock()
_shelved: dict[str, str] = {}
_connecting = 0


@contextlib.contextmanager
def clean_environment() -> Iterator[None]:
    """No ``PG…`` variable exists while at least one thread connects; the last one puts them back."""
    global _connecting  # noqa: PLW0603  (the environment is one per process, so is its count)
    with _cleaning:
        _connecting += 1
        _shelved.update({name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PG")})
    try:
        yield
    finally:
        with _cleaning:
            _connecting -= 1
            if not _connecting:
                os.environ.update(_shelved)
                _shelved.clear()


def variable(name: str) -> str | None:
    """A variable of the operator, though a thread may be connecting."""
    with _cleaning:
        return _shelved.get(name) or os.environ.get(name)
