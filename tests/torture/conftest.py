"""Databases of every product for the awkward values, and migrations of everything in them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions, RunResult, execute_run
from dms_workbench.engine.planning import PlanOptions, build_plan

NewDatabase = Callable[[str], str]


@pytest.fixture(scope="module")
def new_database(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> NewDatabase:
    """A fresh, empty database of a product."""

    def make(product: str) -> str:
        if product in ("sqlite", "duckdb"):
            return f"{product}:///{tmp_path_factory.mktemp(product) / uuid.uuid4().hex}.{product}"
        server = request.getfixturevalue({"postgres": "postgres", "mysql": "mariadb"}[product])
        url: str = server.create_database()
        request.addfinalizer(lambda: server.drop_database(url))
        return url

    return make


@pytest.fixture
def migrate(tmp_path: Path) -> Callable[..., RunResult]:
    """Plan and execute; the options are the plan's."""

    def run(source: str, target: str, **options: object) -> RunResult:
        plan = build_plan(source, target, PlanOptions(**options))  # type: ignore[arg-type]
        return execute_run(
            plan,
            source,
            target,
            run_id=str(uuid.uuid4()),
            options=RunOptions(),
            control=Control(),
            spool_directory=tmp_path,
        )

    return run
