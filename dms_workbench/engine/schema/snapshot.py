"""A catalogue as a text file that people and git can compare: stable order, one line for one fact, read back exactly.

The text is YAML of a narrow form: an object's own facts stand one below the other, each column, key or index on one
line. What moves without the structure moving (sizes, estimates, positions of sequences) stands apart at the end.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, TypeVar

from ..databases.catalogue import Catalogue, Table, TableName
from ..databases.objects import OtherObject, Routine, Sequence, UserType, View
from ..databases.plain import field_types
from ..databases.table_parts import SequenceState
from .snapshot_read import FORMAT, SnapshotUnreadable, read_values
from .snapshot_values import flow, scalar

__all__ = ["FORMAT", "SnapshotUnreadable", "ordered", "read_snapshot", "write_snapshot"]

COLLECTIONS = ("tables", "views", "sequences", "types", "routines", "others")
MOVING_OF = {"tables": ("rows_estimate", "size_bytes"), "sequences": ("state",)}
"""Fields that stand in the last part of the file, by the kind of object."""
Item = Table | View | Sequence | UserType | Routine | OtherObject
T = TypeVar("T")


def write_snapshot(catalogue: Catalogue, *, moving: bool = True) -> str:
    """The text of a catalogue, objects in the order of `ordered`.

    moving: with sizes, estimates and positions of sequences, in a part of their own at the end.
    """
    catalogue = ordered(catalogue)
    lines = [f"format: {FORMAT}"]
    for field in dataclasses.fields(catalogue):
        value = getattr(catalogue, field.name)
        if field.name in COLLECTIONS:
            lines += collection(field.name, value)
        elif field.name == "grants" and value:
            lines += part(field.name, value, "")
        elif value != field.default:
            lines.append(f"{field.name}: {flow(value)}")
    if moving and (found := list(moving_lines(catalogue))):
        lines += ["moving:", *found]
    return "\n".join(lines) + "\n"


def collection(name: str, items: tuple[Item, ...]) -> list[str]:
    """All objects of one kind."""
    lines = [f"{name}:"] if items else []
    for item in items:
        first = True
        for line in object_lines(item, MOVING_OF.get(name, ())):
            lines.append(("  - " if first else "    ") + line if line else "")
            first = False
    return lines


def object_lines(item: Item, left_out: tuple[str, ...]) -> Iterator[str]:
    """The facts of one object, its parts one line each."""
    for field in dataclasses.fields(item):
        value = getattr(item, field.name)
        if field.name in left_out or value == field.default:
            continue
        if field.name == "columns" and isinstance(item, Table):
            value = tuple(dataclasses.replace(column, counter_state=None) for column in value)
        yield from part(field.name, value, "")


def part(name: str, value: Any, indent: str) -> Iterator[str]:
    """One field of an object: a line, a block of text, or a list with a line for each entry."""
    if isinstance(value, str) and "\n" in value and plain_block(value):
        yield f"{indent}{name}: |-"
        yield from (f"{indent}  {line}" if line else "" for line in value.split("\n"))
    elif isinstance(value, tuple) and value and isinstance(value[0], str | tuple) and name in ("definition", "options"):
        yield f"{indent}{name}:"
        yield from (f"{indent}  - {flow(entry)}" for entry in value)
    elif isinstance(value, tuple) and value and dataclasses.is_dataclass(value[0]):
        if not isinstance(value[0], TableName):
            yield f"{indent}{name}:"
            yield from (f"{indent}  - {flow(entry)}" for entry in value)
        else:
            yield f"{indent}{name}: {flow(value)}"
    else:
        yield f"{indent}{name}: {flow(value)}"


def plain_block(text: str) -> bool:
    """Can a text stand as a block, line by line, and be read back exactly?"""
    lines = text.split("\n")
    return (
        bool(lines[0]) and bool(lines[-1]) and not lines[0].startswith((" ", "\t"))
        and all(line.replace("\t", "").isprintable() and (not line or bool(line.strip())) for line in lines)
    )  # fmt: skip


def moving_lines(catalogue: Catalogue) -> Iterator[str]:
    """What moves: one line for each table, counter and sequence that has something to tell."""
    for table in catalogue.tables:
        facts = {name: getattr(table, name) for name in MOVING_OF["tables"] if getattr(table, name) is not None}
        if facts:
            yield f"  - {moved('table', table.name, facts)}"
        for column in table.columns:
            if column.counter_state is not None:
                facts = {"column": column.name, "counter_state": column.counter_state}
                yield f"  - {moved('table', table.name, facts)}"
    for sequence in catalogue.sequences:
        if sequence.state is not None:
            yield f"  - {moved('sequence', sequence.name, {'state': sequence.state})}"


def moved(kind: str, name: TableName, facts: dict[str, Any]) -> str:
    """One line of the last part."""
    return "{" + ", ".join(f"{key}: {flow(value)}" for key, value in {kind: name, **facts}.items()) + "}"


def read_snapshot(text: str) -> Catalogue:
    """The catalogue again from its text. Raises SnapshotUnreadable, which names the line."""
    values = read_values(text)
    moving = values.pop("moving", [])
    values.pop("format")
    values.setdefault("tables", [])
    try:
        catalogue = build(Catalogue, values)
        return with_moving(catalogue, moving) if moving else catalogue
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration) as error:
        raise SnapshotUnreadable(line=0, reason=f"a fact is missing or of the wrong form ({error})") from None


def build(form: Any, data: Any) -> Any:
    """A value of a type from what was read; names of tables are short lists."""
    import typing

    if data is None or form is Any:
        return data
    if form is TableName and isinstance(data, list):
        return TableName(data[0] if len(data) > 1 else None, data[-1])
    if isinstance(form, type) and dataclasses.is_dataclass(form):
        unknown = set(data) - set(field_types(form))
        if unknown:
            raise ValueError(f"{form.__name__} has no {', '.join(sorted(map(str, unknown)))}")
        types = field_types(form)
        return form(**{name: build(types[name], value) for name, value in data.items()})
    arguments = typing.get_args(form)
    if typing.get_origin(form) is tuple:
        if arguments[-1] is Ellipsis:
            return tuple(build(arguments[0], entry) for entry in data)
        return tuple(build(each, entry) for each, entry in zip(arguments, data, strict=True))
    inside = present(form)
    return build(inside, data) if inside is not form else data


def present(form: Any) -> Any:
    """The type without None."""
    import types
    import typing

    if typing.get_origin(form) in (typing.Union, types.UnionType):
        return next(each for each in typing.get_args(form) if each is not type(None))
    return form


def with_moving(catalogue: Catalogue, entries: list[dict[str, Any]]) -> Catalogue:
    """The catalogue with the last part's facts at their places."""
    tables = {table.name: table for table in catalogue.tables}
    sequences = {sequence.name: sequence for sequence in catalogue.sequences}
    for entry in entries:
        facts = dict(entry)
        if "sequence" in facts:
            name = build(TableName, facts.pop("sequence"))
            state = build(SequenceState | None, facts["state"])
            sequences[name] = dataclasses.replace(sequences[name], state=state)
            continue
        name = build(TableName, facts.pop("table"))
        table = tables[name]
        if "column" in facts:
            state = build(SequenceState | None, facts["counter_state"])
            table = dataclasses.replace(
                table,
                columns=tuple(
                    dataclasses.replace(column, counter_state=state) if column.name == facts["column"] else column
                    for column in table.columns
                ),
            )
        else:
            table = dataclasses.replace(table, **facts)
        tables[name] = table
    return dataclasses.replace(catalogue, tables=tuple(tables.values()), sequences=tuple(sequences.values()))


