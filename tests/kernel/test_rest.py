"""Messages as HTTP requests and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.kernel.messages import Command, Query
from dms_workbench.kernel.rest import from_query, path_fields, request_of, segment
from dms_workbench.kernel.wire import validate

words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@dataclass(frozen=True)
class Detail:
    """A value inside a message."""

    depth: int
    notes: dict[str, str]


class Search(Query[int], route="GET /tests/{place}/search", scope="projects:read"):
    """Search.

    place: where; words: what; exact: how; weights: numbers by name; at_most: limit.
    tables: some names.
    """

    place: str
    words: str = ""
    exact: bool | None = None
    weights: dict[str, float] | None = None
    at_most: float = 1.5
    tables: tuple[str, ...] = ()


class Change(Command[int], route="PATCH /tests/{place}", scope="projects:edit"):
    """Change.

    place: where; detail: what; names: of whom.
    """

    place: str
    detail: Detail | None = None
    names: list[str] | None = None


def received(message: Any) -> Any:
    """The message as the service reads it from the request."""
    cls = type(message)
    path, query, body = request_of(message)
    inside = dict(zip(cls.use_case.path.split("/"), path.split("/"), strict=True))
    located = {name: unquote(inside[f"{{{name}}}"]) for name in path_fields(cls)}
    return validate(cls, {**(from_query(cls, query) if body is None else body), **located})


@given(
    st.builds(
        Search,
        words,
        words,
        st.none() | st.booleans(),
        st.none() | st.dictionaries(words, st.floats(allow_nan=False, allow_infinity=False), min_size=1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.lists(words).map(tuple),
    )
)
def test_a_query_arrives_as_it_was_sent(message: Search) -> None:
    assert received(message) == message


@given(
    st.builds(
        Change,
        words,
        st.none() | st.builds(Detail, st.integers(-(2**53), 2**53), st.dictionaries(words, words)),
        st.none() | st.lists(words),
    )
)
def test_a_command_arrives_as_it_was_sent(message: Change) -> None:
    assert received(message) == message


@given(words)
def test_a_value_is_one_segment_of_a_path(word: str) -> None:
    assert "/" not in segment(word)
    assert segment(word) not in (".", "..")
    assert unquote(segment(word)) == word


def test_an_object_that_is_no_json_is_left_for_validation_to_name() -> None:
    assert from_query(Search, [("weights", "{"), ("unknown", "x")]) == {"weights": "{", "unknown": "x"}
