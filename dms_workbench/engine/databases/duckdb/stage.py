"""Stages, merges and images of DuckDB: tables beside the ledger's, emptied within the transaction of each chunk."""

from __future__ import annotations

from ..base import RowsRefused
from ..stages import ROW, StageSql
from .errors import refused


class Stages(StageSql):
    """As DuckDB says it."""

    one_table_at_a_time = True
    checks_each_row = True
    key_may_be_set = False
    row_id = "rowid"

    @property
    def takes_lines(self) -> bool:
        """A column that is called like the row's number hides it."""
        return self.row_id not in {name.lower() for name in self.shape.written}

    def number_lines(self) -> list[str]:
        """By the place where a row is stored, which grows as rows come in."""
        return [f"UPDATE {self.stage} SET {ROW} = {self.row_id} WHERE {ROW} IS NULL"]

    def exact_parts(self, value: str) -> list[str]:
        """By value and by text."""
        return [value, f"encode(CAST({value} AS VARCHAR))"]

    def same(self, one: str, other: str) -> str:
        """By value and by text: a collation, or a month like thirty days, make different values equal."""
        return (
            f"({one} IS NOT DISTINCT FROM {other} AND encode(CAST({one} AS VARCHAR)) IS NOT DISTINCT FROM "
            f"encode(CAST({other} AS VARCHAR)))"
        )

    def hash_of(self, value: str) -> str:
        """MD5 of its text."""
        return f"coalesce(md5(CAST({value} AS VARCHAR)), '-')"

    def sum_of(self, row: str) -> str:
        """The lower half of MD5, summed as 128 bits."""
        return f"coalesce(sum(CAST(md5_number_lower({row}) AS HUGEINT)), 0)"

    def refusal(self, error: Exception) -> RowsRefused | None:
        """A constraint's error, in words without values."""
        import duckdb

        if isinstance(error, RowsRefused):
            return error
        cause = error.__cause__
        return refused(cause) if isinstance(cause, duckdb.Error) else None
