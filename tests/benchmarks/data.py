"""The rows that are copied, made by the databases themselves.

``lineitem``: sixteen mixed columns like an order line of a well-known benchmark. ``wide``: sixteen columns of long text, JSON,
instants, UUIDs, bytes and many NULLs.
"""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.mariadb import MariadbServer


@dataclass(frozen=True, slots=True)
class Made:
    """A table and the query that fills it with ``{rows}`` rows, in PostgreSQL."""

    name: str
    ddl: str
    rows: str


LINEITEM = Made(
    "lineitem",
    """create table lineitem (
  id bigint not null primary key, orderkey bigint not null, partkey integer, suppkey integer, linenumber smallint, quantity numeric(12,2),
  extendedprice numeric(12,2), discount numeric(4,2), tax numeric(4,2), returnflag text, linestatus text, shipdate date,
  commitdate date, receiptdate timestamp, shipmode text, comment text)""",
    """
select i, i / 4, (i * 7919 % 200000)::integer, (i * 104729 % 10000)::integer, (i % 7)::smallint, (i % 50 + 1)::numeric(12,2),
  ((i * 31) % 9999999 / 100.0)::numeric(12,2), (i % 11 / 100.0)::numeric(4,2), (i % 9 / 100.0)::numeric(4,2),
  substr('NRA', (i % 3)::int + 1, 1), case when i % 2 = 0 then 'O' end, date '1992-01-01' + (i % 2500)::int,
  date '1992-01-31' + (i % 2500)::int, timestamp '1992-02-01 12:30:00' + (i % 2500) * interval '1 day', 'TRUCK' || i % 5,
  'comment of the row ' || md5(i::text)
from generate_series(1::bigint, {rows}) i""",
)
WIDE = Made(
    "wide",
    """create table wide (
  id bigint not null primary key, u1 uuid not null, u2 uuid, created timestamptz not null, changed timestamptz, title text not null,
  body text, doc jsonb not null, tags jsonb, raw bytea, token bytea, note text, other text, score double precision, flag boolean,
  amount numeric)""",
    """
select i, md5(i::text)::uuid, case when i % 3 = 0 then md5((i + 7)::text)::uuid end,
  timestamptz '2020-01-01 00:00:00+00' + i * interval '1 second', case when i % 4 = 0 then timestamptz '2021-06-01 12:00:00.123456+00' end,
  'title ' || i || ' with "quotes", commas', case when i % 5 <> 0 then repeat(md5(i::text) || E'\\t', 4) end,
  jsonb_build_object('id', i, 'name', 'name ' || i, 'list', jsonb_build_array(i, i % 7, null)), case when i % 6 = 0 then '[]'::jsonb end,
  decode(md5(i::text) || md5((i * 3)::text), 'hex'), case when i % 7 = 0 then '\\x00ff'::bytea end,
  case when i % 2 = 0 then 'Grüße ' || i end,
  null, i / 7.0::float8, i % 2 = 0, i * 1.000001
from generate_series(1::bigint, {rows}) i""",
)


def fill_postgres(url: str, rows: int, made: Made = LINEITEM) -> None:
    """Make the table with so many rows, vacuumed so that reading it writes nothing."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(made.ddl.encode())
        connection.execute(f"insert into {made.name} {made.rows.format(rows=rows)}".encode())
        connection.execute(f"vacuum (freeze, analyze) {made.name}".encode())
        connection.execute("checkpoint")


def empty_postgres(url: str, ddl: Sequence[str] = (LINEITEM.ddl,)) -> None:
    """A database with nothing in it but what these statements make."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("drop schema if exists dms_ledger cascade")
        connection.execute("drop schema public cascade; create schema public")
        for statement in ddl:
            connection.execute(statement.encode())
        connection.execute("checkpoint")


def fill_sqlite(path: Path, url: str) -> None:
    """The rows of ``lineitem`` in a SQLite file, read from a PostgreSQL database that has them."""
    ddl = LINEITEM.ddl.replace("numeric(", "DECIMAL(").replace("timestamp", "TIMESTAMP").replace("text", "TEXT")
    with sqlite3.connect(path) as file, psycopg.connect(url) as connection:
        file.execute(ddl)
        with connection.cursor(name="all") as cursor:
            cursor.itersize = 10_000
            cursor.execute(
                "select id, orderkey, partkey, suppkey, linenumber, quantity::float8, extendedprice::float8, discount::float8, "
                "tax::float8, returnflag, linestatus, shipdate::text, commitdate::text, receiptdate::text, shipmode, comment "
                "from lineitem order by id"
            )
            file.executemany(f"insert into lineitem values ({', '.join('?' * 16)})", cursor)
    file.close()


def fill_csv(folder: Path, url: str) -> None:
    """The rows of ``lineitem`` as a CSV file with a header."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        psycopg.connect(url) as connection,
        (folder / "lineitem.csv").open("wb") as file,
        connection.cursor().copy("copy (select * from lineitem order by id) to stdout (format csv, header)") as rows,
    ):
        for piece in rows:
            file.write(piece)


MARIADB_LINEITEM = """create table lineitem (
  id bigint not null primary key, orderkey bigint not null, partkey integer, suppkey integer, linenumber smallint, quantity decimal(12,2),
  extendedprice decimal(12,2), discount decimal(4,2), tax decimal(4,2), returnflag varchar(1), linestatus varchar(1), shipdate date,
  commitdate date, receiptdate datetime, shipmode varchar(20), comment text) engine = innodb default charset = utf8mb4"""


def fill_mariadb(server: MariadbServer, database: str, url: str) -> None:
    """The rows of ``lineitem`` in MariaDB, by its own client from a PostgreSQL database that has them."""
    empty_mariadb(server, database)
    load = "load data local infile '/dev/stdin' into table lineitem"
    with subprocess.Popen(["psql", "-qX", url, "-c", "copy lineitem to stdout"], stdout=subprocess.PIPE) as rows:
        subprocess.run(mariadb_client(server, database, "--local-infile=1", "-e", load), stdin=rows.stdout, check=True)
    server.execute("analyze table lineitem", database)


def empty_mariadb(server: MariadbServer, database: str) -> None:
    """The database with nothing in it but ``lineitem``, empty."""
    server.execute(f"drop database if exists {database}; create database {database}")
    server.execute(MARIADB_LINEITEM, database)


def mariadb_client(server: MariadbServer, database: str, *arguments: str) -> list[str]:
    """The command of MariaDB's own client."""
    return [
        "mariadb", "--no-defaults", "--default-character-set=utf8mb4", "--protocol=tcp", "--host=127.0.0.1", f"--port={server.port}",
        "--user=dms", f"--password={server.password}", *arguments, database,
    ]  # fmt: skip
