"""MySQL's DDL: what is made again from a catalogue is the same by the server's own word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from graphlib import TopologicalSorter
from itertools import chain

import pytest

from dms_workbench.engine.databases.catalogue import (
    Catalogue,
    Check,
    Column,
    DataType,
    ForeignKey,
    Index,
    IndexPart,
    Key,
    Sequence,
    SequenceOptions,
    SequenceState,
    Table,
    TableName,
    UserType,
)
from dms_workbench.engine.databases.ddl import NotExpressible
from dms_workbench.engine.databases.mysql import database
from dms_workbench.engine.databases.mysql.types import render_type
from tests.engine.databases.test_mysql_inspect import SCRIPT, read
from tests.mariadb import MariadbServer

pytestmark = pytest.mark.mariadb
ddl = database.ddl
INTEGER = DataType("integer", "int", bits=32)
TEXT = DataType("text", "longtext", charset="utf8mb4", collation="utf8mb4_bin")


def name_of(url: str) -> str:
    return url.rsplit("/", 1)[1]


def statements(catalogue: Catalogue) -> Iterator[str]:
    """Everything of a catalogue, in an order that works."""
    tables = catalogue.tables
    views = {view.name: view for view in catalogue.views if not view.problem}
    order = TopologicalSorter(
        {view.name: [each for each in view.depends_on if each in views] for view in views.values()}
    )
    yield from chain.from_iterable(
        chain(
            map(ddl.sequence, catalogue.sequences),
            map(ddl.table, tables),
            (ddl.index(table.name, index) for table in tables for index in table.indexes),
            (ddl.add_foreign_key(each.name, key, validated=False) for each in tables for key in each.foreign_keys),
            (ddl.view(views[name]) for name in order.static_order()),
            (ddl.trigger(table.name, trigger) for table in tables for trigger in table.triggers),
            map(ddl.routine, catalogue.routines),
            map(ddl.other, catalogue.others),
            map(ddl.comments, tables),
        )
    )


def make(server: MariadbServer, name: str, catalogue: Catalogue) -> None:
    with closing(server.connect(name, sql_mode="STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO")) as connection:
        for statement in statements(catalogue):
            connection.cursor().execute(statement)


def shown(server: MariadbServer, name: str, kind: str, thing: str) -> list[str]:
    """The lines that SHOW CREATE says, sorted, without what names the database or a counter's state."""
    row = server.execute(f"SHOW CREATE {kind} {database.quote(thing)}", name)[0]
    text = next(str(field) for field in row[1:] if field and str(field).startswith("CREATE"))
    text = re.sub(r" AUTO_INCREMENT=\d+| ON (?:DELETE|UPDATE) NO ACTION", "", text).replace(f"`{name}`.", "")
    return sorted(line.rstrip(",") for line in text.split("\n"))


def same(server: MariadbServer, one: str, other: str, kind: str, thing: str) -> None:
    assert shown(server, other, kind, thing) == shown(server, one, kind, thing)


def test_a_database_is_made_again_the_same(mariadb: MariadbServer, mariadb_url: str) -> None:
    source_url = mariadb.create_database("CHARACTER SET latin1")
    source, target = name_of(source_url), name_of(mariadb_url)
    mariadb.run_script(SCRIPT.read_text(), source)
    wanted = read(mariadb, source)

    make(mariadb, target, wanted)
    made = read(mariadb, target)

    engines = {table.name.name: dict(table.options)["engine"] for table in wanted.tables}
    for table, engine in engines.items():
        if engine == "InnoDB":
            same(mariadb, source, target, "TABLE", table)
        else:
            assert dict(made.table(table).options)["engine"] == "InnoDB"
    for view in wanted.views:
        if not view.problem:
            same(mariadb, source, target, "VIEW", view.name.name)
    for routine in wanted.routines:
        kind = "PROCEDURE" if routine.kind == "procedure" else "FUNCTION"
        same(mariadb, source, target, kind, routine.name.name)
    for sequence in wanted.sequences:
        same(mariadb, source, target, "SEQUENCE", sequence.name.name)
    same(mariadb, source, target, "EVENT", "nightly")
    assert only_innodb(made, engines).fingerprint() == only_innodb(wanted, engines).fingerprint()
    assert made.routines == wanted.routines
    assert [replace(view, problem=None) for view in made.views] == [view for view in wanted.views if not view.problem]
    mariadb.drop_database(source_url)


