"""Writes the list of functions into docs/reference/expressions.md: python -m tests.engine.expressions.reference."""

from __future__ import annotations

from itertools import groupby

from dms_workbench.engine.expressions.functions import LIST, Function
from tests.documents import ROOT

PAGE = ROOT / "docs" / "reference" / "expressions.md"
START, END = "<!-- functions: generated -->\n", "<!-- end of functions -->\n"


def row(function: Function) -> str:
    """One function's line of the table."""
    cells = (f"`{function.signature}`", function.meaning, f"`{function.example}`", f"`{function.result}`")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def tables() -> str:
    """A table for each group."""
    parts = []
    for group, functions in groupby(LIST, lambda function: function.group):
        head = f"\n### {group}\n\n| Function | Meaning | Example | Result |\n|---|---|---|---|\n"
        parts.append(head + "".join(map(row, functions)))
    return "".join(parts) + "\n"


def page() -> str:
    """The page with the list as it is now."""
    before, _, rest = PAGE.read_text("utf-8").partition(START)
    return before + START + tables() + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
