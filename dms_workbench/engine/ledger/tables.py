"""The tables of the ledger in a target: how they are made, widened and found.

Format ``dms-ledger/2``; one of ``/1`` is widened when a run begins or goes on in it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from ...kernel.errors import WorkbenchError
from ..databases.base import RowsRefused, Target
from ..databases.errors import DatabaseError, PrivilegeMissing

FORMAT = "dms-ledger/2"
EARLIER = "dms-ledger/1"
"""What this version still reads: a ledger of it is widened to `FORMAT` before a run goes on in it."""
TABLES = {
    "runs": "run_id {key} PRIMARY KEY, resume_key {text} NOT NULL, source_identity {text} NOT NULL, target_identity {text} NOT NULL, "
    "selection {text} NOT NULL, status {text} NOT NULL, epoch BIGINT NOT NULL, format {text} NOT NULL, started_at {text} NOT NULL, "
    "finished_at {text}, mapping {text} NOT NULL, result {text}, kind {text}, parent_run_id {text}, mode {text}, settings {text}",
    "tables": "run_id {key} NOT NULL, map_no BIGINT NOT NULL, source_name {text} NOT NULL, target_name {text} NOT NULL, "
    "baseline_rows BIGINT NOT NULL, facts {text}, PRIMARY KEY (run_id, map_no)",
    "checkpoints": "run_id {key} NOT NULL, map_no BIGINT NOT NULL, lane_no BIGINT NOT NULL, epoch BIGINT NOT NULL, "
    "chunk_no BIGINT NOT NULL, position {text} NOT NULL, until_position {text} NOT NULL, done BIGINT NOT NULL, "
    "PRIMARY KEY (run_id, map_no, lane_no)",
    "chunks": "run_id {key} NOT NULL, map_no BIGINT NOT NULL, lane_no BIGINT NOT NULL, chunk_no BIGINT NOT NULL, epoch BIGINT NOT NULL, "
    "from_position {text} NOT NULL, to_position {text} NOT NULL, rows_read BIGINT NOT NULL, rows_written BIGINT NOT NULL, "
    "rows_filtered BIGINT NOT NULL, rows_quarantined BIGINT NOT NULL, snapshot_id {text} NOT NULL, committed_at {text} NOT NULL, "
    "rows_unchanged BIGINT, rows_merged BIGINT, source_hash {text}, target_hash {text}, transaction_id {text}, "
    "PRIMARY KEY (run_id, map_no, lane_no, chunk_no)",
    "quarantine": "run_id {key} NOT NULL, map_no BIGINT NOT NULL, lane_no BIGINT NOT NULL, chunk_no BIGINT NOT NULL, "
    "row_no BIGINT NOT NULL, source_name {text} NOT NULL, row_key {text} NOT NULL, row_values {text} NOT NULL, column_name {text}, "
    "code {text} NOT NULL, reason {text} NOT NULL, replayed_by {text}, PRIMARY KEY (run_id, map_no, lane_no, chunk_no, row_no)",
    "changes": "run_id {key} NOT NULL, map_no BIGINT NOT NULL, lane_no BIGINT NOT NULL, chunk_no BIGINT NOT NULL, "
    "column_name {text} NOT NULL, rule_name {text} NOT NULL, values_changed BIGINT NOT NULL",
    "images": "run_id {key} NOT NULL, map_no BIGINT NOT NULL, image_table {text} NOT NULL, kept_until {text} NOT NULL, "
    "dropped_at {text}, undone_by {text}, PRIMARY KEY (run_id, map_no)",
    "fingerprints": "run_id {key} NOT NULL, map_no BIGINT NOT NULL, sums {text} NOT NULL, PRIMARY KEY (run_id, map_no)",
}
"""Columns by table. ``runs.kind``: copy, undo, replay or repair, NULL in older ledgers for a copy; ``tables.facts``: JSON of what
an undo has to know; ``chunks.*_hash``: of the chunk's rows, where verification computed them; ``chunks.transaction_id``: where the
target can tell by it which rows a transaction wrote; ``quarantine.replayed_by``: the run
that put the row through; ``images``: where a run's before-images lie; ``fingerprints``: digests of its verified tables."""
ADDED = {
    "runs": ("kind", "parent_run_id", "mode", "settings"),
    "tables": ("facts",),
    "chunks": ("rows_unchanged", "rows_merged", "source_hash", "target_hash", "transaction_id"),
    "quarantine": ("replayed_by",),
}
"""What `EARLIER` lacks, besides the last tables."""
INSTALL_SECONDS = 5.0


class LedgerFormat(WorkbenchError, code="ledger-format", status=409):
    """The ledger in the target has the format {found}, and this version reads {known}."""