def test_an_engine_that_is_replaced_is_said() -> None:
    assert "not MyISAM" in ddl.loses(table(Column("a", INTEGER), options=(("engine", "MyISAM"),)))
    assert "history" in ddl.loses(table(Column("a", INTEGER), options=(("system versioning", "yes"),)))
    assert ddl.loses(table(Column("a", INTEGER), options=(("engine", "InnoDB"),))) == ""


def only_innodb(catalogue: Catalogue, engines: dict[str, str]) -> Catalogue:
    """The tables that were of InnoDB."""
    kept = tuple(table for table in catalogue.tables if engines[table.name.name] == "InnoDB")
    return replace(catalogue, tables=kept)


def table(*columns: Column, **parts: object) -> Table:
    return Table(TableName(None, "t"), columns, **parts)  # type: ignore[arg-type]


def made(server: MariadbServer, url: str, wanted: Table) -> Table:
    for statement in ddl.table(wanted):
        server.execute(statement, name_of(url))
    return read(server, name_of(url)).table("t")


def test_a_counter_of_another_product_gets_an_index_where_it_begins_no_key(
    mariadb: MariadbServer, mariadb_url: str
) -> None:
    wanted = table(
        Column("k", INTEGER, nullable=False),
        Column("n", INTEGER, identity="always", counter=SequenceOptions(start=50)),
        primary_key=Key(("k", "n")),
    )
    found = made(mariadb, mariadb_url, wanted)

    assert found.column("n").identity == "by default"
    assert found.column("n").counter_state == SequenceState(50, is_called=False)


def test_only_one_column_of_a_table_counts() -> None:
    wanted = table(Column("a", INTEGER, identity="always"), Column("b", INTEGER, identity="always"))

    ddl.check_identity(wanted, wanted.columns[0])
    with pytest.raises(NotExpressible, match="one column"):
        ddl.check_identity(wanted, wanted.columns[1])


def test_texts_too_wide_for_a_row_are_kept_beside_it(mariadb: MariadbServer, mariadb_url: str) -> None:
    wide = DataType("text", "varchar(4000)", length=4000, charset="utf8mb4", collation="utf8mb4_bin")
    columns = (Column("id", INTEGER), *(Column(f"c{number}", wide) for number in range(9)))
    found = made(mariadb, mariadb_url, table(*columns))

    natives = [column.type.native for column in found.columns[1:]]
    assert set(natives) == {"text", "varchar(4000)"}
    assert all(column.type.collation == "utf8mb4_bin" for column in found.columns[1:])


def test_hundreds_of_columns_make_a_table(mariadb: MariadbServer, mariadb_url: str) -> None:
    kinds = [
        TEXT,
        DataType("text", "varchar(255)", length=255, collation="utf8mb4_bin"),
        DataType("decimal", "decimal(65,30)"),
    ]
    columns = (Column("id", INTEGER, nullable=False), *(Column(f"c{n}", kinds[n % 3]) for n in range(399)))

    assert len(made(mariadb, mariadb_url, table(*columns, primary_key=Key(("id",)))).columns) == 400


def test_every_common_type_makes_a_column(mariadb: MariadbServer, mariadb_url: str) -> None:
    kinds = (
        "boolean",
        "integer",
        "decimal",
        "float",
        "text",
        "bytes",
        "date",
        "time",
        "timestamp",
        "timestamptz",
        "interval",
        "uuid",
        "json",
        "other",
    )
    types = [database.parse_type(render_type(DataType(kind, ""))) for kind in kinds]  # type: ignore[arg-type]
    found = made(mariadb, mariadb_url, table(*(Column(f"c{n}", type) for n, type in enumerate(types))))

    assert [column.type.kind for column in found.columns][4:10] == [
        "text",
        "bytes",
        "date",
        "time",
        "timestamp",
        "timestamp",
    ]


