"""The built JavaScript and CSS of a widget, or one sentence in its place."""

from __future__ import annotations

import json
from pathlib import Path

STATIC = Path(__file__).parent / "static"
MISSING = (
    "This widget was not built with this installation of DMS Workbench. "
    "Its state is in the text above; to get the widget, install again without DMS_SKIP_WIDGETS."
)


def bundle(name: str, folder: Path = STATIC) -> tuple[str, str]:
    """The JavaScript and the CSS of a bundle; when it is missing, JavaScript that says so in the cell."""
    script, style = folder / f"{name}.js", folder / f"{name}.css"
    try:
        return script.read_text(encoding="utf-8"), style.read_text(encoding="utf-8")
    except FileNotFoundError:
        return f"export default {{ render({{ el }}) {{ el.textContent = {json.dumps(MISSING)}; }} }};", ""
