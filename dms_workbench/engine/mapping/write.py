"""Writing a mapping as text: one form only, so that two versions differ in the lines that changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Mapped
from typing import Any

from .decided import is_instant
from .model import ColumnMap, Decision, Join, Lookup, Mapping, TableMap, TypeOverride
from .parse import FORMAT

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*(:[A-Za-z0-9_./-]+)*")
RESERVED = frozenset(["null", "true", "false", "yes", "no", "on", "off", "y", "n"])
"""Words that some YAML reader takes for something else."""

ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


def write_mapping(mapping: Mapping) -> str:
    """The mapping's canonical text, which `parse_mapping` reads back as the same mapping (places apart)."""
    return "\n".join(lines_of(mapping)) + "\n"


def lines_of(mapping: Mapping) -> Iterator[str]:
    """The lines of the file."""
    yield f"format: {FORMAT}"
    yield f"name: {text(mapping.name)}"
    if mapping.source_fingerprint is not None:
        yield f"source: {{fingerprint: {text(mapping.source_fingerprint)}}}"
    if mapping.target_fingerprint is not None:
        yield f"target: {{fingerprint: {text(mapping.target_fingerprint)}}}"
    if mapping.based_on is not None:
        yield f"based_on: {text(mapping.based_on)}"
    if mapping.lookups:
        yield "lookups:"
    for lookup in mapping.lookups:
        yield from lookup_lines(lookup)
    yield from type_lines(mapping.types)
    yield "tables:"
    for table in mapping.tables:
        yield from table_lines(table)


def lookup_lines(lookup: Lookup) -> Iterator[str]:
    """One lookup."""
    if lookup.values is None:
        parts = {"table": lookup.table, "key": lookup.key, "value": lookup.value}
        written = ", ".join(f"{name}: {text(part)}" for name, part in parts.items() if part is not None)
        yield f"  {text(lookup.name)}: {{{written}}}"
    elif lookup.values:
        yield f"  {text(lookup.name)}:"
        yield "    values:"
        for key, value in lookup.values.items():
            yield f"      {text(str(key))}: {scalar(value)}"
    else:
        yield f"  {text(lookup.name)}: {{values: {{}}}}"


def table_lines(table: TableMap) -> Iterator[str]:
    """One table map."""
    yield f"  - source: {text(table.source)}"
    for name, part in table_parts(table).items():
        if name == "columns":
            yield "    columns:"
            yield from (f"      {line}" for line in column_lines(table))
        elif name == "joins":
            yield "    joins:"
            yield from (f"      {text(join.name)}: {join_of(join)}" for join in table.joins)
        elif name != "source":
            yield f"    {name}: {part}"


def column_lines(table: TableMap) -> list[str]:
    """The columns of a table map, a line each."""
    return [f"{text(column.target)}: {made_of(column)}" for column in table.columns or ()]


def table_parts(table: TableMap) -> dict[str, str]:
    """What a table map is made of, by key, each in one line."""
    parts = {"source": text(table.source), "target": text(table.target)}
    if table.mode is not None:
        parts["mode"] = table.mode
    parts |= notes_of(table)
    if table.where is not None:
        parts["where"] = text(table.where)
    if table.joins:
        parts["joins"] = flow({join.name: join_of(join) for join in table.joins})
    if table.columns is not None:
        parts["columns"] = flow({column.target: made_of(column) for column in table.columns})
    if table.ignore:
        parts["ignore"] = listed(table.ignore)
    return parts


def made_of(column: ColumnMap) -> str:
    """What a column is made of, as short as can be."""
    parts = column_parts(column)
    return parts["source"] if list(parts) == ["source"] else flow(parts)


def column_parts(column: ColumnMap) -> dict[str, str]:
    """What a column is made of, by key, each in one line."""
    parts = {"source": text(column.source)} if column.source is not None else {}
    if column.expression is not None:
        constant = constant_of(column.expression)
        parts |= {"expression": text(column.expression)} if constant is None else {"constant": constant}
    if column.type is not None:
        parts["type"] = text(column.type)
    if column.lossy:
        parts["lossy"] = f"[{', '.join(column.lossy)}]"
    return parts | notes_of(column)


def notes_of(noted: ColumnMap | TableMap) -> dict[str, str]:
    """Owner, remark and decision, those there are."""
    parts = {"owner": text(noted.owner)} if noted.owner is not None else {}
    if noted.remark is not None:
        parts["remark"] = text(noted.remark)
    if noted.decision is not None:
        parts["decision"] = flow(decision_parts(noted.decision))
    return parts


def decision_parts(decision: Decision) -> dict[str, str]:
    """A decision, by key."""
    parts: dict[str, str] = {"status": decision.status}
    if decision.by is not None:
        parts["by"] = text(decision.by)
    if decision.at is not None:
        parts["at"] = decision.at if is_instant(decision.at) else text(decision.at)
    if decision.confidence is not None:
        parts["confidence"] = fraction(round(decision.confidence, 6))
    for name, sources in (("rejected", decision.rejected), ("candidates", decision.candidates)):
        if sources:
            parts[name] = listed(sources)
    return parts


def join_of(join: Join) -> str:
    """What is joined, and how."""
    parts = {"table": text(join.table), "on": flow({key: text(expression) for key, expression in join.on.items()})}
    return flow(parts if join.kind == "left" else {**parts, "kind": join.kind})


def flow(parts: Mapped[str, str]) -> str:
    """A map in one line."""
    return f"{{{', '.join(f'{text(key)}: {part}' for key, part in parts.items())}}}"


def listed(names: Sequence[str]) -> str:
    """A list of texts in one line."""
    return f"[{', '.join(text(name) for name in names)}]"


def type_lines(overrides: Sequence[TypeOverride]) -> Iterator[str]:
    """The types, if there are any."""
    if overrides:
        yield "types:"
    for override in overrides:
        yield f"  {text(override.pattern)}: {type_of(override)}"


def type_of(override: TypeOverride) -> str:
    """What a source type becomes, as short as can be."""
    if override.target is not None and not override.lossy:
        return text(override.target)
    parts = [f"type: {text(override.target)}"] if override.target is not None else []
    return f"{{{', '.join([*parts, 'lossy: [' + ', '.join(override.lossy) + ']'])}}}"


def constant_of(expression: str) -> str | None:
    """The constant that an expression is, as written under ``constant``; None if it is more."""
    if re.fullmatch(r"'([^']|'')*'", expression):
        return text(expression[1:-1].replace("''", "'"))
    if expression in {"NULL", "TRUE", "FALSE"}:
        return expression.lower()
    number = r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17}([eE][+-]?[0-9]{1,2})?)?"
    return expression if re.fullmatch(number, expression, re.ASCII) and expression != "-0" else None


def scalar(value: Any) -> str:
    """A lookup's value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value) if len(str(abs(value))) <= 18 else text(str(value))
    return fraction(value) if isinstance(value, float) else text(str(value))


def fraction(value: float) -> str:
    """A number with a fraction, with a point even where Python leaves it out (1e+22)."""
    written = repr(value)
    return written if "." in written or "e" not in written else written.replace("e", ".0e")


def text(value: str) -> str:
    """A text: plain where no reader can misread it, else in double quotes."""
    if PLAIN.fullmatch(value) and value.lower() not in RESERVED and len(value) < 100:
        return value
    return '"' + "".join(escaped(character) for character in value) + '"'


def escaped(character: str) -> str:
    """A character inside double quotes."""
    if character in ESCAPES:
        return ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
