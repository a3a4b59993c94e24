from __future__ import annotations

import math
import sqlite3
import statistics
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dms_workbench.engine.profiling import TableProfile
from dms_workbench.engine.profiling.profile import Asked, TableNotThere, profile_url
from tests.mariadb import MariadbServer

ROWS = 1_500
TABLE = "CREATE TABLE facts (id INTEGER PRIMARY KEY, amount INTEGER, price NUMERIC(12,2), word VARCHAR(40), day DATE)"
Row = tuple[int, int | None, str | None, str | None, str | None]


def rows() -> list[Row]:
    """Rows with NULLs, few and many values, negative numbers and empty texts."""
    return [
        (
            number,
            None if number % 10 == 0 else number * 37 % 1_009 - 200,
            None if number % 7 == 0 else f"{number * 13 % 500}.{number % 100:02}",
            None if number % 11 == 0 else ("", " edge ", "plain", "\u00e4\u00f6\u00fc")[number % 4],
            f"20{10 + number % 15}-0{1 + number % 9}-1{number % 10}",
        )
        for number in range(ROWS)
    ]


def in_sqlite(folder: Path) -> str:
    path = folder / "facts.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(TABLE)
        connection.executemany("INSERT INTO facts VALUES (?,?,?,?,?)", rows())
        connection.commit()
    return str(path)


def in_duckdb(folder: Path) -> str:
    path = folder / "facts.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLE)
        connection.executemany("INSERT INTO facts VALUES (?,?,?,?,?)", rows())
    return str(path)


def in_csv(folder: Path) -> str:
    path = folder / "facts.csv"
    lines = [",".join("" if value is None else f'"{value}"' for value in row) for row in rows()]
    path.write_text("\n".join(["id,amount,price,word,day", *lines]) + "\n", encoding="utf-8")
    return str(path)


def in_parquet(folder: Path) -> str:
    names = ("id", "amount", "price", "word", "day")
    columns = dict(zip(names, map(list, zip(*rows(), strict=True)), strict=True))
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    typed = table.set_column(2, "price", table["price"].cast(pa.decimal128(12, 2)))
    typed = typed.set_column(4, "day", typed["day"].cast(pa.date32()))
    pq.write_table(typed, folder / "facts.parquet")
    return str(folder / "facts.parquet")


@pytest.fixture
def on_postgres(postgres_url: str) -> str:
    with psycopg.connect(postgres_url) as connection:
        connection.execute(TABLE)
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO facts VALUES (%s,%s,%s,%s,%s)", rows())
    return postgres_url


@pytest.fixture
def on_mariadb(mariadb: MariadbServer, mariadb_url: str) -> str:
    with closing(mariadb.connect(mariadb_url.rpartition("/")[2])) as connection, connection.cursor() as cursor:
        cursor.execute(TABLE)
        cursor.executemany("INSERT INTO facts VALUES (%s,%s,%s,%s,%s)", rows())
    return mariadb_url


def check(found: TableProfile) -> None:
    """Every figure against the same in plain Python."""
    assert (found.problem, found.sampling.rows_read, found.sampling.whole) == ("", ROWS, True)
    for name, place in (("id", 0), ("amount", 1), ("price", 2), ("word", 3), ("day", 4)):
        values = [row[place] for row in rows() if row[place] is not None]
        column = found.column(name)
        assert (column.rows, column.nulls, column.unfit) == (ROWS, ROWS - len(values), 0), name
        distinct = len({float(str(each)) for each in values}) if name == "price" else len(set(values))
        slack = 0 if column.distinct_is_exact else 0.05 * distinct
        assert abs(column.distinct - distinct) <= slack, name
    amounts = [row[1] for row in rows() if row[1] is not None]
    amount = found.column("amount")
    assert (amount.least, amount.greatest) == (str(min(amounts)), str(max(amounts)))
    assert amount.mean == pytest.approx(statistics.fmean(amounts))
    assert amount.deviation == pytest.approx(statistics.stdev(amounts))
    assert (amount.negative, amount.zero) == (sum(each < 0 for each in amounts), sum(each == 0 for each in amounts))
    for share, value in amount.quantiles:
        below = sum(each <= float(value) for each in amounts) / len(amounts)
        assert abs(below - share) < 0.02
    assert sum(bar.rows for bar in amount.histogram) in (0, len(amounts))
    assert (found.column("day").least, found.column("day").greatest) == (
        min(row[4] for row in rows() if row[4]), max(row[4] for row in rows() if row[4]),
    )  # fmt: skip
    assert ("id",) in [key.columns for key in found.keys if key.duplicates == key.nulls == 0]


