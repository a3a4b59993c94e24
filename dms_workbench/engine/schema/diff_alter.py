"""How each product changes and removes what is there: ALTER, DROP, COMMENT."""

from __future__ import annotations

from dataclasses import dataclass

from ..databases.base import Database
from ..databases.catalogue import Check, Column, ForeignKey, Key, Table, TableName, UserType
from ..databases.ddl import NotExpressible, default_text
from .diff_parts import Part

REBUILD = "{product} cannot change that in place: the table must be made again"


@dataclass(frozen=True)
class Alterations:
    """What the products share; the classes below say what differs."""

    database: Database

    def q(self, name: str) -> str:
        """An identifier."""
        return self.database.quote(name)

    def table_name(self, name: TableName) -> str:
        """A table."""
        return self.database.qualified(name)

    def rebuild(self) -> NotExpressible:
        """The refusal where a table would have to be made again."""
        return NotExpressible(REBUILD.format(product=self.database.ddl.product))

    def add_column(self, table: Table, column: Column) -> list[str]:
        """A new column."""
        return [f"ALTER TABLE {self.table_name(table.name)} ADD COLUMN {self.database.ddl.column(table, column)}"]

    def add_key(self, table: TableName, key: Key, *, primary: bool) -> list[str]:
        """A primary or unique key of a table that is there."""
        return [f"ALTER TABLE {self.table_name(table)} ADD {self.database.ddl.key(key, primary=primary)}"]

    def add_foreign_key(self, table: TableName, key: ForeignKey) -> list[str]:
        """A foreign key of a table that is there."""
        if not self.database.can.adds_foreign_keys_later:
            raise self.rebuild()
        return self.database.ddl.add_foreign_key(table, key)

    def add_check(self, table: TableName, check: Check) -> list[str]:
        """A check of a table that is there."""
        return self.database.ddl.add_check(table, check)

    def rename_table(self, name: TableName, new: str) -> list[str]:
        """Another name for a table."""
        return [f"ALTER TABLE {self.table_name(name)} RENAME TO {self.q(new)}"]

    def rename_column(self, table: TableName, name: str, new: str) -> list[str]:
        """Another name for a column."""
        return [f"ALTER TABLE {self.table_name(table)} RENAME COLUMN {self.q(name)} TO {self.q(new)}"]

    def drop(self, part: Part) -> list[str]:
        """Remove an object."""
        if part.kind == "column":
            return [f"ALTER TABLE {self.table_name(part.owner.name)} DROP COLUMN {self.q(part.thing.name)}"]
        if part.kind in ("primary key", "unique key", "foreign key", "check", "exclusion constraint"):
            return self.drop_constraint(part)
        if part.kind == "index":
            return self.drop_index(part)
        if part.kind in ("trigger", "policy", "rule"):
            return self.drop_of_table(part)
        if part.kind in ("function", "procedure", "aggregate"):
            return [f"DROP {part.kind.upper()} {self.routine(part)}"]
        if part.kind in ("table", "view", "materialized view", "sequence", "type"):
            return [f"DROP {part.kind.upper()} {self.table_name(part.thing.name)}"]
        raise NotExpressible(f"how a {part.kind} is removed is not known here")

    def routine(self, part: Part) -> str:
        """A routine's name in DROP."""
        return self.table_name(part.thing.name)

    def drop_constraint(self, part: Part) -> list[str]:
        """Remove a key, foreign key or check."""
        name = part.thing.name
        if not name:
            raise NotExpressible("it has no name to drop it by")
        return [f"ALTER TABLE {self.table_name(part.owner.name)} DROP CONSTRAINT {self.q(name)}"]

    def drop_index(self, part: Part) -> list[str]:
        """Remove an index."""
        return [f"DROP INDEX {self.table_name(TableName(part.owner.name.schema, part.thing.name))}"]

    def drop_of_table(self, part: Part) -> list[str]:
        """Remove a trigger, policy or rule."""
        return [f"DROP {part.kind.upper()} {self.q(part.thing.name)}"]

    def column(self, table: Table, column: Column, aspect: str, present: Column) -> list[str]:  # noqa: ARG002
        """Change a fact of a column. column: as it shall be; present: as it is."""
        raise self.rebuild()

    def comment(self, part: Part, text: str | None) -> list[str]:  # noqa: ARG002  of the form
        """Change a comment."""
        raise NotExpressible(f"{self.database.ddl.product} has no comments")

    def sequence(self, name: TableName, options: str) -> list[str]:
        """Change how a sequence counts."""
        return [f"ALTER SEQUENCE {self.table_name(name)} {options}".rstrip()]

    def labels(self, present: UserType, wanted: UserType, aspect: str) -> list[str]:  # noqa: ARG002  of the form
        """Change a user type."""
        raise NotExpressible("the type must be made again, with every column that has it")

    def table(self, present: Table, wanted: Table, aspect: str) -> list[str]:  # noqa: ARG002  of the form
        """Change a fact of a table itself."""
        if aspect in ("owner", "grants"):
            raise NotExpressible("rights are given by whoever owns the table")
        raise self.rebuild()


