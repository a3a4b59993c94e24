"""Drift: what has changed from one profile to another."""

from __future__ import annotations

from typing import Literal

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Query
from .errors import ProfileNotFound
from .model import DataProfile, Drift
from .read import GetProfile

Gate = Literal["error", "warning", "info", "never"]


class CompareProfiles(
    Query[Drift], route="POST /profiles/drift", scope="profiles:read", raises=(ProfileNotFound,), reads_rows=True
):
    """What has changed between two kept profiles: rows, types, NULLs, distinct values, ranges, distributions, values.

    Tables and columns belong together by name, capitals or not: so the target of a migration can be held against its source.

    before_profile_id: the earlier profile, or that of the source.
    after_profile_id: the later one, or that of the target.
    fail_on: the severity from which on a change is too grave.
    """

    before_profile_id: str
    after_profile_id: str
    fail_on: Gate = "error"


@handles(CompareProfiles)
def compare_profiles(query: CompareProfiles, ctx: Context) -> Drift:
    before = ctx.bus.send(GetProfile(query.before_profile_id))
    after = ctx.bus.send(GetProfile(query.after_profile_id))
    return drift_between(before, after, query.fail_on)


def drift_between(before: DataProfile, after: DataProfile, fail_on: Gate = "error") -> Drift:
    """The drift from one profile to another, both masked alike."""
    from ...engine.profiling.drift import drift
    from ...engine.profiling.masked import masked

    return Drift(label(before), label(after), drift(masked(before.profile), masked(after.profile)), fail_on)


def label(profile: DataProfile) -> str:
    """What a profile is of, and when it was made."""
    return f"{profile.summary.source} ({profile.summary.made_at:%Y-%m-%d %H:%M})"
