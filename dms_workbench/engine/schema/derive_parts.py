"""Keys, indexes and foreign keys of a new table in the target's terms, and what is lost of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from ..databases.catalogue import ForeignKey, Index, IndexPart, Key, PartitionIndex, Table, TableName
from ..databases.ddl import NotExpressible
from .fate import Columns, Fate, NotTranslatable, Way, altered, left_out

LONG_TYPE = re.compile(r"(?i)(?:tiny|medium|long)?(?:text|blob)\b")
KEY_CHARACTERS = 750
"""So many characters of four bytes an index of InnoDB holds."""
INDEXED_CHARACTERS = 255
Part = TypeVar("Part", Key, ForeignKey, Index)


def derive_key(key: Key, table: Table, names: Mapping[str, str], way: Way, *, primary: bool) -> tuple[Key | None, Fate]:
    """A key with the target's names; what cannot be a key becomes a unique index, or is left out."""
    ddl = way.target.ddl
    made = replace(
        key,
        columns=tuple(names[column] for column in key.columns),
        include=tuple(names[column] for column in key.include if column in names),
        descending=tuple(names[column] for column in key.descending),
        prefixes=tuple((names[column], characters) for column, characters in key.prefixes),
        definition=way.definition(key.definition) if all(names[column] == column for column in key.columns) else None,
        name=None if not way.same and (key.name or "").upper() == "PRIMARY" else key.name,
    )
    if key.prefixes and not way.same:
        if primary:
            return None, left_out(f"it holds for the first characters only, which {ddl.product} cannot say")
        return None, altered("a unique index on the first characters", prefix_index(made, table, way))
    if not way.same:
        made = replace(made, descending=(), include=())
    try:
        text = ddl.key(tried(made, way), primary=primary)
    except NotExpressible as error:
        return None, left_out(error.reason)
    wanted = {"DEFERRABLE": key.deferrable, "INCLUDE": bool(key.include), "NULLS NOT DISTINCT": key.nulls_not_distinct}
    return made, altered("" if way.same else lost(text, wanted))


def tried(part: Part, way: Way) -> Part:
    """A key or index as the target is asked for its form: under a name that any database takes."""
    return part if way.same else replace(part, name="n", definition=None)


def prefix_index(key: Key, table: Table, way: Way) -> Index:
    """A unique index on the first characters of some columns."""
    lengths = dict(key.prefixes)
    quote = way.target.quote
    parts = tuple(
        IndexPart(expression=f"substr({quote(column)}, 1, {lengths[column]})")
        if column in lengths
        else IndexPart(column)
        for column in key.columns
    )
    return Index(key.name or f"{table.name.name}_{'_'.join(key.columns)}", parts, unique=True)


def lost(text: str, wanted: Mapping[str, object]) -> str:
    """Which of the words that a statement ought to hold it does not: a clause, or empty."""
    missing = [word for word, is_wanted in wanted.items() if is_wanted and word not in text.upper()]
    return f"without {', '.join(missing)}" if missing else ""


def placed(part: PartitionIndex, way: Way) -> PartitionIndex:
    """The part of an index in a partition, under the names of the target."""
    definition = way.definition(part.definition) or part.definition
    return replace(part, name=way.placed(part.name), parent=way.placed(part.parent), definition=definition)


