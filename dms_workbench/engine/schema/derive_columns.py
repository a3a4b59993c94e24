"""The columns of a new table: types, defaults, counters and generated values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..databases.catalogue import Check, Column, DataType, SequenceState, Table, TableName, UserType
from ..databases.ddl import NotExpressible
from .fate import Columns, Fate, NotTranslatable, Origin, Way, altered, left_out, unchanged
from .translate import parsed, translated
from .translate_default import translated_default
from .translate_names import renamed
from .types import target_type

Tell = Callable[[str, str, Fate], None]
NUMBERS = frozenset(("integer", "decimal"))
NO_STATE = SequenceState(0)
EXPRESSION = "expression"
"""The product whose types an expression has."""


class ColumnDeriver:
    """Derives the columns of one table."""

    def __init__(self, source: Table, way: Way, types: dict[TableName, UserType], key_columns: dict[str, int]) -> None:
        """key_columns: for each column of a key how many texts the widest has."""
        self.source = source
        self.way = way
        self.types = types
        self.key_columns = key_columns
        self.notes: dict[str, str] = {}
        self.checks: list[Check] = []
        self.optional: list[tuple[str, str]] = []

    def column(self, origin: Origin, tell: Tell) -> Column:
        """One copied column."""
        type = self.type(origin)
        source = origin.source
        if source is None:
            return Column(origin.target, type)
        new = replace(
            source,
            name=origin.target,
            type=type,
            default=None,
            identity=None,
            counter=None,
            sequence=None,
            generated=None,
        )
        new = replace(new, grants=(), on_update=None, counter_state=None)
        if not self.way.same:
            new = replace(new, options=(), hidden=False, stored=True, local=True)
            new = self.restricted(source, new)
        else:
            new = replace(new, options=tuple((name, renamed(text, self.way.renames)) for name, text in new.options))
        new = self.with_identity(source, new, tell) if source.identity is not None else new
        if new.identity is None or self.way.same:
            new = self.with_default(source, new, tell)
        return self.with_on_update(source, new, tell)

    def type(self, origin: Origin) -> DataType:
        """The type asked for, or the source's own within one product, or the one that the pair's table gives."""
        target = self.way.target
        if origin.native is not None:
            return target.parse_type(origin.native)
        type = origin.source.type if origin.source is not None else origin.type
        if type is None:
            return target.parse_type(target.render_type(DataType("text", "")))
        if origin.source is not None and self.way.same and not self.way.overrides:
            return self.named(type)
        product = self.way.source.can.database if origin.source is not None else EXPRESSION
        width = self.key_columns.get(origin.source.name, 0) if origin.source is not None else 0
        mapped = target_type(
            product, target.can.database, type, self.way.overrides, key_columns=width, server=self.way.server
        )
        if mapped.note:
            self.notes[origin.target] = mapped.note
        return self.named(mapped.type) if self.way.same else mapped.type

    def named(self, type: DataType) -> DataType:
        """A type of the same product, with the schema it has in the target."""
        native = self.way.definition(type.native) or type.native
        user = type.user_type
        schema = self.way.renames.schemas.get(user.schema or "") if user is not None else None
        if user is None or schema is None:
            return replace(type, native=native)
        new = TableName(schema, user.name)
        if native.split("[")[0].strip('"') == user.name:
            native = self.way.target.qualified(new) + native[len(native.split("[")[0]) :]
        return replace(type, native=native, user_type=new)

    def restricted(self, source: Column, new: Column) -> Column:
        """What a type of the source refuses, as checks of the new table: labels, and the checks of a domain."""
        labels = source.type.labels
        if labels and not source.type.several and new.type.labels is None and new.type.kind == "text":
            quoted = ", ".join("'" + label.replace("'", "''") + "'" for label in labels)
            self.checks.append(Check(f"{self.way.target.quote(new.name)} IN ({quoted})", column=new.name))
        domain = self.types.get(source.type.user_type) if source.type.user_type is not None else None
        if domain is None or domain.kind != "domain":
            return new
        value = Column(new.name, new.type)
        for check in domain.checks:
            try:
                expression = translated(check.expression, self.way.pair({"VALUE": value, "value": value}))
            except NotTranslatable:
                continue
            self.checks.append(Check(expression, column=new.name))
        default = domain.default if new.default is None else new.default
        return replace(new, nullable=new.nullable and domain.nullable, default=default)

    def with_default(self, source: Column, new: Column, tell: Tell) -> Column:
        """The default, if it means the same in the target."""
        if source.default is None:
            return new
        try:
            if self.way.same:
                default = self.way.expression(source.default, {})
                new = replace(new, sequence=source.sequence)
            else:
                default = translated_default(source.default, source, new, self.way.pair())
                self.optional.append(("default", source.name))
        except NotTranslatable as error:
            tell("default", source.name, left_out(error.reason))
            return new
        tell("default", source.name, Fate(thing=new.name))
        return replace(new, default=default)

    def with_identity(self, source: Column, new: Column, tell: Tell) -> Column:
        """The counter of a column that makes its own numbers."""
        counted = replace(
            new,
            identity=source.identity if self.way.same else "by default",
            counter=source.counter,
            counter_state=source.counter_state,
        )
        reason = ""
        if new.type.kind != "integer":
            reason = f"a column of type {new.type.native} does not count"
        elif not self.way.target.can.numbers_columns:
            reason = f"{self.way.target.ddl.product} makes no numbers for a column"
        elif not self.way.same and (source.counter_state or NO_STATE).last_value > self.way.target.can.largest_number:
            reason = f"its numbers are beyond those that {self.way.target.ddl.product} makes"
        if reason:
            tell("identity", source.name, left_out(reason))
            return new
        tell("identity", source.name, self.fate_of_counter(source))
        return counted

    def fate_of_counter(self, source: Column) -> Fate:
        """What is another way of counting in the target."""
        if self.way.same:
            return Fate()
        step = (source.counter.increment if source.counter is not None else None) or 1
        if source.counter is None and source.default is not None:
            return altered("a counter of its own, not the sequence it shared")
        if step != 1 and not self.way.target.can.counts_in_steps:
            return altered(f"it counts in steps of 1, not of {step}")
        return Fate()

    def with_on_update(self, source: Column, new: Column, tell: Tell) -> Column:
        """What an UPDATE sets by itself."""
        if source.on_update is None:
            return new
        if self.way.same:
            tell("on update", source.name, Fate())
            return replace(new, on_update=source.on_update)
        try:
            self.way.target.ddl.on_update(TableName(None, ""), new)
        except NotExpressible as error:
            tell("on update", source.name, left_out(error.reason))
        else:
            tell("on update", source.name, altered("a trigger sets it", replace(new, on_update="current_timestamp")))
        return new

    def generated(self, source: Column, columns: Columns, tell: Tell) -> Column:
        """A generated column: generated again if that gives the same values for sure, else a plain one with its values."""
        type = self.type(Origin(source.name, source))
        new = replace(source, type=type, default=None, identity=None, grants=())
        try:
            if self.way.same and not unchanged(source.generated or "", columns):
                raise NotTranslatable("it is computed from columns that are not carried as they are")
            if not self.way.same:
                sure(source.generated or "", columns, new, self.way)
            made = replace(new, generated=self.way.expression(source.generated or "", columns))
            self.way.target.ddl.column(Table(TableName(None, ""), (made,)), made)
        except (NotTranslatable, NotExpressible) as error:
            tell("generated column", source.name, altered(f"a plain column with the values: {error.reason}"))
            return replace(new, generated=None, stored=True, options=(), hidden=False)
        tell("generated column", source.name, Fate())
        if not self.way.same:
            self.optional.append(("generated column", source.name))
        return made if self.way.same else replace(made, options=(), hidden=False)


def sure(sql: str, columns: Columns, new: Column, way: Way) -> None:
    """Raise NotTranslatable unless an expression gives the same value in every product: whole numbers, exact decimals."""
    from sqlglot import exp

    allowed = (exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Paren, exp.Literal, exp.Column, exp.Identifier, exp.Coalesce)
    tree = parsed(sql, way.pair(columns))
    exact = [column for column in columns.values() if column.type.kind in NUMBERS]
    names = {column.name for column in exact if column.type.native.upper() != "TEXT"}
    used = {columns[node.name].name for node in tree.find_all(exp.Column) if node.name in columns}
    if new.type.kind not in NUMBERS or not all(isinstance(node, allowed) for node in tree.walk()) or not used <= names:
        raise NotTranslatable("the target might compute other values")
