"""SQL as MariaDB prints it, without what binds it to one database or one user."""

from __future__ import annotations

import pytest

from dms_workbench.engine.databases.mysql.sql_text import (
    mysql_unescaped,
    partition_clause,
    relations_of,
    under_mode,
    without_database,
    without_definer,
)


@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        ("select `db`.`t`.`a` AS `a` from `db`.`t`", "select `t`.`a` AS `a` from `t`"),
        ("select '`db`.`t`' AS `x` from `db`.`t`", "select '`db`.`t`' AS `x` from `t`"),
        ("select 'it\\'s `db`.`t`' AS `x` from `db`.`t`", "select 'it\\'s `db`.`t`' AS `x` from `t`"),
        ("select `t`.`db` AS `db` from `db`.`t`", "select `t`.`db` AS `db` from `t`"),
        ("select `db`.`id` AS `id` from `db`.`item` `db`", "select `db`.`id` AS `id` from `item` `db`"),
        ("select `a`.`x` AS `x` from (`db`.`t` `a` join `db`.`u` `b` on(`a`.`x` = `b`.`x`))",
         "select `a`.`x` AS `x` from (`t` `a` join `u` `b` on(`a`.`x` = `b`.`x`))"),
        ("nextval(`db`.`s``q`)", "nextval(`s``q`)"),
        ("select `db2`.`t`.`a` from `db2`.`t`", "select `db2`.`t`.`a` from `db2`.`t`"),
        ("`db`.`f`(1) + 1", "`f`(1) + 1"),
    ],
)  # fmt: skip
def test_the_databases_own_name_is_taken_away(printed: str, kept: str) -> None:
    assert without_database(printed, "db") == kept


def test_the_relations_of_a_query_are_found_once_each() -> None:
    query = "select `db`.`b`.`x` AS `x`,'`db`.`c`' AS `y` from (`db`.`b` join `db`.`a`) where `o`.`c`.`z` = 1"

    assert list(relations_of(query, "db", {"a", "b", "c"})) == ["b", "a"]


@pytest.mark.parametrize(
    ("statement", "kept"),
    [
        ("CREATE DEFINER=`me`@`%` FUNCTION `f`() RETURNS int", "CREATE FUNCTION `f`() RETURNS int"),
        ('CREATE DEFINER="m e"@"%" PROCEDURE "p"()', 'CREATE PROCEDURE "p"()'),
        ("CREATE DEFINER=`a``b`@`local host` EVENT `e`", "CREATE EVENT `e`"),
        ("CREATE DEFINER=`role` AGGREGATE FUNCTION `f`", "CREATE AGGREGATE FUNCTION `f`"),
        ("CREATE FUNCTION `f`() RETURN 'CREATE DEFINER=`x`'", "CREATE FUNCTION `f`() RETURN 'CREATE DEFINER=`x`'"),
    ],
)  # fmt: skip
def test_the_definer_is_taken_away(statement: str, kept: str) -> None:
    assert without_definer(statement) == kept


def test_a_mode_that_reads_text_otherwise_is_there_before_it_is_read() -> None:
    plain = under_mode("CREATE TRIGGER t", "STRICT_ALL_TABLES", mariadb=True)
    quoting = under_mode('CREATE TRIGGER "it\'s"', "ANSI_QUOTES", mariadb=True, time_zone="+02:00")

    assert plain == "SET STATEMENT sql_mode = 'STRICT_ALL_TABLES' FOR CREATE TRIGGER t"
    assert quoting == (
        "SET STATEMENT sql_mode = 'ANSI_QUOTES', time_zone = '+02:00' FOR EXECUTE IMMEDIATE 'CREATE TRIGGER \"it''s\"'"
    )
    assert under_mode("CREATE TRIGGER t", "ANSI_QUOTES", mariadb=False) == "CREATE TRIGGER t"


@pytest.mark.parametrize(
    ("statement", "clause"),
    [
        ("CREATE TABLE `t` (\n  `a` int\n) ENGINE=InnoDB\n PARTITION BY HASH (`a`)\nPARTITIONS 4", "HASH (`a`)\nPARTITIONS 4"),
        ("CREATE TABLE `t` (\n  `a` int\n) ENGINE=InnoDB\n/*!50100 PARTITION BY HASH (`a`)\nPARTITIONS 4 */", "HASH (`a`)\nPARTITIONS 4"),
        ("CREATE TABLE `t` (\n  `a` int COMMENT ' PARTITION BY x'\n) ENGINE=InnoDB", None),
    ],
)  # fmt: skip
def test_partitions_are_read_from_either_products_statement(statement: str, clause: str | None) -> None:
    assert partition_clause(statement) == clause


def test_mysqls_expressions_lose_a_backslash() -> None:
    assert mysql_unescaped("concat(`a`,_utf8mb4\\'-\\')") == "concat(`a`,_utf8mb4'-')"
