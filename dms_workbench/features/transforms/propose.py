"""Propose what cleans the text columns of a source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge, MaxLen

from ...engine.databases.errors import SchemaMissing
from ...engine.mapping.errors import InvalidMapping
from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.errors import UsageError
from ...kernel.messages import Query
from ..connections import resolve_url
from ..schemas import catalogue_of

if TYPE_CHECKING:
    from ...engine.cleansing import Cleansing, NotCleansed

SAMPLE_ROWS = 1_000_000
MOST_CHARACTERS = 16 * 1024 * 1024


class NoSuchProposal(UsageError, code="no-such-proposal", next="Propose without accept to see what there is."):
    """Nothing is proposed for {column}."""


@dataclass(frozen=True)
class ProposedCleansing:
    """An expression that cleans one column, as it was tried on its values. Counts are of rows."""

    table: str
    column: str
    expression: str
    reason: str
    rows: int
    """With a value, among those looked at."""
    wrong: int
    changed: int
    """Of clean values none is changed."""
    emptied: int
    """Of the changed ones: become NULL."""
    still_wrong: int
    measured_on: str
    lookup: str = ""
    """The lookup that the expression uses, "" for none."""
    entries: dict[str, str | None] | None = None
    """What that lookup holds."""
    personal: str = ""
    examples: tuple[tuple[str, str | None], ...] = ()
    """Before and after; of personal data the form alone."""

    @property
    def name(self) -> str:
        """Table and column, as `accept` takes it."""
        return f"{self.table}.{self.column}"


@dataclass(frozen=True)
class UncleansedColumn:
    """What is wrong and nothing proposed puts right, or what found no place in the mapping."""

    table: str
    column: str
    rows: int
    reason: str


@dataclass(frozen=True)
class ProposedTransforms:
    """All that is proposed for a source, what is not, and the mapping file with what was accepted."""

    proposals: tuple[ProposedCleansing, ...]
    left: tuple[UncleansedColumn, ...]
    mapping_text: str = ""
    """The mapping file with the accepted proposals; comments and order stay."""

    def __str__(self) -> str:
        lines: list[str] = []
        for each in self.proposals:
            lines.append(f"{each.name}: {each.expression}")
            lines.append(
                f"  {each.changed} of {each.rows} rows change ({each.emptied} to NULL), {each.still_wrong} stay wrong; {each.measured_on}"
            )
            lines.append(f"  because: {each.reason}")
            lines += [f"  {before!r} -> {after!r}" for before, after in each.examples[:3]]
        lines += [
            f"not cleansed: {'.'.join(filter(None, (each.table, each.column)))}, {each.rows} rows: {each.reason}"
            for each in self.left
        ]
        return "\n".join(lines) or "Nothing to cleanse was found."

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(type(self).__name__ if cycle else str(self))


class ProposeTransforms(
    Query[ProposedTransforms],
    route="POST /connections/{connection_id}/transforms/propose",
    scope="rows:read",
    raises=(InvalidMapping, NoSuchProposal, SchemaMissing),
    reads_rows=True,
):
    """Propose an expression for each text column that has values to repair, tried on those values; nothing is changed.

    Clean values stay as they are; a value that cannot be repaired stays too, and is counted.

    connection_id: where the rows come from.
    tables: names of tables; all if left out.
    schema: the schema to read; the database's default one if left out.
    sample_rows: about so many rows of tables of more than 5 million; null reads all rows of all tables.
    mapping_text: the mapping file to write the accepted proposals into; one of namesakes if left out.
    accept: the proposals to write, each ``table.column``; all if left out.
    """

    connection_id: str
    tables: tuple[str, ...] = ()
    schema: str | None = None
    sample_rows: Annotated[int, Ge(1)] | None = SAMPLE_ROWS
    mapping_text: Annotated[str, MaxLen(MOST_CHARACTERS)] | None = None
    accept: tuple[str, ...] = ()


@handles(ProposeTransforms)
def propose_transforms(query: ProposeTransforms, ctx: Context) -> ProposedTransforms:
    from ...engine.cleansing import into_mapping, propose_cleansings
    from ...engine.mapping import namesake_mapping

    url = resolve_url(ctx, query.connection_id)
    source = catalogue_of(url, query.schema)
    text = query.mapping_text
    text = text if text is not None else namesake_mapping(source, None).text
    found = propose_cleansings(url, tables=query.tables, schema=query.schema, sample_rows=query.sample_rows)
    names = {f"{each.table}.{each.column}" for each in found.proposals}
    for wanted in query.accept:
        if wanted not in names:
            raise NoSuchProposal(column=wanted)
    accepted = [each for each in found.proposals if not query.accept or f"{each.table}.{each.column}" in query.accept]
    written, unplaced = into_mapping(text, accepted, source)
    return ProposedTransforms(
        tuple(map(proposed, found.proposals)), tuple(map(uncleansed, (*found.left, *unplaced))), written
    )


def proposed(found: Cleansing) -> ProposedCleansing:
    """As a result."""
    return ProposedCleansing(
        found.table, found.column, found.expression, found.reason, found.rows, found.wrong, found.changed, found.emptied,
        found.still_wrong, found.measured_on, found.lookup, dict(found.entries) if found.entries else None, found.personal,
        tuple((each.before, each.after) for each in found.examples),
    )  # fmt: skip


def uncleansed(found: NotCleansed) -> UncleansedColumn:
    """As a result."""
    return UncleansedColumn(found.table, found.column, found.rows, found.reason)
