"""What can go wrong with profiles."""

from __future__ import annotations

from ...kernel.errors import NotFound, UsageError, WorkbenchError


class ProfileNotFound(NotFound, code="profile-not-found"):
    """There is no profile {profile_id}."""


class ProfileUnreadable(UsageError, code="profile-unreadable", next="dms profile URL --json > FILE writes one."):
    """The profile {path} cannot be read: {reason}"""


class ReportNotWritten(
    WorkbenchError, code="report-not-written", status=409, next="Name a folder that you may write in."
):
    """The report {path} cannot be written: {reason}."""
