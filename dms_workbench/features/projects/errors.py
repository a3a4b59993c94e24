"""What can go wrong with projects."""

from __future__ import annotations

from ...kernel.errors import NotFound, Refused, UsageError


class ProjectNameTaken(Refused, code="project-name-taken", next="dms projects get {name}"):
    """There is already a project {name}."""


class InvalidProjectName(UsageError, code="invalid-project-name"):
    """{name} is not a project name: write 1 to 100 letters A-Z a-z, digits, hyphens or underscores, without spaces."""


class IllegalTransition(Refused, code="illegal-transition"):
    """Project {name} is {state} and cannot become {wanted}. From {state} it can become: {legal}."""


class ReasonNeeded(UsageError, code="reason-needed"):
    """Opening the completed project {name} again needs a reason."""


class ProjectArchived(Refused, code="project-archived", next="dms projects unarchive {name}"):
    """Project {name} is archived and is not changed until it is taken out of the archive."""


class ProjectNotArchived(Refused, code="project-not-archived", next="dms projects archive {name}"):
    """Project {name} is not archived; only archived projects can be deleted."""


class ProjectChanged(Refused, code="project-changed", next="dms projects get {name}"):
    """Project {name} is at version {version} now, not {expected}: somebody else changed it in between."""


class UnknownVersion(NotFound, code="unknown-project-version", next="dms projects history {name}"):
    """Project {name} has no version {version}; it is at version {newest}."""
