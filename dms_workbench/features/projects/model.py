"""Projects as values, and the rules of their names and states."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeAlias

from annotated_types import Len

from ...kernel.shown import Readable
from .errors import IllegalTransition, InvalidProjectName, ReasonNeeded

NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
DEFAULT = "default"
Description: TypeAlias = Annotated[str, Len(0, 500)]
Reason: TypeAlias = Annotated[str, Len(0, 500)]


class State(enum.StrEnum):
    """How far a project is."""

    DRAFT = "draft"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"


LEGAL: Mapping[State, tuple[State, ...]] = {
    State.DRAFT: (State.IN_PROGRESS,),
    State.IN_PROGRESS: (State.COMPLETED, State.FAILED),
    State.COMPLETED: (State.IN_PROGRESS,),
    State.FAILED: (State.IN_PROGRESS,),
}


@dataclass(frozen=True)
class Project(Readable):
    """A project. version: grows by one with each change; archived: put away, unchangeable, deletable."""

    id: str
    name: str
    description: str
    state: State
    archived: bool
    version: int
    created_at: datetime
    created_by: str
    changed_at: datetime


@dataclass(frozen=True)
class ProjectChange(Readable):
    """One change of a project. version: the version it made; details: what was changed, as before and after."""

    version: int
    at: datetime
    by: str
    what: str
    details: Mapping[str, Any]


def checked_name(name: str) -> str:
    """The name, if it obeys the rule. Raises InvalidProjectName."""
    if NAME.fullmatch(name) is None:
        raise InvalidProjectName(name=repr(name))
    return name


def check_transition(project: Project, wanted: State, reason: str) -> None:
    """May the project go to this state? Raises IllegalTransition, ReasonNeeded."""
    legal = LEGAL[project.state]
    if wanted not in legal:
        raise IllegalTransition(
            name=project.name, state=project.state.value, wanted=wanted.value, legal=", ".join(s.value for s in legal)
        )
    if project.state is State.COMPLETED and not reason.strip():
        raise ReasonNeeded(name=project.name)


def difference(before: Project, after: Project) -> dict[str, Any]:
    """The fields a change touched: ``{field: {before, after}}``; bookkeeping left out."""
    own = ("name", "description", "state", "archived")
    return {
        field: {"before": getattr(before, field), "after": getattr(after, field)}
        for field in own
        if getattr(before, field) != getattr(after, field)
    }
