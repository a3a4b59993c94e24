"""Types of MySQL and MariaDB in the common terms and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.engine.databases.catalogue import DataType
from dms_workbench.engine.databases.mysql.types import exact_collation, native_labels, parse_type, render_type
from tests.mariadb import MariadbServer

labels = st.lists(st.text(st.characters(codec="utf-8"), max_size=8), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("native", "expected"),
    [
        ("tinyint(1)", DataType("integer", "tinyint(1)", bits=8)),
        ("tinyint(3) unsigned", DataType("integer", "tinyint(3) unsigned", bits=8, unsigned=True)),
        ("smallint(6)", DataType("integer", "smallint(6)", bits=16)),
        ("mediumint(8) unsigned", DataType("integer", "mediumint(8) unsigned", bits=24, unsigned=True)),
        ("int", DataType("integer", "int", bits=32)),
        ("int(5) unsigned zerofill", DataType("integer", "int(5) unsigned zerofill", bits=32, unsigned=True)),
        ("bigint(20) unsigned", DataType("integer", "bigint(20) unsigned", bits=64, unsigned=True)),
        ("bit(1)", DataType("boolean", "bit(1)")),
        ("bit(8)", DataType("other", "bit(8)", length=8)),
        ("decimal(65,30)", DataType("decimal", "decimal(65,30)", precision=65, scale=30)),
        ("decimal(5,2) unsigned", DataType("decimal", "decimal(5,2) unsigned", precision=5, scale=2, unsigned=True)),
        ("DECIMAL", DataType("decimal", "DECIMAL", precision=10, scale=0)),
        ("float", DataType("float", "float", bits=32)),
        ("float(30)", DataType("float", "float(30)", bits=64)),
        ("double(10,2)", DataType("float", "double(10,2)", bits=64)),
        ("DOUBLE PRECISION", DataType("float", "DOUBLE PRECISION", bits=64)),
        ("year(4)", DataType("integer", "year(4)", bits=16)),
        ("date", DataType("date", "date")),
        ("time(6)", DataType("time", "time(6)", scale=6)),
        ("datetime", DataType("timestamp", "datetime", scale=0)),
        ("timestamp(3)", DataType("timestamptz", "timestamp(3)", scale=3)),
        ("char(5)", DataType("text", "char(5)", length=5, fixed=True)),
        ("varchar(300)", DataType("text", "varchar(300)", length=300)),
        ("varchar(100) /*M!100301 COMPRESSED*/", DataType("text", "varchar(100) /*M!100301 COMPRESSED*/", length=100)),
        ("longtext", DataType("text", "longtext")),
        ("binary(16)", DataType("bytes", "binary(16)")),
        ("mediumblob", DataType("bytes", "mediumblob")),
        ("json", DataType("json", "json")),
        ("uuid", DataType("uuid", "uuid")),
        ("inet6", DataType("other", "inet6")),
        ("geometry", DataType("other", "geometry")),
        ("bool", DataType("integer", "bool", bits=8)),
    ],
)
def test_a_column_type_has_its_common_meaning(native: str, expected: DataType) -> None:
    assert parse_type(native) == expected


def test_charset_and_collation_are_read_from_a_written_type() -> None:
    type = parse_type("varchar(20) character set latin1 collate latin1_bin")

    assert (type.kind, type.length, type.charset, type.collation) == ("text", 20, "latin1", "latin1_bin")
    assert parse_type("char(3) collate utf8mb4_bin").charset == "utf8mb4"
    assert parse_type("char(3) character set binary").kind == "bytes"


def test_labels_are_read_with_quotes_commas_brackets_and_backslashes() -> None:
    type = parse_type(r"enum('a,b','it''s','x)','back\\slash','','character set x') collate utf8mb4_bin")

    assert type.labels == ("a,b", "it's", "x)", "back\\slash", "", "character set x")
    assert (type.kind, type.several, type.collation) == ("text", False, "utf8mb4_bin")
    assert parse_type("set('r','w')").several


@given(labels=labels)
def test_labels_written_are_read_again(labels: list[str]) -> None:
    assert parse_type(native_labels(tuple(labels), several=False)).labels == tuple(labels)


@pytest.mark.mariadb
def test_labels_written_are_the_servers_labels(mariadb: MariadbServer, mariadb_url: str) -> None:
    name = mariadb_url.rsplit("/", 1)[1]
    wanted = ("it's", "back\\slash", "a,b", "", 'q"`', "naïve", "tab\there", "%s")
    mariadb.execute(f"CREATE TABLE t (e {native_labels(wanted, several=False)})", name)

    ((native,),) = mariadb.execute(
        f"SELECT column_type FROM information_schema.columns WHERE table_schema = '{name}' AND table_name = 't'"
    )
    assert parse_type(native).labels == wanted


TEXT = " CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"


@pytest.mark.parametrize(
    ("type", "native"),
    [
        (DataType("boolean", "boolean"), "tinyint(1)"),
        (DataType("integer", "smallint", bits=16), "smallint"),
        (DataType("integer", "UBIGINT", bits=64, unsigned=True), "bigint unsigned"),
        (DataType("integer", "HUGEINT", bits=128), "decimal(39,0)"),
        (DataType("decimal", "numeric"), "decimal(65,30)"),
        (DataType("decimal", "numeric(38,10)", precision=38, scale=10), "decimal(38,10)"),
        (DataType("decimal", "numeric(5,-2)", precision=5, scale=-2), "decimal(7,0)"),
        (DataType("decimal", "numeric(3,5)", precision=3, scale=5), "decimal(5,5)"),
        (DataType("decimal", "numeric(100,20)", precision=100, scale=20), "decimal(65,20)"),
        (DataType("float", "real", bits=32), "float"),
        (DataType("text", "text"), f"longtext{TEXT}"),
        (DataType("text", "varchar(20)", length=20), f"varchar(20){TEXT}"),
        (DataType("text", "varchar(20000)", length=20_000), f"longtext{TEXT}"),
        (DataType("text", "char(6)", length=6, fixed=True), f"char(6){TEXT}"),
        (DataType("text", "mood", labels=("a", "b")), f"enum('a','b'){TEXT}"),
        (DataType("text", "mood", labels=("a", "a ")), f"varchar(2){TEXT}"),
        (DataType("bytes", "bytea"), "longblob"),
        (DataType("timestamp", "timestamp", scale=3), "datetime(3)"),
        (DataType("timestamptz", "timestamptz"), "datetime(6)"),
        (DataType("time", "time"), "time(6)"),
        (DataType("interval", "interval"), f"varchar(80){TEXT}"),
        (DataType("uuid", "uuid"), "uuid"),
        (DataType("json", "jsonb"), "json"),
        (DataType("other", "int[]", element=DataType("integer", "int", bits=32)), "json"),
        (DataType("other", "tsvector"), f"longtext{TEXT}"),
    ],
)
def test_a_common_type_has_a_native_one(type: DataType, native: str) -> None:
    assert render_type(type) == native


@pytest.mark.parametrize(
    ("version", "collation"),
    [
        ("", "utf8mb4_nopad_bin"),
        ("10.11.19-MariaDB-0+deb12u1", "utf8mb4_nopad_bin"),
        ("8.0.36", "utf8mb4_0900_bin"),
        ("8.4.0-log", "utf8mb4_0900_bin"),
        ("5.7.44", "utf8mb4_bin"),
    ],
)
def test_the_collation_that_tells_all_texts_apart_has_each_servers_name(version: str, collation: str) -> None:
    assert exact_collation(version) == collation


@pytest.mark.mariadb
def test_the_server_takes_every_type_it_is_given(mariadb: MariadbServer, mariadb_url: str) -> None:
    kinds = [
        DataType("boolean", ""), DataType("integer", "", bits=64, unsigned=True), DataType("integer", "", bits=128),
        DataType("decimal", ""), DataType("decimal", "", precision=100, scale=40), DataType("float", "", bits=32),
        DataType("text", ""), DataType("text", "", length=16_383), DataType("text", "", length=255, fixed=True),
        DataType("text", "", labels=("a", "", "it's\\")), DataType("text", "", labels=("r", "w"), several=True),
        DataType("bytes", ""), DataType("date", ""), DataType("time", ""), DataType("timestamp", "", scale=9),
        DataType("timestamptz", ""), DataType("interval", ""), DataType("uuid", ""), DataType("json", ""),
        DataType("other", ""),
    ]  # fmt: skip
    for number, kind in enumerate(kinds):
        native = render_type(kind)
        mariadb.execute(f"CREATE TABLE t{number} (v {native})", mariadb_url.rsplit("/", 1)[1])
