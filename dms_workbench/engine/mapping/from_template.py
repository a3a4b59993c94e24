"""A mapping from a template and two schemas, and a template from a mapping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..databases.catalogue import Catalogue, Column, Table
from ..expressions.lookups import LookupTable
from ..expressions.syntax import tokens_of
from .check import Checker, binding_error, found
from .model import ColumnMap, Lookup, Mapping, TableMap
from .names import namesake_mapping, snake_case
from .reads import names_read
from .settle import in_quotes
from .template import PLACE, TEMPLATE_FORMAT, ColumnRule, Template
from .write import lookup_lines, text, type_lines, write_mapping


@dataclass(frozen=True, slots=True)
class FromTemplate:
    """A mapping that a template gave."""

    mapping: Mapping
    notes: tuple[str, ...]
    """Rules and lookups that could not be used, and why."""


def mapping_from_template(
    template: Template, source: Catalogue, target: Catalogue | None, *, name: str
) -> FromTemplate:
    """Every table to its namesake, the template's types, lookups and rules on top, and both fingerprints.

    A rule whose expression does not work for a column that it fits is left out there and noted.
    Raises NamesCollide, NoName.
    """
    plain = namesake_mapping(source, target, template.names, name=name)
    notes: list[str] = []
    lookups = tuple(each for each in template.lookups if lookup_there(each, source, notes))
    start = replace(plain, lookups=lookups, types=template.types)
    checker = Checker(replace(start, text=""), source, target)
    list(checker.check_lookups())
    tables = tuple(
        with_rules(table, found(source, table.source), template, checker.lookups, notes) for table in plain.tables
    )
    made = replace(
        start,
        tables=tables,
        source_fingerprint=source.fingerprint(),
        target_fingerprint=None if target is None or not target.tables else target.fingerprint(),
    )
    return FromTemplate(replace(made, text=write_mapping(made)), tuple(notes))


def lookup_there(lookup: Lookup, source: Catalogue, notes: list[str]) -> bool:
    """Can the lookup be used with this source?"""
    if lookup.values is not None:
        return True
    table = found(source, lookup.table or "")
    columns = [] if table is None else [column.name for column in table.columns]
    if lookup.key in columns and lookup.value in columns:
        return True
    notes.append(
        f"The lookup {lookup.name!r} was left out: the source has no {lookup.table} with {lookup.key}, {lookup.value}."
    )
    return False


def with_rules(
    table: TableMap, source: Table | None, template: Template, lookups: dict[str, LookupTable], notes: list[str]
) -> TableMap:
    """A table map with the rules that fit its columns."""
    if source is None or table.columns is None:
        return table
    columns: list[ColumnMap] = []
    ignored = list(table.ignore)
    for column in table.columns:
        there = source.column(column.source or "")
        rule = template.rule_for(table.source, there)
        if rule is None:
            columns.append(column)
        elif rule.ignore:
            ignored.append(there.name)
        else:
            columns.append(ruled(column, there, rule, (source, lookups), notes))
    if not columns:
        notes.append(f"Every column of {table.source} is ignored by the template; its table map keeps them all.")
        return table
    return replace(table, columns=tuple(columns), ignore=tuple(ignored))


def ruled(
    column: ColumnMap,
    there: Column,
    rule: ColumnRule,
    known: tuple[Table, dict[str, LookupTable]],
    notes: list[str],
) -> ColumnMap:
    """A column map as a rule has it."""
    source, lookups = known
    noted = replace(column, type=rule.type, lossy=rule.lossy, owner=rule.owner, remark=rule.remark)
    if rule.expression is None:
        return noted
    expression = rule.expression.replace(PLACE, spelled(there.name))
    error = binding_error(source, [(column.target, expression)], None, lookups)
    if error is None:
        return replace(noted, source=None, expression=expression)
    notes.append(
        f"{source.name.name}.{there.name} is taken as it is: the rule {expression!r} does not work ({error.reason})."
    )
    return column


def spelled(name: str) -> str:
    """A column's name in an expression: plain where that is one word, else in quotes."""
    return name if name.isascii() and name.isidentifier() and reads_as(name) else in_quotes(name)


def reads_as(name: str) -> bool:
    """Is the plain word read as this column, and not as a word of the language?"""
    return names_read(name) == [name]


def template_of(mapping: Mapping, *, name: str) -> Template:
    """The general part of a mapping: types, lookups, how names are made, and what is done with columns of a name.

    An expression becomes a rule if it reads one column; columns whose names end alike and that are all treated alike share
    one rule. What is special to a table (filters, joins, expressions over several columns) stays behind.
    """
    rules = list(generalised(mapping))
    template = Template(
        name, names=names_of(mapping), types=mapping.types, lookups=mapping.lookups, columns=tuple(rules)
    )
    return replace(template, text=write_template(template))


