"""Random schemas and rows travel into another product and back: the same rows return."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from itertools import permutations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dms_workbench.engine.copying import RunResult
from tests.torture.cases import read, run

Migrate = Callable[..., RunResult]
NewDatabase = Callable[[str], str]

FIRST_DAY, LAST_DAY = datetime.date(1, 1, 2), datetime.date(9999, 12, 30)
PLAIN_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
VALUES = {
    "integer": st.integers(-(2**31), 2**31 - 1).map(str),
    "bigint": st.integers(-(2**63) + 1, 2**63 - 1).map(str),
    "decimal(9,3)": st.decimals(-999999, 999999, places=3, allow_nan=False, allow_infinity=False).map(str),
    "decimal(30,10)": st.decimals(-(10**19), 10**19, places=10, allow_nan=False, allow_infinity=False).map(lambda d: format(d, "f")),
    "double precision": st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False).map(lambda f: repr(f or 0.0)),
    "text": PLAIN_TEXT,
    "varchar(12)": PLAIN_TEXT,
    "date": st.dates(FIRST_DAY, LAST_DAY).map(str),
    "timestamp": st.datetimes(datetime.datetime(1, 1, 2), datetime.datetime(9999, 12, 30)).map(lambda t: t.isoformat(" ")),
    "time": st.times().map(str),
    "boolean": st.booleans().map(lambda b: "true" if b else "false"),
}  # fmt: skip
OWN_NAMES = {
    "sqlite": {"double precision": "REAL", "text": "TEXT", "decimal(30,10)": "TEXT"},
    "mysql": {
        "timestamp": "datetime(6)", "time": "time(6)", "text": "longtext character set utf8mb4 collate utf8mb4_bin",
        "varchar(12)": "varchar(12) character set utf8mb4 collate utf8mb4_bin",
    },
}  # fmt: skip
"""Where a product says it otherwise."""
Columns = dict[str, list[str | None]]


@st.composite
def tables(draw: st.DrawFn) -> Columns:
    """Some types, each with the same number of values."""
    names = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=6, max_size=6, unique=True))
    rows = draw(st.integers(12, 16))
    return {name: draw(st.lists(st.none() | VALUES[name], min_size=rows, max_size=rows)) for name in names}


def statements(product: str, columns: Columns, *, with_rows: bool) -> list[str]:
    """A table for each type, so that the values can be read alike."""
    made = []
    for number, (name, values) in enumerate(columns.items()):
        native = OWN_NAMES.get(product, {}).get(name, name)
        made.append(f"create table t{number} (id integer not null primary key, v {native})")
        made += [
            f"insert into t{number} values ({at}, {literal(product, name, value)})"
            for at, value in enumerate(values)
            if with_rows
        ]
    return made


def literal(product: str, name: str, value: str | None) -> str:
    """A value in SQL."""
    if value is None:
        return "null"
    if name in ("integer", "bigint", "decimal(9,3)", "boolean") or (name == "double precision" and product != "duckdb"):
        return value
    quoted = "'" + value.replace("'", "''") + "'"
    return quoted.replace("\\", "\\\\") if product == "mysql" else quoted


@pytest.mark.parametrize(("first", "second"), list(permutations(("postgres", "mysql", "sqlite", "duckdb"), 2)))
def test_rows_return_as_they_left(first: str, second: str, new_database: NewDatabase, migrate: Migrate):
    @settings(
        max_examples=1,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(tables())
    def travel(columns: Columns) -> None:
        home, away, back = new_database(first), new_database(second), new_database(first)
        run(first, home, iter(statements(first, columns, with_rows=True)))
        run(first, back, iter(statements(first, columns, with_rows=False)))

        there = migrate(home, away)
        again = migrate(away, back)

        assert (there.status, again.status) == ("succeeded", "succeeded"), (there.quarantine, again.quarantine)
        names = [f"t{number}" for number in range(len(columns))]
        assert read(first, back, names) == read(first, home, names)

    travel()
