"""Errors carry facts, and are the same class on the other side of a wire."""

from __future__ import annotations

import pickle
from decimal import Decimal

import pytest

from dms_workbench.kernel.errors import NotFound, Refused, UsageError, WorkbenchError


class TooFull(Refused, code="test-too-full", retryable=True, safe="Nothing fell out of {box}.", next="empty {box}"):
    """{box} holds {size:.1f} of {limit}."""


def test_the_message_is_the_docstring_with_the_facts() -> None:
    error = TooFull(box="a", size=2.25, limit=2)
    assert str(error) == "a holds 2.2 of 2."
    assert (error.safe, error.next) == ("Nothing fell out of a.", "empty a")


def test_a_missing_fact_shows_its_name_and_a_wrong_one_the_sentence() -> None:
    assert TooFull(size=1.0, limit=2).message == "box holds 1.0 of 2."
    assert TooFull(box="a", size="big", limit=2).message == "{box} holds {size:.1f} of {limit}."


def test_a_class_takes_what_it_does_not_say_from_its_base() -> None:
    assert (TooFull.status, TooFull.exit_code, TooFull.retryable) == (409, 1, True)
    assert UsageError.exit_code == 2


def test_an_error_survives_the_wire_and_pickling() -> None:
    error = TooFull(box="a", size=2.0, limit=2, where="cellar")
    for again in (WorkbenchError.from_dict(error.as_dict()), pickle.loads(pickle.dumps(error))):
        assert type(again) is TooFull
        assert again.as_dict() == error.as_dict()


def test_an_unknown_code_keeps_its_sentence() -> None:
    again = WorkbenchError.from_dict({"code": "from-the-future", "message": "Something new.", "next": "upgrade"})
    assert "Something new." in again.message
    assert again.next == "upgrade"


def test_facts_are_plain_json_values() -> None:
    facts = NotFound(kind=("a", {"b"}), name={1: Decimal("1.50")}).as_dict()["facts"]
    assert facts == {"kind": ["a", ["b"]], "name": {"1": "1.50"}}


def test_a_code_belongs_to_one_class() -> None:
    with pytest.raises(TypeError, match="already taken"):

        class Other(WorkbenchError, code="test-too-full"):
            """Another."""
