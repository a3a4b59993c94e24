"""``wb.projects``."""

from __future__ import annotations

from ...kernel.facade import Facade, operation
from .change import ArchiveProject, ChangeProjectState, DeleteProject, UnarchiveProject, UpdateProject
from .create import CreateProject, EnsureProject
from .members import AddMember, ListMembers, RemoveMember
from .read import GetProject, GetProjectVersion, ListProjects, ProjectHistory


class Projects(Facade):
    """Create projects, share them, move them through their states and see their history."""

    create = operation(CreateProject)
    ensure = operation(EnsureProject)
    get = operation(GetProject)
    list = operation(ListProjects)
    update = operation(UpdateProject)
    change_state = operation(ChangeProjectState)
    archive = operation(ArchiveProject)
    unarchive = operation(UnarchiveProject)
    delete = operation(DeleteProject)
    history = operation(ProjectHistory)
    version = operation(GetProjectVersion)
    members = operation(ListMembers)
    add_member = operation(AddMember)
    remove_member = operation(RemoveMember)
