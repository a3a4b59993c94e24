"""Checking a mapping against both schemas: every problem, with its place in the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as NamedValues

from ..databases.catalogue import Catalogue, Table
from ..expressions.errors import InvalidExpression, InvalidLookup
from ..expressions.evaluate import compile_evaluator
from ..expressions.load import empty_lookup
from ..expressions.lookups import LookupTable
from ..expressions.select import compile_select
from .check_joins import JoinChecker
from .errors import Problem
from .model import ColumnMap, Mapping, TableMap
from .parse import did_you_mean
from .places import Places

FITS_NOWHERE = "fits nowhere: map it or list it under ignore"


def check_mapping(mapping: Mapping, source: Catalogue, target: Catalogue | None) -> list[Problem]:
    """Everything that keeps the mapping from working between these schemas, in the order of the file.

    target: None if the target is empty or not known yet; a target table that is missing in it is one to create.
    """
    return sorted(Checker(mapping, source, target).problems())


def open_points(mapping: Mapping) -> list[Problem]:
    """Table maps and columns whose decision is open, in the order of the file, each with its place."""
    places = Places(mapping.text)
    found = []
    for number, table in enumerate(mapping.tables):
        if table.decision is not None and table.decision.status == "open":
            message = f"{table.target} is open: nobody has decided that it is made of {table.source}"
            found.append(Problem(*places.at("tables", number, "decision"), message))
        for column in table.columns or ():
            if column.decision is not None and column.decision.status == "open":
                place = places.key("tables", number, "columns", column.target)
                found.append(Problem(*place, f"{table.target}.{column.target} is open{open_words(column)}"))
    return found


def open_words(column: ColumnMap) -> str:
    """What an open column is made of meanwhile, and who is to decide."""
    made = f": written from {column.source}" if column.source is not None else ": not written"
    if column.expression is not None:
        made = ": written from an expression"
    candidates = column.decision.candidates if column.decision is not None else ()
    choice = f", perhaps {', '.join(candidates)}" if candidates else ""
    return f"{made}{choice}{f' ({column.owner} is to decide)' if column.owner is not None else ''}"


class Checker:
    """One check of one mapping."""

    def __init__(self, mapping: Mapping, source: Catalogue, target: Catalogue | None) -> None:
        self.mapping = mapping
        self.source = source
        self.target = target
        self.places = Places(mapping.text)
        self.lookups: dict[str, LookupTable] = {}
        self.joins = JoinChecker(mapping, source, self.places, self.lookups)

    def problems(self) -> Iterator[Problem]:
        """All problems."""
        yield from self.fingerprint("source", self.mapping.source_fingerprint, self.source)
        yield from self.fingerprint("target", self.mapping.target_fingerprint, self.target)
        yield from self.check_lookups()
        yield from self.joins.declared_alike()
        for number, table in enumerate(self.mapping.tables):
            if not table.rejected:
                yield from self.table(number, table)

    def problem(self, message: str, *path: str | int, offset: int | None = None) -> Problem:
        """A problem at a place."""
        return Problem(*self.places.at(*path, offset=offset), message)

    def fingerprint(self, side: str, wanted: str | None, catalogue: Catalogue | None) -> Iterator[Problem]:
        """Is it the schema the mapping was written for?"""
        if wanted is None or catalogue is None or wanted == catalogue.fingerprint():
            return
        message = (
            f"the mapping was written for another {side} schema: this one is {catalogue.fingerprint()}. "
            f"Compare them, then write the new fingerprint here or leave it out"
        )
        yield self.problem(message, side, "fingerprint")

    def check_lookups(self) -> Iterator[Problem]:
        """Lookups: their tables and columns."""
        for lookup in self.mapping.lookups:
            try:
                self.lookups[lookup.name] = empty_lookup(lookup, self.source)
            except InvalidLookup as error:
                yield self.problem(f"the lookup {lookup.name!r}: {error.facts['reason']}", "lookups", lookup.name)

    def table(self, number: int, table: TableMap) -> Iterator[Problem]:
        """One table map."""
        source = found(self.source, table.source)
        if source is None:
            hint = did_you_mean(table.source, [known.name.name for known in self.source.tables])
            yield self.problem(f"the source has no table {table.source!r}{hint}", "tables", number, "source")
            return
        target = found(self.target, table.target) if self.target is not None else None
        yield from self.ignored(number, table, source)
        yield from self.joins.problems(number, table, source)
        yield from self.nothing_made(number, table)
        yield from self.columns(number, table, source, target)
        yield from self.unfilled(number, table, source, target)
        yield from self.unused(number, table, source)

    def ignored(self, number: int, table: TableMap, source: Table) -> Iterator[Problem]:
        """Columns under ignore that do not exist."""
        names = [column.name for column in source.columns]
        for index, name in enumerate(table.ignore):
            if name not in names:
                message = f"{source.name.name} has no column {name!r}{did_you_mean(name, names)}"
                yield self.problem(message, "tables", number, "ignore", index)

    def columns(self, number: int, table: TableMap, source: Table, target: Table | None) -> Iterator[Problem]:
        """Every target column: does it exist, and what it is made of?"""
        columns = columns_of(table, source)
        for name, count in Counter(column.target for column in columns).items():
            if count > 1:
                yield self.problem(
                    f"the target column {name!r} is mapped {count} times", "tables", number, "columns", name
                )
        for column in columns:
            yield from self.target_column(number, column, target)
            yield from self.source_column(number, column, source)
        yield from self.expressions(number, table, source)

    def nothing_made(self, number: int, table: TableMap) -> Iterator[Problem]:
        """A table map whose columns are all open or rejected would write rows of nothing."""
        if table.columns is not None and not any(column.made for column in table.columns):
            message = f"no column of {table.target} is made of anything yet: map one, or reject the table map"
            yield self.problem(message, "tables", number, "columns")

    def target_column(self, number: int, column: ColumnMap, target: Table | None) -> Iterator[Problem]:
        """Is there such a column in the target, and may it be written?"""
        if target is None:
            return
        known = {there.name: there for there in target.columns}
        place = self.places.key("tables", number, "columns", column.target)
        if column.target not in known:
            hint = did_you_mean(column.target, list(known))
            yield Problem(*place, f"the target table {target.name.name} has no column {column.target!r}{hint}")
        elif known[column.target].generated is not None:
            yield Problem(*place, f"{column.target} is computed by the target and cannot be written; leave it out")

    def source_column(self, number: int, column: ColumnMap, source: Table) -> Iterator[Problem]:
        """Is there such a column in the source?"""
        names = [there.name for there in source.columns]
        if column.source is None or column.source in names:
            return
        hint = did_you_mean(column.source, names)
        if column.source.partition(".")[0] in {join.name for join in self.mapping.tables[number].joins}:
            hint = f"; a column of a join is an expression: {{expression: {column.source}}}"
        place = self.value_place(number, column.target, "source")
        yield Problem(*place, f"{source.name.name} has no column {column.source!r}{hint}")

    def value_place(self, number: int, target: str, part: str, offset: int | None = None) -> tuple[int, int]:
        """The place of what a column is made of, in its short or long form."""
        return self.places.at("tables", number, "columns", target, part, offset=offset)

    def expressions(self, number: int, table: TableMap, source: Table) -> Iterator[Problem]:
        """Every expression and the filter: together, and if that fails one by one, so that each tells its problem."""
        outputs = [
            (column.target, column.expression) for column in table.columns or () if column.expression is not None
        ]
        lookups = self.joins.lookups(table)
        if not (outputs or table.where) or binding_error(source, outputs, table.where, lookups) is None:
            return
        where = table.where and binding_error(source, [], table.where, lookups)
        if where:
            place = self.places.at("tables", number, "where", offset=where.offset)
            yield Problem(*place, f"where: {where.reason}")
        for target, expression in outputs:
            error = binding_error(source, [(target, expression)], None, lookups)
            if error is not None:
                yield Problem(*self.expression_place(number, target, error.offset), f"{target}: {error.reason}")

    def expression_place(self, number: int, target: str, offset: int) -> tuple[int, int]:
        """The place in an expression; of a constant, its own."""
        node = self.places.at("tables", number, "columns", target, "constant")
        if node != self.places.at("tables", number, "columns", target):
            return node
        return self.value_place(number, target, "expression", offset)

    def unfilled(self, number: int, table: TableMap, source: Table, target: Table | None) -> Iterator[Problem]:
        """Target columns that must have a value and are given none."""
        if target is None:
            return
        given = {column.target: column for column in columns_of(table, source)}
        for column in target.columns:
            free = column.nullable or column.default is not None or column.identity or column.generated is not None
            if free or (column.name in given and given[column.name].made):
                continue
            says = f"the target column {column.name!r} takes no NULL, has no default, and"
            decision = given[column.name].decision if column.name in given else None
            if decision is None:
                yield self.problem(f"{says} nothing is mapped to it", "tables", number, "columns")
            else:
                place = self.places.key("tables", number, "columns", column.name)
                yield Problem(
                    *place,
                    f"{says} is {decision.status} here: decide what it is made of, or give the target's column a default",
                )

    def unused(self, number: int, table: TableMap, source: Table) -> Iterator[Problem]:
        """Source columns that are neither mapped nor ignored."""
        used = used_columns(table, source, self.joins.lookups(table)) | set(table.ignore)
        for column in source.copied_columns:
            if column.name not in used:
                yield self.problem(
                    f"the column {source.name.name}.{column.name} {FITS_NOWHERE}", "tables", number, "columns"
                )


def found(catalogue: Catalogue, name: str) -> Table | None:
    """The table, or None."""
    return next((table for table in catalogue.tables if table.name.name == name), None)


def columns_of(table: TableMap, source: Table) -> Sequence[ColumnMap]:
    """The column maps; without any, every column that is not ignored to its namesake."""
    if table.columns is not None:
        return table.columns
    return [ColumnMap(c.name, source=c.name) for c in source.copied_columns if c.name not in table.ignore]


def binding_error(
    source: Table, outputs: Sequence[tuple[str, str]], where: str | None, lookups: NamedValues[str, LookupTable]
) -> InvalidExpression | None:
    """What is wrong with an expression of this table, if anything."""
    try:
        compile_evaluator(source.copied_columns, outputs, where, lookups).close()
    except InvalidExpression as error:
        return error
    except InvalidLookup as error:
        return InvalidExpression(reason=error.message, position=1)
    return None


def used_columns(table: TableMap, source: Table, lookups: NamedValues[str, LookupTable]) -> set[str]:
    """The source columns that a table map reads."""
    used = {column.source for column in columns_of(table, source) if column.source is not None}
    texts = [column.expression for column in table.columns or () if column.expression is not None]
    on = [text for join in table.joins for text in join.on.values()]
    for text in [*texts, *on, *([table.where] if table.where is not None else [])]:
        used |= columns_in(text, source, lookups)
    return used


def columns_in(text: str, source: Table, lookups: NamedValues[str, LookupTable]) -> set[str]:
    """The source columns that an expression names; none if it is wrong, which is a problem of its own."""
    try:
        select = compile_select(source.copied_columns, [("", text)], None, lookups)
    except InvalidExpression:
        return set()
    return {source.copied_columns[number].name for number in select.used}