class StandardAlterations(Alterations):
    """ALTER COLUMN as standard SQL has it, for DuckDB; PostgreSQL adds to it."""

    def column(self, table: Table, column: Column, aspect: str, present: Column) -> list[str]:
        """Change a fact of a column."""
        start = f"ALTER TABLE {self.table_name(table.name)} ALTER COLUMN {self.q(column.name)}"
        if aspect == "type":
            return [f"{start} TYPE {column.type.native}"]
        if aspect == "nullability":
            return [f"{start} {'DROP' if column.nullable else 'SET'} NOT NULL"]
        if aspect == "default":
            return [
                start + (" DROP DEFAULT" if column.default is None else f" SET DEFAULT {default_text(column.default)}")
            ]
        if aspect == "comment":
            return self.comment(Part("column", "", "", column, table), column.comment)
        return self.other_fact(start, column, aspect, present)

    def other_fact(self, start: str, column: Column, aspect: str, present: Column) -> list[str]:  # noqa: ARG002
        """What standard SQL leaves to the products."""
        raise self.rebuild()

    def comment(self, part: Part, text: str | None) -> list[str]:
        """COMMENT ON; NULL takes it away."""
        said = "NULL" if text is None else "'" + text.replace("'", "''") + "'"
        return [f"COMMENT ON {self.commented(part)} IS {said}"]

    def commented(self, part: Part) -> str:
        """What stands behind COMMENT ON."""
        if part.kind == "column":
            return f"COLUMN {self.table_name(part.owner.name)}.{self.q(part.thing.name)}"
        if part.kind in ("trigger", "policy", "rule"):
            return f"{part.kind.upper()} {self.q(part.thing.name)} ON {self.table_name(part.owner.name)}"
        if part.kind == "index":
            return f"INDEX {self.table_name(TableName(part.owner.name.schema, part.thing.name))}"
        if part.kind in ("function", "procedure", "aggregate"):
            return f"{part.kind.upper()} {self.routine(part)}"
        if part.kind in ("primary key", "unique key", "foreign key", "check", "exclusion constraint"):
            return f"CONSTRAINT {self.q(part.thing.name or '')} ON {self.table_name(part.owner.name)}"
        if part.kind in ("table", "view", "materialized view", "sequence", "type"):
            return f"{part.kind.upper()} {self.table_name(part.thing.name)}"
        raise NotExpressible(f"how a {part.kind} is commented is not known here")


class DuckdbAlterations(StandardAlterations):
    """DuckDB: constraints stand and fall with their table."""

    def drop_constraint(self, part: Part) -> list[str]:  # noqa: ARG002  of the form
        """Not possible."""
        raise self.rebuild()

    def add_key(self, table: TableName, key: Key, *, primary: bool) -> list[str]:
        """A primary key can be added; a unique one as an index."""
        if primary:
            return super().add_key(table, key, primary=True)
        name = key.name or f"{table.name}_{'_'.join(key.columns)}_key"
        return [
            f"CREATE UNIQUE INDEX {self.q(name)} ON {self.table_name(table)} ({self.database.ddl.names(key.columns)})"
        ]

    def add_check(self, table: TableName, check: Check) -> list[str]:  # noqa: ARG002  of the form
        """Not possible."""
        raise self.rebuild()


class PostgresAlterations(StandardAlterations):
    """PostgreSQL."""

    def column(self, table: Table, column: Column, aspect: str, present: Column) -> list[str]:
        """As standard SQL; a type is given with the cast of the values."""
        if aspect != "type":
            return super().column(table, column, aspect, present)
        start = f"ALTER TABLE {self.table_name(table.name)} ALTER COLUMN {self.q(column.name)}"
        return [f"{start} TYPE {column.type.native} USING {self.q(column.name)}::{column.type.native}"]

    def other_fact(self, start: str, column: Column, aspect: str, present: Column) -> list[str]:
        """Identity and collation."""
        if aspect == "identity" and column.identity is None:
            return [f"{start} DROP IDENTITY"]
        if aspect == "identity" and present.identity is not None:
            return [f"{start} SET GENERATED {(column.identity or 'by default').upper()}"]
        if aspect == "identity":
            drop = [f"{start} DROP DEFAULT"] if present.default is not None else []
            kind = (column.identity or "by default").upper()
            return [*drop, f"{start} ADD GENERATED {kind} AS IDENTITY"]
        if aspect == "collation":
            from ..databases.postgres.ddl_options import collate

            clause = collate(column.type.collation) or ' COLLATE "default"'
            return [f"{start} TYPE {column.type.native}{clause}"]
        raise self.rebuild()

    def routine(self, part: Part) -> str:
        """Overloads are told apart by their arguments."""
        _, bracket, arguments = part.thing.signature.partition("(")
        return f"{self.table_name(part.thing.name)}{bracket}{arguments}"

    def drop_of_table(self, part: Part) -> list[str]:
        """Triggers, policies and rules belong to a table."""
        return [f"DROP {part.kind.upper()} {self.q(part.thing.name)} ON {self.table_name(part.owner.name)}"]

    def labels(self, present: UserType, wanted: UserType, aspect: str) -> list[str]:
        """Labels can be added; each goes where it stands in the wanted order."""
        if aspect != "labels" or not set(present.labels) <= set(wanted.labels):
            return super().labels(present, wanted, aspect)
        found = []
        for place, label in enumerate(wanted.labels):
            if label not in present.labels:
                text, before = (each.replace("'", "''") for each in (label, wanted.labels[place - 1] if place else ""))
                after = f" AFTER '{before}'" if place else " BEFORE '" + present.labels[0].replace("'", "''") + "'"
                found.append(f"ALTER TYPE {self.table_name(present.name)} ADD VALUE '{text}'{after}")
        if not found:
            raise NotExpressible("the order of labels cannot be changed")
        return found

    def table(self, present: Table, wanted: Table, aspect: str) -> list[str]:
        """Row-level security and persistence."""
        start = f"ALTER TABLE {self.table_name(present.name)}"
        if aspect == "persistence":
            return [f"{start} SET {'LOGGED' if wanted.persistence == 'permanent' else 'UNLOGGED'}"]
        if aspect == "row security":
            on = "DISABLE" if wanted.row_security == "off" else "ENABLE"
            force = "FORCE" if wanted.row_security == "forced" else "NO FORCE"
            return [f"{start} {on} ROW LEVEL SECURITY", f"{start} {force} ROW LEVEL SECURITY"]
        return super().table(present, wanted, aspect)


