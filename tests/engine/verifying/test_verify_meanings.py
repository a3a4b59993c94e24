"""What counts as the same value: blanks, JSON, floats, words, other types and arrays."""

from __future__ import annotations

import pytest

from tests.engine.verifying.tables import MakeBench, counts


def test_blanks_at_the_end_of_a_fixed_length_text_have_no_meaning(bench: MakeBench) -> None:
    made = bench("postgres", "duckdb")
    made.run("source", "CREATE TABLE t (id int PRIMARY KEY, a char(6));\nINSERT INTO t VALUES (1, 'ab'), (2, '')")
    made.run(
        "target", "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR);\nINSERT INTO t VALUES (1, 'ab    '), (2, '')"
    )
    assert made.verify().result == "equal"
    made.run("target", "UPDATE t SET a = ' ab' WHERE id = 1")
    assert made.verify().result == "different"


def test_jsonb_is_compared_by_its_meaning(bench: MakeBench) -> None:
    made = bench("sqlite", "postgres")
    made.run(
        "source",
        'CREATE TABLE t (id INTEGER PRIMARY KEY, j JSON);\nINSERT INTO t VALUES (1, \'{ "b":1.0, "a":[1,"\\u00e9"] }\')',
    )
    made.run(
        "target",
        'CREATE TABLE t (id int PRIMARY KEY, j jsonb);\nINSERT INTO t VALUES (1, \'{"a": [1, "é"], "b": 1.0}\')',
    )
    assert made.verify().result == "equal"
    made.run("target", 'UPDATE t SET j = \'{"a": [1, "e"], "b": 1.0}\'')
    assert made.verify().result == "different"


def test_a_float_of_32_bits_may_be_its_exact_value_or_its_shortest_text_in_a_wider_column(bench: MakeBench) -> None:
    made = bench("postgres", "duckdb")
    made.run("source", "CREATE TABLE t (id int PRIMARY KEY, f real);\nINSERT INTO t VALUES (1, 0.1)")
    made.run("target", "CREATE TABLE t (id INTEGER PRIMARY KEY, f DOUBLE);\nINSERT INTO t VALUES (1, 0.1)")
    assert made.verify().result == "equal"
    made.run("target", "UPDATE t SET f = 0.10000000149011612")
    assert made.verify().result == "equal"
    made.run("target", "UPDATE t SET f = 0.10000000000000002")
    assert made.verify().result == "different"


def test_a_double_rounded_to_32_bits_is_a_difference(bench: MakeBench) -> None:
    made = bench("postgres", "duckdb")
    made.run("source", "CREATE TABLE t (id int PRIMARY KEY, f float8);\nINSERT INTO t VALUES (1, 0.1), (2, 0.5)")
    made.run("target", "CREATE TABLE t (id INTEGER PRIMARY KEY, f FLOAT);\nINSERT INTO t VALUES (1, 0.1), (2, 0.5)")
    result = made.verify()
    assert [(finding.key, finding.columns) for finding in result.findings] == [({"id": "1"}, ("f",))]


@pytest.mark.parametrize(
    ("target", "result"), [("duckdb", "different"), ("postgres", "different"), ("sqlite", "equal")]
)
def test_the_sign_of_a_zero_counts_where_the_target_can_hold_it(bench: MakeBench, target: str, result: str) -> None:
    made = bench("postgres", target)
    made.run("source", "CREATE TABLE t (id int PRIMARY KEY, f float8);\nINSERT INTO t VALUES (1, '-0')")
    made.run("target", "CREATE TABLE t (id INTEGER PRIMARY KEY, f DOUBLE PRECISION);\nINSERT INTO t VALUES (1, 0.0)")
    assert made.verify().result == result


def test_words_for_true_and_false_are_read(bench: MakeBench) -> None:
    made = bench("sqlite", "postgres")
    made.run(
        "source",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b BOOLEAN);\nINSERT INTO t VALUES (1, 'true'), (2, 'f'), (3, 1), (4, ' No ')",
    )
    made.run(
        "target",
        "CREATE TABLE t (id int PRIMARY KEY, b boolean);\nINSERT INTO t VALUES (1, true), (2, false), (3, true), (4, false)",
    )
    assert made.verify().result == "equal"
    made.run("target", "UPDATE t SET b = NOT b")
    assert counts(made.verify()) == ("different", 0, 0, 4)


def test_other_types_are_compared_as_their_database_prints_them(bench: MakeBench) -> None:
    made = bench("postgres", "duckdb")
    made.run(
        "source",
        "CREATE TABLE t (id int PRIMARY KEY, a inet, b int4range);\nINSERT INTO t VALUES (1, '10.0.0.1', '[1,5)'), (2, NULL, NULL)",
    )
    made.run(
        "target",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR, b VARCHAR);\nINSERT INTO t VALUES (1, '10.0.0.1', '[1,5)'), (2, NULL, NULL)",
    )
    assert made.verify().result == "equal"
    made.run("target", "UPDATE t SET b = '[1,6)' WHERE id = 1")
    assert made.verify().result == "different"


def test_an_array_is_compared_as_the_json_it_becomes(bench: MakeBench) -> None:
    made = bench("postgres", "duckdb")
    made.run("source", "CREATE TABLE t (id int PRIMARY KEY, a int[]);\nINSERT INTO t VALUES (1, '{1,NULL}'), (2, NULL)")
    made.run(
        "target", "CREATE TABLE t (id int PRIMARY KEY, a VARCHAR);\nINSERT INTO t VALUES (1, '[1,null]'), (2, NULL)"
    )
    assert made.verify().result == "equal"
    made.run("target", "UPDATE t SET a = '[1,0]' WHERE id = 1")
    assert made.verify().result == "different"