def ordered(catalogue: Catalogue) -> Catalogue:
    """The catalogue with everything whose order means nothing in order of name; columns and key columns stay as they are."""
    changes: dict[str, Any] = {
        name: tuple(sorted(map(inner, getattr(catalogue, name)), key=sort_key)) for name in COLLECTIONS
    }
    return dataclasses.replace(catalogue, **changes, grants=tuple(sorted(catalogue.grants, key=sort_key)))


UNORDERED = frozenset((
    "unique_keys", "foreign_keys", "checks", "exclusions", "indexes", "triggers", "policies", "rules", "grants",
    "options", "depends_on",
))  # fmt: skip
"""Parts of an object whose order is only that in which a catalogue gave them."""


def inner(item: T) -> T:
    """An object with its parts in order."""
    names = [field.name for field in dataclasses.fields(item) if field.name in UNORDERED]  # type: ignore[arg-type]  # all are
    found = {name: getattr(item, name) for name in names}
    changes = {
        name: tuple(sorted(value, key=sort_key))
        for name, value in found.items()
        if isinstance(value, tuple) and len(value) > 1
    }
    return dataclasses.replace(item, **changes) if changes else item  # type: ignore[type-var]  # all are dataclasses


def sort_key(thing: Any) -> tuple[str, str, str]:
    """By schema, name, and then by all that is said of it."""
    name = getattr(thing, "name", None)
    if isinstance(name, TableName):
        return (name.schema or "", name.name, scalar(getattr(thing, "signature", "")))
    if isinstance(thing, TableName):
        return (thing.schema or "", thing.name, "")
    if isinstance(thing, OtherObject):
        return (thing.kind, thing.name, flow(thing))
    return (str(name or ""), "", flow(thing))
