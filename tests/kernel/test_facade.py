"""The facade: signatures, help, and the list of operations without opening anything."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import Any

import pytest

from dms_workbench import Workbench
from dms_workbench.features.projects import CreateProject, Project
from dms_workbench.features.projects.facade import Projects
from dms_workbench.kernel.facade import operations
from dms_workbench.kernel.messages import Message

HEAVY = ("sqlalchemy", "pydantic", "structlog", "alembic", "duckdb", "polars", "pyarrow", "psycopg", "httpx", "fastapi")


class Catching:
    """A bus that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[Message[Any]] = []

    def send(self, message: Message[Any]) -> Any:
        self.sent.append(message)


def test_a_method_sends_its_message() -> None:
    bus = Catching()
    Projects(bus).create("shop", description="old")
    assert bus.sent == [CreateProject("shop", "old")]


def test_a_method_has_the_message_s_signature_and_help() -> None:
    create = Projects(Catching()).create
    assert str(inspect.signature(create)).startswith("(name: str, description: str = '') -> ")
    assert inspect.signature(create).return_annotation is Project
    assert create.__doc__ == CreateProject.__doc__
    assert create.__name__ == "create"


def test_methods_are_attributes_of_the_object_for_completion() -> None:
    assert {"create", "list", "archive"} <= set(vars(Projects(Catching())))


def test_operations_are_known_from_the_class() -> None:
    found = operations(Workbench)
    assert found[("projects", "create")] is CreateProject
    assert next(iter(found))[0] == "access"


def test_a_workbench_over_a_bus_has_every_facade() -> None:
    bus = Catching()
    Workbench.over(bus).projects.get("shop")
    assert len(bus.sent) == 1


def test_the_facade_is_imported_without_heavy_libraries() -> None:
    code = f"import sys, dms_workbench.workbench; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_a_wrong_call_names_the_method_and_not_the_message() -> None:
    projects = Projects(Catching())
    with pytest.raises(TypeError, match=r"^create\(\): missing a required argument: 'name'$"):
        projects.create()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"^create\(\): got an unexpected keyword argument 'descr'$"):
        projects.create("shop", descr="old")  # type: ignore[call-arg]


def test_a_facade_shows_what_it_can_do() -> None:
    assert repr(Projects(Catching())).startswith("<projects: create, ensure, get, list,")
