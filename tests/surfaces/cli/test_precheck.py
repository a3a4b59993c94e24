from __future__ import annotations

from pathlib import Path

from tests.servers import PostgresServer
from tests.surfaces.cli.conftest import Dms


def test_two_files_are_ready_and_nothing_is_made(dms: Dms, shop: Path) -> None:
    done = dms("precheck", str(shop), "new.duckdb", "--json")

    assert (done.exit_code, done.json["ready"]) == (0, True)
    assert {finding["severity"] for finding in done.json["findings"]} <= {"warn", "note"}
    assert not (dms.folder / "new.duckdb").exists()
    assert "Nothing stands in the way." in dms("precheck", str(shop), "new.duckdb").out


def test_a_role_without_rights_gets_the_statement_that_would_help(
    dms: Dms, shop: Path, postgres: PostgresServer, postgres_url: str
) -> None:
    name = postgres_url.rsplit("/", 1)[1]
    postgres.execute("create role nobody_much login password 'p w'; revoke create on schema public from public", name)
    try:
        done = dms("precheck", str(shop), postgres.url(name, user="nobody_much", password="p w"), "--json")
    finally:
        postgres.execute("drop role nobody_much")
    assert (done.exit_code, done.json["ready"]) == (1, False)
    assert done.json["findings"][0]["severity"] == "stop"
    assert 'GRANT CREATE ON SCHEMA "public" TO "nobody_much"' in {each["remedy"] for each in done.json["findings"]}
