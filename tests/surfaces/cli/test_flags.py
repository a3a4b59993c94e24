"""Commands that only put messages together have no option of their own: each stands for a field of a message."""

from __future__ import annotations

from typing import Any

import click
import pytest

from dms_workbench.features.connections import EnsureConnection
from dms_workbench.features.plans import CreatePlan
from dms_workbench.features.projects import EnsureProject
from dms_workbench.features.runs import (
    FindRun,
    GetRun,
    ListRuns,
    RepairRows,
    RunEvents,
    RunLog,
    StartRun,
    StartVerify,
)
from dms_workbench.kernel.messages import Message, field_types
from dms_workbench.surfaces.cli.app import program

COMPOSED: dict[str, tuple[type[Message[Any]], ...]] = {
    "migrate": (EnsureProject, EnsureConnection, FindRun, CreatePlan, StartRun),
    "verify": (EnsureProject, EnsureConnection, CreatePlan, StartVerify, RepairRows),
    "status": (GetRun, ListRuns),
    "logs": (RunLog, RunEvents, GetRun),
}
STANDS_FOR = {
    "source": "source_connection_id",
    "target": "target_connection_id",
    "project": "project_id",
    "mapping": "mapping_text",
    "wanted": "status",
    "follow": "wait_seconds",
    "listing": "list_differences",
    "repair": "plan_id",
}
EVERYWHERE = {"json", "quiet", "verbose"}


@pytest.mark.parametrize("name", COMPOSED)
def test_every_option_stands_for_a_field(name: str) -> None:
    command = program().get_command(click.Context(click.Command("dms")), name)
    assert command is not None
    fields = {field for message in COMPOSED[name] for field in field_types(message)}
    options = {str(option.name) for option in command.params} - EVERYWHERE

    assert {option for option in options if STANDS_FOR.get(option, option) not in fields} == set()


def test_migrate_has_every_option_of_plan_and_run() -> None:
    command = program().get_command(click.Context(click.Command("dms")), "migrate")
    assert command is not None
    options = {STANDS_FOR.get(str(option.name), str(option.name)) for option in command.params}
    made_by_itself = {"plan_id", "purpose", "request_key", "mapping_path", "source_schemas"}

    assert {*field_types(CreatePlan), *field_types(StartRun)} - made_by_itself - options == set()