def test_defaults_are_literals_or_stand_in_brackets(mariadb: MariadbServer, mariadb_url: str) -> None:
    wanted = table(
        Column("a", TEXT, default="'it''s (a) \\\\ %s'"),
        Column("b", INTEGER, default="1 + 2"),
        Column("c", DataType("timestamp", "datetime(6)"), default="CURRENT_TIMESTAMP(6)"),
        Column("d", DataType("text", "varchar(40)"), default="concat('a', 'b')"),
        Column("e", DataType("integer", "tinyint(1)"), default="true"),
        Column("f", INTEGER, default="(1) + (2)"),
    )
    found = made(mariadb, mariadb_url, wanted)
    mariadb.execute("INSERT INTO t () VALUES ()", name_of(mariadb_url))

    rows = mariadb.execute("SELECT a, b, d, e, f FROM t", name_of(mariadb_url))
    assert rows == [("it's (a) \\ %s", 3, "ab", 1, 3)]
    assert found.column("c").default == "current_timestamp(6)"


def test_a_sequence_of_another_product_ends_where_mariadbs_end(mariadb: MariadbServer, mariadb_url: str) -> None:
    options = SequenceOptions(start=1, increment=1, minimum=-(2**63), maximum=2**63 - 1, cache=1)
    for statement in ddl.sequence(Sequence(TableName(None, "s"), options)):
        mariadb.execute(statement, name_of(mariadb_url))

    (found,) = read(mariadb, name_of(mariadb_url)).sequences
    assert (found.options.minimum, found.options.maximum) == (-(2**63) + 1, 2**63 - 2)


def test_a_foreign_key_takes_rows_that_break_it_where_asked(mariadb: MariadbServer, mariadb_url: str) -> None:
    name = name_of(mariadb_url)
    mariadb.execute("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int); INSERT INTO c VALUES (7)", name)
    key = ForeignKey(("p",), TableName(None, "p"), ("id",), "fk", on_delete="SET DEFAULT", on_update="CASCADE")

    for statement in ddl.add_foreign_key(TableName(None, "c"), key, validated=False):
        mariadb.execute(statement, name)

    (found,) = read(mariadb, name).table("c").foreign_keys
    assert (found.name, found.on_delete, found.on_update) == ("fk", None, "CASCADE")


@pytest.mark.parametrize(
    ("index", "reason"),
    [
        (Index("i", (IndexPart("a"),), where="a > 1"), "partial"),
        (Index("i", (IndexPart("a"),), method="gin"), "gin"),
        (Index("i", (IndexPart(expression="lower(a)"),)), "expressions"),
        (Index("i", (IndexPart("a"),), unique=True, nulls_not_distinct=True), "NULLs"),
    ],
)
def test_indexes_of_other_products_are_refused_with_a_reason(index: Index, reason: str) -> None:
    with pytest.raises(NotExpressible, match=reason):
        ddl.index(TableName(None, "t"), index)


def test_what_mysql_lacks_is_refused_with_a_reason() -> None:
    with pytest.raises(NotExpressible, match="enum"):
        ddl.user_type(UserType(TableName(None, "mood"), "enum", ("CREATE TYPE mood",)))
    with pytest.raises(NotExpressible, match="MATCH FULL"):
        ddl.foreign_key(ForeignKey(("a", "b"), TableName(None, "p"), ("a", "b"), match="FULL"))
    with pytest.raises(NotExpressible, match="comments"):
        ddl.comments(table(Column("a", INTEGER), checks=(Check("a > 1", comment="why"),)))
    with pytest.raises(NotExpressible, match="NULLs"):
        ddl.key(Key(("a",), nulls_not_distinct=True), primary=False)