def names_of(mapping: Mapping) -> Literal["keep", "snake_case"]:
    """How target names were made."""
    pairs = [(table.source, table.target) for table in mapping.tables]
    pairs += [(c.source, c.target) for table in mapping.tables for c in table.columns or () if c.source is not None]
    changed = [(old, new) for old, new in pairs if old != new]
    return "snake_case" if changed and all(snake_case(old) == new for old, new in changed) else "keep"


def generalised(mapping: Mapping) -> Iterator[ColumnRule]:
    """A rule for each treatment of a name, those of several columns first."""
    treatments = dict(treated(mapping))
    groups: dict[ColumnRule, list[str]] = {}
    for column, rule in treatments.items():
        if rule != ColumnRule():
            groups.setdefault(rule, []).append(column)
    single: list[ColumnRule] = []
    for rule, columns in groups.items():
        pattern = common_pattern(columns, [name for name in treatments if name not in columns])
        if pattern is not None:
            yield replace(rule, name=pattern)
        else:
            single += [replace(rule, name=literal(name)) for name in columns]
    yield from single


def treated(mapping: Mapping) -> Iterator[tuple[str, ColumnRule]]:
    """What is done with the columns of each name; a name that is treated in two ways is left out."""
    found_rules: dict[str, set[ColumnRule]] = {}
    for table in mapping.tables:
        for name in table.ignore:
            found_rules.setdefault(name, set()).add(ColumnRule(ignore=True))
        for column in table.columns or ():
            read, rule = treatment(column)
            if read is not None:
                found_rules.setdefault(read, set()).add(rule)
    for known, rules in found_rules.items():
        if len(rules) == 1:
            yield known, next(iter(rules))


def treatment(column: ColumnMap) -> tuple[str | None, ColumnRule]:
    """The one source column that a column map reads, and how."""
    if column.source is not None:
        return column.source, ColumnRule(type=column.type, lossy=column.lossy)
    names = names_read(column.expression)
    if len(names) != 1 or "." in names[0] or column.expression is None:
        return None, ColumnRule()
    expression = with_place(column.expression, names[0])
    return names[0], ColumnRule(expression=expression, type=column.type, lossy=column.lossy)


def with_place(expression: str, column: str) -> str:
    """The expression with the place for a column wherever it names the column."""
    tokens = tokens_of(expression)
    parts, done = [], 0
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        plain = token.token_type.name in {"VAR", "IDENTIFIER"} and token.text.casefold() == column.casefold()
        if plain and (after is None or after.text != "("):
            parts += [expression[done : token.start - 1], PLACE]
            done = token.end
    return "".join([*parts, expression[done:]])


def common_pattern(columns: Sequence[str], others: Sequence[str]) -> str | None:
    """``*_yn`` for several names that end alike where no other name does; None if there is no such end."""
    if len(columns) < 2:
        return None
    ends = Counter(name[name.rindex("_") :].casefold() for name in columns if "_" in name)
    end, number = ends.most_common(1)[0] if ends else ("", 0)
    alone = not any(name.casefold().endswith(end) for name in others)
    return f"*{literal(end)}" if number == len(columns) and len(end) > 1 and alone else None


def literal(name: str) -> str:
    """A name as a pattern that fits it alone."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def write_template(template: Template) -> str:
    """The template's canonical text, which `parse_template` reads back."""
    lines = [f"format: {TEMPLATE_FORMAT}", f"name: {text(template.name)}"]
    heads = {"title": template.title, "source": template.source, "target": template.target}
    lines += [f"{key}: {text(value)}" for key, value in heads.items() if value]
    lines.append(f"names: {template.names}")
    lines += type_lines(template.types)
    if template.lookups:
        lines.append("lookups:")
    for lookup in template.lookups:
        lines += lookup_lines(lookup)
    if template.columns:
        lines.append("columns:")
    lines += [f"  - {{{', '.join(rule_parts(rule))}}}" for rule in template.columns]
    return "\n".join(lines) + "\n"


def rule_parts(rule: ColumnRule) -> Iterator[str]:
    """A rule in a line."""
    yield f"name: {text(rule.name)}"
    for key, usual in (("table", "*"), ("kind", None), ("expression", None), ("type", None)):
        value = getattr(rule, key)
        if value != usual:
            yield f"{key}: {text(value)}"
    if rule.lossy:
        yield f"lossy: [{', '.join(rule.lossy)}]"
    if rule.ignore:
        yield "ignore: true"
    for key in ("owner", "remark"):
        if value := getattr(rule, key):
            yield f"{key}: {text(value)}"
