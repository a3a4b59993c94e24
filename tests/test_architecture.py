"""The house rules that ruff, mypy and import-linter cannot say."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, TypeGuard

import pytest

import dms_workbench
from dms_workbench.kernel.bus import HANDLERS, PREPARERS
from dms_workbench.kernel.errors import WorkbenchError
from dms_workbench.kernel.messages import Message
from tests import reference

PACKAGE = Path(dms_workbench.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
FEATURES = sorted(path.name for path in (PACKAGE / "features").iterdir() if (path / "__init__.py").is_file())
HEAVY = ("alembic", "duckdb", "fastapi", "ipywidgets", "pandas", "papermill", "polars", "psycopg", "pyarrow", "sqlglot")
IMPURE = {"os", "random", "secrets", "socket", "sqlalchemy", "subprocess", "time", "uuid"}
CLOCKS = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today)\(")


def relative(path: Path) -> str:
    """The path as it is named in the package."""
    return path.relative_to(PACKAGE).as_posix()


@pytest.fixture(scope="module")
def modules() -> list[ModuleType]:
    return [importlib.import_module(name) for name in reference.modules()]


@pytest.fixture(scope="module")
def error_classes() -> list[type[WorkbenchError]]:
    return reference.error_classes()


def test_every_public_class_and_function_has_a_docstring(modules: list[ModuleType]) -> None:
    handlers = {*HANDLERS.values(), *PREPARERS.values()}  # documented by their messages
    bare = [
        f"{module.__name__}.{name}"
        for module in modules
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(thing) or inspect.isfunction(thing))
        and thing.__module__ == module.__name__
        and thing not in handlers
        and not (vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__)
    ]
    assert bare == []


def test_every_message_has_a_docstring_and_a_handler(modules: list[ModuleType]) -> None:
    found = [thing for module in modules for thing in vars(module).values() if is_message(thing)]
    assert [cls.__name__ for cls in found if not cls.__dict__.get("__doc__")] == []
    assert [cls.__name__ for cls in found if cls not in HANDLERS] == []


def is_message(thing: object) -> TypeGuard[type[Message[Any]]]:
    """A use case of a feature, not one of the classes it is made of."""
    return (
        inspect.isclass(thing) and issubclass(thing, Message) and thing.__module__.startswith("dms_workbench.features.")
    )


def test_every_error_has_a_code_of_its_own(error_classes: list[type[WorkbenchError]]) -> None:
    codes = [cls.__dict__.get("code") for cls in error_classes]
    assert [cls.__name__ for cls in error_classes if "code" not in cls.__dict__] == []
    assert len(set(codes)) == len(codes)
    assert [code for code in codes if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", str(code))] == []


def test_every_error_has_a_message_and_a_known_exit_code(error_classes: list[type[WorkbenchError]]) -> None:
    assert [cls.__name__ for cls in error_classes if not cls.__dict__.get("__doc__")] == []
    assert [cls.__name__ for cls in error_classes if cls.exit_code not in range(1, 7)] == []
    assert [cls.__name__ for cls in error_classes if not 400 <= cls.status < 600] == []


def test_the_reference_of_errors_is_fresh() -> None:
    page = reference.ERRORS.read_text(encoding="utf-8")
    assert page == reference.errors_page(), "run: python -m tests.reference"


def test_messages_of_errors_hold_facts_by_name(error_classes: list[type[WorkbenchError]]) -> None:
    wrong = [
        cls.__name__
        for cls in error_classes
        for sentence in (cls.__doc__ or "", cls.default_safe, cls.default_next)
        for _text, field, _form, _conversion in string.Formatter().parse(sentence)
        if field is not None and not field.isidentifier()
    ]
    assert wrong == []


def test_the_public_names_are_there_and_documented() -> None:
    names: list[str] = vars(dms_workbench)["__all__"]
    assert len(set(names)) == len(names)
    assert [name for name in names if not hasattr(dms_workbench, name)] == []
    things = [getattr(dms_workbench, name) for name in names]
    assert [thing for thing in things if callable(thing) and not inspect.getdoc(thing)] == []


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = f"import sys, dms_workbench; print(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_imports_another_only_through_its_face(feature: str) -> None:
    wrong = [
        f"{relative(path)}: {target}"
        for path in (PACKAGE / "features" / feature).rglob("*.py")
        for target in imported(path)
        for other in FEATURES
        if other != feature and target.startswith(f"dms_workbench.features.{other}.")
    ]
    assert wrong == []


def imported(path: Path) -> Iterator[str]:
    """The absolute names of the modules that a file imports from."""
    package = ("dms_workbench", *path.parent.relative_to(PACKAGE).parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield ".".join((*package[: len(package) - node.level + 1], *filter(None, [node.module])))
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_models_of_features_are_pure() -> None:
    models = sorted((PACKAGE / "features").rglob("model.py"))
    wrong = [relative(path) for path in models if IMPURE & {name.split(".")[0] for name in imported(path)}]
    wrong += [relative(path) for path in models if CLOCKS.search(path.read_text(encoding="utf-8"))]
    assert wrong == []


def test_no_module_is_called_utils_and_no_class_a_manager() -> None:
    assert [relative(path) for path in SOURCES if path.stem in {"utils", "helpers", "common", "misc"}] == []
    managers = re.compile(r"^class \w*(Manager|Helper|Util)\w*\b", re.MULTILINE)
    assert [relative(path) for path in SOURCES if managers.search(path.read_text(encoding="utf-8"))] == []


def test_signals_locks_and_limits_of_one_system_live_in_platform_alone() -> None:
    special = re.compile(r"\bimport (fcntl|resource|pwd|msvcrt)\b|\bSIGKILL\b|\bos\.(setsid|killpg|fork)\b")
    users = [relative(path) for path in SOURCES if special.search(path.read_text(encoding="utf-8"))]
    assert [path for path in users if path != "platform.py"] == []
