"""The page of permissions says what the data says."""

from __future__ import annotations

from tests.permissions import PAGE, page


def test_the_page_of_permissions_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.permissions"
