"""A source, a target and a plan between them, from the statements of a test."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.databases.urls import database_for
from dms_workbench.engine.mapping.model import Lookup
from dms_workbench.engine.planning.plan import Plan, PlannedColumn, PlannedTable
from dms_workbench.engine.verifying import QuarantinedRow, TableVerification, verify
from tests.mariadb import MariadbServer
from tests.servers import PostgresServer

PRODUCTS = ("sqlite", "duckdb", "postgres")
SERVERS = {"postgres": "postgres", "mysql": "mariadb"}
"""Product -> the fixture of its server."""


@dataclass
class Bench:
    """Two databases and what is compared between them."""

    folder: Path
    urls: dict[str, str]
    control: Control = field(default_factory=Control)

    def run(self, side: str, statements: str) -> None:
        """Execute statements, separated by semicolons at line ends, on the side ``source`` or ``target``."""
        execute(self.urls[side], [statement for statement in statements.split(";\n") if statement.strip()])

    def verify(
        self,
        quarantined: list[QuarantinedRow] | None = None,
        *,
        baseline: int = 0,
        where: str | None = None,
        expressions: dict[str, str] | None = None,
        lookups: tuple[Lookup, ...] = (),
        adapt: Callable[[Any, Any], tuple[Any, Any]] | None = None,
    ) -> TableVerification:
        """Verify the one table ``t``: columns to namesakes, or to what the expressions say by target column."""
        source = database_for(self.urls["source"]).open_source(self.urls["source"])
        target = database_for(self.urls["target"]).open_source(self.urls["target"])
        try:
            plan = self.plan(source, target, where, expressions or {})
            readers = adapt(source, target) if adapt else (source, target)
            (result,) = verify(
                replace(plan, lookups=lookups),
                *readers,
                control=self.control,
                spool_directory=self.folder,
                quarantined={0: quarantined or []},
                baseline_rows={0: baseline},
            )
        finally:
            source.close()
            target.close()
        return result

    def plan(self, source: Any, target: Any, where: str | None, expressions: dict[str, str]) -> Plan:
        """The plan of table ``t``."""
        left, right = source.catalogue(), target.catalogue()
        read, written = left.table("t"), right.table("t")
        names = {column.name for column in read.columns}
        columns = tuple(
            PlannedColumn(column, expression=expressions[column.name])
            if column.name in expressions
            else PlannedColumn(column, source=column.name)
            for column in written.columns
            if column.name in expressions or column.name in names
        )
        table = PlannedTable(0, read, written, columns, creates=True, where=where)
        return replace(self.empty_plan(source, target), tables=(table,))

    def empty_plan(self, source: Any, target: Any) -> Plan:
        """A plan without tables."""
        products = source.can.database, target.can.database
        identities = source.identity, target.identity
        return Plan("dms-plan/1", *products, *identities, None, None, "create", (), (), (), "", "", "", "", "", "")


def execute(url: str, statements: list[str]) -> None:
    """Run statements with the product's own driver."""
    if url.startswith("mysql"):
        execute_in_mysql(url, statements)
    elif url.startswith("postgresql"):
        with psycopg.connect(url) as server:
            for statement in statements:
                server.execute(statement.encode())
    elif url.endswith(".duckdb"):
        with duckdb.connect(url) as file:
            for statement in statements:
                file.execute(statement)
    else:
        with closing(sqlite3.connect(url)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()


def execute_in_mysql(url: str, statements: list[str]) -> None:
    """Run statements that are written in standard SQL."""
    from urllib.parse import unquote, urlsplit

    import pymysql

    at = urlsplit(url)
    with closing(
        pymysql.connect(
            host=at.hostname,
            port=at.port or 0,
            user=at.username,
            password=unquote(at.password or ""),
            database=at.path[1:],
            charset="utf8mb4",
            sql_mode="ANSI",
            autocommit=True,
        )
    ) as server:
        cursor = server.cursor()
        cursor.execute("set time_zone = '+00:00', sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES'")
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes a fresh database of a product and gives its URL; the PostgreSQL server is started only when one is wanted."""
    dropped: list[tuple[PostgresServer | MariadbServer, str]] = []
    count = 0

    def make(product: str) -> str:
        nonlocal count
        count += 1
        if product not in SERVERS:
            return str(tmp_path / f"{count}.{product}")
        server = request.getfixturevalue(SERVERS[product])
        url = server.create_database()
        dropped.append((server, url))
        return url

    yield make
    for server, url in dropped:
        server.drop_database(url)


@pytest.fixture
def bench(databases: Callable[[str], str], tmp_path: Path) -> Callable[[str, str], Bench]:
    """A bench between two products."""

    def make(source: str, target: str) -> Bench:
        folder = tmp_path / "spool"
        folder.mkdir(exist_ok=True)
        return Bench(folder, {"source": databases(source), "target": databases(target)})

    return make
