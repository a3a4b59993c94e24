"""The catalogue of a MariaDB database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dms_workbench.engine.databases.catalogue import (
    Catalogue,
    DataType,
    Grant,
    IndexPart,
    Reference,
    SequenceOptions,
    SequenceState,
    TableName,
)
from dms_workbench.engine.databases.errors import SchemaMissing
from dms_workbench.engine.databases.mysql.inspect import read_catalogue
from tests.mariadb import MariadbServer

pytestmark = pytest.mark.mariadb
SCRIPT = Path(__file__).parents[2] / "cases" / "mysql" / "structure.sql"


class Asked:
    """A session that counts its queries."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.count = 0

    def __call__(self, sql: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        self.count += 1
        with self.connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return list(cursor.fetchall())


def read(server: MariadbServer, name: str, schema: str | None = None) -> Catalogue:
    with closing(server.connect(name)) as connection:
        asked = Asked(connection)
        return read_catalogue(asked, schema, str(asked("select version()", ())[0][0]))


@pytest.fixture(scope="module")
def structured(mariadb: MariadbServer) -> Iterator[str]:
    """The name of a database made by the script."""
    url = mariadb.create_database("CHARACTER SET latin1")
    name = url.rsplit("/", 1)[1]
    mariadb.run_script(SCRIPT.read_text(), name)
    yield name
    mariadb.drop_database(url)


@pytest.fixture(scope="module")
def catalogue(mariadb: MariadbServer, structured: str) -> Catalogue:
    return read(mariadb, structured)


def test_every_table_is_there_and_nothing_else(catalogue: Catalogue) -> None:
    assert {table.name.name for table in catalogue.tables} == {
        'we``ird "na.me" %s'.replace("``", "`"), "kinds", "computed", "searched", "remembered", "plain_old", "airy",
        "squeezed", "old_parts", "parents", "children", "by_range", "by_list", "by_hash", "by_both", "versioned", "spanning", "booked",
    }  # fmt: skip
    assert (catalogue.database, catalogue.schema, catalogue.charset) == ("mysql", None, "latin1")
    assert "MariaDB" in catalogue.version


def test_odd_names_and_comments_arrive_as_they_are(catalogue: Catalogue) -> None:
    table = catalogue.table('we`ird "na.me" %s')

    assert [column.name for column in table.columns] == ["sel ect", "ключ", "a`b", "%d", "name"]
    assert table.comment == 'it\'s a \\ "comment" with ümlauts %s'
    assert table.primary_key is not None
    assert table.primary_key.columns == ("sel ect", "ключ")
    assert (table.unique_keys[0].name, table.unique_keys[0].prefixes) == ("uni`que", (("%d", 7),))
    assert table.indexes[0].parts == (IndexPart("ключ", descending=True, prefix=5), IndexPart("sel ect"))


def test_columns_have_types_defaults_and_character_sets(catalogue: Catalogue) -> None:
    kinds = catalogue.table("kinds")

    assert kinds.column("zero").type == DataType("integer", "int(7) unsigned zerofill", bits=32, unsigned=True)
    assert kinds.column("latin").default == "'gr''ün\\\\'"
    assert (kinds.column("latin").type.charset, kinds.column("latin").type.collation) == ("latin1", "latin1_german1_ci")
    assert kinds.column("mood").type.labels == ("fine", "it's", "a,b", "back\\slash", "")
    assert kinds.column("several").type.several
    assert kinds.column("document").type == DataType("json", "json")
    assert kinds.column("changed").on_update == "current_timestamp(6)"
    assert kinds.column("made").comment == "when it's \\ made"
    assert kinds.column("hidden").hidden
    assert kinds.column("flag").default == "b'1'"
    assert kinds.column("computed").default == "(1 + 2 * 3)"
    assert kinds.column("drawn").default == "nextval(`numbers`)"
    assert kinds.column("stamp").default is None
    assert kinds.needs == (Reference("sequence", TableName(None, "numbers")),)


def test_a_counter_has_the_number_that_comes_next(catalogue: Catalogue) -> None:
    column = catalogue.table("kinds").column("id")

    assert (column.identity, column.default) == ("by default", None)
    assert column.counter_state == SequenceState(1000, is_called=False)


def test_generated_columns_say_how_they_are_kept(catalogue: Catalogue) -> None:
    table = catalogue.table("computed")

    assert (table.column("area").generated, table.column("area").stored) == ("`a` * `b`", True)
    assert (table.column("secret").stored, table.column("secret").hidden) == (False, True)


def test_checks_of_columns_and_tables_are_told_apart_and_json_has_none(catalogue: Catalogue) -> None:
    checks = {(check.name, check.column): check.expression for check in catalogue.table("computed").checks}

    assert checks == {
        (None, "positive"): "`positive` > 0",
        ("both ways", None): "`pair` <> `positive` or `pair` is null",
        ("CONSTRAINT_1", None): "`id` < 1000000",
    }
    assert catalogue.table("kinds").checks == ()


def test_indexes_of_every_method_are_found(catalogue: Catalogue) -> None:
    indexes = {index.name: index for index in catalogue.table("searched").indexes}

    assert (indexes["words"].method, indexes["words"].comment) == ("fulltext", "search it")
    assert indexes["spots"].method == "spatial"
    assert indexes["ignored_one"].options == (("ignored", "yes"),)
    assert indexes["downwards"].parts[1] == IndexPart("title", descending=True, prefix=10)
    assert catalogue.table("searched").unique_keys[0].columns == ("key_text",)


def test_foreign_keys_have_their_actions_and_may_lead_nowhere(catalogue: Catalogue) -> None:
    keys = {key.name: key for key in catalogue.table("children").foreign_keys}

    assert keys["to_parent"].columns == ("a", "b")
    assert (keys["to_parent"].on_delete, keys["to_parent"].on_update) == ("CASCADE", "SET NULL")
    assert (keys["to_boss"].references, keys["to_boss"].on_update) == (TableName(None, "children"), None)
    assert keys["to_nothing"].references == TableName(None, "missing")


def test_a_foreign_key_into_another_database_names_it(mariadb: MariadbServer, mariadb_url: str) -> None:
    name = mariadb_url.rsplit("/", 1)[1]
    other = mariadb.create_database()
    elsewhere = other.rsplit("/", 1)[1]
    mariadb.execute("CREATE TABLE p (id int PRIMARY KEY)", elsewhere)
    mariadb.execute(f"CREATE TABLE c (p int, FOREIGN KEY (p) REFERENCES {elsewhere}.p (id))", name)

    assert read(mariadb, name).table("c").foreign_keys[0].references == TableName(elsewhere, "p")
    there = read(mariadb, name, elsewhere)
    assert (there.schema, there.tables[0].name) == (elsewhere, TableName(elsewhere, "p"))
    mariadb.execute("DROP TABLE c", name)
    mariadb.drop_database(other)


def test_engines_and_options_are_kept(catalogue: Catalogue) -> None:
    assert dict(catalogue.table("plain_old").options) == {
        "engine": "MyISAM",
        "charset": "latin1",
        "collation": "latin1_swedish_ci",
        "row_format": "FIXED",
        "max_rows": "1000",
    }
    assert dict(catalogue.table("squeezed").options)["key_block_size"] == "8"


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("by_range", "RANGE  COLUMNS(`day`)"),
        ("by_list", "LIST (`kind`)"),
        ("by_hash", "KEY (`id`)"),
        ("by_both", "RANGE (year(`day`))"),
    ],
)
def test_partitions_are_kept_as_written(catalogue: Catalogue, table: str, key: str) -> None:
    partitioning = catalogue.table(table).partitioning

    assert partitioning is not None
    assert str(partitioning.key).startswith(key)
    assert catalogue.table(table).holds_rows


