"""Modules that load at first use, so that ``import dms_workbench`` and ``dms --help`` stay quick."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

LAZY: set[str] = set()


class LazyModule(ModuleType):
    """Stands for a module of a package until one of its names is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(import_module(self.__name__), name)


def lazily(package: str, *modules: str) -> None:
    """Let ``from . import store`` in ``package`` give a module that loads at first use.

    package: ``__name__`` of the package, which calls this before it imports its use cases.
    modules: names of modules in it. Import them whole; ``from .store import x`` loads at once.
    """
    for module in modules:
        name = f"{package}.{module}"
        LAZY.add(name)
        if name not in sys.modules:
            setattr(sys.modules[package], module, LazyModule(name))


def load_all() -> None:
    """Load every module declared lazy: all tables are then registered, and no thread meets a half-loaded one."""
    for name in sorted(LAZY):
        import_module(name)