def check_words(found: TableProfile, *, empty_is_null: bool = False) -> None:
    counts = Counter(row[3] for row in rows() if row[3] is not None and not (empty_is_null and row[3] == ""))
    column = found.column("word")
    assert {each.value: each.rows for each in column.top} == dict(counts)
    assert (column.longest, column.empty, column.blank_edges) == (6, counts[""], counts[" edge "])


@pytest.mark.parametrize("make", [in_sqlite, in_duckdb, in_csv, in_parquet])
def test_figures_of_files_are_those_of_plain_python(make: Callable[[Path], str], tmp_path: Path) -> None:
    [found] = profile_url(make(tmp_path), Asked()).tables
    check(found)
    check_words(found)


@pytest.mark.postgres
def test_figures_of_postgresql_are_those_of_plain_python(on_postgres: str) -> None:
    found = profile_url(on_postgres, Asked(tables=("facts",))).tables[0]
    check(found)
    check_words(found)


@pytest.mark.mariadb
def test_figures_of_mariadb_are_those_of_plain_python(on_mariadb: str) -> None:
    found = profile_url(on_mariadb, Asked(tables=("facts",))).tables[0]
    check(found)
    check_words(found)


def sqlite_with(folder: Path, *statements: tuple[str, list[tuple[Any, ...]]]) -> str:
    """A file made by statements, each with its rows."""
    path = folder / "made.db"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        for sql, values in statements:
            connection.executemany(sql, values) if values else connection.execute(sql)
        connection.commit()
    return str(path)


@settings(max_examples=15)
@given(
    numbers=st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=60),
    words=st.lists(st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8), max_size=60),
)
def test_counts_nulls_distinct_and_extremes_are_exact(
    numbers: list[int | None], words: list[str | None], tmp_path_factory: pytest.TempPathFactory
) -> None:
    size = min(len(numbers), len(words))
    values = list(zip(numbers[:size], words[:size], strict=True))
    url = sqlite_with(tmp_path_factory.mktemp("drawn"), ("CREATE TABLE t (n INTEGER, w TEXT)", []),
                      *([("INSERT INTO t VALUES (?, ?)", values)] if values else []))  # fmt: skip
    n, w = profile_url(url, Asked()).table("t").columns
    for column, given_values in ((n, [each for each, _ in values]), (w, [each for _, each in values])):
        filled = [each for each in given_values if each is not None]
        assert (column.rows, column.nulls, column.distinct) == (size, size - len(filled), len(set(filled)))
    whole = [each for each, _ in values if each is not None]
    assert (n.least, n.greatest) == ((str(min(whole)), str(max(whole))) if whole else (None, None))


def test_empty_tables_nulls_and_one_row_are_measured(tmp_path: Path) -> None:
    found = profile_url(
        sqlite_with(
            tmp_path,
            ("CREATE TABLE empty (a INTEGER, b TEXT)", []),
            ("CREATE TABLE nulls (a INTEGER, b TEXT, c REAL)", []),
            ("INSERT INTO nulls VALUES (?, ?, ?)", [(None, None, None)] * 10),
            ("CREATE TABLE one (a INTEGER, b TEXT)", []),
            ("INSERT INTO one VALUES (?, ?)", [(7, "x")]),
        ),
        Asked(),
    )
    assert [(column.rows, column.nulls, column.distinct) for column in found.table("empty").columns] == [(0, 0, 0)] * 2
    assert [(column.nulls, column.distinct) for column in found.table("nulls").columns] == [(10, 0)] * 3
    assert [(column.least, column.distinct) for column in found.table("one").columns] == [("7", 1), ("x", 1)]
    assert not any(table.problem for table in found.tables)


HOSTILE = ("we\"ird [t]\n'", ["c0", "r", 'a"b', "x\ny", "select", "'; DROP TABLE t; --", "\u202e\U0001f600"])