def derive_index(index: Index, table: Table, columns: Columns, names: Mapping[str, str], way: Way) -> tuple[Index, str]:
    """An index in the target's terms, and what is lost of it. Raises NotTranslatable."""
    missing = [part.column for part in index.parts if part.column is not None and part.column not in names]
    if missing:
        raise NotTranslatable(f"its column {missing[0]} is not carried as it is")
    kept = table.name.name and all(name == columns[name].name for name in names)
    made = replace(
        index,
        parts=tuple(derive_part(part, columns, way) for part in index.parts),
        where=way.expression(index.where, columns) if index.where is not None else None,
        include=tuple(names[column] for column in index.include if column in names),
        definition=way.definition(index.definition, columns) if kept else None,
    )
    if way.same:
        return replace(made, partitions=tuple(placed(part, way) for part in index.partitions)), ""
    if index.method not in ("btree", "hash"):
        raise NotTranslatable(f"{way.target.ddl.product} has no {index.method} index")
    parts = tuple(replace(part, nulls=None, prefix=None) for part in made.parts)
    if index.unique and any(part.prefix is not None for part in index.parts):
        lengths = tuple((part.column or "", part.prefix) for part in made.parts if part.prefix is not None)
        key = Key(tuple(part.column or "" for part in made.parts), index.name, prefixes=lengths)
        return prefix_index(key, table, way), "as an expression on the first characters"
    lost = lost_of_index(index)
    if way.target.can.indexes_first_characters and not index.unique:
        parts = first_characters(parts, table)
        shortened = any(part.prefix is not None for part in parts)
        lost = "; ".join(filter(None, ["on the first characters of long values" if shortened else "", lost]))
    return replace(made, parts=parts, include=(), method="btree", definition=None, options=(), partitions=()), lost


def first_characters(parts: tuple[IndexPart, ...], table: Table) -> tuple[IndexPart, ...]:
    """The parts of an index, those of texts and bytes without a limit cut to their first characters."""
    kinds = {column.name: column.type for column in table.columns}
    shares = sum(1 for part in parts if part.column is not None and kinds[part.column].kind in ("text", "bytes"))
    long = {name for name, type in kinds.items() if LONG_TYPE.match(type.native)}
    characters = min(INDEXED_CHARACTERS, KEY_CHARACTERS // max(shares, 1))
    return tuple(replace(part, prefix=characters) if part.column in long else part for part in parts)


def lost_of_index(index: Index) -> str:
    """What another product's index does not keep of one, as clauses."""
    lost_parts = {
        "in the column's own order": any(part.collation or part.operator_class for part in index.parts),
        "without the columns it includes": bool(index.include),
        "on whole values instead of their first characters": any(part.prefix is not None for part in index.parts),
        "sorted instead of hashed": index.method == "hash",
    }
    return "; ".join(clause for clause, is_lost in lost_parts.items() if is_lost)


def derive_part(part: IndexPart, columns: Columns, way: Way) -> IndexPart:
    """One part of an index."""
    if part.column is not None:
        new = replace(part, column=columns[part.column].name)
    else:
        new = replace(part, expression=way.expression(part.expression or "", columns))
    return new if way.same else replace(new, collation=None, operator_class=None)


def derive_foreign_key(
    key: ForeignKey, names: Mapping[str, str], parent: TableName, parent_names: Mapping[str, str], way: Way
) -> tuple[ForeignKey | None, Fate]:
    """A foreign key in the target's terms, if both ends are carried as they are, and what is lost of it."""
    if not set(key.columns) <= set(names) or not set(key.referenced_columns) <= set(parent_names):
        return None, left_out("not all of its columns are carried as they are")
    made = replace(
        key,
        columns=tuple(names[column] for column in key.columns),
        references=TableName(parent.schema, parent.name),
        referenced_columns=tuple(parent_names[column] for column in key.referenced_columns),
    )
    kept = made.columns == key.columns and made.referenced_columns == key.referenced_columns
    same_name = parent.name == key.references.name
    made = replace(made, definition=way.definition(key.definition) if kept and same_name else None)
    try:
        text = way.target.ddl.foreign_key(tried(made, way))
    except NotExpressible as error:
        if key.match is None:
            return None, left_out(error.reason)
        made = replace(made, match=None)
        text = way.target.ddl.foreign_key(tried(made, way))
    wanted = {
        "ON DELETE": key.on_delete,
        "ON UPDATE": key.on_update,
        "DEFERRABLE": key.deferrable,
        "MATCH FULL": key.match == "FULL" and len(key.columns) > 1,
    }
    return made, altered("" if way.same else lost(text, wanted), made)
