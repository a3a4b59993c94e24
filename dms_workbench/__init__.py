"""Migrate data between databases and close the books on every row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .kernel.errors import WorkbenchError
    from .workbench import Workbench

__all__ = ["Workbench", "WorkbenchError", "__version__", "connect"]

PLACES = {"Workbench": "workbench", "WorkbenchError": "kernel.errors"}


def connect(uri: str | None = None, *, token: str | None = None, single_user: bool = False) -> Workbench:
    """The same as ``Workbench(uri, ...)``, which says what may be written here."""
    from .workbench import Workbench

    return Workbench(uri, token=token, single_user=single_user)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("dms-workbench")
    if name not in PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{PLACES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