def test_hostile_names_are_names(tmp_path: Path) -> None:
    name, columns = HOSTILE
    quoted = '"' + name.replace('"', '""') + '"'
    listed = ", ".join('"' + each.replace('"', '""') + '" INTEGER' for each in columns)
    values = [tuple(number + place for place in range(len(columns))) for number in range(50)]
    marks = ", ".join("?" * len(columns))
    url = sqlite_with(
        tmp_path, (f"CREATE TABLE {quoted} ({listed})", []), (f"INSERT INTO {quoted} VALUES ({marks})", values)
    )
    [table] = profile_url(url, Asked()).tables
    assert (table.name, table.problem) == (name, "")
    assert [(column.name, column.least, column.distinct) for column in table.columns] == [
        (each, str(place), 50) for place, each in enumerate(columns)
    ]


def test_a_table_of_two_thousand_columns_is_measured(tmp_path: Path) -> None:
    listed = ", ".join(f"c{place} INTEGER" for place in range(2_000))
    values = [tuple(number * place % 97 for place in range(2_000)) for number in range(20)]
    url = sqlite_with(
        tmp_path, (f"CREATE TABLE wide ({listed})", []), (f"INSERT INTO wide VALUES ({','.join('?' * 2000)})", values)
    )
    table = profile_url(url, Asked(everything=False)).table("wide")
    assert (table.problem, len(table.columns)) == ("", 2_000)
    assert [column.greatest for column in table.columns] == [str(max(column)) for column in zip(*values, strict=True)]


def test_a_cell_of_64_megabytes_is_measured_and_equal_ones_stay_equal(tmp_path: Path) -> None:
    long = "\u00e9" * (32 << 20)
    url = sqlite_with(tmp_path, ("CREATE TABLE big (id INTEGER, t TEXT, b BLOB)", []),
                      ("INSERT INTO big VALUES (?, ?, ?)", [(1, "a", b"1"), (2, long, bytes(64 << 20)), (3, long, b"2")]))  # fmt: skip
    table = profile_url(url, Asked()).table("big")
    text, blob = table.column("t"), table.column("b")
    assert table.problem == ""
    assert (text.distinct, text.longest, text.shortest) == (2, len(long), 1)
    assert text.mean_length == pytest.approx((2 * len(long) + 1) / 3)
    assert (blob.longest, blob.shortest, blob.distinct) == (64 << 20, 1, 3)


def test_bytes_that_are_no_text_are_counted_in_sqlite(tmp_path: Path) -> None:
    url = sqlite_with(
        tmp_path,
        ("CREATE TABLE t (word TEXT)", []),
        ("INSERT INTO t VALUES (CAST(? AS TEXT))", [(b"caf\xe9",), (b"fine",), (b"\xff",)]),
    )
    column = profile_url(url, Asked()).table("t").column("word")
    assert (column.rows, column.nulls, column.unfit, column.least) == (3, 0, 2, "fine")


def test_csv_rows_with_bytes_that_are_no_text_are_rows(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(
        b'id,word,n\n1,plain,5\n2,"caf\xe9, with ""quotes""",6\n3,too,many,fields\n4,fine,7\n'
    )
    table = profile_url(f"csv:///{tmp_path / 't.csv'}?encoding=utf-8", Asked()).table("t")
    word, n = table.column("word"), table.column("n")
    assert table.sampling.rows_read == 3
    assert "1 lines" in table.problem
    assert (word.rows, word.unfit, word.nulls) == (3, 1, 0)
    assert (n.least, n.greatest, n.nulls) == ("5", "7", 0)


def test_columns_of_mixed_storage_tell_what_is_not_of_their_type(tmp_path: Path) -> None:
    mixed = [(1, 1, 2.5, "2020-01-01"), ("two", 0, 2, "never"), (3, 7, "x", None), (b"\x00", 1, None, "2021-02-03")]
    url = sqlite_with(tmp_path, ("CREATE TABLE t (n INTEGER, yes BOOLEAN, price DECIMAL(8,2), day DATE)", []),
                      ("INSERT INTO t VALUES (?, ?, ?, ?)", mixed))  # fmt: skip
    n, yes, price, day = profile_url(url, Asked()).table("t").columns
    assert (n.unfit, n.least, n.greatest) == (2, "1", "3")
    assert (yes.unfit, yes.distinct, yes.nulls) == (1, 2, 0)
    assert (price.unfit, price.least, price.greatest, price.nulls) == (1, "2.00", "2.50", 1)
    assert (day.unfit, day.nulls, day.greatest) == (1, 1, "2021-02-03")


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableNotThere, match="nowhere"):
        profile_url(in_sqlite(tmp_path), Asked(tables=("nowhere",)))


