"""The structure of a PostgreSQL database: read whole, and made again the same."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.engine.databases.postgres_structure import catalogue_of, difference, dump, make_again

CASES = Path(__file__).parents[2] / "cases" / "postgres"


@pytest.fixture
def second_url(postgres):
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


def test_every_kind_of_object_is_made_again_so_that_dumps_are_equal(postgres_url, second_url):
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute((CASES / "structure.sql").read_text())
    make_again(postgres_url, second_url)
    differing = difference(dump(postgres_url), dump(second_url))
    assert not differing, differing
    first, second = catalogue_of(postgres_url), catalogue_of(second_url)
    assert second.fingerprint() == first.fingerprint()
