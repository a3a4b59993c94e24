"""Expressions give the same target, quarantine and books in the source's SQL, on lines and on values."""

from __future__ import annotations

from typing import Any

import pytest

from dms_workbench.engine.copying import RunOptions
from dms_workbench.engine.copying.passage import LinePassage, Rows
from dms_workbench.engine.copying.strategies import STRATEGIES
from dms_workbench.engine.copying.transforms import PushedPassage, TransformedLines
from tests.engine.copying.conftest import run_sql

SOURCE = """create table people (id integer primary key, name text, plain varchar(20), state text, amount numeric(12,2),
  rate numeric(4,3), born date, seen timestamp, at timestamptz, f float8, ok boolean, note text, raw bytea, count bigint)"""
TARGET = """create table people (id integer primary key, name text, plain varchar(20), state varchar(5) not null, amount numeric(18,5),
  born date, seen timestamp, at timestamptz, f float8, ok boolean, note text, raw bytea, count integer, label varchar(12))"""
ROWS = """insert into people select i, (array['  Ada ', 'bob', E'tab\\tnew\\nline', 'back\\slash', '\\N', '', null, 'quote"'])[i % 8 + 1],
  'p' || i, (array['n', 'u'])[i % 2 + 1], i * 1.25, 0.5, date '1990-01-31' + i, timestamp '2024-01-01' + i * interval '1 s 5 us',
  timestamptz '2024-01-01' + i * interval '1 h', i / 3.0, i % 2 = 0, E'a\\\\b\\n' || i, decode(md5(i::text), 'hex'), i
  from generate_series(1, 120) i"""
ODD = [
    "insert into people (id, state, name) values (1000, 'n', 'ümlaut'), (1001, 'unknown', 'x'), (1002, null, 'x')",
    "insert into people (id, state, amount) values (1003, 'n', 'NaN')",
    "insert into people (id, state, born, seen) values (1004, 'n', 'infinity', '-infinity'), (1005, 'n', '0044-03-15 BC', null)",
    "insert into people (id, state, count) values (1006, 'n', 3000000000), (1007, 'n', 9223372036854775807)",
    "insert into people (id, state, plain) values (1008, 'n', '12345678901   '), (1009, 'n', '1234567890123456')",
    "insert into people (id, state, amount, rate) values (1010, 'n', 0.01, 0.001), (1011, 'n', 9999999999.99, 9.999)",
]
MAPPING = """\
format: dms-mapping/1
name: people
lookups:
  state: {{values: {{n: new, u: used}}}}
tables:
  - source: people
    target: people
    {where}
    columns:
      id: id
      name: {{expression: "upper(trim(name))"}}
      plain: plain
      state: {{expression: "lookup('state', state)"}}
      amount: {{expression: "amount * (1 + rate)"}}
      born: {{expression: "born + 1"}}
      seen: {{expression: "seen + interval '1' day"}}
      at: at
      f: f
      ok: {{expression: "not ok"}}
      note: note
      raw: raw
      count: {{expression: "count + 1"}}
      label: {{expression: "plain || ' '"}}
"""
WAYS = {"pushed": (PushedPassage, Rows), "lines": (TransformedLines, Rows), "values": (Rows,)}


@pytest.fixture
def copied(new_database: Any, migrate: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Copy in one way; the rows of the target, its quarantine and its accounts."""

    def copy(way: str, *, odd: bool = False, where: str = "") -> tuple[list[Any], list[Any], Any]:
        source, target = new_database("postgres"), new_database("postgres")
        run_sql(source, SOURCE, ROWS, *(ODD if odd else []))
        run_sql(target, TARGET)
        monkeypatch.setattr("dms_workbench.engine.copying.strategies.STRATEGIES", WAYS[way])
        text = MAPPING.format(where=f'where: "{where}"' if where else "")
        result = migrate(source, target, mapping_text=text, options=RunOptions(chunk_rows=25))
        assert result.error is None
        rows = run_sql(target, "select people::text from people order by id")
        apart = run_sql(target, "select row_key, column_name, code, reason from dms_ledger.quarantine order by 1, 2")
        accounts = [
            (table.read, table.written, table.filtered, table.quarantined, table.verified) for table in result.tables
        ]
        return rows, apart, (result.status, accounts)

    return copy


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ways that chunks have gone."""
    ways: list[str] = []
    for of in (LinePassage, TransformedLines):
        written = of.write

        def note(self: Any, lane: Any, lines: Any, written: Any = written) -> Any:
            made = written(self, lane, lines)
            ways.append(type(self).__name__)
            return made

        monkeypatch.setattr(of, "write", note)
    return ways


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ways that were begun: the source may refuse a row before the first chunk has gone."""
    ways: list[str] = []
    for of in (LinePassage, TransformedLines):
        begin = of.copy_keyed

        def note(self: Any, lane: Any, begin: Any = begin) -> Any:
            ways.append(type(self).__name__)
            return begin(self, lane)

        monkeypatch.setattr(of, "copy_keyed", note)
    return ways


@pytest.mark.parametrize("odd", [False, True], ids=["every row fits", "some rows do not"])
@pytest.mark.parametrize("way", ["pushed", "lines"])
def test_the_target_and_its_quarantine_are_those_of_values(
    way: str, odd: bool, copied: Any, used: list[str], tried: list[str]
) -> None:
    assert copied(way, odd=odd) == copied("values", odd=odd)
    assert tried, "this way was not begun"
    assert used or odd, "no chunk has gone this way"


def test_rows_that_a_filter_takes_away_are_counted(copied: Any, used: list[str]) -> None:
    filtered = copied("lines", where="ok and id > 40")
    assert filtered == copied("values", where="ok and id > 40")
    assert filtered[2][1][0][2] == 80
    assert set(used) == {"TransformedLines"}


def test_a_filter_is_never_pushed_down(copied: Any, used: list[str]) -> None:
    copied("pushed", where="ok")
    assert used == []


def test_a_source_that_is_to_be_spared_computes_nothing(new_database: Any, migrate: Any, used: list[str]) -> None:
    assert PushedPassage in STRATEGIES
    source, target = new_database("postgres"), new_database("postgres")
    run_sql(source, SOURCE, ROWS)
    run_sql(target, TARGET)
    migrate(source, target, mapping_text=MAPPING.format(where=""), options=RunOptions(push_down=False))
    assert set(used) == {"TransformedLines"}


def test_a_table_without_a_key_and_without_columns_that_only_move(
    new_database: Any, migrate: Any, used: list[str]
) -> None:
    source, target = new_database("postgres"), new_database("postgres")
    run_sql(source, "create table t (a text, b integer)", "insert into t values (E'x\\\\y', 1), (null, 2), ('', null)")
    run_sql(target, "create table t (a text, b integer)")
    text = """\
format: dms-mapping/1
name: t
tables:
  - source: t
    target: t
    columns:
      a: {expression: "a || '!'"}
      b: {expression: "b * 2"}
"""
    result = migrate(source, target, mapping_text=text, options=RunOptions(push_down=False))
    assert result.status == "succeeded"
    assert run_sql(target, "select a, b from t order by b nulls last") == [("x\\y!", 2), (None, 4), ("!", None)]
    assert set(used) == {"TransformedLines"}
