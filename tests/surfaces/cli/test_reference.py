from __future__ import annotations

from tests.surfaces.cli import reference


def test_the_reference_of_the_command_line_is_fresh() -> None:
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page(), "run: python -m tests.surfaces.cli.reference"