class MysqlAlterations(Alterations):
    """MySQL and MariaDB: a column is always said whole."""

    def column(self, table: Table, column: Column, aspect: str, present: Column) -> list[str]:  # noqa: ARG002
        """MODIFY COLUMN."""
        return [f"ALTER TABLE {self.table_name(table.name)} MODIFY COLUMN {self.database.ddl.column(table, column)}"]

    def drop_constraint(self, part: Part) -> list[str]:
        """Each kind has a word of its own."""
        start = f"ALTER TABLE {self.table_name(part.owner.name)} DROP"
        if part.kind == "primary key":
            return [f"{start} PRIMARY KEY"]
        if not part.thing.name:
            raise NotExpressible("it has no name to drop it by")
        word = {"unique key": "INDEX", "foreign key": "FOREIGN KEY"}.get(part.kind, "CONSTRAINT")
        return [f"{start} {word} {self.q(part.thing.name)}"]

    def drop_index(self, part: Part) -> list[str]:
        """An index belongs to its table."""
        return [f"DROP INDEX {self.q(part.thing.name)} ON {self.table_name(part.owner.name)}"]

    def comment(self, part: Part, text: str | None) -> list[str]:
        """Of a table; elsewhere with the column."""
        if part.kind != "table":
            raise NotExpressible(f"a {part.kind} must be made again to change its comment")
        said = (text or "").replace("\\", "\\\\").replace("'", "''")
        return [f"ALTER TABLE {self.table_name(part.thing.name)} COMMENT = '{said}'"]


class SqliteAlterations(Alterations):
    """SQLite: little can be changed in place."""

    def add_key(self, table: TableName, key: Key, *, primary: bool) -> list[str]:
        """A unique key as an index; a primary key not at all."""
        if primary:
            raise self.rebuild()
        name = key.name or f"{table.name}_{'_'.join(key.columns)}_key"
        on = f"{self.q(table.name)} ({self.database.ddl.names(key.columns)})"
        return [f"CREATE UNIQUE INDEX {self.q(name)} ON {on}"]

    def add_check(self, table: TableName, check: Check) -> list[str]:  # noqa: ARG002  of the form
        """Not possible."""
        raise self.rebuild()

    def drop_constraint(self, part: Part) -> list[str]:  # noqa: ARG002  of the form
        """Not possible."""
        raise self.rebuild()

    def add_column(self, table: Table, column: Column) -> list[str]:
        """Not where SQLite refuses it."""
        if not column.nullable and column.default is None:
            raise NotExpressible("SQLite adds a NOT NULL column only with a default")
        return super().add_column(table, column)


class FileAlterations(Alterations):
    """Files are written whole."""

    def add_column(self, table: Table, column: Column) -> list[str]:  # noqa: ARG002  of the form
        """Not possible."""
        raise NotExpressible("a file is written again as a whole")

    def drop(self, part: Part) -> list[str]:  # noqa: ARG002  of the form
        """Not possible."""
        raise NotExpressible("a file is written again as a whole")


WAYS: dict[str, type[Alterations]] = {
    "postgres": PostgresAlterations,
    "duckdb": DuckdbAlterations,
    "mysql": MysqlAlterations,
    "sqlite": SqliteAlterations,
    "files": FileAlterations,
}


def alterations_of(database: Database) -> Alterations:
    """A product's ways of changing what is there."""
    return WAYS[database.can.database](database)
