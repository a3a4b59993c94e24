"""Suggestions are accepted, rejected and corrected by call, and the mapping file holds who decided what."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench.engine.expressions import InvalidExpression
from dms_workbench.engine.mapping import parse_mapping
from dms_workbench.features.mappings import SuggestedColumn
from dms_workbench.features.mappings.accepting import NothingToUndo, SuggestionList
from dms_workbench.features.mappings.deciding import NoSuchColumn, NotADecision
from dms_workbench.workbench import Workbench

OLD = """
create table tblKunde (CustNo integer primary key, FName varchar(30), LName varchar(30), EMailAdr varchar(80), Zwk varchar(20));
create table tblOrd (OrdNo integer primary key, CustNo integer, TotAmt decimal(10,2), Zwk varchar(20));
"""
NEW = """
create table customers (id integer primary key, first_name varchar(100), last_name varchar(100), email varchar(200), purpose text);
create table orders (id integer primary key, customer_id integer, total_amount decimal(12,2), purpose text);
"""


def make(path: Path, statements: str) -> str:
    with closing(sqlite3.connect(path)) as file:
        file.executescript(statements)
    return str(path)


@pytest.fixture
def found(workbench: Workbench, tmp_path: Path) -> SuggestionList:
    """Suggestions between two small schemas."""
    return workbench.mappings.suggest(make(tmp_path / "old.sqlite", OLD), make(tmp_path / "new.sqlite", NEW))


def column(found: SuggestionList, table: str, name: str) -> SuggestedColumn:
    """One column of the suggestions."""
    return next(each for each in found.columns if (each.table, each.column) == (table, name))


def test_an_accepted_column_stands_in_the_file_with_who_when_and_how_sure(found: SuggestionList) -> None:
    sure = column(found, "customers", "email").candidates[0].confidence

    accepted = found.accept("customers.email")

    [table] = [each for each in parse_mapping(accepted.decided_text or "").tables if each.target == "customers"]
    [line] = table.columns or ()
    assert (table.source, line.source) == ("tblKunde", "EMailAdr")
    assert line.decision is not None
    assert line.decision.status == "accepted"
    assert line.decision.confidence == pytest.approx(sure, abs=1e-6)
    assert line.decision.by
    assert line.decision.at
    assert column(accepted, "customers", "email").decision == "accepted"


def test_a_correction_spreads_at_once_to_the_same_names_elsewhere(found: SuggestionList) -> None:
    before = column(found, "orders", "purpose").candidates[0].confidence

    after = found.correct("customers.purpose", "tblKunde.Zwk")

    best = column(after, "orders", "purpose").candidates[0]
    assert (best.table, best.column) == ("tblOrd", "Zwk")
    assert best.confidence > before


def test_a_rejected_candidate_never_comes_back_and_stands_in_the_file(found: SuggestionList) -> None:
    after = found.reject("customers.email", "tblKunde.EMailAdr").accept_all(0.0)

    assert ("tblKunde", "EMailAdr") not in {
        (each.table, each.column) for each in column(after, "customers", "email").candidates
    }
    decisions = [
        line.decision
        for table in parse_mapping(after.text).tables
        for line in table.columns or ()
        if (table.target, line.target) == ("customers", "email")
    ]
    assert [each.rejected for each in decisions if each is not None] == [("tblKunde.EMailAdr",)]


def test_a_column_may_be_made_of_an_expression(found: SuggestionList) -> None:
    after = found.correct("customers.first_name", expression="upper(FName)")

    assert column(after, "customers", "first_name").made_of == "upper(FName)"
    assert "expression: " in after.text


def test_an_expression_that_cannot_be_read_is_refused_with_its_place(found: SuggestionList) -> None:
    with pytest.raises(InvalidExpression, match=r"at character \d+"):
        found.correct("customers.first_name", expression="upper(((FName")


def test_an_undone_decision_gives_the_suggestions_before_it(found: SuggestionList) -> None:
    assert found.accept("customers.email").undo() is found
    with pytest.raises(NothingToUndo):
        found.undo()


def test_everything_sure_is_accepted_in_one_go_and_what_was_decided_stays(found: SuggestionList) -> None:
    corrected = found.correct("customers.last_name", "tblKunde.FName")

    after = corrected.accept_all(0.5)

    assert column(after, "customers", "last_name").made_of == "tblKunde.FName"
    assert all(
        each.decision == "accepted" for each in after.columns if each.candidates and each.candidates[0].confidence == 1
    )


def test_what_a_draft_filled_in_and_nobody_looked_at_is_not_taken_for_a_decision(
    workbench: Workbench, found: SuggestionList, tmp_path: Path
) -> None:
    places = str(tmp_path / "old.sqlite"), str(tmp_path / "new.sqlite")

    again = workbench.mappings.suggest(*places, mapping_text=found.text)

    assert any(each.filled_in for each in found.columns)
    assert {each.decision for each in again.columns} == {""}
    assert [each.candidates for each in again.columns] == [each.candidates for each in found.columns]
    assert parse_mapping(again.text).tables == parse_mapping(found.text).tables


def test_a_line_of_a_draft_whose_note_is_taken_away_is_decided(
    workbench: Workbench, found: SuggestionList, tmp_path: Path
) -> None:
    places = str(tmp_path / "old.sqlite"), str(tmp_path / "new.sqlite")
    [filled] = [line for line in found.text.splitlines() if line.strip().startswith("email: ")]

    again = workbench.mappings.suggest(*places, mapping_text=found.text.replace(filled, "      email: EMailAdr"))

    assert column(again, "customers", "email").decision == "accepted"


def test_the_written_file_is_gone_on_from_with_its_comments(
    workbench: Workbench, found: SuggestionList, tmp_path: Path
) -> None:
    file = found.accept("customers.email").write(tmp_path / "mapping.yaml")
    text = file.read_text().replace("name: suggested", "name: suggested  # ours")
    places = str(tmp_path / "old.sqlite"), str(tmp_path / "new.sqlite")

    again = workbench.mappings.suggest(*places, mapping_text=text, accept=("orders.total_amount",))

    assert column(again, "customers", "email").decision == "accepted"
    assert column(again, "orders", "total_amount").decision == "accepted"
    assert "name: suggested  # ours" in again.text
    assert again.text.count("# Open: target columns") <= 1
    parse_mapping(again.text)


def test_a_source_of_another_table_stands_open_with_its_one_candidate_and_still_counts(found: SuggestionList) -> None:
    after = found.accept("customers.email").accept("customers.purpose=tblOrd.Zwk")

    assert column(after, "customers", "purpose").made_of == "tblOrd.Zwk"
    assert "add a join" in after.text
    parse_mapping(after.text)


@pytest.mark.parametrize("text", ["customers.nothing", "nothing"])
def test_a_column_that_is_not_there_is_named(found: SuggestionList, text: str) -> None:
    with pytest.raises(NoSuchColumn, match=text):
        found.accept(text)


def test_a_rejection_without_a_source_says_what_it_looks_like(workbench: Workbench, found: SuggestionList) -> None:
    with pytest.raises(NotADecision, match=r"TABLE\.COLUMN=SOURCE_TABLE\.COLUMN"):
        found.decide(reject=("customers.email",))


def test_a_word_of_one_s_own_dictionary_counts(workbench: Workbench, found: SuggestionList, tmp_path: Path) -> None:
    before = column(found, "orders", "purpose").candidates[0].confidence
    words = tmp_path / "words.txt"
    words.write_text("zwk = purpose\n")

    after = workbench.mappings.suggest(str(tmp_path / "old.sqlite"), str(tmp_path / "new.sqlite"), dictionary=words)

    assert column(after, "orders", "purpose").candidates[0].column == "Zwk"
    assert column(after, "orders", "purpose").candidates[0].confidence > before
