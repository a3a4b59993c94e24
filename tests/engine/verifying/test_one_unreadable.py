"""A table that PostgreSQL cannot read is not verified; those after it are, under the same snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.databases.urls import database_for
from dms_workbench.engine.planning.plan import Plan, PlannedColumn, PlannedTable
from dms_workbench.engine.verifying import TableVerification, verify
from tests.engine.verifying.conftest import Bench, execute
from tests.engine.verifying.tables import MakeBench

NAMES = ("a_first", "b_broken", "c_last")
TABLES = [f"CREATE TABLE {name} (id integer PRIMARY KEY, note text)" for name in NAMES]
ROWS = [f"INSERT INTO {name} SELECT n, repeat('x', 5) FROM generate_series(1, 300) n" for name in NAMES]
LITE_ROWS = [
    f"INSERT INTO {name} WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 300) "
    "SELECT n, 'xxxxx' FROM c"
    for name in NAMES
]
TORN = (
    "ALTER TABLE b_broken ALTER note SET STORAGE EXTERNAL",
    "UPDATE b_broken SET note = repeat('y', 100000) WHERE id = 200",
)


def lose_a_value(url: str) -> None:
    """What a damaged page leaves behind: the row is there, the long value it points to is not."""
    with psycopg.connect(url) as server:
        server.execute("CREATE EXTENSION pg_surgery")
        row = server.execute("select reltoastrelid::regclass::text from pg_class where relname = 'b_broken'").fetchone()
        assert row is not None
        server.execute("select heap_force_kill(%s::regclass, array['(0,1)']::tid[])", row)


def forbid(url: str) -> None:
    """Take the right to read the middle table from the role ``reader``."""
    execute(url, ["REVOKE SELECT ON b_broken FROM reader"])


@pytest.fixture
def reader(postgres: Any) -> Iterator[Callable[[str], str]]:
    """Gives a database's address for a role of its own that may read everything in it."""
    made: list[str] = []

    def allowed(url: str) -> str:
        made.append(url)
        exists = "IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reader')"
        execute(url, [f"DO $$ BEGIN {exists} THEN CREATE ROLE reader LOGIN PASSWORD 'reader'; END IF; END $$"])
        execute(url, ["GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"])
        scheme, _, rest = url.partition("://")
        return f"{scheme}://reader:reader@{rest.rpartition('@')[2]}"

    yield allowed
    for url in made:
        execute(url, ["DROP OWNED BY reader"])


def plan_of(bench: Bench, source: Any, target: Any) -> Plan:
    """The three tables, as they are."""
    left, right = source.catalogue(), target.catalogue()
    tables = [
        PlannedTable(
            number,
            left.table(name),
            right.table(name),
            tuple(PlannedColumn(column, source=column.name) for column in right.table(name).columns),
            creates=True,
        )
        for number, name in enumerate(NAMES)
    ]
    return replace(bench.empty_plan(source, target), tables=tuple(tables))


def verified(bench: Bench, urls: tuple[str, str], meanwhile: Callable[[], None]) -> list[TableVerification]:
    """Verify the three tables. meanwhile: done when both databases are open."""
    opened = [database_for(url).open_source(url) for url in urls]
    with closing(opened[0]) as source, closing(opened[1]) as target:
        plan = plan_of(bench, source, target)
        meanwhile()
        return verify(plan, source, target, control=Control(), spool_directory=bench.folder)


def outcomes(results: list[TableVerification]) -> list[tuple[str, int, int]]:
    """What became of each table."""
    return [(result.result, result.source_rows, result.target_rows) for result in results]


@pytest.mark.parametrize("other", ["postgres", "sqlite"])
@pytest.mark.parametrize("broken", ["source", "target"])
def test_a_damaged_value_leaves_only_its_own_table_unverified(bench: MakeBench, other: str, broken: str) -> None:
    products = ("postgres", other) if broken == "source" else (other, "postgres")
    made = bench(*products)
    for side, product in zip(("source", "target"), products, strict=True):
        execute(made.urls[side], [*TABLES, *(ROWS if product == "postgres" else LITE_ROWS)])
        if side == broken:
            execute(made.urls[side], list(TORN))
            lose_a_value(made.urls[side])
    results = verified(made, (made.urls["source"], made.urls["target"]), lambda: None)
    assert outcomes(results) == [("equal", 300, 300), ("not_verified", 0, 0), ("equal", 300, 300)]
    assert "chunk number" in results[1].reason


@pytest.mark.parametrize("revoked", [0, 1])
def test_a_permission_that_is_gone_leaves_only_its_own_table_unverified(
    bench: MakeBench, reader: Callable[[str], str], revoked: int
) -> None:
    made = bench("postgres", "postgres")
    urls = [made.urls["source"], made.urls["target"]]
    for url in urls:
        execute(url, [*TABLES, *ROWS])
    allowed = reader(urls[0]), reader(urls[1])
    results = verified(made, allowed, lambda: forbid(urls[revoked]))
    assert outcomes(results) == [("equal", 300, 300), ("not_verified", 0, 0), ("equal", 300, 300)]
    assert "permission denied for table b_broken" in results[1].reason


def test_a_difference_behind_an_unreadable_table_is_still_found(bench: MakeBench, tmp_path: Path) -> None:
    made = bench("postgres", "postgres")
    for url in made.urls.values():
        execute(url, [*TABLES, *ROWS])
    execute(made.urls["source"], list(TORN))
    lose_a_value(made.urls["source"])
    execute(made.urls["target"], ["UPDATE c_last SET note = 'other' WHERE id = 7"])
    results = verified(made, (made.urls["source"], made.urls["target"]), lambda: None)
    assert [result.result for result in results] == ["equal", "not_verified", "different"]
    assert [(found.kind, found.key) for found in results[2].findings] == [("changed", {"id": "7"})]
