"""The SQL of stages, merges and images: rows set beside a table before they go into it, and what they replaced.

A *stage* holds the rows of one chunk, numbered; *hits* say which of them meet a row of the target and whether that one
differs; *images* keep what a run has written and what stood there before, in columns of the target's own types. Here is
what standard SQL says; the ``stage.py`` of each database's folder derives from it and says what differs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any, cast

from .base import Database
from .catalogue import Column, Table, TableName
from .exchanging import Exchanging
from .stage_parts import (
    AFTER,
    BARE,
    BEFORE,
    CHANGED,
    CHUNK,
    KIND,
    LANE,
    NEW,
    NUMBER,
    OLD,
    ROW,
    SEEN,
    SPARE,
    Shape,
)

__all__ = [
    "AFTER", "BARE", "BEFORE", "CHANGED", "CHUNK", "KIND", "LANE", "NEW", "NUMBER", "OLD", "ROW", "SEEN", "SPARE", "Shape",
    "StageSql", "database_of", "stage_table", "stages_of",
]  # fmt: skip


class StageSql(Exchanging):
    """Statements over one target table, its stage and its images. Every text is one statement."""

    # -- tables

    def create_stage(self) -> list[str]:
        """Stage and hits, unless they are there."""
        cast_row = f"CAST(NULL AS BIGINT) AS {ROW}"
        return [
            f"CREATE TABLE IF NOT EXISTS {self.stage} AS SELECT {cast_row}, {self.names(self.shape.written)} "
            f"FROM {self.target} WHERE 1 = 0",
            f"CREATE TABLE IF NOT EXISTS {self.hits} ({ROW} BIGINT NOT NULL, {CHANGED} BIGINT NOT NULL)",
        ]

    def empty_stage(self) -> list[str]:
        """Ready for the next chunk; inside its transaction."""
        return [f"DELETE FROM {self.stage}", f"DELETE FROM {self.hits}"]

    def drop_stage(self) -> list[str]:
        """Stage and hits are done with."""
        return [f"DROP TABLE IF EXISTS {self.stage}", f"DROP TABLE IF EXISTS {self.hits}"]

    def create_images(self) -> list[str]:
        """The table of images, unless it is there."""
        control = f"CAST('' AS VARCHAR(8)) AS {KIND}, CAST(0 AS BIGINT) AS {LANE}, CAST(0 AS BIGINT) AS {CHUNK}"
        return [
            f"CREATE TABLE IF NOT EXISTS {self.images} AS SELECT {control}, {self.names(self.shape.kept)} "
            f"FROM {self.target} WHERE 1 = 0",
            *self.index_images(),
        ]

    def index_images(self) -> list[str]:
        """An index by which images are found again, unless it is there."""
        if not self.shape.key:
            return []
        name = self.quote(f"{self.images_name.name}_key")
        return [f"CREATE INDEX IF NOT EXISTS {name} ON {self.images} ({self.names(self.shape.key)})"]

    def drop_images(self) -> list[str]:
        """Undo data are done with."""
        return [f"DROP TABLE IF EXISTS {self.images}"]

    # -- a chunk

    @property
    def takes_lines(self) -> bool:
        """Can rows that pass undecoded, and so without numbers, be numbered here?"""
        return True

    def number_lines(self) -> list[str]:
        """Number the rows that came in without; nothing where the stage does that itself."""
        return []

    def repeated_in_stage(self) -> str:
        """The rows of the stage before which another one has the same key."""
        numbered = (
            f"SELECT s.{ROW}, row_number() OVER (PARTITION BY {self.names(self.shape.key, 's')} ORDER BY s.{ROW}) AS dms_place "
            f"FROM {self.stage} s WHERE {self.has_key('s')}"
        )
        return f"SELECT {ROW} FROM ({numbered}) n WHERE dms_place > 1"

    def written_before(self) -> str:
        """The rows of the stage whose key an earlier chunk of the run has had."""
        return (
            f"SELECT DISTINCT s.{ROW} FROM {self.stage} s JOIN {self.images} i ON {self.on_key('i', 's')} "
            f"WHERE i.{KIND} <> '{BEFORE}'"
        )

    def ambiguous(self) -> str:
        """The rows of the stage that several rows of the target have the key of."""
        return f"SELECT {ROW} FROM {self.hits} GROUP BY {ROW} HAVING count(*) > 1"

    def find_hits(self) -> str:
        """Note which rows meet one of the target, and whether that differs."""
        same = self.identical("t", "s", self.shape.written)
        return (
            f"INSERT INTO {self.hits} ({ROW}, {CHANGED}) SELECT s.{ROW}, CASE WHEN {same} THEN 0 ELSE 1 END "
            f"FROM {self.stage} s JOIN {self.target} t ON {self.on_key('t', 's')}"
        )

    def hit_rows(self) -> str:
        """The rows of the stage that met one of the target."""
        return f"SELECT DISTINCT {ROW} FROM {self.hits}"

    def count_as_equal(self) -> str:
        """What met a row is left alone, whatever it holds."""
        return f"UPDATE {self.hits} SET {CHANGED} = 0"

    def delete_hits(self) -> str:
        """Take out the rows of the target that the stage met; only ever tried."""
        return self.delete_where(f"EXISTS (SELECT 1 FROM {self.stage} s WHERE {self.on_key('t', 's')})")

    def count_hits(self) -> str:
        """How many rows met an equal one (0) and how many another one (1)."""
        return f"SELECT {CHANGED}, count(*) FROM {self.hits} GROUP BY {CHANGED}"

    def insert_new(self) -> str:
        """Add the rows that met none, in their order."""
        names = self.names(self.shape.written)
        return (
            f"INSERT INTO {self.target} ({names}) {self.overriding}SELECT {self.names(self.shape.written, 's')} "
            f"FROM {self.stage} s WHERE {self.no_hit} ORDER BY s.{ROW}"
        )

    @property
    def no_hit(self) -> str:
        """Did a row of the stage meet none?"""
        return f"NOT EXISTS (SELECT 1 FROM {self.hits} h WHERE h.{ROW} = s.{ROW})"

    def update_hits(self) -> str:
        """Give the rows that differ the values of the stage; empty if no column can be set."""
        names = self.shape.settable(self.shape.written)
        if not self.key_may_be_set:
            names = [name for name in names if name not in self.shape.key]
        if not names:
            return ""
        return self.update(
            names,
            "s",
            f"{self.stage} s JOIN {self.hits} h ON h.{ROW} = s.{ROW} AND h.{CHANGED} = 1",
            self.on_key("t", "s"),
        )

    def keep(self, kind: str, place: tuple[int, int], names: Sequence[str], rows: str) -> str:
        """Keep rows as images. rows: what follows SELECT and the columns; kind: one of the kinds, or SQL of it in brackets."""
        made = kind if kind.startswith("(") else f"'{kind}'"
        alias, _, rest = rows.partition(" ")
        values = [f"{alias}.{self.quote(name)}" if name in names else "NULL" for name in self.shape.kept]
        return (
            f"INSERT INTO {self.images} ({KIND}, {LANE}, {CHUNK}, {self.names(self.shape.kept)}) "
            f"SELECT {made}, {int(place[0])}, {int(place[1])}, {', '.join(values)} {rest}"
        )

    def keep_before(self, place: tuple[int, int]) -> str:
        """Images of the rows that are about to be changed."""
        return self.keep(
            BEFORE,
            place,
            self.shape.kept,
            f"t FROM {self.stage} s JOIN {self.hits} h ON h.{ROW} = s.{ROW} AND h.{CHANGED} = 1 "
            f"JOIN {self.target} t ON {self.on_key('t', 's')}",
        )

    def keep_after(self, place: tuple[int, int], *, seen: bool) -> list[str]:
        """Images of the rows as they stand now; seen: of those that were equal, their key."""
        if not self.shape.key:
            return [self.keep(BARE, place, self.shape.written, f"s FROM {self.stage} s")]
        kind = f"(CASE WHEN h.{ROW} IS NULL THEN '{NEW}' ELSE '{AFTER}' END)"
        joined = f"FROM {self.stage} s JOIN {self.target} t ON {self.on_key('t', 's')} LEFT JOIN {self.hits} h ON h.{ROW} = s.{ROW}"
        found = [self.keep(kind, place, self.shape.kept, f"t {joined} WHERE h.{ROW} IS NULL OR h.{CHANGED} = 1")]
        if any(self.shape.table.column(name).nullable for name in self.shape.key):
            bare = f"s FROM {self.stage} s WHERE NOT ({self.has_key('s')})"
            found.append(self.keep(BARE, place, self.shape.written, bare))
        if seen:
            equal = f"s FROM {self.stage} s JOIN {self.hits} h ON h.{ROW} = s.{ROW} AND h.{CHANGED} = 0"
            found.append(self.keep(SEEN, place, self.shape.key, equal))
        return found

    # -- replacing the whole content

    def create_copy(self) -> list[str]:
        """A table like the target with its keys and checks, as the stage, unless it is there."""
        table = replace(self.shape.table, name=self.stage_name, partitioning=None, inherits=())
        made = [text.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1) for text in self.ddl.table(table)]
        unique = [index for index in self.shape.table.indexes if index.unique]
        for number, index in enumerate(unique):
            own = replace(index, name=f"{self.stage_name.name}_{number}", definition=None)
            made += [
                re.sub(r"INDEX (?!IF)", "INDEX IF NOT EXISTS ", text, count=1)
                for text in self.ddl.index(self.stage_name, own)
            ]
        return made

    def refer(self, others: dict[TableName, TableName]) -> list[str]:  # noqa: ARG002  of the form
        """Give the copy the target's references, where rows are checked as they come in; others: what stands for a table."""
        return []

    def keep_content(self, kind: str) -> str:
        """Images of all rows that the target has."""
        return self.keep(kind, (0, 0), self.shape.kept, f"t FROM {self.target} t")

    def empty_targets(self, targets: Sequence[str]) -> list[str]:
        """Take all rows out of some tables that only refer to one another, the last one first."""
        return [f"DELETE FROM {target}" for target in reversed(targets)]

    def count_stage(self) -> str:
        """Rows in the stage."""
        return f"SELECT count(*) FROM {self.stage}"

    def move_in(self) -> str:
        """All rows of the stage into the target."""
        names = self.names(self.shape.written)
        return f"INSERT INTO {self.target} ({names}) {self.overriding}SELECT {names} FROM {self.stage}"


def stage_table(sql: StageSql) -> Table:
    """The stage as writers of rows know tables: numbered, and every column may be NULL."""
    plain = [
        replace(column, nullable=True, default=None, identity=None, generated=None, counter=None, sequence=None)
        for column in sql.shape.columns
    ]
    return Table(sql.stage_name, (Column(ROW, NUMBER), *plain))


def stages_of(product: str) -> type[StageSql]:
    """The statements of a product. Raises KeyError for one that only ever makes tables."""
    if product == "files":
        raise KeyError(product)
    module = import_module(f".{product}.stage", __package__)
    return cast("type[StageSql]", cast(Any, module).Stages)


def database_of(product: str) -> Database:
    """The product itself, to name and to make things."""
    return cast("Database", cast(Any, import_module(f".{product}", __package__)).database)
