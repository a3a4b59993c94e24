"""Names that a target cannot hold or keep apart, given anew (``--names adapt``): the others stay as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..databases.capabilities import Capabilities
from ..mapping import write_mapping
from ..mapping.model import ColumnMap, Mapping, TableMap
from .names import impossible, shortened


def adapted_mapping(mapping: Mapping, can: Capabilities, taken: Iterable[str] = ()) -> Mapping:
    """A mapping of namesakes with names that the target can have; the text says each.

    taken: tables of the target that no table of the mapping meets.
    """
    wanted = [table.target for table in mapping.tables]
    names = possible_names(wanted, "table", can, folds=can.folds_table_names, taken=taken)
    tables = tuple(adapted_table(table, names[table.target], can) for table in mapping.tables)
    return replace(mapping, tables=tables, text=write_mapping(replace(mapping, tables=tables)))


def adapted_table(table: TableMap, name: str, can: Capabilities) -> TableMap:
    """One table map."""
    columns = table.columns or ()
    names = possible_names([column.target for column in columns], "column", can, folds=can.folds_column_names)
    made: tuple[ColumnMap, ...] = tuple(replace(column, target=names[column.target]) for column in columns)
    return replace(table, target=name, columns=made if table.columns is not None else None)


def possible_names(
    names: Sequence[str], what: str, can: Capabilities, *, folds: bool, taken: Iterable[str] = ()
) -> dict[str, str]:
    """Each name as the target can have it, always the same: as it is, or else cut, cleaned or with a number behind it."""

    def folded(name: str) -> str:
        return name.lower() if folds else name

    used = {folded(name) for name in taken}
    made: dict[str, str] = {}
    for name in names:
        if folded(name) not in used and not any(impossible(name, what, can)):
            made[name] = name
            used.add(folded(name))
    for place, name in enumerate(names, 1):
        if name in made:
            continue
        base = cleaned(name, f"{what}_{place}", what, can)
        number = 1
        candidate = base
        while folded(candidate) in used:
            number += 1
            candidate = shortened(f"{base}_{number}", can)
        made[name] = candidate
        used.add(folded(candidate))
    return made


def cleaned(name: str, otherwise: str, what: str, can: Capabilities) -> str:
    """The name without what the target refuses; another one where nothing of it can stay."""
    basic = "".join("_" if character == "\0" or ord(character) > 0xFFFF else character for character in name).rstrip(
        " "
    )
    for candidate in (name, basic, f"_{basic}"):
        short = shortened(candidate, can)
        if candidate not in ("", "_") and not any(impossible(short, what, can)):
            return short
    return otherwise
