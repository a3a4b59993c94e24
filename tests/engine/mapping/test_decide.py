from __future__ import annotations

from dms_workbench.engine.mapping import Mapping, parse_mapping, write_mapping
from dms_workbench.engine.mapping.decide import Decided, confirmed_by, decided_columns, with_decisions

TEXT = """format: dms-mapping/1
name: shop
tables:
  - source: old
    target: new
    columns:
      a: x
      b: {source: y, decision: {status: open, confidence: 0.6}}
      c: {expression: "x || y", decision: accepted}
      d: {decision: {status: rejected, rejected: [old.z, other.q]}}
      e: {decision: {status: open, candidates: [old.w]}}
"""
NOW = {"by": "ada", "at": "2026-01-05T10:00:00Z"}


def test_what_is_mapped_or_accepted_counts_as_confirmed_and_what_is_open_does_not() -> None:
    found = confirmed_by(parse_mapping(TEXT))

    assert found.accepted == {(("old", "x"), ("new", "a"))}
    assert found.rejected == {(("old", "z"), ("new", "d")), (("other", "q"), ("new", "d"))}
    assert found.tables == {("old", "new")}


def test_a_table_of_which_nothing_is_decided_is_not_confirmed() -> None:
    unseen = TEXT.replace("a: x", "a: {source: x, decision: open}").replace("decision: accepted", "decision: open")
    unseen = unseen.replace("{status: rejected, rejected: [old.z, other.q]}", "open")

    assert confirmed_by(parse_mapping(unseen)).tables == frozenset()
    assert confirmed_by(
        parse_mapping(unseen.replace("b: {source: y, decision: {status: open, confidence: 0.6}}", "b: y"))
    ).tables


def test_decided_columns_say_what_they_are_made_of() -> None:
    assert decided_columns(parse_mapping(TEXT)) == {
        ("new", "a"): ("accepted", "old.x"),
        ("new", "c"): ("accepted", "x || y"),
        ("new", "d"): ("rejected", ""),
    }


def test_a_decision_is_entered_with_who_and_when_and_what_was_turned_down_stays() -> None:
    mapping = with_decisions(parse_mapping(TEXT), [Decided(("new", "d"), ("old", "v"), confidence=0.4)], **NOW)

    [line] = [each for each in mapping.tables[0].columns or () if each.target == "d"]
    assert line.source == "v"
    assert line.decision is not None
    assert (line.decision.status, line.decision.by, line.decision.at) == ("accepted", "ada", NOW["at"])
    assert line.decision.rejected == ("old.z", "other.q")


def test_a_source_that_is_turned_down_is_taken_out_of_its_line() -> None:
    mapping = with_decisions(parse_mapping(TEXT), [Decided(("new", "a"), rejected=("old", "x"))], **NOW)

    [line] = [each for each in mapping.tables[0].columns or () if each.target == "a"]
    assert line.source is None
    assert line.decision is not None
    assert (line.decision.status, line.decision.rejected) == ("open", ("old.x",))


def test_a_rejection_for_a_table_without_a_map_is_kept_and_makes_nothing() -> None:
    empty = Mapping("new", ())
    once = with_decisions(empty, [Decided(("t", "c"), rejected=("old", "x"))], **NOW)
    twice = with_decisions(once, [Decided(("t", "d"), rejected=("more", "y"))], **NOW)

    assert [table.rejected for table in twice.tables] == [True]
    again = parse_mapping(write_mapping(twice))
    assert confirmed_by(again).rejected == {(("old", "x"), ("t", "c")), (("more", "y"), ("t", "d"))}
    assert confirmed_by(again).tables == frozenset()
