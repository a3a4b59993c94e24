"""The MariaDB server of the tests."""

from __future__ import annotations

import pymysql
import pytest

from tests.mariadb import MariadbServer

pytestmark = pytest.mark.mariadb


def test_each_test_gets_an_empty_database_of_its_own(mariadb: MariadbServer, mariadb_url: str) -> None:
    other = mariadb.create_database()
    mariadb.execute("CREATE TABLE here (id int)", mariadb_url.rsplit("/", 1)[1])
    assert mariadb.execute("SHOW TABLES", other.rsplit("/", 1)[1]) == []
    mariadb.drop_database(other)


def test_a_wrong_password_is_refused(mariadb: MariadbServer) -> None:
    with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
        pymysql.connect(host="127.0.0.1", port=mariadb.port, user="dms", password="wrong")


def test_the_users_of_a_fresh_installation_are_gone(mariadb: MariadbServer) -> None:
    assert mariadb.execute("SELECT user FROM mysql.user WHERE user IN ('', 'root')") == []
    assert mariadb.execute("SELECT user FROM mysql.user WHERE user = 'dms'") == [("dms",)]


def test_the_password_is_not_in_the_repr_of_the_server(mariadb: MariadbServer) -> None:
    assert mariadb.password not in repr(mariadb)