class LedgerTables:
    """The tables of one target's ledger, seen from one run."""

    def __init__(self, target: Target, run_id: str = "") -> None:
        """target: where the ledger lies; run_id: the run whose rows are meant."""
        self.target = target
        self.run_id = run_id

    def sql(self, text: str) -> str:
        """``{runs}`` becomes the quoted table and ``?``, which only stands in texts with parameters, the target's placeholder."""
        mark = self.target.can.placeholder
        names = {name: self.target.ledger_table(name) for name in TABLES}
        if mark == "%s" and "?" in text:
            names = {name: quoted.replace("%", "%%") for name, quoted in names.items()}
        return text.replace("?", mark).format_map(names)

    def execute(self, text: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement on the ledger; returns the rows it touched."""
        return self.target.execute(self.sql(text), parameters)

    def query(self, text: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query on the ledger."""
        return self.target.query(self.sql(text), parameters)

    def exists(self, table: str = "runs") -> bool:
        """Is there a ledger in the target, or this table of it?"""
        form = self.target.can.ledger
        name = table if form.in_schema else f"dms_ledger_{table}"
        return self.found(form.find, table=name, schema=self.schema())

    def found(self, sql: str, **names: str) -> bool:
        """Has a query with names in braces any rows?"""
        mark = self.target.can.placeholder
        asked = sorted((name for name in names if f"{{{name}}}" in sql), key=lambda name: sql.index(f"{{{name}}}"))
        return bool(self.target.query(sql.format_map(dict.fromkeys(asked, mark)), [names[name] for name in asked]))

    def ddl(self) -> list[str]:
        """The statements that make the ledger, for a DBA where the role may not."""
        schema = self.target.ledger_table("runs").rpartition(".")[0]
        create = [f"CREATE SCHEMA IF NOT EXISTS {schema}"] if schema else []
        return create + self.tables_ddl()

    def tables_ddl(self) -> list[str]:
        """The statements that make the tables, in a schema that is there; last the one that tells that all are."""
        form = self.target.can.ledger
        types = {"key": form.key_type, "text": form.text_type}
        end = f" {form.options}" if form.options else ""
        return [
            f"CREATE TABLE IF NOT EXISTS {self.target.ledger_table(name)} ({columns.format_map(types)}){end}"
            for name, columns in sorted(TABLES.items(), key=lambda item: item[0] == "runs")
        ]

    def schema(self) -> str:
        """The schema of the ledger's tables; empty where there are none."""
        if not self.target.can.ledger.in_schema:
            return ""
        return self.target.ledger_table("runs").removesuffix('."runs"')[1:-1].replace('""', '"')

    def schema_exists(self) -> bool:
        """May only the tables be missing? A role that may not make schemas can still make them in one that it is given."""
        form = self.target.can.ledger
        return not form.in_schema or self.found(form.find_schema, schema=self.schema())

    def install(self) -> None:
        """Make the ledger if it is missing, or widen an earlier one. Raises LedgerFormat if this version cannot read it."""
        if self.complete():
            return
        statements = self.missing_ddl()
        try:
            with self.target.transaction():
                for statement in statements:
                    self.target.execute(statement)
        except PrivilegeMissing as error:
            facts = {**error.facts, "action": f"make the run's ledger (schema {self.schema()})"}
            raise PrivilegeMissing(
                next="dms ledger ddl TARGET prints what the database's owner is to run.", **facts
            ) from error
        except (RowsRefused, DatabaseError):
            if not self.appears():
                raise

    def missing_ddl(self) -> list[str]:
        """The statements that make the ledger, or make it whole."""
        widened = self.widening() if self.exists() else []
        return widened + (self.tables_ddl() if self.schema_exists() else self.ddl())

    def widening(self) -> list[str]:
        """The columns that a ledger of the earlier format lacks."""
        form = self.target.can.ledger
        kinds = {
            name: "BIGINT" if name.startswith("rows_") else form.text_type for names in ADDED.values() for name in names
        }
        return [
            f"ALTER TABLE {self.target.ledger_table(table)} ADD COLUMN {name} {kinds[name]}"
            for table, names in ADDED.items()
            for name in names
            if not self.has_column(table, name)
        ]

    def has_column(self, table: str, column: str) -> bool:
        """Has a table of the ledger this column?"""
        try:
            self.target.query(f"SELECT {column} FROM {self.target.ledger_table(table)} WHERE 1 = 0")
        except (RowsRefused, DatabaseError):
            return False
        return True

    def complete(self) -> bool:
        """Is the ledger there with all its tables, in the format of this version?"""
        if not self.exists():
            return False
        for (found,) in self.query("SELECT DISTINCT format FROM {runs}"):
            if found not in (FORMAT, EARLIER):
                raise LedgerFormat(found=found, known=f"{FORMAT} and {EARLIER}")
        return self.exists("images") and self.exists("fingerprints")

    def appears(self) -> bool:
        """Does another first run, which is making the ledger at this moment, come to the end of it?"""
        deadline = time.monotonic() + INSTALL_SECONDS
        while not self.exists():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True
