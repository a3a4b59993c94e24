"""Arrow without pandas: the one place that keeps a copy from loading a package that nothing of it uses.

Arrow looks for pandas at the first Python value that it is given, be it a list, a number or an option of a function, and
loads it (a second, and 40 MB) only to find that the value is none of its. Where it does not find it that once, it goes on
without; as soon as somebody asks it for a pandas object or gives it one, it looks again.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_looking = threading.Lock()
_looked: set[str] = set()


class Hidden(MetaPathFinder):
    """Hides pandas from one thread."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        """None: look elsewhere. Raises ModuleNotFoundError for pandas."""
        if fullname == "pandas" and threading.get_ident() == self.thread:
            raise ModuleNotFoundError("hidden from Arrow", name=fullname)
        return None


def arrow_alone() -> None:
    """Let Arrow look for pandas once while it cannot be found; where it is loaded already, nothing is done.

    To be called before the first use of Arrow. Loads Arrow.
    """
    with _looking:
        if _looked or "pandas" in sys.modules:
            return
        import pyarrow as pa

        hidden = Hidden()
        sys.meta_path.insert(0, hidden)
        try:
            pa.scalar(0)
        finally:
            sys.meta_path.remove(hidden)
        _looked.add("pandas")
