"""Where a table may be cut into lanes: by a sample of its blocks, whatever its key is made of."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from ..base import Position
from ..catalogue import Table
from .capabilities import literal, qualified, quote, rows_of

Query = Callable[..., list[tuple[Any, ...]]]

LEAST_BLOCKS = 400
BLOCKS_A_LANE = 100
"""So many blocks at random put a cut within a few percent of the rows beside where it should be."""
SAMPLED_KINDS = ("r", "m", "p")
SEED = 7346
"""The same sample every time."""
BLOCKS = """
with recursive parts (relation, kind) as (
  select c.oid, c.relkind from pg_catalog.pg_class c where c.oid = {name}::pg_catalog.regclass
  union all
  select c.oid, c.relkind from parts p join pg_catalog.pg_inherits i on i.inhparent = p.relation
  join pg_catalog.pg_class c on c.oid = i.inhrelid where p.kind = 'p'
)
select (select kind::text from parts limit 1),
  pg_catalog.sum(pg_catalog.pg_relation_size(relation)) / pg_catalog.current_setting('block_size')::pg_catalog.int8
from parts
"""
CUTS = """
select {texts} from (
  select *, pg_catalog.row_number() over (order by {keys}) as dms_row_number, pg_catalog.count(*) over () as dms_rows
  from (select {keys} from {rows} as dms_row tablesample system ({percent}) repeatable ({seed}){where}) as dms_sample
) as dms_row
where dms_row_number * {lanes} / dms_rows <> (dms_row_number - 1) * {lanes} / dms_rows and dms_row_number < dms_rows
order by dms_row_number
"""


def lane_bounds(query: Query, table: Table, keys: Sequence[str], lanes: int, where: str = "") -> list[Position]:
    """At most ``lanes - 1`` rising positions with about as many rows between each two; [] where nothing can be sampled.

    query: runs SQL under the snapshot; where: only rows of ``dms_row`` for which it holds. Never sorts more than the sample.
    """
    if not keys or lanes < 2:
        return []
    kind, blocks = query(BLOCKS.format(name=literal(qualified(table.name))))[0]
    if kind not in SAMPLED_KINDS or not blocks:
        return []
    wanted = max(LEAST_BLOCKS, BLOCKS_A_LANE * lanes)
    cuts = query(
        CUTS.format(
            texts=", ".join(text_of(table, key) for key in keys),
            keys=", ".join(map(quote, keys)),
            rows=rows_of(table.name),
            percent=min(100.0, 100.0 * wanted / int(blocks)),
            seed=SEED,
            where=where,
            lanes=int(lanes),
        )
    )
    return [json.dumps(list(cut)) for cut in cuts]


def text_of(table: Table, key: str) -> str:
    """A key's column as text that its type reads again."""
    own = "::pg_catalog.numeric" if table.column(key).type.native == "money" else ""
    return f"dms_row.{quote(key)}{own}::pg_catalog.text"
