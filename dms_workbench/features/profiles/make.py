"""Profile the data of a connection and keep the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge

from ...engine.databases.errors import SchemaMissing
from ...kernel.bus import handles, prepares
from ...kernel.context import Context
from ...kernel.messages import Command
from ..connections import GetConnection, resolve_url
from . import store
from .model import DataProfile, ProfileSummary

if TYPE_CHECKING:
    from ...engine.profiling import Profile

SAMPLE_ROWS = 1_000_000
Watch = Callable[[str, str, int], None]
"""Told the table, what is being done, and rows read."""
WATCHING: ContextVar[Watch | None] = ContextVar("watching_profile", default=None)
"""Who is told how far a profile is, where the bus is in this process."""


@contextmanager
def watched(watch: Watch | None) -> Iterator[None]:
    """Profiles that are made inside tell how far they are."""
    token = WATCHING.set(watch)
    try:
        yield
    finally:
        WATCHING.reset(token)


class ProfileData(
    Command[DataProfile],
    route="POST /connections/{connection_id}/profiles",
    scope="profiles:run",
    raises=(SchemaMissing,),
    reads_rows=True,
):
    """Read tables once and measure every column: counts, ranges, frequent values, forms, meanings, keys, personal data.

    What is kept are figures; values of columns with personal data are masked in what is kept, always.

    connection_id: the connection whose data is profiled.
    schema: the schema to read; the database's default one if left out.
    tables: names of tables; all if left out.
    sample_rows: about so many rows of tables of more than 5 million; null reads all rows of all tables.
    seed: chooses the rows of a sample: the same seed chooses the same rows.
    everything: false for counts, ranges and lengths alone.
    show_personal: true does not mask values of personal data in the answer.
    """

    connection_id: str
    schema: str | None = None
    tables: tuple[str, ...] = ()
    sample_rows: Annotated[int, Ge(1)] | None = SAMPLE_ROWS
    seed: int = 0
    everything: bool = True
    show_personal: bool = False


@prepares(ProfileData)
def measure(command: ProfileData, ctx: Context) -> Profile:
    """The profile, with all values. Raises the errors of connecting, SchemaMissing, TableNotThere."""
    from ...engine.profiling.profile import Asked, profile_url

    asked = Asked(command.tables, command.sample_rows, command.seed, command.everything)
    url = resolve_url(ctx, command.connection_id)
    return profile_url(url, asked, schema=command.schema, progress=WATCHING.get())


@handles(ProfileData)
def profile_data(command: ProfileData, ctx: Context) -> DataProfile:
    from ...engine.profiling.masked import masked
    from ...kernel.wire import to_plain

    found: Profile = ctx.prepared
    kept = masked(found)
    summary = summary_of(command, ctx, found)
    values = {name: value for name, value in vars(summary).items() if name not in ("schema", "id")}
    store.add(
        ctx.db,
        id=summary.id,
        organisation_id=ctx.caller.organisation_id,
        project_id=ctx.bus.send(GetConnection(command.connection_id)).project_id,
        schema_name=summary.schema,
        content=to_plain(kept),
        **values,
    )
    return DataProfile(summary, found if command.show_personal else kept)


def summary_of(command: ProfileData, ctx: Context, found: Profile) -> ProfileSummary:
    """The line in the history."""
    connection = ctx.bus.send(GetConnection(command.connection_id))
    return ProfileSummary(
        id=ctx.new_id(),
        connection_id=connection.id,
        source=connection.url if connection.ad_hoc else f"@{connection.name}",
        schema=command.schema,
        tables=len(found.tables),
        columns=sum(len(table.columns) for table in found.tables),
        rows_read=sum(table.sampling.rows_read for table in found.tables),
        sampled=any(not table.sampling.whole for table in found.tables),
        made_at=ctx.now,
        made_by=ctx.caller.name,
    )
