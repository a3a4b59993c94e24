"""From the text of a mapping file to a `Mapping`: every error with its line and column."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from typing import Any, cast

from .decided import NOTES, DecisionParser
from .errors import Problem, invalid_mapping
from .joins import JoinParser
from .model import MODES, ColumnMap, Lookup, Mapping, Mode, TableMap
from .overrides import OverrideParser
from .strict_yaml import Node, read_yaml

FORMAT = "dms-mapping/1"
READABLE = (FORMAT,)
"""This format and the one before it, once there is one."""

TOP = ("format", "name", "source", "target", "based_on", "lookups", "types", "tables")
TABLE = ("source", "target", "mode", "where", "joins", "columns", "ignore", *NOTES)
COLUMN = ("source", "expression", "constant", "type", "lossy", *NOTES)
LOOKUP = ("values", "table", "key", "value")
SCHEMA = ("fingerprint",)


def parse_mapping(text: str, *, path: str = "mapping.yaml") -> Mapping:
    """Read a mapping file's text. path: how errors name it; nothing is opened.

    Raises InvalidMapping with every problem of form and its place.
    """
    root = read_yaml(text, path)
    parser = Parser()
    mapping = parser.mapping(root, text)
    if parser.problems:
        raise invalid_mapping(parser.problems, path)
    return mapping


def mapping_sha(text: str) -> str:
    """The SHA-256 of a mapping file's text, by which its versions are known."""
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def constant_sql(node: Node) -> str | None:
    """A constant as an expression; None if it is no scalar. Numbers stay as they were written."""
    if node.is_map or node.is_list:
        return None
    if isinstance(node.value, str):
        return "'" + node.value.replace("'", "''") + "'"
    if node.value is None:
        return "NULL"
    return str(node.value).upper() if isinstance(node.value, bool) else node.raw


