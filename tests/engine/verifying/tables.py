"""What tests of verification share: tables, the same statements on both sides, and a source that streams something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tests.engine.verifying.conftest import Bench

MakeBench = Callable[[str, str], Bench]
KEYED = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)"
KEYLESS = "CREATE TABLE t (a INTEGER, b TEXT)"
ROWS = "INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, NULL)"


class Wrapped:
    """A source that streams something else than what is there."""

    def __init__(self, source: Any, change: Callable[[list[tuple[Any, ...]]], Iterator[list[tuple[Any, ...]]]]) -> None:
        self.source = source
        self.change = change

    def __getattr__(self, name: str) -> Any:
        return getattr(self.source, name)

    def stream(
        self, sql: str, parameters: Sequence[Any] = (), *, batch_rows: int = 10_000
    ) -> Iterator[list[tuple[Any, ...]]]:
        for rows in self.source.stream(sql, parameters, batch_rows=batch_rows):
            yield from self.change(rows) if len(rows) > 1 else [rows]


def same(bench: MakeBench, source: str, target: str, statements: str) -> Bench:
    """A bench with the same statements run on both sides."""
    made = bench(source, target)
    made.run("source", statements)
    made.run("target", statements)
    return made


def counts(result: Any) -> tuple[str, int, int, int]:
    return result.result, result.missing, result.extra, result.changed
