"""Stages, merges and images of MariaDB: tables beside the ledger's, emptied within the transaction of each chunk."""

from __future__ import annotations

from collections.abc import Sequence

from ..stages import BARE, CHANGED, CHUNK, KIND, LANE, ROW, StageSql

LONG_KINDS = frozenset(("text", "bytes", "json", "other"))
PREFIX = 191
"""Characters of a long text that an index of images holds."""


class Stages(StageSql):
    """As MariaDB says it."""

    before_taking = ("SET foreign_key_checks = 0",)
    after_taking = ("SET foreign_key_checks = 1",)

    def same(self, one: str, other: str) -> str:
        """By value and by bytes: a collation or a float's few digits make different values equal."""
        return f"({one} <=> {other} AND BINARY {one} <=> BINARY {other})"

    def exact_parts(self, value: str) -> list[str]:
        """By value and by bytes."""
        return [value, f"BINARY {value}"]

    def delete_like(self, number: int) -> str:
        """By all that is stored."""
        image = f"(SELECT i.{{}} FROM {self.images} i WHERE i.dms_no = {int(number)})"
        like = " AND ".join(self.same(self.quote(name), image.format(self.quote(name))) for name in self.shape.kept)
        return f"DELETE FROM {self.target} WHERE {like} LIMIT 1"

    def create_stage(self) -> list[str]:
        """Numbered as rows come in."""
        return [
            f"CREATE TABLE IF NOT EXISTS {self.stage} ({ROW} BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB "
            f"AS SELECT {self.names(self.shape.written)} FROM {self.target} WHERE 1 = 0",
            f"CREATE TABLE IF NOT EXISTS {self.hits} ({ROW} BIGINT NOT NULL, {CHANGED} INT NOT NULL, KEY ({ROW})) ENGINE=InnoDB",
        ]

    def create_images(self) -> list[str]:
        """Numbered, with an index by the key; on the outer side of a join columns keep their types and may be NULL."""
        index = f", KEY dms_key ({', '.join(map(self.indexed, self.shape.key))})" if self.shape.key else ""
        control = f"{KIND} VARCHAR(8) NOT NULL, {LANE} BIGINT NOT NULL, {CHUNK} BIGINT NOT NULL"
        number = "dms_no BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY"
        chosen = self.names(self.shape.kept, "t")
        return [
            f"CREATE TABLE IF NOT EXISTS {self.images} ({number}, {control}{index}) ENGINE=InnoDB "
            f"AS SELECT '' AS {KIND}, 0 AS {LANE}, 0 AS {CHUNK}, {chosen} FROM (SELECT 1 AS dms_one) o "
            f"LEFT JOIN {self.target} t ON RAND() < o.dms_one LIMIT 0"
        ]

    def indexed(self, name: str) -> str:
        """A column of the key in an index."""
        type_ = self.shape.table.column(name).type
        long = type_.kind in LONG_KINDS and (type_.length is None or type_.length > PREFIX) and type_.labels is None
        return f"{self.quote(name)}({PREFIX})" if long else self.quote(name)

    def update(self, names: Sequence[str], alias: str, tables: str, condition: str) -> str:
        """With a join."""
        sets = ", ".join(f"t.{self.quote(name)} = {alias}.{self.quote(name)}" for name in names)
        return f"UPDATE {self.target} t JOIN ({tables}) ON {condition} SET {sets}"

    def delete_where(self, condition: str) -> str:
        """With an alias."""
        return f"DELETE t FROM {self.target} t WHERE {condition}"

    def create_copy(self) -> list[str]:
        """A table with the same columns, checks and keys; references are checked when the rows move."""
        return [f"CREATE TABLE IF NOT EXISTS {self.stage} LIKE {self.target}"]

    def empty_targets(self, targets: Sequence[str]) -> list[str]:
        """Rows that refer to one another in any order: what refers to them from elsewhere was refused before."""
        deletes = [f"DELETE FROM {target}" for target in reversed(targets)]
        return ["SET foreign_key_checks = 0", *deletes, "SET foreign_key_checks = 1"]

    def bare_partition(self, alias: str) -> str:
        """Rows are told apart by bytes."""
        return ", ".join(f"BINARY {alias}.{self.quote(name)}" for name in self.shape.written)

    def bare_numbers(self) -> str:
        """The images of rows without a key, by number."""
        return f"SELECT dms_no FROM {self.images} WHERE {KIND} = '{BARE}' ORDER BY dms_no"

    def delete_one(self, number: int) -> str:
        """Take out one stored row that is like an image."""
        like = " AND ".join(
            f"{self.quote(name)} <=> (SELECT i.{self.quote(name)} FROM {self.images} i WHERE i.dms_no = {int(number)})"
            for name in self.shape.written
        )
        return f"DELETE FROM {self.target} WHERE {like} LIMIT 1"
