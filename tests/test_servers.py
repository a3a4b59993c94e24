"""The test servers themselves."""

from __future__ import annotations

import psycopg
import pytest

from tests import servers
from tests.servers import PostgresServer

pytestmark = pytest.mark.postgres


def test_each_test_gets_an_empty_database_of_its_own(postgres: PostgresServer, postgres_url: str) -> None:
    other = postgres.create_database()
    postgres.execute("CREATE TABLE here (id int)", postgres_url.rsplit("/", 1)[1])
    with psycopg.connect(other) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_a_wrong_password_is_refused(postgres: PostgresServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url(password="wrong"))


def test_the_server_takes_prepared_transactions_and_logical_decoding(postgres: PostgresServer) -> None:
    assert postgres.execute("SHOW max_prepared_transactions") == [("10",)]
    assert postgres.execute("SHOW wal_level") == [("logical",)]
    assert postgres.execute("SHOW synchronous_commit") == [("on",)]


def test_the_password_is_not_in_the_repr_of_the_server(postgres: PostgresServer) -> None:
    assert postgres.password not in repr(postgres)


def test_what_the_machine_lacks_fails_where_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DMS_TEST_REQUIRE", "all")
    with pytest.raises(pytest.fail.Exception, match="asks for browser"):
        servers.require("browser", "no chromium")


def test_what_the_machine_lacks_skips_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DMS_TEST_REQUIRE", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no chromium"):
        servers.require("browser", "no chromium")
