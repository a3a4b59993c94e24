from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dms_workbench.engine.databases.base import Source
from dms_workbench.engine.databases.duckdb import database, open_duckdb
from dms_workbench.engine.expressions import InvalidLookup, load_lookups
from dms_workbench.engine.mapping import Lookup
from tests.engine.expressions.samples import evaluate


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Source]:
    path = str(tmp_path / "shop.duckdb")
    connection = open_duckdb(path)
    connection.execute("CREATE TABLE country (code VARCHAR PRIMARY KEY, name VARCHAR, number INTEGER)")
    connection.execute("INSERT INTO country VALUES ('DE', 'Germany', 49), ('FR', 'France', 33)")
    connection.close()
    opened = database.open_source(f"duckdb:///{path}")
    yield opened
    opened.close()


def test_a_lookup_is_read_from_a_table_of_the_source(source: Source) -> None:
    lookups = load_lookups([Lookup("country", table="country", key="code", value="number")], source)
    result = evaluate([("x", "lookup('country', a)")], [("FR", None, None, None, None)], lookups=lookups)
    assert result.columns == [[33]]


def test_a_lookup_in_the_file_needs_no_source(source: Source) -> None:
    lookups = load_lookups([Lookup("status", values={"N": "new"})], source)
    assert lookups["status"].values == ["new"]


@pytest.mark.parametrize(
    ("lookup", "sentence"),
    [
        (Lookup("c", table="contry", key="code", value="name"), "no table 'contry'; did you mean 'country'"),
        (Lookup("c", table="country", key="cod", value="name"), "country has no column 'cod'; did you mean 'code'"),
    ],
)
def test_a_lookup_that_is_not_in_the_source_is_refused(lookup: Lookup, sentence: str, source: Source) -> None:
    with pytest.raises(InvalidLookup, match=sentence):
        load_lookups([lookup], source)
