"""Compare two schemas."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import Literal

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Query
from .differences import ComparedSide, SchemaDiff
from .places import LiveSide, opened


class CompareSchemas(Query[SchemaDiff], route="POST /schemas/compare", scope="schemas:read"):
    """Compare two schemas, of one product or of two: what differs, how grave it is, and what would resolve it.

    A place is a connection, a kept snapshot or the text of a snapshot file. Renames are recognised and asked about.

    source_place_id: what the other side is to be like.
    target_place_id: what the statements are written for.
    base_place_id: an earlier state of both, approved for instance: each difference then says who has changed it.
    source_schema: of the source; its default one if left out.
    target_schema: of the target; its default one if left out.
    read_values: may rows of both databases be read, within bounds, to recognise renames?
    assume_renames: answer every rename with ``yes`` or ``no``; open questions if left out.
    """

    source_place_id: str
    target_place_id: str
    base_place_id: str | None = None
    source_schema: str | None = None
    target_schema: str | None = None
    read_values: bool = True
    assume_renames: Literal["yes", "no"] | None = None


@handles(CompareSchemas)
def compare_schemas(query: CompareSchemas, ctx: Context) -> SchemaDiff:
    from ...engine.schema.diff import compare
    from ...engine.schema.rename_sample import LiveSampler

    with ExitStack() as stack:
        first = stack.enter_context(opened(ctx, query.source_place_id, query.source_schema))
        second = stack.enter_context(opened(ctx, query.target_place_id, query.target_schema))
        base = None
        if query.base_place_id is not None:
            base = stack.enter_context(opened(ctx, query.base_place_id, query.target_schema))
        sampler = None
        if query.read_values and first.source is not None and second.source is not None:
            sampler = LiveSampler(first.source, second.source)
        found = compare(
            (first.catalogue, first.database),
            (second.catalogue, second.database),
            None if base is None else base.catalogue,
            sampler,
        )
    renames = [replace(rename, keys=None) for rename in found.renames]
    sides = compared(first), compared(second), None if base is None else compared(base)
    return SchemaDiff(*sides, found.certain, renames, found.notes).answer(query.assume_renames)


def compared(side: LiveSide) -> ComparedSide:
    """A side as the answer names it."""
    catalogue = side.catalogue
    return ComparedSide(
        side.label,
        catalogue.database,
        catalogue.version,
        catalogue.schema,
        catalogue.fingerprint(),
        len(catalogue.tables),
    )
