"""Names and states of projects."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.features.projects import IllegalTransition, InvalidProjectName, Project, ReasonNeeded, State
from dms_workbench.features.projects.model import check_transition, checked_name

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEGAL = {
    (State.DRAFT, State.IN_PROGRESS),
    (State.IN_PROGRESS, State.COMPLETED),
    (State.IN_PROGRESS, State.FAILED),
    (State.FAILED, State.IN_PROGRESS),
    (State.COMPLETED, State.IN_PROGRESS),
}


def project(state: State) -> Project:
    return Project("1", "shop", "", state, False, 1, NOW, "anna", NOW)


@given(st.text(max_size=120))
def test_a_name_is_taken_exactly_when_it_obeys_the_rule(name: str) -> None:
    legal = re.fullmatch(r"^[A-Za-z0-9_-]{1,100}\Z", name) is not None
    try:
        taken = checked_name(name) == name
    except InvalidProjectName:
        taken = False
    assert taken == legal


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_a_transition_is_taken_exactly_when_it_is_legal(before: State, after: State) -> None:
    try:
        check_transition(project(before), after, "because")
        taken = True
    except IllegalTransition:
        taken = False
    assert taken == ((before, after) in LEGAL)


def test_only_opening_a_completed_project_needs_a_reason() -> None:
    check_transition(project(State.FAILED), State.IN_PROGRESS, "")
    with pytest.raises(ReasonNeeded):
        check_transition(project(State.COMPLETED), State.IN_PROGRESS, " ")
