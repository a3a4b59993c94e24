"""Projects: what belongs together, its people, its state and its history."""

# ruff: noqa: E402  lazily() comes before the modules that use the lazy store
from ...kernel.lazy import lazily

lazily(__name__, "store")

from .change import ArchiveProject, ChangeProjectState, DeleteProject, UnarchiveProject, UpdateProject
from .create import CreateProject, EnsureProject
from .errors import (
    IllegalTransition,
    InvalidProjectName,
    ProjectArchived,
    ProjectChanged,
    ProjectNameTaken,
    ProjectNotArchived,
    ReasonNeeded,
)
from .members import AddMember, ListMembers, RemoveMember
from .model import DEFAULT, Project, ProjectChange, State
from .read import GetProject, GetProjectVersion, ListProjects, ProjectHistory

__all__ = [
    "DEFAULT",
    "AddMember",
    "ArchiveProject",
    "ChangeProjectState",
    "CreateProject",
    "DeleteProject",
    "EnsureProject",
    "GetProject",
    "GetProjectVersion",
    "IllegalTransition",
    "InvalidProjectName",
    "ListMembers",
    "ListProjects",
    "Project",
    "ProjectArchived",
    "ProjectChange",
    "ProjectChanged",
    "ProjectHistory",
    "ProjectNameTaken",
    "ProjectNotArchived",
    "ReasonNeeded",
    "RemoveMember",
    "State",
    "UnarchiveProject",
    "UpdateProject",
]
