"""The page of the type mappings says what the tables say."""

from __future__ import annotations

from dms_workbench.engine.converting import RULES
from dms_workbench.engine.schema.types import LOSSY_RULES
from tests.engine.schema.types_reference import PAGE, page


def test_the_page_of_the_types_is_fresh():
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.engine.schema.types_reference"


def test_every_lossy_rule_that_may_be_named_is_one_that_is_applied_in_the_same_order():
    assert list(LOSSY_RULES) == list(RULES)
