"""Results in notebooks and consoles."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from dms_workbench.kernel.paging import Page, page
from dms_workbench.kernel.shown import Readable, cell, table, text_table


class Colour(enum.Enum):
    RED = "red"


@dataclass(frozen=True)
class Thing(Readable):
    name: str
    at: datetime | None = None
    colour: Colour = Colour.RED
    hidden: str = field(default="x", repr=False)


class Printer:
    """What IPython hands to ``_repr_pretty_``."""

    def __init__(self) -> None:
        self.said = ""

    def text(self, said: str) -> None:
        self.said += said


def pretty(value: Any, cycle: bool = False) -> str:
    printer = Printer()
    value._repr_pretty_(printer, cycle)
    return printer.said


def test_an_object_shows_a_line_for_each_field() -> None:
    assert pretty(Thing("a", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))) == (
        "name    a\nat      2026-01-02 03:04:05 UTC\ncolour  red"
    )


def test_a_page_shows_a_line_for_each_item() -> None:
    things: Page[Thing] = page([Thing("a"), Thing("bb")], total=2, offset=0, limit=10)
    assert pretty(things) == "name  at  colour\na         red\nbb        red"
    assert (len(things), things[1].name, things.more) == (2, "bb", False)


def test_a_page_prints_as_its_table_and_says_when_there_is_more() -> None:
    things: Page[Thing] = page([Thing("a"), Thing("bb")], total=3, offset=0, limit=2)
    assert str(things) == f"{text_table(*table(things))}\n(2 of 3)"
    assert str(page([], total=0, offset=0, limit=2)) == "There is none."


def test_values_are_escaped_for_the_notebook() -> None:
    html = Thing("<script>alert(1)</script>")._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_an_empty_page_and_plain_values_are_shown_too() -> None:
    empty: Page[Thing] = page([], total=0, offset=0, limit=10)
    assert pretty(empty) == "value"
    assert table([1, 2]) == (["value"], [["1"], ["2"]])
    assert text_table(*table("word")) == "word"


def test_a_cycle_shows_the_name_only() -> None:
    assert pretty(Thing("a"), cycle=True) == "Thing"


def test_cells_are_short_words() -> None:
    assert (cell(None), cell(True), cell(False), cell((1, 2))) == ("", "yes", "no", "1, 2")
    assert len(cell("x" * 500)) == 120


def test_rich_prints_the_text_form() -> None:
    assert Thing("a").__rich__() == pretty(Thing("a"))


def test_what_was_changed_is_shown_as_old_and_new() -> None:
    assert cell({"archived": {"before": False, "after": True}}) == "archived: no → yes"
    assert (
        cell({"description": {"before": "", "after": "Our shop"}, "by": 1, "reason": ""})
        == "description: nothing → Our shop, by: 1"
    )
