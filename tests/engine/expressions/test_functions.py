from __future__ import annotations

import pytest

from dms_workbench.engine.expressions.functions import CHANGING, FUNCTIONS, LIST, SPELLINGS, Function
from tests.engine.expressions.samples import shown, value


@pytest.mark.parametrize("function", LIST, ids=lambda function: function.name)
def test_the_example_of_each_function_gives_what_the_list_says(function: Function) -> None:
    assert shown(value(function.example)) == function.result


def test_every_example_calls_its_function() -> None:
    assert [f.name for f in LIST if f"{f.name}(" not in f.example] == []


def test_no_function_stands_in_the_list_twice() -> None:
    assert len(FUNCTIONS) == len(LIST)


def test_other_spellings_lead_to_functions_of_the_list() -> None:
    assert set(SPELLINGS.values()) <= set(FUNCTIONS)
    assert not set(SPELLINGS) & set(FUNCTIONS)


def test_nothing_in_the_list_changes_with_time() -> None:
    assert not CHANGING & (set(FUNCTIONS) | set(SPELLINGS))
