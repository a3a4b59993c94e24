"""Rules proposed from profiles and tested on the same rows, all stages in their order."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from ..profiling.model import ReferenceCandidate
from ..profiling.references import Profiled
from ..profiling.workspace import Workspace
from .bench import Bench
from .duplicates import duplicate_rules
from .inside import row_rules
from .numbers import number_rules
from .order import order_rules
from .relations import reference_rules
from .sums import number_relations
from .texts import bench_of


def proposed(
    space: Workspace, tables: Sequence[Profiled], references: tuple[ReferenceCandidate, ...], *, now: datetime.datetime
) -> Bench:
    """All rules that the rows themselves speak for, with the rows that break them.

    tables: gathered and profiled in this workspace. now: in UTC without a zone; what lies behind it is to come.
    """
    bench = bench_of(space, tables, references)
    for table in bench.tables:
        number_rules(bench, table, now)
    reference_rules(bench)
    for table in bench.tables:
        duplicate_rules(bench, table)
        order_rules(bench, table)
        row_rules(bench, table)
    number_relations(bench)
    return bench
