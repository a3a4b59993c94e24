"""Rows in quarantine are expected to be absent, and hide no other row."""

from __future__ import annotations

from dms_workbench.engine.verifying import QuarantinedRow
from tests.engine.verifying.tables import KEYED, KEYLESS, ROWS, MakeBench, counts, same


def test_quarantined_rows_are_expected_to_be_missing(bench: MakeBench) -> None:
    made = same(bench, "sqlite", "duckdb", f"{KEYED};\n{ROWS}")
    made.run("target", "DELETE FROM t WHERE id = 2")
    result = made.verify([QuarantinedRow(key={"id": 2}, row=None)])
    assert (counts(result), result.quarantined) == (("equal", 0, 0, 0), 1)


def test_quarantine_does_not_hide_another_lost_row(bench: MakeBench) -> None:
    made = same(bench, "sqlite", "duckdb", f"{KEYED};\n{ROWS}")
    made.run("target", "DELETE FROM t WHERE id = 3")
    result = made.verify([QuarantinedRow(key={"id": 2}, row=None)])
    assert counts(result) == ("different", 1, 1, 0)


def test_a_quarantined_row_that_the_source_does_not_have_is_a_difference(bench: MakeBench) -> None:
    made = same(bench, "sqlite", "duckdb", f"{KEYED};\n{ROWS}")
    result = made.verify([QuarantinedRow(key={"id": 9}, row=None)])
    assert result.result == "different"
    assert [(finding.kind, finding.key) for finding in result.findings] == [("quarantine_unknown", {"id": "9"})]


def test_quarantined_rows_without_key_are_taken_out_one_for_one(bench: MakeBench) -> None:
    rows = "INSERT INTO t VALUES (1, 'x'), (1, 'x'), (1, 'x'), (2, NULL)"
    made = same(bench, "sqlite", "duckdb", f"{KEYLESS};\n{rows}")
    made.run("target", "DELETE FROM t WHERE a = 1;\nINSERT INTO t VALUES (1, 'x')")
    row = QuarantinedRow(key=None, row={"a": 1, "b": "x"})
    assert made.verify([row, row]).result == "equal"
    assert counts(made.verify([row])) == ("different", 1, 0, 0)
    assert made.verify([row, row, row, row]).result == "different"


def test_values_that_the_target_cannot_hold_belong_in_quarantine(bench: MakeBench) -> None:
    made = bench("sqlite", "postgres")
    made.run(
        "source",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, d DATE);\n"
        "INSERT INTO t VALUES (1, 7, '2024-02-29'), (2, 'abc', NULL), (3, 1.5, NULL), (4, x'01', NULL), (5, 5, '2023-02-30')",
    )
    made.run(
        "target", "CREATE TABLE t (id int PRIMARY KEY, n bigint, d date);\nINSERT INTO t VALUES (1, 7, '2024-02-29')"
    )
    rows = [QuarantinedRow(key={"id": number}, row=None) for number in (2, 3, 4, 5)]
    assert made.verify(rows).result == "equal"
    made.run("target", "INSERT INTO t VALUES (3, 2, NULL)")
    result = made.verify([row for row in rows if row["key"] != {"id": 3}])
    assert [(finding.kind, finding.key, finding.columns) for finding in result.findings] == [
        ("changed", {"id": "3"}, ("n",))
    ]


def test_text_that_is_not_utf8_is_read_and_only_right_in_quarantine(bench: MakeBench) -> None:
    made = bench("sqlite", "duckdb")
    made.run(
        "source", "CREATE TABLE t (a TEXT, b INTEGER);\nINSERT INTO t VALUES ('fine', 1), (CAST(x'ff41' AS TEXT), 2)"
    )
    made.run("target", "CREATE TABLE t (a VARCHAR, b INTEGER);\nINSERT INTO t VALUES ('fine', 1)")
    assert counts(made.verify()) == ("different", 1, 0, 0)
    row = QuarantinedRow(key=None, row={"a": b"\xffA".decode("utf-8", "surrogateescape"), "b": 2})
    assert made.verify([row]).result == "equal"