def test_versioned_tables_and_periods_say_so(catalogue: Catalogue) -> None:
    assert ("system versioning", "yes") in catalogue.table("versioned").options
    assert ("without system versioning", "yes") in catalogue.table("versioned").column("quiet").options
    assert ("period SYSTEM_TIME", "(`began`, `ended`)") in catalogue.table("spanning").options
    assert catalogue.table("spanning").column("began").generated == "ROW START"
    assert ("period `stay`", "(`from_day`, `to_day`)") in catalogue.table("booked").options
    assert catalogue.table("booked").checks == ()


def test_views_have_a_query_that_runs_in_any_database(catalogue: Catalogue) -> None:
    views = {view.name.name: view for view in catalogue.views}

    assert views["simple"].query == "select `computed`.`id` AS `id`,`computed`.`area` AS `area` from `computed`"
    assert dict(views["checked one"].options) == {"algorithm": "MERGE", "security": "INVOKER", "check option": "LOCAL"}
    assert views["checked one"].depends_on == (TableName(None, "children"), TableName(None, "simple"))
    assert [column.name for column in views["checked one"].columns] == ["id", "area", "label"]
    assert "parents.a" in views["checked one"].query
    assert "references invalid table" in str(views["broken"].problem)


def test_sequences_count_as_declared(catalogue: Catalogue) -> None:
    sequences = {sequence.name.name: sequence for sequence in catalogue.sequences}

    assert sequences["numbers"].options == SequenceOptions(100, 5, 10, 10_000, 0, cycle=True)
    assert sequences["falling"].options == SequenceOptions(-1, -1, -500, -1, 20)
    assert sequences["numbers"].state == SequenceState(100, is_called=False)


