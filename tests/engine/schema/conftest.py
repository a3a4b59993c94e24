"""Small schemas in SQLite and DuckDB files, read back as catalogues."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from dms_workbench.engine.databases.base import Database
from dms_workbench.engine.databases.catalogue import Catalogue
from dms_workbench.engine.databases.urls import database_for

Side = tuple[Catalogue, Database]


def side_of(url: str) -> Side:
    """The catalogue behind a URL, with its product."""
    database = database_for(url)
    with closing(database.open_source(url)) as source:
        return source.catalogue(), database


@pytest.fixture
def schema_of(tmp_path: Path) -> Callable[..., Side]:
    """A schema made by SQL in a fresh file: ``schema_of("CREATE TABLE …", product="duckdb")``."""

    def make(*statements: str, product: str = "sqlite") -> Side:
        url = f"{product}:///{tmp_path / uuid.uuid4().hex}.{product}"
        path = url.partition("///")[2]
        with closing(sqlite3.connect(path) if product == "sqlite" else duckdb.connect(path)) as file:
            for statement in statements:
                file.execute(statement)
            file.commit()
        return side_of(url)

    return make
