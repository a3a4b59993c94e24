"""Parameters of notebooks: only those declared, only plain values, never a secret.

Papermill writes ``name = value`` into a code cell: a name is code, so it must be one that the notebook itself declares.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from .errors import NotebookNotParametrised, ParameterNotPlain, SecretInParameter, UnknownParameter, WrongParameterType

TAG = "parameters"
PASSWORD_IN_URL = re.compile(
    r"://[^/?#\s@:]*:(?!\$\{\w+\}@)[^/?#\s]+@|[?&;\s](password|passwd|pwd|secret|token)\s*=\s*[^\s&;]", re.I
)
KINDS = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}


def declared(notebook: Any, name: str = "the notebook") -> dict[str, Any]:
    """The parameters of a notebook with their defaults, from the cell with the tag ``parameters``.

    notebook: a NotebookNode; name: what messages call it. A default that is no literal is given as ``...``.
    Raises NotebookNotParametrised.
    """
    for cell in notebook.cells:
        if cell.cell_type == "code" and TAG in cell.metadata.get("tags", ()):
            return dict(assignments(cell.source))
    raise NotebookNotParametrised(notebook=name)


def assignments(source: str) -> list[tuple[str, Any]]:
    """Names and literal values of plain assignments at the top level of a cell."""
    found: list[tuple[str, Any]] = []
    for node in ast.parse(source).body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        value = getattr(node, "value", None)
        found += [
            (target.id, literal(value)) for target in targets if isinstance(target, ast.Name) and value is not None
        ]
    return found


def literal(node: Any) -> Any:
    """The value of a literal expression, else ``...``."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ...


def checked(notebook: Any, values: Mapping[str, Any], name: str = "the notebook") -> dict[str, Any]:
    """The values, if the notebook declares them all, they are plain, of the default's type and hold no password.

    Raises UnknownParameter, WrongParameterType, ParameterNotPlain, SecretInParameter, NotebookNotParametrised.
    """
    if not values:
        return {}
    known = declared(notebook, name)
    for given, value in values.items():
        if not (isinstance(given, str) and is_name(given) and given in known):
            raise UnknownParameter(
                notebook=name, name=shown(given), nearest=nearest(given, known), known=", ".join(known)
            )
        check_plain(given, value)
        check_kind(name, given, value, known[given])
    return dict(values)


def is_name(text: str) -> bool:
    """May it stand left of ``=``?"""
    return text.isidentifier() and not keyword.iskeyword(text)


def shown(given: Any) -> str:
    """What was given as a name, short enough for a message."""
    text = repr(given)
    return text if len(text) <= 40 else f"{text[:39]}…"


def nearest(given: Any, known: Mapping[str, Any]) -> str:
    """A sentence with the declared name most like it, if any is."""
    found = get_close_matches(str(given), known, 1)
    return f" Did you mean {found[0]}?" if found else ""


def check_plain(name: str, value: Any) -> None:
    """Raises ParameterNotPlain, SecretInParameter."""
    if isinstance(value, str):
        if PASSWORD_IN_URL.search(value):
            raise SecretInParameter(name=name)
    elif isinstance(value, list | tuple):
        for item in value:
            check_plain(name, item)
    elif isinstance(value, dict):
        for key, item in value.items():
            check_plain(name, key)
            check_plain(name, item)
    elif not isinstance(value, bool | int | float | None):
        raise ParameterNotPlain(name=name)


def check_kind(notebook: str, name: str, value: Any, default: Any) -> None:
    """Raises WrongParameterType when the default says another type; a whole number is also a number."""
    if default is None or default is ... or value is None:
        return
    fits = type(value) is type(default) or (type(default) is float and type(value) is int)
    if not fits:
        expected = KINDS.get(type(default), type(default).__name__)
        raise WrongParameterType(
            notebook=notebook, name=name, expected=expected, given=KINDS.get(type(value), type(value).__name__)
        )
