"""A mapping as a tree of texts: what stands under each key, in one line and as lines, to put into a file."""

from __future__ import annotations

from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from dataclasses import dataclass

from .model import ColumnMap, Decision, Join, Lookup, Mapping, TableMap, TypeOverride
from .parse import FORMAT
from .write import column_parts, decision_parts, flow, listed, scalar, table_parts, text, type_of

TABLES = "tables"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to stand somewhere."""

    flow: str
    """In one line."""
    parts: Mapped[str, Wanted] | None = None
    """What it holds by key, of a map or list whose entries are changed one by one."""
    is_list: bool = False
    in_lines: bool = False
    """Written an entry a line, where it is new."""

    def lines(self, key: str) -> list[str]:
        """The lines that put it under a key."""
        if not self.in_lines or not self.parts:
            return [f"{text(key)}: {self.flow}"]
        return [f"{text(key)}:", *(f"  {line}" for line in self.inner())]

    def inner(self) -> list[str]:
        """The lines of its entries."""
        if self.is_list:
            return [line for part in (self.parts or {}).values() for line in part.item()]
        return [line for key, part in (self.parts or {}).items() for line in part.lines(key)]

    def item(self) -> list[str]:
        """The lines that make it an item of a list."""
        if self.parts is None or not self.in_lines:
            return [f"- {self.flow}"]
        first, *rest = self.inner()
        return [f"- {first}", *(f"  {line}" for line in rest)]


def in_lines(parts: Mapped[str, Wanted]) -> Wanted:
    """A map, an entry a line."""
    return Wanted(flow({key: part.flow for key, part in parts.items()}), parts, in_lines=True)


def in_line(parts: Mapped[str, str | Wanted]) -> Wanted:
    """A map in one line."""
    made = {key: part if isinstance(part, Wanted) else Wanted(part) for key, part in parts.items()}
    return Wanted(flow({key: part.flow for key, part in made.items()}), made)


def wanted_of(mapping: Mapping, keys: Sequence[str]) -> Wanted:
    """A whole file. keys: by which its table maps are known, each one once."""
    parts: dict[str, Wanted] = {"format": Wanted(FORMAT), "name": Wanted(text(mapping.name))}
    for side, fingerprint in (("source", mapping.source_fingerprint), ("target", mapping.target_fingerprint)):
        if fingerprint is not None:
            parts[side] = in_line({"fingerprint": text(fingerprint)})
    if mapping.based_on is not None:
        parts["based_on"] = Wanted(text(mapping.based_on))
    if mapping.lookups:
        parts["lookups"] = in_lines({lookup.name: lookup_wanted(lookup) for lookup in mapping.lookups})
    if mapping.types:
        parts["types"] = in_lines({each.pattern: type_wanted(each) for each in mapping.types})
    tables = {key: table_wanted(table) for key, table in zip(keys, mapping.tables, strict=True)}
    items = f"[{', '.join(table.flow for table in tables.values())}]"
    return in_lines({**parts, TABLES: Wanted(items, tables, is_list=True, in_lines=True)})


def lookup_wanted(lookup: Lookup) -> Wanted:
    """One lookup."""
    if lookup.values is None:
        parts = {"table": lookup.table, "key": lookup.key, "value": lookup.value}
        return in_line({name: text(part) for name, part in parts.items() if part is not None})
    values = in_lines({str(key): Wanted(scalar(value)) for key, value in lookup.values.items()})
    return in_lines({"values": values}) if lookup.values else in_line({"values": values})


def type_wanted(override: TypeOverride) -> Wanted:
    """What a source type becomes."""
    return Wanted(type_of(override))


def table_wanted(table: TableMap) -> Wanted:
    """One table map."""
    parts: dict[str, Wanted] = {}
    for name, part in table_parts(table).items():
        if name == "columns":
            parts[name] = in_lines({column.target: column_wanted(column) for column in table.columns or ()})
        elif name == "joins":
            parts[name] = in_lines({join.name: join_wanted(join) for join in table.joins})
        elif name == "ignore":
            unique = len(set(table.ignore)) == len(table.ignore)
            items = {column: Wanted(text(column)) for column in table.ignore} if unique else None
            parts[name] = Wanted(listed(table.ignore), items, is_list=True)
        elif name == "decision" and table.decision is not None:
            parts[name] = decision_wanted(table.decision)
        else:
            parts[name] = Wanted(part)
    return in_lines(parts)


def column_wanted(column: ColumnMap) -> Wanted:
    """One column; with nothing but a source just its name."""
    parts = column_parts(column)
    if list(parts) == ["source"]:
        return Wanted(parts["source"], {"source": Wanted(parts["source"])})
    made: dict[str, str | Wanted] = {**parts}
    if column.decision is not None:
        made["decision"] = decision_wanted(column.decision)
    return in_line(made)


def decision_wanted(decision: Decision) -> Wanted:
    """One decision."""
    return in_line(decision_parts(decision))


def join_wanted(join: Join) -> Wanted:
    """One join."""
    on = in_line({key: text(expression) for key, expression in join.on.items()})
    parts: dict[str, str | Wanted] = {"table": text(join.table), "on": on}
    return in_line(parts if join.kind == "left" else {**parts, "kind": join.kind})
