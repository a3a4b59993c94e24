"""The rows that are copied: sixteen mixed columns like an order line of a well-known benchmark, made by the database itself."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg

DDL = """create table lineitem (
  id bigint not null primary key, orderkey bigint not null, partkey integer, suppkey integer, linenumber smallint, quantity numeric(12,2),
  extendedprice numeric(12,2), discount numeric(4,2), tax numeric(4,2), returnflag text, linestatus text, shipdate date,
  commitdate date, receiptdate timestamp, shipmode text, comment text)"""
ROWS = """
select i, i / 4, (i * 7919 % 200000)::integer, (i * 104729 % 10000)::integer, (i % 7)::smallint, (i % 50 + 1)::numeric(12,2),
  ((i * 31) % 9999999 / 100.0)::numeric(12,2), (i % 11 / 100.0)::numeric(4,2), (i % 9 / 100.0)::numeric(4,2),
  substr('NRA', (i % 3)::int + 1, 1), case when i % 2 = 0 then 'O' end, date '1992-01-01' + (i % 2500)::int,
  date '1992-01-31' + (i % 2500)::int, timestamp '1992-02-01 12:30:00' + (i % 2500) * interval '1 day', 'TRUCK' || i % 5,
  'comment of the row ' || md5(i::text)
from generate_series(1::bigint, {rows}) i"""


def fill_postgres(url: str, rows: int) -> None:
    """Make the table with so many rows, vacuumed so that reading it writes nothing."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(DDL)
        connection.execute(f"insert into lineitem {ROWS.format(rows=rows)}")
        connection.execute("vacuum (freeze, analyze) lineitem")
        connection.execute("checkpoint")


def empty_postgres(url: str) -> None:
    """Make the table without rows."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("drop schema if exists dms_ledger cascade")
        connection.execute("drop table if exists lineitem")
        connection.execute(DDL)
        connection.execute("checkpoint")


def fill_sqlite(path: Path, url: str) -> None:
    """The same rows in a SQLite file, read from a PostgreSQL database that has them."""
    ddl = DDL.replace("numeric(", "DECIMAL(").replace("timestamp", "TIMESTAMP").replace("text", "TEXT")
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
