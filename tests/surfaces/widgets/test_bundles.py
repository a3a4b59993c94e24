from __future__ import annotations

import json

from dms_workbench.surfaces.widgets.bundles import MISSING, bundle


def test_a_bundle_is_its_script_and_its_style(tmp_path):
    (tmp_path / "a.js").write_text("script", encoding="utf-8")
    (tmp_path / "a.css").write_text("style", encoding="utf-8")

    assert bundle("a", tmp_path) == ("script", "style")


def test_a_missing_bundle_says_so_in_the_cell_and_breaks_nothing(tmp_path):
    script, style = bundle("a", tmp_path)

    assert json.dumps(MISSING) in script
    assert style == ""
