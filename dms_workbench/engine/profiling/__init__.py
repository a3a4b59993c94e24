"""Profiles: what the rows of tables are like, measured by DuckDB over rows of any source."""

from __future__ import annotations

from .model import (
    Bin,
    ColumnProfile,
    Correlation,
    Dependency,
    Issue,
    KeyCandidate,
    Meaning,
    Pattern,
    Personal,
    Profile,
    ReferenceCandidate,
    Sampling,
    TableProfile,
    TopValue,
)

__all__ = [
    "Bin",
    "ColumnProfile",
    "Correlation",
    "Dependency",
    "Issue",
    "KeyCandidate",
    "Meaning",
    "Pattern",
    "Personal",
    "Profile",
    "ReferenceCandidate",
    "Sampling",
    "TableProfile",
    "TopValue",
]
