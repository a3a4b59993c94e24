"""PostgreSQL's DDL.

An object that carries its ``definition`` came from PostgreSQL and is made again word for word; one without is put
together from its parts. Comments of what is made after the tables (indexes, triggers, foreign keys …) stand behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..ddl import NotExpressible, StandardDdl, Statements, default_text, sequence_options
from ..objects import OtherObject, Routine, Table, UserType, View
from ..objects import Sequence as CatalogueSequence
from ..table_parts import Check, Column, Exclusion, ForeignKey, Index, IndexPart, Key, Policy, TableName, Trigger
from .capabilities import CAPABILITIES, literal
from .ddl_options import alterations, collate, column_alterations, storage_clause

SWITCHES = {
    "origin": "ENABLE",
    "always": "ENABLE ALWAYS",
    "replica": "ENABLE REPLICA",
    "disabled": "DISABLE",
}


class PostgresDdl(StandardDdl):
    """What PostgreSQL says in its own way."""

    product = "PostgreSQL"

    def __init__(self, quote: Callable[[str], str], qualified: Callable[[TableName], str]) -> None:
        """As `StandardDdl`; a name that PostgreSQL would cut is refused."""

        def fitting(name: str) -> str:
            if len(name.encode()) > CAPABILITIES.identifier_bytes:
                raise NotExpressible(f"the name {name} is longer than 63 bytes, and PostgreSQL would cut it")
            return quote(name)

        def fitting_table(table: TableName) -> str:
            fitting(table.name)
            return qualified(table)

        super().__init__(fitting, fitting_table)

    # Types, sequences and routines -----------------------------------------------------------------------------------

    def user_type(self, type: UserType) -> Statements:
        """An enum, domain, composite or range type."""
        if type.definition:
            return list(type.definition)
        name = self.qualified(type.name)
        if type.kind == "enum":
            return [f"CREATE TYPE {name} AS ENUM ({', '.join(map(literal, type.labels))})"]
        if type.kind == "composite":
            fields = ", ".join(f"{self.quote(field.name)} {field.type.native}" for field in type.fields)
            return [f"CREATE TYPE {name} AS ({fields})"]
        if type.kind == "domain" and type.base is not None:
            return [self.domain(name, type, type.base.native)]
        raise NotExpressible(f"the {type.kind} type has no definition")

    def domain(self, name: str, type: UserType, base: str) -> str:
        """CREATE DOMAIN from its parts."""
        parts = [f"CREATE DOMAIN {name} AS {base}"]
        parts += [f"DEFAULT {default_text(type.default)}"] if type.default is not None else []
        parts += [] if type.nullable else ["NOT NULL"]
        parts += [self.check(check) for check in type.checks]
        return " ".join(parts)

    def sequence(self, sequence: CatalogueSequence) -> Statements:
        """A sequence, at its start. The table it belongs to says so itself."""
        of_type = f" AS {sequence.type}" if sequence.type in ("smallint", "integer", "bigint") else ""
        kind = "UNLOGGED SEQUENCE" if sequence.persistence == "unlogged" else "SEQUENCE"
        return [f"CREATE {kind} {self.qualified(sequence.name)}{of_type}{sequence_options(sequence.options)}"]

    def routine(self, routine: Routine) -> Statements:
        """A function, procedure or aggregate; what its body names may come later. To be run in one transaction."""
        return ["SET LOCAL check_function_bodies = off", routine.definition]

    # Tables ----------------------------------------------------------------------------------------------------------

    def table(self, table: Table, *, foreign_keys: Sequence[ForeignKey] = ()) -> Statements:
        """A table with columns, keys and checks, and how it is stored.

        Left out are checks that are not validated (rows may break them: `add_check` after the load), exclusions,
        indexes, and everything else with a method of its own. A partition is attached to its parent, which must exist.
        """
        inherits = bool(table.inherits)
        lines = [self.column(table, column) for column in table.columns if column.local or not inherits]
        if table.primary_key is not None:
            lines.append(self.key(table.primary_key, primary=True))
        lines += [self.key(key, primary=False) for key in table.unique_keys]
        lines += [self.check(check) for check in table.checks if check.validated and (check.local or not inherits)]
        lines += [self.foreign_key(key) for key in foreign_keys]
        body = ",\n  ".join(lines)
        kind = "UNLOGGED TABLE" if table.persistence == "unlogged" else "TABLE"
        name = self.qualified(table.name)
        made = f"CREATE {kind} {name} (" + (f"\n  {body}\n" if body else "") + f"){self.table_options(table)}"
        return [made, *self.table_parts(table, name)]

    def table_parts(self, table: Table, name: str) -> Statements:
        """What follows CREATE TABLE."""
        found = [f"ALTER TABLE ONLY {name} {text}" for text in alterations(table)]
        for column in table.columns:
            found += [
                f"ALTER TABLE ONLY {name} ALTER COLUMN {self.quote(column.name)} {text}"
                for text in column_alterations(column, inherits=bool(table.inherits))
            ]
            if column.sequence is not None:
                owned = self.qualified(TableName(table.name.schema, column.sequence))
                found.append(f"ALTER SEQUENCE {owned} OWNED BY {name}.{self.quote(column.name)}")
        if table.partitioning is not None and table.partitioning.parent is not None:
            parent = self.qualified(table.partitioning.parent)
            found.append(f"ALTER TABLE ONLY {parent} ATTACH PARTITION {name} {table.partitioning.bound}")
        return found

    def table_options(self, table: Table) -> str:
        """Inheritance, partitioning, access method, storage parameters and tablespace."""
        options = dict(table.options)
        parents = f" INHERITS ({', '.join(map(self.qualified, table.inherits))})" if table.inherits else ""
        split = f" PARTITION BY {table.partitioning.key}" if table.partitioning and table.partitioning.key else ""
        method = f" USING {self.quote(options['access method'])}" if "access method" in options else ""
        place = f" TABLESPACE {self.quote(options['tablespace'])}" if "tablespace" in options else ""
        return f"{parents}{split}{method}{storage_clause(table.options)}{place}"

    def column(self, table: Table, column: Column) -> str:  # noqa: ARG002  of the base
        """One column of CREATE TABLE."""
        parts = [self.quote(column.name), column.type.native + collate(column.type.collation)]
        if column.generated is not None:
            parts.append(f"GENERATED ALWAYS AS ({column.generated}) {'STORED' if column.stored else 'VIRTUAL'}")
        elif column.default is not None:
            parts.append(f"DEFAULT {default_text(column.default)}")
        elif column.identity is not None:
            parts.append(self.identity(column))
        if not column.nullable:
            parts.append("NOT NULL")
        return " ".join(parts)

    def identity(self, column: Column) -> str:
        """The identity clause of a column, its sequence by name where that is known."""
        own = dict(column.options).get("sequence")
        counter = sequence_options(column.counter) + (f" SEQUENCE NAME {own}" if own else "")
        return f"GENERATED {(column.identity or 'by default').upper()} AS IDENTITY{counter and f' ({counter.strip()})'}"

    # Constraints -----------------------------------------------------------------------------------------------------

    def key(self, key: Key, *, primary: bool) -> str:
        """A primary or unique key as a line of CREATE TABLE."""
        if key.definition is not None:
            return key.definition
        name = f"CONSTRAINT {self.quote(key.name)} " if key.name else ""
        nulls = " NULLS NOT DISTINCT" if key.nulls_not_distinct and not primary else ""
        include = f" INCLUDE ({self.names(key.include)})" if key.include else ""
        kind = "PRIMARY KEY" if primary else f"UNIQUE{nulls}"
        return f"{name}{kind} ({self.names(key.columns)}){include}{deferring(key)}"

    def check(self, check: Check) -> str:
        """A check as a line of CREATE TABLE; whether it is validated is not part of it."""
        if check.definition is not None:
            return check.definition
        return super().check(check) + ("" if check.inherited else " NO INHERIT")

    def add_check(self, table: TableName, check: Check) -> Statements:
        """A check of a table that exists, not validated if it was not."""
        name = self.qualified(table)
        made = f"ALTER TABLE {name} ADD {self.check(check)}" + ("" if check.validated else " NOT VALID")
        return [made, *self.on_constraint(name, check.name, check.comment)]

    def add_exclusion(self, table: TableName, exclusion: Exclusion) -> Statements:
        """An exclusion constraint of a table that exists."""
        name = self.qualified(table)
        made = f"ALTER TABLE {name} ADD CONSTRAINT {self.quote(exclusion.name)} {exclusion.definition}"
        return [made, *self.on_constraint(name, exclusion.name, exclusion.comment)]

    def foreign_key(self, key: ForeignKey, *, named: bool = True) -> str:
        """A foreign key as a line of CREATE TABLE; whether it is validated is not part of it."""
        if key.definition is not None and named:
            return key.definition
        own = f"CONSTRAINT {self.quote(key.name)} " if named and key.name else ""
        match = f" MATCH {key.match}" if key.match else ""
        delete = f" ON DELETE {key.on_delete}" if key.on_delete else ""
        update = f" ON UPDATE {key.on_update}" if key.on_update else ""
        to = f"{self.qualified(key.references)} ({self.names(key.referenced_columns)})"
        return f"{own}FOREIGN KEY ({self.names(key.columns)}) REFERENCES {to}{match}{delete}{update}{deferring(key)}"

    def add_foreign_key(self, table: TableName, key: ForeignKey, *, validated: bool = True) -> Statements:
        """A foreign key of a table that exists; one that was not validated is not validated again.

        A partitioned table takes none that is not validated: give ``validated=True`` for it.
        """
        name = self.qualified(table)
        suffix = "" if validated and key.validated else " NOT VALID"
        made = f"ALTER TABLE {name} ADD {self.foreign_key(key)}{suffix}"
        return [made, *self.on_constraint(name, key.name, key.comment)]

    def validate_foreign_key(self, table: TableName, key: ForeignKey) -> Statements:
        """Check the rows that are there against a foreign key that was added not validated."""
        if key.name is None:
            return []
        return [f"ALTER TABLE {self.qualified(table)} VALIDATE CONSTRAINT {self.quote(key.name)}"]

    def on_constraint(self, table: str, name: str | None, comment: str | None) -> Statements:
        """The comment of a constraint."""
        if name is None or comment is None:
            return []
        return [f"COMMENT ON CONSTRAINT {self.quote(name)} ON {table} IS {literal(comment)}"]

    # Indexes ---------------------------------------------------------------------------------------------------------

    def index(self, table: TableName, index: Index) -> Statements:
        """An index of a table that exists, with its parts in partitions and its comment."""
        if not index.valid and not index.partitions:
            raise NotExpressible("it is not valid in the source: its making was broken off there")
        name = self.qualified(TableName(table.schema, index.name))
        found = [index.definition if index.definition is not None else self.index_from_parts(table, index)]
        found += [
            f"ALTER INDEX {name} ALTER COLUMN {text.partition(' ')[0]} SET STATISTICS {text.partition(' ')[2]}"
            for option, text in index.options
            if option == "statistics"
        ]
        for part in index.partitions:
            own = self.qualified(part.name)
            found += [part.definition, f"ALTER INDEX {self.qualified(part.parent)} ATTACH PARTITION {own}"]
            found += self.on("INDEX", own, part.comment)
        options = dict(index.options)
        if "clustered" in options:
            found.append(f"ALTER TABLE {self.qualified(table)} CLUSTER ON {self.quote(index.name)}")
        if "replica identity" in options:
            found.append(f"ALTER TABLE {self.qualified(table)} REPLICA IDENTITY USING INDEX {self.quote(index.name)}")
        return found + self.on("INDEX", name, index.comment)

    def index_from_parts(self, table: TableName, index: Index) -> str:
        """CREATE INDEX of an index that comes from elsewhere."""
        if index.method in ("fulltext", "spatial"):
            raise self.lacks(f"{index.method} indexes of this form")
        unique = "UNIQUE " if index.unique else ""
        method = "" if index.method == "btree" else f" USING {index.method}"
        parts = ", ".join(map(self.index_part, index.parts))
        include = f" INCLUDE ({self.names(index.include)})" if index.include else ""
        nulls = " NULLS NOT DISTINCT" if index.nulls_not_distinct else ""
        where = f" WHERE {index.where}" if index.where else ""
        name = self.quote(index.name)
        return f"CREATE {unique}INDEX {name} ON {self.qualified(table)}{method} ({parts}){include}{nulls}{where}"

    def index_part(self, part: IndexPart) -> str:
        """A column or expression of an index; of a prefix, the expression that gives it."""
        text = self.quote(part.column) if part.column is not None else f"({part.expression})"
        if part.column is not None and part.prefix is not None:
            text = f'(pg_catalog."left"({text}, {part.prefix}))'
        text += collate(part.collation)
        text += f" {part.operator_class}" if part.operator_class else ""
        text += " DESC" if part.descending else ""
        return text + (f" NULLS {part.nulls.upper()}" if part.nulls else "")

    # Views, rules, triggers, policies --------------------------------------------------------------------------------

    def view(self, view: View) -> Statements:
        """A view, or a materialized view with its rows if it had any: after the load, and after what it reads."""
        name = self.qualified(view.name)
        made = view.definition or self.view_from_parts(view, name)
        kind = "MATERIALIZED VIEW" if view.materialized else "VIEW"
        found = [made]
        for column in view.columns:
            start = f"ALTER {kind} {name} ALTER COLUMN {self.quote(column.name)}"
            found += [f"{start} SET DEFAULT {column.default}"] if column.default is not None else []
            found += (
                [f"{start} {text}" for text in column_alterations(column, inherits=False)] if view.materialized else []
            )
        return found

    def view_from_parts(self, view: View, name: str) -> str:
        """CREATE VIEW of a view that comes from elsewhere."""
        columns = f" ({self.names([column.name for column in view.columns])})" if view.columns else ""
        kind = "MATERIALIZED VIEW" if view.materialized else "VIEW"
        return f"CREATE {kind} {name}{columns} AS {view.query}"

    def trigger(self, table: TableName, trigger: Trigger) -> Statements:
        """A trigger, switched as it was."""
        name, own = self.qualified(table), self.quote(trigger.name)
        found = [trigger.definition]
        if trigger.enabled != "origin":
            found.append(f"ALTER TABLE {name} {SWITCHES[trigger.enabled]} TRIGGER {own}")
        return found + self.on("TRIGGER", f"{own} ON {name}", trigger.comment)

    def on_update(self, table: TableName, column: Column) -> Statements:
        """A trigger that sets a column to the moment of an UPDATE that changes the row and leaves the column as it is."""
        own = self.quote(column.name)
        made = self.qualified(TableName(table.schema, f"touch_{table.name}_{column.name}"))
        body = (
            f"begin if new is distinct from old and new.{own} is not distinct from old.{own} then "
            f"new.{own} := {column.on_update or 'current_timestamp'}; end if; return new; end"
        )
        tag = "$touch$" if "$touch$" not in body else "$touch_row$"
        return [
            f"CREATE FUNCTION {made}() RETURNS trigger LANGUAGE plpgsql AS {tag} {body} {tag}",
            f"CREATE TRIGGER {self.quote(f'on update {column.name}')} BEFORE UPDATE ON {self.qualified(table)} "
            f"FOR EACH ROW EXECUTE FUNCTION {made}()",
        ]

    def rule(self, table: TableName, rule: Policy) -> Statements:
        """A rewrite rule, switched as it was."""
        name, own = self.qualified(table), self.quote(rule.name)
        found = [rule.definition]
        if rule.enabled != "origin":
            found.append(f"ALTER TABLE {name} {SWITCHES[rule.enabled]} RULE {own}")
        return found + self.on("RULE", f"{own} ON {name}", rule.comment)

    def policies(self, table: Table) -> Statements:
        """Row-level security of a table with its policies."""
        name = self.qualified(table.name)
        found: Statements = []
        for policy in table.policies:
            found.append(policy.definition)
            found += self.on("POLICY", f"{self.quote(policy.name)} ON {name}", policy.comment)
        if table.row_security != "off":
            found.append(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
        if table.row_security == "forced":
            found.append(f"ALTER TABLE ONLY {name} FORCE ROW LEVEL SECURITY")
        return found

    def other(self, other: OtherObject) -> Statements:
        """An object without a form of its own, with what follows it."""
        return [*super().other(other), *other.then]

    # Comments --------------------------------------------------------------------------------------------------------

    def on(self, kind: str, what: str, comment: str | None) -> Statements:
        """COMMENT ON."""
        return [] if comment is None else [f"COMMENT ON {kind} {what} IS {literal(comment)}"]

    def schema_comment(self, name: str, comment: str | None) -> Statements:
        """The comment of a schema."""
        return self.on("SCHEMA", self.quote(name), comment)

    def comments(self, thing: Table | View | CatalogueSequence | UserType | Routine | Index) -> Statements:
        """The comments of an object and of the parts it is made with."""
        if isinstance(thing, Index):
            return []
        name = self.qualified(thing.name)
        if isinstance(thing, Routine):
            arguments = thing.signature.removeprefix(thing.name.name)
            kind = {"window": "FUNCTION"}.get(thing.kind, thing.kind.upper())
            return self.on(kind, name + arguments, thing.comment)
        if isinstance(thing, UserType):
            return self.comments_of_type(thing, name)
        if isinstance(thing, CatalogueSequence):
            return self.on("SEQUENCE", name, thing.comment)
        kind = "TABLE" if isinstance(thing, Table) else "MATERIALIZED VIEW" if thing.materialized else "VIEW"
        found = self.on(kind, name, thing.comment) + self.on_columns(name, thing.columns)
        return found + (self.on_keys(thing, name) if isinstance(thing, Table) else [])

    def comments_of_type(self, type: UserType, name: str) -> Statements:
        """Those of a type, its fields and its checks."""
        found = self.on("DOMAIN" if type.kind == "domain" else "TYPE", name, type.comment)
        for check in type.checks:
            if check.name is not None:
                own = f"{self.quote(check.name)} ON DOMAIN {name}"
                found += self.on("CONSTRAINT", own, check.comment)
        return found + self.on_columns(name, type.fields)

    def on_columns(self, name: str, columns: Sequence[Column]) -> Statements:
        """The comments of columns or fields."""
        return [
            statement
            for column in columns
            for statement in self.on("COLUMN", f"{name}.{self.quote(column.name)}", column.comment)
        ]

    def on_keys(self, table: Table, name: str) -> Statements:
        """The comments of the constraints that `table` makes."""
        keys = (table.primary_key, *table.unique_keys)
        found = [statement for key in keys if key for statement in self.on_constraint(name, key.name, key.comment)]
        for check in table.checks:
            found += self.on_constraint(name, check.name, check.comment) if check.validated else []
        return found


def deferring(key: Key | ForeignKey) -> str:
    """When a constraint is checked."""
    if not key.deferrable:
        return ""
    return " DEFERRABLE INITIALLY DEFERRED" if key.initially_deferred else " DEFERRABLE"
