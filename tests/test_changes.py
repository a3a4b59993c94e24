from __future__ import annotations

import re

import pytest

from tests.documents import ROOT

FRAGMENTS = [path for path in sorted((ROOT / "changes").iterdir()) if path.name != "README.md"]
KINDS = {"added", "changed", "fixed", "removed", "security"}


@pytest.mark.parametrize("name", [path.name for path in FRAGMENTS])
def test_a_change_is_one_file_with_its_kind_and_a_sentence(name: str) -> None:
    kind, _blank, text = (ROOT / "changes" / name).read_text(encoding="utf-8").partition("\n\n")
    assert re.fullmatch(r"\d+-[a-z0-9-]+\.md", name)
    assert kind in KINDS
    assert text.strip().endswith((".", "`", ")"))
