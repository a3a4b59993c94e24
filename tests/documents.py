"""Reads the code blocks of README and docs that are marked as runnable.

A hidden comment on the line above a fenced block says what to do with it:

    <!-- runs -->           a ``python`` or ``console`` block that tests/test_documents.py executes
    <!-- command: demo -->  a block of shell that .ci/run executes: python -m tests.documents README.md demo
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(
    r"^<!-- (?P<mark>runs|command: (?P<name>[a-z-]+)) -->\n+```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
EXIT = re.compile(r"\s+# exit (?P<code>\d)$")


@dataclass(frozen=True)
class Block:
    """One marked block: its page, its first line's number, language, text and, for a command, its name."""

    page: Path
    line: int
    language: str
    text: str
    name: str


@dataclass(frozen=True)
class Step:
    """One command of a console block, the exit code it must have, and the lines that its output must hold."""

    command: str
    exit_code: int
    output: tuple[str, ...]


def pages() -> list[Path]:
    """Every page of documentation that has marked blocks."""
    return [page for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))] if blocks(page)]


def blocks(page: Path) -> list[Block]:
    """The marked blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(page, text.count("\n", 0, match.start()) + 3, match["language"], match["text"], match["name"] or "")
        for match in BLOCK.finditer(text)
    ]


def steps(text: str) -> list[Step]:
    """The commands of a console block: lines after ``$ ``; ``# exit 3`` at their end; then the lines they print.

    A command goes on on lines after ``> ``. An expected line may leave out parts as ``...``; a line of only ``...``
    stands for any number of lines.
    """
    found: list[Step] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            code = EXIT.search(line)
            command = EXIT.sub("", line.removeprefix("$ "))
            found.append(Step(command, int(code["code"]) if code else 0, ()))
        elif line.startswith("> ") and found and not found[-1].output:
            last = found[-1]
            found[-1] = Step(f"{last.command.removesuffix(chr(92))} {line[2:]}", last.exit_code, ())
        elif found:
            last = found[-1]
            found[-1] = Step(last.command, last.exit_code, (*last.output, line))
    return found


def absent(expected: tuple[str, ...], printed: str) -> list[str]:
    """The expected lines that the output does not hold."""
    patterns = {line: ".*?".join(re.escape(part.strip()) for part in line.split("...")) for line in expected}
    return [line for line, pattern in patterns.items() if not re.search(pattern, printed)]


def command(page: Path, name: str) -> str:
    """The text of the block with that name."""
    return next(block.text.strip() for block in blocks(page) if block.name == name)


if __name__ == "__main__":
    sys.stdout.write(command(Path(sys.argv[1]), sys.argv[2]) + "\n")
