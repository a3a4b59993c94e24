"""The mapping that needs no file: every table to its namesake."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from ..databases.catalogue import Catalogue, Table
from .errors import NamesCollide, NoName
from .model import ColumnMap, Mapping, TableMap
from .write import write_mapping

Names = Literal["keep", "snake_case", "adapt"]


def namesake_mapping(
    source: Catalogue, target: Catalogue | None, names: Names = "keep", *, name: str = "default"
) -> Mapping:
    """Map every table and column to its namesake in the target.

    names: ``keep`` keeps each name as it is, ``snake_case`` turns CustomerID into customer_id. A target that has the
    name in other capitals only is met there.
    ``adapt`` is ``keep`` here: what a target can hold is the plan's to say. Generated columns are left out.
    Raises NamesCollide if two names become one, NoName if nothing is left of one.
    """
    wanted = renamed([table.name.name for table in source.tables], names, "table")
    tables = tuple(namesake_table(table, wanted[table.name.name], target, names) for table in source.tables)
    mapping = Mapping(name, tables)
    return Mapping(name, tables, text=write_mapping(mapping))


def namesake_table(table: Table, wanted: str, target: Catalogue | None, names: Names) -> TableMap:
    """One table map."""
    there = spelled_in(wanted, [other.name.name for other in target.tables] if target else [])
    has = [column.name for column in target.table(there).columns] if target and known(target, there) else []
    own = [column.name for column in table.copied_columns]
    new = renamed(own, names, f"column of {table.name.name}")
    columns = tuple(ColumnMap(spelled_in(new[column], has), source=column) for column in own)
    generated = tuple(column.name for column in table.columns if column.generated is not None)
    return TableMap(table.name.name, there, columns, ignore=generated)


def known(catalogue: Catalogue, name: str) -> bool:
    """Does the catalogue have the table?"""
    return any(table.name.name == name for table in catalogue.tables)


def spelled_in(name: str, there: Sequence[str]) -> str:
    """The name as the target spells it, if it has it in other capitals only; else as it is."""
    if name in there:
        return name
    alike = [other for other in there if other.casefold() == name.casefold()]
    return alike[0] if len(alike) == 1 else name


def renamed(originals: Sequence[str], names: Names, what: str) -> dict[str, str]:
    """The new name of each; raises NamesCollide, NoName."""
    if names != "snake_case":
        return {name: name for name in originals}
    new: dict[str, str] = {}
    for original in originals:
        name = snake_case(original)
        if not name:
            raise NoName(name=f"the {what} {original!r}")
        for other, taken in new.items():
            if taken == name:
                raise NamesCollide(first=f"the {what} {other!r}", second=repr(original), name=name)
        new[original] = name
    return new


def snake_case(name: str) -> str:
    """``TblCustomerID`` and ``tbl customer-id`` become ``tbl_customer_id``."""
    words = re.sub(r"(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[\W_]+", "_", words).strip("_").lower()
