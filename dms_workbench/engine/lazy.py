"""Packages whose names load at first use: who only wants the errors of a part of the engine does not load all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(package: str, places: Mapping[str, str]) -> Callable[[str], Any]:
    """A ``__getattr__`` for a package, which loads the module that a name is in.

    package: ``__name__`` of the package. places: by module, the names it gives, separated by spaces; none of them may be the
    name of a module of the package, which an import of that module would put in its place.
    """
    modules = {name: module for module, names in places.items() for name in names.split()}

    def find(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{modules[name]}"), name)

    return find
