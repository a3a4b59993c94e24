"""Probing MariaDB: what is there, what may be done, and which part of a connection is to blame."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dms_workbench.engine.databases.errors import PrivilegeMissing
from dms_workbench.engine.databases.mysql.probe import Rights, fits
from dms_workbench.engine.databases.probe import blame, probe
from dms_workbench.engine.databases.urls import normalise
from dms_workbench.kernel.errors import WorkbenchError
from tests.mariadb import MariadbServer

pytestmark = pytest.mark.mariadb


def name_of(url: str) -> str:
    return normalise(url).name


@pytest.fixture
def reader(mariadb: MariadbServer, mariadb_url: str) -> Iterator[str]:
    """The URL of a user that may read one of two tables and see the other."""
    name = name_of(mariadb_url)
    mariadb.execute("CREATE TABLE open (a int); CREATE TABLE shut (a int); CREATE USER reader IDENTIFIED BY 'x'", name)
    mariadb.execute(f"GRANT SELECT ON {name}.open TO reader; GRANT DELETE ON {name}.shut TO reader")
    yield mariadb.url(name, user="reader", password="x")
    mariadb.execute("DROP USER reader")


def test_a_server_is_described(mariadb: MariadbServer, mariadb_url: str) -> None:
    mariadb.execute("CREATE TABLE t (a int)", name_of(mariadb_url))

    report = probe(mariadb_url, as_target=True)

    assert (report.product, report.name, report.user) == ("MariaDB", name_of(mariadb_url), "dms@%")
    assert report.version == mariadb.execute("SELECT version()")[0][0].partition("-")[0]
    assert (report.encoding, report.tables, report.tls) == ("utf8mb4", 1, "")
    assert (report.can_read, report.can_write, report.can_create) == (True, True, True)
    assert (report.size_bytes or 0) > 0
    assert report.identity == probe(mariadb_url.replace("127.0.0.1", "localhost")).identity


def test_what_endangers_data_is_said(mariadb: MariadbServer) -> None:
    url = mariadb.create_database("CHARACTER SET latin1")
    mariadb.execute("CREATE TABLE t (a int) ENGINE=MyISAM", name_of(url))

    said = " ".join(probe(url).warnings)

    assert "innodb_flush_log_at_trx_commit is not 1" in said
    assert "may do everything" in said
    assert "latin1" in said
    assert "MyISAM" in said
    mariadb.drop_database(url)


def test_tables_that_may_not_be_read_are_counted(reader: str) -> None:
    report = probe(reader)

    assert (report.can_read, report.can_write, report.can_create) == (False, False, False)
    assert "1 tables may not be read by user reader@%." in report.warnings


def test_a_target_that_may_not_be_written_is_refused(reader: str) -> None:
    with pytest.raises(PrivilegeMissing, match="neither create tables nor insert rows") as refused:
        probe(reader, as_target=True)

    assert blame(refused.value) == "user"


@pytest.mark.parametrize(
    ("part", "broken"),
    [
        ("host", "mysql://dms@no-such-host.invalid/db"),
        ("port", "mysql://dms@127.0.0.1:9/db"),
        ("password", "mysql://dms:wrong@127.0.0.1:{port}/db"),
        ("database", "mysql://dms:{password}@127.0.0.1:{port}/nowhere"),
        ("tls", "mysql://dms:{password}@127.0.0.1:{port}/mysql?ssl-mode=REQUIRED"),
        ("user", "mysql://narrow:x@127.0.0.1:{port}/mysql"),
        ("url", "mysql://dms@127.0.0.1:99999/db"),
        ("options", "mysql://dms@127.0.0.1/db?local_infile=1"),
    ],
)
def test_what_is_to_blame_is_named(mariadb: MariadbServer, part: str, broken: str) -> None:
    mariadb.execute("CREATE USER narrow IDENTIFIED BY 'x'")
    try:
        with pytest.raises(WorkbenchError) as refused:
            probe(broken.format(port=mariadb.port, password=mariadb.password), timeout_seconds=3)
    finally:
        mariadb.execute("DROP USER narrow")

    assert blame(refused.value) == part
    assert mariadb.password not in str(refused.value.as_dict())


def test_patterns_of_grants_are_understood() -> None:
    rights = Rights(
        [
            "GRANT USAGE ON *.* TO `me`@`%`",
            r"GRANT SELECT, INSERT ON `shop\_%`.* TO `me`@`%` WITH GRANT OPTION",
            "GRANT UPDATE (a, b), DELETE ON `shop_1`.`t` TO `me`@`%`",
            "GRANT `role` TO `me`@`%`",
        ],
        "shop_1",
    )

    assert rights.allows("SELECT")
    assert rights.allows("DELETE", "t")
    assert not rights.allows("UPDATE", "t")
    assert not rights.allows("CREATE")
    assert not rights.is_everything
    assert not fits(r"shop\_%", "shopX1")
