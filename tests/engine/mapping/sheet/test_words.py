from __future__ import annotations

import pytest

from dms_workbench.engine.mapping import ColumnMap
from dms_workbench.engine.mapping.sheet.words import in_words


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("'legacy'", "always 'legacy'"),
        ("trim(name)", "from name by trim"),
        ("split_part(trim(name), ' ', 1)", "from name by split_part, trim"),
        ("CAST(born AS DATE)", "from born by conversion to date"),
        ("first || ' ' || last", "from first, last by joined texts"),
        ("lookup('country', code)", "from code; looked up in country"),
        ("CASE WHEN yn = 'Y' THEN true ELSE error('?') END", "from yn; by cases; other rows are set aside"),
        ("c.name", "from c.name"),
        ("trim((", "cannot be read"),
    ],
)
def test_a_rule_is_told_in_words(expression: str, words: str) -> None:
    assert in_words(ColumnMap("x", expression=expression)) == words


def test_a_column_that_moves_is_as_it_is_and_one_of_nothing_says_nothing() -> None:
    assert in_words(ColumnMap("x", source="y")) == "as it is"
    assert in_words(ColumnMap("x")) == ""
