"""Random expressions by the hundred thousand: python -m tests.engine.expressions.fuzz --count N --seed S --journal FILE.

Expressions come from a grammar, from mutations of the corpus of tests/cases/expressions and from words in any order. They are
compiled and evaluated in child processes under limits of memory and processor time. What is wanted of each: a refusal in our words,
or an account of every row. Anything else (another error, a row that is lost, more seconds than allowed, a dead child) is a finding,
and is written into the journal with its expression, as is how far the run came.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from dms_workbench.engine.expressions import EvaluationFailed, InvalidExpression, compile_evaluator
from dms_workbench.engine.expressions.functions import CHANGING, LIST, SPELLINGS
from tests.engine.expressions.samples import COLUMNS, LOOKUPS, ROW

CASES = Path(__file__).parents[2] / "cases" / "expressions"
SECONDS = 10
"""Allowed for one expression."""
MEMORY_BYTES = 4 * 1024**3
"""Of address space that a child may have; DuckDB's own limit is lower."""
PART = 500
"""Expressions for one child."""
ROWS: tuple[tuple[Any, ...], ...] = (
    tuple(ROW),
    (None,) * 5,
    ("", "P", -1, "0044-03-15 BC", "0.00"),
    ("7", "x", 2**62, "infinity", "-99999999.99"),
    (
        "\u0000é\u200b&amp;1.234,5 €",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
        0,
        "9999-12-31",
        "1.00",
    ),
)
LEAVES = (
    "a", "b", "n", "d", "m", "1", "0", "-1", "2.5", "1e300", "9223372036854775807", "'x'", "'7'", "''", "'%'", "'+49'", "'comma'", "'day'",
    "'%d.%m.%Y'", "'$.a'", "NULL", "TRUE", "DATE '2024-01-31'", "INTERVAL '1' DAY", "'status'", "\"a\"", "1000",
)  # fmt: skip
SIGNS = ("+", "-", "*", "/", "//", "%", "||", "=", "<", ">=", "<>", "AND", "OR", "IS DISTINCT FROM", "LIKE", "~", "::")
TYPES = (
    "INTEGER",
    "TEXT",
    "DATE",
    "TIMESTAMP",
    "DECIMAL(5,2)",
    "BLOB",
    "BOOLEAN",
    "INTERVAL",
    "UUID",
    "HUGEINT",
    "INTEGER[]",
)
FOREIGN = (
    "read_csv('/etc/passwd')", "(SELECT 1)", "(SELECT * FROM duckdb_settings())", "getenv('HOME')", "now()", "random()",
    "a; DROP TABLE raw",
    "list_transform([1], x -> x)", "range(1000000000)", "repeat(repeat(repeat(a, 1000), 1000), 1000)", "current_setting('x')",
    "a::JSON", "raw",
    "query('SELECT 1')", "glob('/*')", "sum(n)", "*", "?", "$1", "{'a': 1}", "[a]", "a[1]", "--", "/*", "'", '"',
)  # fmt: skip


def made(chance: random.Random, depth: int) -> str:
    """An expression by the grammar."""
    if depth <= 0 or chance.random() < 0.15:
        return chance.choice(LEAVES)
    inner: Callable[[], str] = lambda: made(chance, depth - 1)  # noqa: E731
    kind = chance.randrange(10)
    if kind < 5:
        function = chance.choice(LIST)
        low, high = function.arguments
        count = chance.randint(low, min(high, low + 2)) if chance.random() < 0.9 else chance.randrange(5)
        return f"{function.name}({', '.join(literal_or(inner, function.literal.get(i), chance) for i in range(count))})"
    if kind == 5:
        return f"({inner()} {chance.choice(SIGNS)} {inner()})"
    if kind == 6:
        return f"CASE WHEN {inner()} THEN {inner()} ELSE {inner()} END"
    if kind == 7:
        return f"{chance.choice(('CAST', 'TRY_CAST'))}({inner()} AS {chance.choice(TYPES)})"
    if kind == 8:
        return f"{inner()} {chance.choice(('IN', 'NOT IN'))} ({inner()}, {inner()})"
    return f"lookup('status', {inner()})" if chance.random() < 0.5 else f"coalesce({inner()}, error('no'))"


def literal_or(inner: Callable[[], str], kind: str | None, chance: random.Random) -> str:
    """What an argument is: written out as it must be most times."""
    known = {
        "count": ("0", "1", "3", "1000", "1001"),
        "part": ("'day'", "'year'", "'epoch'"),
        "pattern": ("'[a-z]+'", "'(a*)*b'", "'('", "''"),
        "format": ("'%d.%m.%Y'", "'%Y-%m-%d'", "'%'"),
        "text": ("'comma'", "'point'", "'+49'", "'status'", "'g'", "'$.a'"),
        "replacement": ("'\\1'", "'x'"),
    }
    return chance.choice(known[kind]) if kind in known and chance.random() < 0.9 else inner()


