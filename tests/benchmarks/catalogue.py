"""How long the catalogue of a large schema takes to read, as objects.

    python -m tests.benchmarks.catalogue --database postgres --tables 5000        # of twenty columns
    python -m tests.benchmarks.catalogue --database mysql --tables 400 --foreign-keys 760

Every table has twenty columns, a key, an index, a default, a check and a comment. Another product needs an entry in
`SERVERS` only.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

import psycopg

from dms_workbench.engine.databases.urls import database_for
from tests.mariadb import mariadb_server
from tests.servers import postgres_server

COLUMNS = 20
LIMIT_SECONDS = {"tables": 60.0, "foreign keys": 5.0}
TYPES = ("integer", "varchar(40)", "numeric(12,4)", "timestamp", "date")
TABLES_AT_A_TIME = 200


def statements(tables: int, foreign_keys: int) -> Iterator[str]:
    """The schema, in SQL that PostgreSQL, MySQL and MariaDB read alike."""
    columns = ", ".join(f"c{number} {TYPES[number % len(TYPES)]}" for number in range(2, COLUMNS))
    for number in range(tables):
        yield (
            f"CREATE TABLE t{number} (id integer NOT NULL PRIMARY KEY, parent integer DEFAULT 1, {columns}, "
            f"CONSTRAINT k{number} CHECK (c5 > 0))"
        )
        yield f"CREATE INDEX i{number} ON t{number} (c2, c3)"
    for number in range(foreign_keys):
        child, parent = number % tables, (number * 7 + 1) % tables
        yield f"ALTER TABLE t{child} ADD CONSTRAINT f{number} FOREIGN KEY (parent) REFERENCES t{parent} (id)"


@contextmanager
def filled_postgres(tables: int, foreign_keys: int) -> Iterator[str]:
    """The URL of a PostgreSQL database with the schema."""
    with postgres_server() as server:
        url = server.create_database()
        made = list(statements(tables, foreign_keys))
        with psycopg.connect(url, autocommit=True) as connection:
            for at in range(0, len(made), TABLES_AT_A_TIME):
                connection.execute(";".join(made[at : at + TABLES_AT_A_TIME]).encode())
            connection.execute("ANALYZE pg_catalog.pg_class; ANALYZE pg_catalog.pg_attribute")
        yield url


@contextmanager
def filled_mysql(tables: int, foreign_keys: int) -> Iterator[str]:
    """The URL of a MariaDB database with the schema."""
    with mariadb_server() as server:
        url = server.create_database()
        made = list(statements(tables, foreign_keys))
        for at in range(0, len(made), TABLES_AT_A_TIME):
            server.execute(";".join(made[at : at + TABLES_AT_A_TIME]), url.rsplit("/", 1)[1])
        yield url


SERVERS: dict[str, Callable[[int, int], AbstractContextManager[str]]] = {
    "mysql": filled_mysql,
    "postgres": filled_postgres,
}


def read_seconds(url: str) -> tuple[float, int]:
    """Wall seconds of one reading, and the tables it gave."""
    with closing(database_for(url).open_source(url)) as source:
        start = time.perf_counter()
        found = source.catalogue()
        return time.perf_counter() - start, len(found.tables)


def main(arguments: list[str]) -> int:
    """Measure and print; 1 if the limit is broken."""
    parser = argparse.ArgumentParser(description="How long the catalogue of a large schema takes to read.")
    parser.add_argument("--database", choices=sorted(SERVERS), default="postgres")
    parser.add_argument("--tables", type=int, default=5000)
    parser.add_argument("--foreign-keys", type=int, default=0)
    asked = parser.parse_args(arguments)
    limit = LIMIT_SECONDS["foreign keys" if asked.foreign_keys else "tables"]
    with SERVERS[asked.database](asked.tables, asked.foreign_keys) as url:
        measured = [read_seconds(url) for _run in range(3)]
    seconds = sorted(wall for wall, _tables in measured)
    print(
        f"{asked.database}: {measured[0][1]} tables x {COLUMNS} columns, {asked.foreign_keys} foreign keys: "
        f"first {measured[0][0]:.2f} s, median {seconds[1]:.2f} s (limit {limit:.0f} s)"
    )
    return int(seconds[1] > limit)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
