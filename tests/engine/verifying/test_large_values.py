"""Large values are compared by digests: equal ones raise no alarm, and one byte that differs is named, in every pair of products."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from dms_workbench.engine.verifying.large import LARGE_BYTES
from tests.engine.verifying.conftest import PRODUCTS, Bench

MakeBench = Callable[[str, str], Bench]
TYPES = {"sqlite": ("TEXT", "BLOB"), "duckdb": ("VARCHAR", "BLOB"), "postgres": ("text", "bytea")}
BYTES = {
    "sqlite": "CAST('{}' AS BLOB)", "duckdb": "encode('{}')", "postgres": "convert_to('{}', 'UTF8')"
}  # fmt: skip
TEXTS = [
    letter * (size // len(letter.encode()))
    for letter, size in itertools.product("aé🙂", (LARGE_BYTES - 4, LARGE_BYTES, LARGE_BYTES + 4, 3 * LARGE_BYTES))
]
HUGE = ["a" * 1_000_001, "é" * 1_000_001, "b" * 1_000_000]
PAIRS = [pair for pair in itertools.product(PRODUCTS, PRODUCTS) if pair != ("postgres", "postgres")]


def fill(made: Bench, side: str, product: str, texts: list[str]) -> None:
    """Table t with each text, and as bytes."""
    text, blob = TYPES[product]
    made.run(side, f"CREATE TABLE t (id INTEGER PRIMARY KEY, words {text}, bytes {blob})")
    for number, value in enumerate(texts):
        made.run(side, f"INSERT INTO t VALUES ({number}, '{value}', {BYTES[product].format(value)})")


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_large_values_are_equal_exactly_if_every_byte_is(bench: MakeBench, source: str, target: str) -> None:
    made = bench(source, target)
    fill(made, "source", source, TEXTS)
    fill(made, "target", target, TEXTS)
    assert made.verify().result == "equal"
    made.run("target", "DELETE FROM t")
    made.run("target", "DROP TABLE t")
    fill(made, "target", target, [f"{text[:-1]}b" for text in TEXTS])
    result = made.verify()
    found = [(finding.kind, (finding.key or {})["id"], finding.columns) for finding in result.findings]
    assert found == [("changed", str(number), ("words", "bytes")) for number in range(len(TEXTS))]


def test_a_large_text_in_a_column_of_bytes_of_sqlite_is_its_bytes_in_another_product(bench: MakeBench) -> None:
    made = bench("sqlite", "duckdb")
    made.run("source", "CREATE TABLE t (id INTEGER PRIMARY KEY, bytes BLOB)")
    made.run("target", "CREATE TABLE t (id INTEGER PRIMARY KEY, bytes BLOB)")
    for number, value in enumerate(TEXTS):
        made.run("source", f"INSERT INTO t VALUES ({number}, '{value}')")
        made.run("target", f"INSERT INTO t VALUES ({number}, encode('{value}'))")
    assert made.verify().result == "equal"


@pytest.mark.parametrize("where", [None, "id >= 0"], ids=["by hashes", "by rows"])
def test_between_two_files_a_value_of_a_megabyte_is_told_from_another_and_from_its_bytes(
    bench: MakeBench, where
) -> None:
    made = bench("sqlite", "sqlite")
    fill(made, "source", "sqlite", HUGE)
    fill(made, "target", "sqlite", HUGE)
    assert made.verify(where=where).result == "equal"
    made.run("target", "UPDATE t SET words = substr(words, 1, length(words) - 1) || 'c' WHERE id = 1")
    made.run("target", "UPDATE t SET words = CAST(words AS BLOB) WHERE id = 0")
    made.run("target", "UPDATE t SET bytes = CAST(bytes AS TEXT) WHERE id = 2")
    found = [((finding.key or {})["id"], finding.columns) for finding in made.verify(where=where).findings]
    assert found == [("0", ("words",)), ("1", ("words",)), ("2", ("bytes",))]


def test_a_large_text_that_is_not_utf_8_is_equal_to_itself_and_to_nothing_else(bench: MakeBench) -> None:
    made = bench("sqlite", "sqlite")
    for side in ("source", "target"):
        made.run(side, "CREATE TABLE t (id INTEGER PRIMARY KEY, words TEXT)")
        made.run(side, f"INSERT INTO t VALUES (1, CAST(x'{'ff' * 2 * LARGE_BYTES}' AS TEXT))")
    assert made.verify(where="id > 0").result == made.verify().result == "equal"
    made.run("target", f"UPDATE t SET words = CAST(x'{'fe' + 'ff' * (2 * LARGE_BYTES - 1)}' AS TEXT)")
    assert made.verify(where="id > 0").result == made.verify().result == "different"