class Parser:
    """Turns nodes into the model and gathers what is wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, node: Node, message: str) -> None:
        """Note a problem at a node."""
        self.problems.append(Problem(node.line, node.column, message))

    def mapping(self, root: Node, text: str) -> Mapping:
        """The whole file."""
        if not self.keys(root, TOP, "the file"):
            return Mapping("", ())
        self.check_format(root)
        return Mapping(
            name=self.text(root, "name", "the file") or "",
            tables=self.tables(root),
            lookups=self.lookups(root.value.get("lookups")),
            types=OverrideParser(self).overrides(root.value.get("types")),
            source_fingerprint=self.fingerprint(root.value.get("source")),
            target_fingerprint=self.fingerprint(root.value.get("target")),
            based_on=self.text(root, "based_on", "the file", needed=False),
            text=text,
        )

    def check_format(self, root: Node) -> None:
        """Is the format one that this version reads?"""
        node = root.value.get("format")
        if node is None:
            self.wrong(root, f"the format is missing; the first line is  format: {FORMAT}")
            return
        if node.value in READABLE:
            return
        number = re.fullmatch(r"dms-mapping/([1-9]\d{0,3})", str(node.value))
        if number:
            self.wrong(
                node,
                f"this version reads {' and '.join(READABLE)}; {node.value} needs a newer version of dms-workbench",
            )
        else:
            self.wrong(node, f"{str(node.value)[:40]!r} is no format of a mapping file; write {FORMAT}")

    def keys(self, node: Node, allowed: Sequence[str], what: str) -> bool:
        """Is the node a mapping? Notes keys that are not allowed."""
        if not node.is_map:
            self.wrong(node, f"{what} must be a mapping with the keys {', '.join(allowed)}; this is {node.kind}")
            return False
        for key, place in node.keys.items():
            if key not in allowed:
                self.wrong(place, f"unknown key {key[:60]!r} in {what}{did_you_mean(key, allowed)}")
        return True

    def text(self, node: Node, key: str, what: str, *, needed: bool = True) -> str | None:
        """The text under a key."""
        found = node.value.get(key)
        if found is None:
            if needed:
                self.wrong(node, f"{key} is missing in {what}")
            return None
        if not isinstance(found.value, str) or not found.value:
            hint = " (in quotes, if it is meant as text)" if found.raw else ""
            self.wrong(found, f"{key} must be a text, not {found.kind}{hint}")
            return None
        return found.value

    def fingerprint(self, node: Node | None) -> str | None:
        """The fingerprint of source or target."""
        if node is None or not self.keys(node, SCHEMA, "source and target of the file"):
            return None
        return self.text(node, "fingerprint", "it", needed=True)

    def lookups(self, node: Node | None) -> tuple[Lookup, ...]:
        """The lookups, by name."""
        if node is None or node.value is None:
            return ()
        if not node.is_map:
            self.wrong(node, f"lookups must be a mapping from name to lookup; this is {node.kind}")
            return ()
        made = [self.lookup(name, child) for name, child in node.value.items()]
        return tuple(lookup for lookup in made if lookup is not None)

    def lookup(self, name: str, node: Node) -> Lookup | None:
        """One lookup: its values, or the table they are in."""
        what = f"the lookup {name!r}"
        if not self.keys(node, LOOKUP, what):
            return None
        if "values" in node.value:
            if len(node.value) > 1:
                self.wrong(node, f"{what} has values in the file or in a table, not both")
            return Lookup(name, values=self.lookup_values(node.value["values"], what))
        table, key, value = (self.text(node, part, what) for part in ("table", "key", "value"))
        return Lookup(name, table=table, key=key, value=value)

    def lookup_values(self, node: Node, what: str) -> dict[Any, Any]:
        """Keys, always text, and their values."""
        if not node.is_map:
            self.wrong(node, f"the values of {what} must be a mapping from key to value; this is {node.kind}")
            return {}
        for child in node.value.values():
            if child.is_map or child.is_list:
                self.wrong(child, f"a value of {what} must be a single value, not {child.kind}")
        return {key: child.value for key, child in node.value.items()}

    def tables(self, root: Node) -> tuple[TableMap, ...]:
        """The table maps, in the order of the file."""
        node = root.value.get("tables")
        if node is None or not node.is_list or not node.value:
            place, found = (root, "missing") if node is None else (node, node.kind if node.value else "empty")
            self.wrong(place, f"tables must be a list with a table map each (- source: … target: …); it is {found}")
            return ()
        return tuple(table for table in map(self.table, node.value) if table is not None)

    def table(self, node: Node) -> TableMap | None:
        """One table map."""
        if not self.keys(node, TABLE, "a table"):
            return None
        source = self.text(node, "source", "a table") or ""
        columns = node.value.get("columns")
        return TableMap(
            source=source,
            target=self.text(node, "target", "a table", needed=False) or source,
            columns=None if columns is None else self.columns(columns),
            where=self.text(node, "where", "a table", needed=False),
            ignore=self.ignored(node.value.get("ignore")),
            line=node.line,
            column=node.column,
            mode=self.mode(node.value.get("mode")),
            joins=JoinParser(self).joins(node.value.get("joins")),
            **DecisionParser(self).notes(node, "a table"),
        )

    def mode(self, node: Node | None) -> Mode | None:
        """How rows are written into the table."""
        if node is None:
            return None
        if node.value not in MODES:
            self.wrong(node, f"{str(node.value)[:40]!r} is no mode; there is {', '.join(MODES)}")
            return None
        return cast(Mode, node.value)

    def ignored(self, node: Node | None) -> tuple[str, ...]:
        """The source columns left behind."""
        if node is None:
            return ()
        if not node.is_list:
            self.wrong(node, f"ignore must be a list of source columns, as [a, b]; this is {node.kind}")
            return ()
        for child in node.value:
            if not isinstance(child.value, str):
                self.wrong(child, f"a column's name is a text, not {child.kind}: write it in quotes")
        return tuple(str(child.value) for child in node.value)

    def columns(self, node: Node) -> tuple[ColumnMap, ...]:
        """The target columns and what they are made of."""
        if not node.is_map or not node.value:
            found = "empty" if node.value in ({}, None) else node.kind
            self.wrong(node, f"columns must be a mapping from target column to what it is made of; it is {found}")
            return ()
        made = [self.column(name, node.keys[name], child) for name, child in node.value.items()]
        return tuple(column for column in made if column is not None)

    def column(self, target: str, key: Node, node: Node) -> ColumnMap | None:
        """One target column."""
        if isinstance(node.value, str) and node.value:
            return ColumnMap(target, source=node.value, line=node.line, column=node.column)
        if not node.is_map:
            place = key if node.value is None else node
            self.wrong(
                place,
                f"{target} wants a source column's name, or {{expression: …}} or {{constant: …}}, not {node.kind}",
            )
            return None
        what = f"the column {target!r}"
        if not self.keys(node, COLUMN, what):
            return None
        return self.long_column(target, node, what)

    def long_column(self, target: str, node: Node, what: str) -> ColumnMap | None:
        """A target column written as a mapping."""
        given = [part for part in ("source", "expression", "constant") if part in node.value]
        notes = DecisionParser(self).notes(node, what)
        status = notes["decision"].status if notes["decision"] is not None else None
        if not self.made_once(node, given, status, what):
            return None
        child = node.value[given[0]] if given else node
        source = self.text(node, "source", what, needed=False)
        expression = self.text(node, "expression", what, needed=False)
        if given == ["constant"]:
            expression = constant_sql(child)
            if expression is None:
                self.wrong(child, f"a constant is a single value, not {child.kind}")
        type_ = self.text(node, "type", what, needed=False)
        lossy = OverrideParser(self).lossy(node.value.get("lossy"), what)
        return ColumnMap(target, source, expression, type_, child.line, child.column, lossy, **notes)

    def made_once(self, node: Node, given: Sequence[str], status: str | None, what: str) -> bool:
        """Is the column made of one thing, or of none because it is open or rejected?"""
        if len(given) == 1 and status == "rejected":
            self.wrong(
                node,
                f"{what} is rejected and has a {given[0]}: a rejected column is made of nothing. "
                "Sources that were turned down stand in its decision under rejected",
            )
            return False
        if len(given) == 1 or (not given and status in {"open", "rejected"}):
            return True
        none = "none (only a column whose decision is open or rejected may)"
        self.wrong(node, f"{what} wants one of source, expression, constant; it has {' and '.join(given) or none}")
        return False


def did_you_mean(name: str, known: Collection[str]) -> str:
    """``; did you mean 'x'?`` for the known name most alike; else the known ones, if they are few."""
    from rapidfuzz import fuzz, process, utils

    found = process.extractOne(name, list(known), scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=55)
    if found:
        return f"; did you mean {found[0]!r}?"
    return f"; there is {', '.join(known)}" if 0 < len(known) <= 8 else ""
