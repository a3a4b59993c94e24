"""New tables tried on the target itself, in a transaction that is rolled back: what it refuses is left out, not the run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...kernel.errors import WorkbenchError
from ..databases.base import Database, RowsRefused, Target
from ..databases.catalogue import Table
from ..databases.ddl import NotExpressible
from ..databases.errors import ConnectionLost
from ..schema.derive import Derived
from ..schema.fate import altered, left_out

Part = tuple[str, str]
TRIED = "CREATE TABLE"
TEMPORARY = "CREATE TEMPORARY TABLE"


class Undo(Exception):
    """Ends a trial: its transaction is rolled back."""


@dataclass(slots=True)
class Prover:
    """Tries tables on one target."""

    database: Database
    target: Target
    new_schemas: tuple[str, ...] = ()

    def prove(self, derived: Derived) -> Derived:
        """The table without those of its uncertain parts that the target refuses."""
        checks = () if self.target.can.adds_foreign_keys_later else self.uncertain_checks(derived)
        parts: list[Part] = [*derived.optional, *checks]
        if not parts or self.refusal(derived.table) is None:
            return derived
        bare = derived
        for part in parts:
            bare = without(bare, part, "")
        if self.refusal(bare.table) is not None:
            return derived
        proved = derived
        for part in parts:
            rest = proved
            for other in parts[parts.index(part) + 1 :]:
                rest = without(rest, other, "")
            reason = self.refusal(rest.table)
            if reason is not None:
                proved = without(proved, part, f"{self.database.ddl.product} refuses it: {reason}")
        return proved

    def uncertain_checks(self, derived: Derived) -> list[Part]:
        """The checks that are made with the table."""
        return [
            (kind, name) for (kind, name), fate in derived.fates.items() if kind == "check" and fate.thing is not None
        ]

    def refusal(self, table: Table) -> str | None:
        """Why the target does not make a table; None if it does."""
        table = replace(table, foreign_keys=())
        if self.target.can.adds_foreign_keys_later:
            table = replace(table, checks=())
        try:
            statements = self.database.ddl.table(table)
            if self.target.can.transactional_ddl:
                self.try_and_undo(statements)
            else:
                self.try_apart(table, statements)
        except ConnectionLost:
            raise
        except NotExpressible as error:
            return error.reason
        except RowsRefused as error:
            return error.hint
        except WorkbenchError as error:
            return str(error.facts.get("reason", error.message))
        return None

    def try_and_undo(self, statements: list[str]) -> None:
        """Make it and roll back."""
        try:
            with self.target.transaction():
                for schema in self.new_schemas:
                    for statement in self.database.ddl.schema(schema):
                        self.target.execute(statement)
                for statement in statements:
                    self.target.execute(statement)
                raise Undo
        except Undo:
            return

    def try_apart(self, table: Table, statements: list[str]) -> None:
        """Where DDL cannot be rolled back: make a temporary table and drop it."""
        if table.name.schema in self.new_schemas:
            return
        if statements[0].startswith(TRIED):
            self.target.execute(statements[0].replace(TRIED, TEMPORARY, 1))
            self.target.execute(f"DROP TEMPORARY TABLE {self.database.qualified(table.name)}")


def without(derived: Derived, part: Part, reason: str) -> Derived:
    """A new table without one of its parts, and the reason noted."""
    kind, name = part
    fates, table, copied = dict(derived.fates), derived.table, derived.copied
    if kind == "check":
        table = replace(table, checks=tuple(check for check in table.checks if check != fates[part].thing))
    column = fates[part].thing or name
    if kind == "default":
        table = with_column(table, column, default=None)
    if kind == "generated column":
        table = with_column(table, column, generated=None)
        copied = (*copied, name)
        fates[part] = altered(f"a plain column with the values: {reason}")
    else:
        fates[part] = left_out(reason)
    optional = tuple(other for other in derived.optional if other != part)
    return replace(derived, table=table, fates=fates, copied=copied, optional=optional)


def with_column(table: Table, name: str, **changes: Any) -> Table:
    """The table with something of a column taken away."""
    return replace(
        table,
        columns=tuple(replace(column, **changes) if column.name == name else column for column in table.columns),
    )


@contextmanager
def prover(database: Database, target: Target | None, new_schemas: tuple[str, ...]) -> Iterator[Prover]:
    """A prover for a target; for a file that does not exist yet, one for an empty file of its own, removed at the end."""
    if target is not None:
        yield Prover(database, target, new_schemas)
        return
    with tempfile.TemporaryDirectory(prefix="dms-trial-") as folder:
        product = database.can.database
        trial = database.open_target(f"{product}:///{Path(folder) / f'trial.{product}'}")
        try:
            yield Prover(database, trial, new_schemas)
        finally:
            trial.close()
