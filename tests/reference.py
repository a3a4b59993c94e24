"""Writes the generated pages of docs/reference: python -m tests.reference; a test says when they are stale."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import dms_workbench
from dms_workbench.kernel.errors import WorkbenchError
from tests.documents import ROOT

ERRORS = ROOT / "docs" / "reference" / "errors.md"
HEAD = """# Errors

Generated from the classes by `python -m tests.reference`. The code is stable: compare it in scripts, not the sentence.
Words in braces are the facts of the case; they travel beside the sentence as data.

| Code | Message | Exit code | HTTP status | Try again? |
|---|---|---|---|---|
"""


def modules() -> Iterator[str]:
    """The names of the package's modules; programs and migrations, whose import has effects, are left out."""
    for found in pkgutil.walk_packages([str(Path(dms_workbench.__file__).parent)], "dms_workbench."):
        if not found.name.endswith("__main__") and ".migrations" not in found.name:
            yield found.name


def error_classes() -> list[type[WorkbenchError]]:
    """Every error class of the package, by code."""
    for name in modules():
        importlib.import_module(name)
    found: dict[str, type[WorkbenchError]] = {}
    waiting = [WorkbenchError]
    while waiting:
        cls = waiting.pop()
        found[cls.__qualname__ + cls.__module__] = cls
        waiting += [sub for sub in cls.__subclasses__() if sub.__module__.startswith("dms_workbench.")]
    return sorted(found.values(), key=lambda cls: cls.code)


def errors_page() -> str:
    """The page docs/reference/errors.md."""
    return HEAD + "".join(map(row, error_classes()))


def row(cls: type[WorkbenchError]) -> str:
    """One error in a line of the table."""
    message = " ".join(inspect.cleandoc(cls.__doc__ or "").split()).replace("|", "\\|")
    again = "yes" if cls.retryable else "no"
    return f"| `{cls.code}` | {message} | {cls.exit_code} | {cls.status} | {again} |\n"


if __name__ == "__main__":
    ERRORS.write_text(errors_page(), encoding="utf-8")
