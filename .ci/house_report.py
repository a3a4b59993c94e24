"""Says which files and functions are longer than the house rules aim at: a report, never a failure."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

FILE_LIMIT, FUNCTION_LIMIT = 400, 50
lengths: list[int] = []

for path in sorted(Path("dms_workbench").rglob("*.py")):
    text = path.read_text(encoding="utf-8")
    if text.count("\n") > FILE_LIMIT:
        print(f"{path}: {text.count(chr(10))} lines")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
            lengths.append(lines)
            if lines > FUNCTION_LIMIT:
                print(f"{path}:{node.lineno}: {node.name} has {lines} lines")

tenths = statistics.quantiles(lengths, n=10)
print(f"{len(lengths)} functions: median {statistics.median(lengths):.0f} lines, 90th percentile {tenths[-1]:.0f}")