def mutated(chance: random.Random, text: str) -> str:
    """A text with some places changed."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text) + 1)
        how = chance.randrange(5)
        if how == 0:
            text = text[:at] + text[at + chance.randint(1, 5) :]
        elif how == 1:
            text = (
                text[:at]
                + chance.choice((*LEAVES, *SIGNS, *FOREIGN, "(", ")", ",", " ", "\x00", "\ud800", "é"))
                + text[at:]
            )
        elif how == 2:
            text = text[:at] + text[at : at + 20] * chance.randint(1, 30) + text[at:]
        elif how == 3:
            text = chance.choice(("(", "NOT ", "-", "CASE WHEN ")) * chance.randint(1, 200) + text
        else:
            text = text[:at] + chr(chance.choice((0, 10, 39, 34, 92, 160, 8232, 65279, 119808))) + text[at:]
    return text[:20_000]


def expressions(seed: int, count: int, start: int = 0) -> Iterator[str]:
    """The expressions of a seed from a number on; each depends on its number alone."""
    corpus = [
        line for path in sorted(CASES.glob("*.txt")) for line in path.read_text("utf-8").splitlines() if line.strip()
    ]
    corpus += [function.example for function in LIST]
    words = (
        *LEAVES,
        *SIGNS,
        *FOREIGN,
        *(f"{name}(" for name in (*SPELLINGS, *sorted(CHANGING), *(f.name for f in LIST))),
        ")",
        ",",
    )
    for number in range(start, start + count):
        chance = random.Random(f"{seed}.{number}")
        kind = chance.randrange(10)
        if kind < 6:
            yield made(chance, chance.randint(1, 5))
        elif kind < 8:
            yield mutated(chance, chance.choice(corpus))
        elif kind == 8:
            yield mutated(chance, made(chance, 3))
        else:
            yield " ".join(chance.choice(words) for _ in range(chance.randint(1, 25)))


def fault_of(expression: str) -> tuple[str, str]:
    """What became of an expression (``refused``, ``evaluated``, ``failed``), and what is wrong with that; "" for nothing."""
    try:
        evaluator = compile_evaluator(COLUMNS, [("x", expression)], None, LOOKUPS)
    except InvalidExpression as error:
        return "refused", "" if error.reason and 0 <= error.offset <= len(
            expression
        ) else "a refusal without reason or place"
    try:
        result = evaluator.evaluate([list(column) for column in zip(*ROWS, strict=True)], len(ROWS))
    except EvaluationFailed as error:
        return "failed", "" if "memory" in str(error) else f"the whole batch failed: {error}"
    finally:
        evaluator.close()
    accounted = sorted([*result.kept, *(reject.row for reject in result.rejects)])
    if accounted != list(range(len(ROWS))) or len(result.columns[0]) != len(result.kept):
        return "evaluated", "rows are lost or told twice"
    return "evaluated", ""


class TooLong(BaseException):
    """Ends an expression that took too long."""


def too_long(_signal: int, _frame: object) -> None:
    """For the alarm."""
    raise TooLong


def work(seed: int, start: int, count: int, answers: Any) -> None:
    """In a child: try some expressions and tell each before and after."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, too_long)
    for number, expression in enumerate(expressions(seed, count, start), start):
        answers.send((number, expression, None, ""))
        signal.alarm(SECONDS)
        began = time.monotonic()
        try:
            became, fault = fault_of(expression)
        except TooLong:
            became, fault = "hung", f"more than {SECONDS} s"
        except Exception as error:  # noqa: BLE001  whatever it is, it is the finding
            became, fault = "crashed", f"{type(error).__name__}: {error}"[:500]
        finally:
            signal.alarm(0)
        took = time.monotonic() - began
        answers.send((number, expression, became, fault or (f"{took:.1f} s" if took > SECONDS else "")))
    answers.close()


def part(seed: int, start: int, count: int, note: Callable[[dict[str, Any]], None], counts: dict[str, int]) -> int:
    """Try some expressions in a child; returns how many were tried, which is fewer where the child died."""
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    child = context.Process(target=work, args=(seed, start, count, sending))
    child.start()
    sending.close()
    last: tuple[int, str, str | None, str] | None = None
    try:
        while receiving.poll(SECONDS * 6):
            last = receiving.recv()
            if last[2] is not None:
                counts[last[2]] = counts.get(last[2], 0) + 1
            if last[3]:
                note({"number": last[0], "expression": last[1], "became": last[2], "fault": last[3]})
        ended = False
    except EOFError:
        ended = True
    if not ended:
        child.kill()
    child.join()
    if last is None:
        raise RuntimeError(f"the child could not begin: it ended with {child.exitcode}")
    if last[2] is None:
        how = f"the child died: {child.exitcode}" if ended else "no answer"
        counts["died"] = counts.get("died", 0) + 1
        note({"number": last[0], "expression": last[1], "became": "died", "fault": how})
    return last[0] - start + 1


def fuzz(
    count: int, seed: int, journal: Path | None = None, start: int = 0
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Try so many expressions; returns what became of them and the findings."""
    counts: dict[str, int] = {}
    findings: list[dict[str, Any]] = []

    def tell(entry: dict[str, Any]) -> None:
        if journal is not None:
            with journal.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")

    def note(entry: dict[str, Any]) -> None:
        findings.append(entry)
        tell({"seed": seed, **entry})

    at, end, began = start, start + count, time.monotonic()
    while at < end:
        at += part(seed, at, min(PART, end - at), note, counts)
        tell({"seed": seed, "tried": at - start, "seconds": round(time.monotonic() - began), **counts})
    return counts, findings


def main() -> int:
    """The command; 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--start", type=int, default=0, help="the first expression's number: to go on with a run that ended"
    )
    parser.add_argument("--journal", type=Path, required=True)
    asked = parser.parse_args()
    counts, findings = fuzz(asked.count, asked.seed, asked.journal, asked.start)
    sys.stdout.write(f"{counts} {len(findings)} findings\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