def test_triggers_come_in_the_order_they_fire_and_keep_their_mode(catalogue: Catalogue) -> None:
    first, second = catalogue.table("computed").triggers

    assert (first.name, second.name, first.timing, first.events) == ("first_one", "second_one", "before", ("insert",))
    assert first.definition.startswith("SET STATEMENT sql_mode = 'PIPES_AS_CONCAT' FOR EXECUTE IMMEDIATE ")
    assert second.definition.startswith("SET STATEMENT sql_mode = 'STRICT_ALL_TABLES' FOR CREATE TRIGGER `second_one`")
    assert catalogue.table("parents").triggers[0].events == ("delete",)


def test_routines_are_without_a_definer(catalogue: Catalogue) -> None:
    routines = {routine.name.name: routine for routine in catalogue.routines}

    assert routines["plus_one"].signature == "plus_one(int(11), varchar(10))"
    assert {name: routine.kind for name, routine in routines.items()} == {
        "fill": "procedure",
        "plus_one": "function",
        "total": "aggregate",
    }
    assert all("DEFINER=" not in routine.definition for routine in routines.values())
    assert routines["fill"].owner == "dms@%"


def test_events_are_made_last(catalogue: Catalogue) -> None:
    (event,) = catalogue.others

    assert (event.kind, event.name, event.comment, event.when) == ("event", "nightly", "at night", "last")
    assert "DEFINER=" not in event.definition


def test_the_catalogue_can_be_kept_and_read_again(catalogue: Catalogue) -> None:
    assert Catalogue.from_dict(catalogue.as_dict()) == catalogue


def test_the_ledgers_tables_are_hidden(mariadb: MariadbServer, mariadb_url: str) -> None:
    name = mariadb_url.rsplit("/", 1)[1]
    mariadb.execute("CREATE TABLE dms_ledger_chunks (id int); CREATE TABLE t (id int)", name)

    assert [table.name.name for table in read(mariadb, name).tables] == ["t"]


def test_a_missing_database_names_those_there_are(mariadb: MariadbServer, mariadb_url: str) -> None:
    with pytest.raises(SchemaMissing, match="nowhere"):
        read(mariadb, mariadb_url.rsplit("/", 1)[1], "nowhere")


def test_rights_that_may_be_seen_are_kept(mariadb: MariadbServer, mariadb_url: str) -> None:
    name = mariadb_url.rsplit("/", 1)[1]
    mariadb.execute("CREATE TABLE t (a int, b int); CREATE USER grantee", name)
    mariadb.execute(
        f"GRANT INSERT ON {name}.t TO grantee WITH GRANT OPTION; GRANT SELECT (b) ON {name}.t TO grantee; "
        f"GRANT EXECUTE ON {name}.* TO grantee"
    )
    catalogue = read(mariadb, name)

    assert Grant("'grantee'@'%'", "INSERT", grantable=True) in catalogue.table("t").grants
    assert catalogue.table("t").column("b").grants == (Grant("'grantee'@'%'", "SELECT", grantable=True, column="b"),)
    assert Grant("'grantee'@'%'", "EXECUTE") in catalogue.grants
    mariadb.execute("DROP USER grantee")


def test_the_number_of_queries_does_not_grow_with_the_tables(mariadb: MariadbServer, mariadb_url: str) -> None:
    name = mariadb_url.rsplit("/", 1)[1]
    counts = []
    for number in range(30):
        mariadb.execute(f"CREATE TABLE t{number} (id int PRIMARY KEY, v text, KEY (v(10)), CHECK (id > 0))", name)
        if number in (0, 29):
            with closing(mariadb.connect(name)) as connection:
                asked = Asked(connection)
                read_catalogue(asked, None, "10.11-MariaDB")
                counts.append(asked.count)

    assert counts[0] == counts[1]
