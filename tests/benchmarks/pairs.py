"""The copies that are measured, each beside a limit: what the products' own tools need for the same rows in the same run."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import data
from tests.benchmarks.data import LINEITEM, WIDE, Made
from tests.benchmarks.tls import with_tls
from tests.mariadb import MariadbServer, mariadb_server
from tests.servers import PostgresServer, postgres_server

TRANSFORMS = """\
format: dms-mapping/1
name: five transforms
tables:
  - source: lineitem
    target: lineitem
    columns:
      id: id
      partkey: partkey
      suppkey: suppkey
      linenumber: linenumber
      quantity: quantity
      extendedprice: extendedprice
      discount: discount
      tax: tax
      returnflag: {expression: "coalesce(returnflag, '?')"}
      linestatus: {expression: "case when linestatus = 'O' then 'open' else 'done' end"}
      shipdate: shipdate
      commitdate: commitdate
      receiptdate: receiptdate
      shipmode: {expression: "shipmode || ' x'"}
      comment: {expression: "upper(trim(comment))"}
      orderkey: {expression: "orderkey + 1"}
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """How much more than the reference is allowed; None where that figure has no limit."""

    cpu: float | None
    wall: float | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A copy of ours and its reference."""

    name: str
    ours: list[str]
    reference: list[str]
    limit: Limit
    reset: Callable[[], None]
    """Makes the target as it was, before each run."""
    servers: tuple[int, ...]
    """Process ids of the servers whose work counts."""
    reference_name: str = ""


@dataclass(slots=True)
class Machine:
    """Servers and files with the rows, made when a pair first asks for them."""

    rows: int
    stack: ExitStack
    folder: Path
    _postgres: PostgresServer | None = None
    _mariadb: MariadbServer | None = None
    made: dict[str, str] = field(default_factory=dict)

    @property
    def postgres(self) -> PostgresServer:
        """PostgreSQL, for sources and targets."""
        if self._postgres is None:
            self._postgres = self.stack.enter_context(postgres_server())
        return self._postgres

    @property
    def mariadb(self) -> MariadbServer:
        """MariaDB, for sources and targets."""
        if self._mariadb is None:
            self._mariadb = self.stack.enter_context(mariadb_server())
        return self._mariadb

    def once(self, name: str, make: Callable[[], str]) -> str:
        """The URL of something that is made only once."""
        if name not in self.made:
            self.made[name] = make()
        return self.made[name]

    def filled(self, made: Made = LINEITEM) -> str:
        """A PostgreSQL database with the rows of a table."""

        def make() -> str:
            url = self.postgres.create_database()
            data.fill_postgres(url, self.rows if made is LINEITEM else self.rows // 2, made)
            return url

        return self.once(f"postgres {made.name}", make)

    def empty(self) -> str:
        """A PostgreSQL database for targets."""
        return self.once("target", self.postgres.create_database)

    def sqlite(self) -> str:
        """A SQLite file with the rows."""

        def make() -> str:
            data.fill_sqlite(self.folder / "source.sqlite", self.filled())
            return f"sqlite:///{self.folder / 'source.sqlite'}"

        return self.once("sqlite", make)

    def csv(self) -> Path:
        """A folder with the rows as a CSV file."""

        def make() -> str:
            data.fill_csv(self.folder / "csv", self.filled())
            return str(self.folder / "csv")

        return Path(self.once("csv", make))

    def mariadb_filled(self) -> str:
        """A MariaDB database with the rows."""

        def make() -> str:
            data.fill_mariadb(self.mariadb, "filled", self.filled())
            return self.mariadb.url("filled")

        return self.once("mariadb", make)


@contextmanager
def machine(rows: int) -> Iterator[Machine]:
    """Everything is stopped and removed at the end."""
    with ExitStack() as stack, TemporaryDirectory() as folder:
        yield Machine(rows, stack, Path(folder))


def ours(source: str, target: str, *options: str) -> list[str]:
    """The command of our copy."""
    return [sys.executable, "-m", "tests.benchmarks.one_copy", source, target, *options]


def piped(left: str, right: str) -> list[str]:
    """Two commands with a pipe between them."""
    return ["sh", "-c", f"{left} | {right}"]


def psql(url: str, sql: str) -> str:
    """A psql command."""
    return f"psql -qX -v ON_ERROR_STOP=1 {shlex.quote(url)} -c {shlex.quote(sql)}"


def binary_pipe(source: str, target: str, table: str) -> list[str]:
    """The limit between PostgreSQL databases."""
    return piped(
        psql(source, f"copy {table} to stdout (format binary)"),
        psql(target, f"copy {table} from stdin (format binary)"),
    )


def into_postgres(machine: Machine, made: Made = LINEITEM) -> Callable[[], None]:
    """Empties the PostgreSQL target."""
    return lambda: data.empty_postgres(machine.empty(), (made.ddl,))


def postgres(
    machine: Machine, made: Made = LINEITEM, *options: str, name: str = "", limit: Limit | None = None
) -> Pair:
    """PostgreSQL to PostgreSQL, with a checkpoint every 50,000 rows."""
    source, target = machine.filled(made), machine.empty()
    return Pair(
        name or f"PostgreSQL → PostgreSQL, {made.name}",
        ours(source, target, "--chunk-rows", "50000", *options),
        binary_pipe(source, target, made.name),
        limit or Limit(1.15, 1.3),
        into_postgres(machine, made),
        (machine.postgres.process_id,),
        "psql COPY binary | psql COPY binary",
    )


def postgres_tls(machine: Machine) -> Pair:
    """The same over TLS on both sides, beside psql over TLS; by a server of its own: clients take TLS wherever they can have it."""
    apart = Machine(machine.rows, machine.stack, machine.folder)
    with_tls(apart.postgres)
    source, target = (f"{url}?sslmode=require" for url in (apart.filled(), apart.empty()))
    return Pair(
        "PostgreSQL → PostgreSQL, TLS",
        ours(source, target),
        binary_pipe(source, target, "lineitem"),
        Limit(1.35, 1.35),
        into_postgres(apart),
        (apart.postgres.process_id,),
        "psql COPY binary | psql COPY binary, TLS",
    )


def verified(machine: Machine) -> Pair:
    """With verification, beside the copy itself."""
    pair = postgres(machine)
    return Pair(
        "PostgreSQL → PostgreSQL, verified",
        [*pair.ours, "--verify"],
        pair.ours,
        Limit(1.9, None),
        pair.reset,
        pair.servers,
        "our own copy without verification",
    )


def transformed(machine: Machine, *, pushed: bool) -> Pair:
    """Five transforms, beside the limit without any."""
    path = machine.folder / "mapping.yaml"
    path.write_text(TRANSFORMS)
    options = ("--mapping", str(path), *(() if pushed else ("--in-process",)))
    where = "pushed down" if pushed else "in our process"
    return postgres(
        machine, LINEITEM, *options, name=f"PostgreSQL → PostgreSQL, five transforms {where}", limit=Limit(2.0 if pushed else 2.5, None)
    )  # fmt: skip


def mariadb_to_postgres(machine: Machine) -> Pair:
    """MariaDB to PostgreSQL."""
    source, target = machine.mariadb_filled(), machine.empty()
    read = shlex.join(
        data.mariadb_client(
            machine.mariadb, "filled", "--quick", "--skip-column-names", "--batch", "-e", "select * from lineitem"
        )
    )
    # The client writes NULL as the word; COPY is told so.
    return Pair(
        "MariaDB → PostgreSQL",
        ours(source, target),
        piped(read, psql(target, "copy lineitem from stdin (null 'NULL')")),
        Limit(1.2, 1.2),
        into_postgres(machine),
        (machine.postgres.process_id, machine.mariadb.process_id),
        "mariadb --quick | psql COPY",
    )


def postgres_to_mariadb(machine: Machine) -> Pair:
    """PostgreSQL to MariaDB."""
    source = machine.filled()
    data.empty_mariadb(machine.mariadb, "aim")
    load = shlex.join(
        data.mariadb_client(
            machine.mariadb, "aim", "--local-infile=1", "-e", "load data local infile '/dev/stdin' into table lineitem"
        )
    )
    return Pair(
        "PostgreSQL → MariaDB",
        ours(source, machine.mariadb.url("aim")),
        piped(psql(source, "copy lineitem to stdout"), load),
        Limit(1.5, 1.5),
        lambda: data.empty_mariadb(machine.mariadb, "aim"),
        (machine.postgres.process_id, machine.mariadb.process_id),
        "COPY text | LOAD DATA LOCAL",
    )


def sqlite_to_postgres(machine: Machine) -> Pair:
    """SQLite to PostgreSQL."""
    source, target = machine.sqlite(), machine.empty()
    read = f"sqlite3 -csv {shlex.quote(source.removeprefix('sqlite:///'))} 'select * from lineitem'"
    return Pair(
        "SQLite → PostgreSQL",
        ours(source, target),
        piped(read, psql(target, "copy lineitem from stdin (format csv)")),
        Limit(1.2, 1.2),
        into_postgres(machine),
        (machine.postgres.process_id,),
        "sqlite3 -csv | psql COPY",
    )


def csv_to_postgres(machine: Machine, *, typed: bool) -> Pair:
    """A CSV file to PostgreSQL, into text columns only or into typed ones."""
    folder, target = machine.csv(), machine.empty()
    names = (
        "id orderkey partkey suppkey linenumber quantity extendedprice discount tax returnflag linestatus shipdate commitdate "
        "receiptdate shipmode comment"
    )
    plain = f"create table lineitem ({', '.join(f'{name} text' for name in names.split())})"
    copy = f"\\copy lineitem from '{folder / 'lineitem.csv'}' (format csv, header)"
    return Pair(
        f"CSV → PostgreSQL, {'typed' if typed else 'text'}",
        ours(f"csv:///{folder}", target),
        ["psql", "-qX", "-v", "ON_ERROR_STOP=1", target, "-c", copy],
        Limit(1.8 if typed else 1.15, None),
        lambda: data.empty_postgres(target, (LINEITEM.ddl if typed else plain,)),
        (machine.postgres.process_id,),
        "psql \\copy",
    )


def postgres_out(machine: Machine, product: str, made: Made = LINEITEM) -> Pair:
    """PostgreSQL to DuckDB or Parquet, beside the read alone."""
    source, folder = machine.filled(made), machine.folder / product
    aim = f"duckdb:///{folder / 'aim.duckdb'}" if product == "DuckDB" else f"parquet:///{folder}"

    def reset() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()

    return Pair(
        f"PostgreSQL → {product}, {made.name}",
        ours(source, aim),
        ["sh", "-c", psql(source, f"copy {made.name} to stdout") + " > /dev/null"],
        Limit(5.0, None),
        reset,
        (machine.postgres.process_id,),
        "psql COPY > /dev/null",
    )


def many_tables(machine: Machine, tables: int = 300, rows: int = 100) -> Pair:
    """Many small tables with their structure."""

    def make() -> str:
        url = machine.postgres.create_database()
        columns = "id integer primary key, name text not null, amount numeric(12,2), at timestamptz default now(), note varchar(40)"
        name = url.rpartition("/")[2]
        for number in range(tables):
            machine.postgres.execute(
                f"create table t{number:03} ({columns}); insert into t{number:03} select i, 'name ' || i, i / 7.0, now(), 'note' "
                f"from generate_series(1, {rows}) i; create index on t{number:03} (name)",
                name,
            )
        return url

    source, target = machine.once("many", make), machine.empty()
    return Pair(
        f"PostgreSQL → PostgreSQL, {tables} tables of {rows} rows with DDL",
        ours(source, target, "--from", "create"),
        piped(f"pg_dump -Fc -Z0 {shlex.quote(source)}", f"pg_restore --no-owner -d {shlex.quote(target)}"),
        Limit(None, 1.5),
        lambda: data.empty_postgres(target, ("drop schema public; create schema public",)),
        (machine.postgres.process_id,),
        "pg_dump | pg_restore",
    )


PAIRS: dict[str, Callable[[Machine], Pair]] = {
    "postgres": postgres,
    "postgres-wide": lambda machine: postgres(machine, WIDE),
    "postgres-tls": postgres_tls,
    "postgres-verified": verified,
    "postgres-pushed": lambda machine: transformed(machine, pushed=True),
    "postgres-in-process": lambda machine: transformed(machine, pushed=False),
    "mariadb-postgres": mariadb_to_postgres,
    "postgres-mariadb": postgres_to_mariadb,
    "sqlite-postgres": sqlite_to_postgres,
    "csv-postgres": lambda machine: csv_to_postgres(machine, typed=False),
    "csv-postgres-typed": lambda machine: csv_to_postgres(machine, typed=True),
    "postgres-duckdb": lambda machine: postgres_out(machine, "DuckDB"),
    "postgres-parquet": lambda machine: postgres_out(machine, "Parquet"),
    "postgres-duckdb-wide": lambda machine: postgres_out(machine, "DuckDB", WIDE),
    "postgres-parquet-wide": lambda machine: postgres_out(machine, "Parquet", WIDE),
    "many-tables": many_tables,
}
"""By the name they have on the command line."""