@pytest.mark.postgres
def test_a_table_that_cannot_be_read_is_told_and_the_others_go_on(postgres: Any, postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE open (a int); INSERT INTO open VALUES (1)")
        connection.execute("CREATE VIEW never AS SELECT 1; CREATE TABLE shut (a int); INSERT INTO shut VALUES (1)")
        connection.execute("CREATE ROLE profile_reader LOGIN PASSWORD 'pw'; GRANT SELECT ON open TO profile_reader")
    try:
        host = postgres_url.partition("@")[2]
        found = profile_url(f"postgresql://profile_reader:pw@{host}", Asked())
        shut = next(table for table in found.tables if table.name.endswith("shut"))
        opened = next(table for table in found.tables if table.name.endswith("open"))
        assert "permission denied" in shut.problem
        assert (opened.problem, opened.columns[0].rows) == ("", 1)
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("DROP OWNED BY profile_reader; DROP ROLE profile_reader")


@pytest.mark.postgres
def test_a_table_that_changes_while_it_is_read_is_profiled_as_it_was(on_postgres: str) -> None:
    def meanwhile(_table: str, doing: str, _rows: int) -> None:
        if doing == "reading":
            with psycopg.connect(on_postgres, autocommit=True) as other:
                other.execute("DELETE FROM facts WHERE id >= 100")

    check(profile_url(on_postgres, Asked(tables=("facts",)), progress=meanwhile).tables[0])


def sampled(folder: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], str], **asked: Any) -> TableProfile:
    monkeypatch.setattr("dms_workbench.engine.profiling.profile.SAMPLE_ABOVE_ROWS", 1_000)
    return profile_url(make(folder), Asked(**asked)).table("facts")


@pytest.mark.parametrize("make", [in_sqlite, in_parquet])
def test_a_sample_says_its_error_and_is_the_same_for_the_same_seed(
    make: Callable[[Path], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        (tmp_path / str(number)).mkdir()
    one, again, other = (
        sampled(tmp_path / str(number), monkeypatch, make, sample_rows=600, seed=seed)
        for number, seed in enumerate((3, 3, 4))
    )
    assert one.columns == again.columns
    assert one.columns != other.columns
    assert 450 < one.sampling.rows_read < 750
    assert one.sampling.error == pytest.approx(0.98 / math.sqrt(one.sampling.rows_read))
    assert "a sample" in str(one.sampling)
    share = one.column("amount").null_share
    assert abs(share - 0.1) < one.sampling.error


def test_bars_count_no_nulls(tmp_path: Path) -> None:
    values = [(float(number),) for number in range(2_000)] + [(None,)] * 3_000
    url = sqlite_with(tmp_path, ("CREATE TABLE t (x REAL)", []), ("INSERT INTO t VALUES (?)", values))
    bars = profile_url(url, Asked()).table("t").column("x").histogram
    assert [bar.rows for bar in bars] == [100] * 20


def test_references_between_tables_are_found(tmp_path: Path) -> None:
    url = sqlite_with(
        tmp_path,
        ("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)", []),
        ("INSERT INTO customers VALUES (?, ?)", [(number, f"n{number}") for number in range(200)]),
        ("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER)", []),
        ("INSERT INTO orders VALUES (?, ?)", [(number, number % 203) for number in range(1_000)]),
    )
    [found] = profile_url(url, Asked()).references
    assert (found.table, found.columns, found.to_table, found.to_columns) == (
        "orders",
        ("customer_id",),
        "customers",
        ("id",),
    )
    assert (found.values, found.missing, found.missing_rows) == (203, 3, sum(n % 203 >= 200 for n in range(1_000)))
