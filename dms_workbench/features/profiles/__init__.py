"""Profiles: what the rows of tables are like, kept with their history, and how they drift."""

# ruff: noqa: E402  lazily() comes before the modules that use the lazy store
from ...kernel.lazy import lazily

lazily(__name__, "store")

from .compare import CompareProfiles
from .errors import ProfileNotFound, ProfileUnreadable, ReportNotWritten
from .make import ProfileData
from .model import DataProfile, Drift, ProfileSummary
from .read import GetProfile, ListProfiles

__all__ = [
    "CompareProfiles",
    "DataProfile",
    "Drift",
    "GetProfile",
    "ListProfiles",
    "ProfileData",
    "ProfileNotFound",
    "ProfileSummary",
    "ProfileUnreadable",
    "ReportNotWritten",
]
