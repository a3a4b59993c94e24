"""Stages, merges and images of MariaDB: tables beside the ledger's, emptied within the transaction of each chunk."""

from __future__ import annotations

from collections.abc import Sequence

from ..stages import CHANGED, CHUNK, KIND, LANE, ROW, SPARE, StageSql

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

    def fingerprint(self) -> str:
        """Half of a row's hash; the rows are locked until the transaction ends."""
        row = f"CAST(CONV(LEFT({self.row_hash('t', self.shape.kept)}, 15), 16, 10) AS UNSIGNED)"
        return f"SELECT COUNT(*), COALESCE(SUM({row}), 0) FROM {self.target} t FOR UPDATE"

    def row_hash(self, alias: str, names: Sequence[str]) -> str:
        """A hash of the bytes of some columns; a FLOAT is widened first, since its text has too few digits."""
        kinds = {name: self.shape.table.column(name).type.kind for name in names}
        values = [f"{alias}.{self.quote(name)}" for name in names]
        parts = [
            f"COALESCE(SHA2(CAST({f'CAST({value} AS DOUBLE)' if kinds[name] == 'float' else value} AS BINARY), 256), '-')"
            for name, value in zip(names, values, strict=True)
        ]
        return f"SHA2(CONCAT({', '.join(parts)}), 256)"

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

    def alike(self, kind: str, names: Sequence[str], guard: str) -> str:
        """Rows that are alike in some columns: their hash, how many the target has of them and how many the images of a kind."""
        rows = (
            f"SELECT {self.row_hash('i', names)} AS dms_hash, 1 AS dms_own FROM {self.images} i "
            f"WHERE i.{KIND} = '{kind}' UNION ALL SELECT {self.row_hash('t', names)}, 0 FROM {self.target} t WHERE {guard}"
        )
        counted = "SUM(r.dms_own) AS dms_images, SUM(1 - r.dms_own) AS dms_rows"
        return (
            f"SELECT r.dms_hash, {counted} FROM ({rows}) r GROUP BY r.dms_hash HAVING dms_images > 0 AND dms_rows > 0"
        )

    def keep_spares(self, kind: str, names: Sequence[str], guard: str) -> str:
        """Numbered among those that are alike: nothing else tells one from another."""
        row_hash = self.row_hash("t", names)
        rows = (
            f"SELECT {self.names(self.shape.kept, 't')}, {row_hash} AS dms_hash, "
            f"row_number() OVER (PARTITION BY {row_hash}) AS dms_place FROM {self.target} t WHERE {guard}"
        )
        return (
            f"INSERT INTO {self.images} ({KIND}, {LANE}, {CHUNK}, {self.names(self.shape.kept)}) "
            f"SELECT '{SPARE}', 0, 0, {self.names(self.shape.kept, 'n')} FROM ({rows}) n "
            f"JOIN ({self.alike(kind, names, guard)}) h ON h.dms_hash = n.dms_hash "
            "WHERE n.dms_place <= h.dms_rows - h.dms_images"
        )

    def delete_alike(self, kind: str, names: Sequence[str], guard: str) -> str:
        """By their hash."""
        alike = f"SELECT h.dms_hash FROM ({self.alike(kind, names, guard)}) h"
        return (
            f"DELETE t FROM {self.target} t JOIN ({alike}) d ON d.dms_hash = {self.row_hash('t', names)} WHERE {guard}"
        )
