"""Templates: the general part of a mapping, kept apart from its tables so that another schema begins with it.

A template holds types, lookups, how names are made, and rules for columns by the pattern of their names and the kind of
their type. It is a YAML file read as strictly as a mapping file; the first rule that fits a column decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, cast, get_args

from ..databases.catalogue import Column, Kind
from .errors import invalid_mapping
from .model import Lookup, TypeOverride
from .overrides import OverrideParser
from .parse import Parser
from .strict_yaml import Node, read_yaml

TEMPLATE_FORMAT = "dms-mapping-template/1"
TOP = ("format", "name", "title", "source", "target", "names", "types", "lookups", "columns")
RULE = ("name", "table", "kind", "expression", "type", "lossy", "ignore", "owner", "remark")
NAMES = ("keep", "snake_case")
PRODUCTS = ("postgres", "mysql", "sqlite", "duckdb", "files")
PLACE = "{column}"


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """What is done with the columns that it fits. Patterns are as in a shell (``*_dt``); capitals do not matter."""

    name: str = "*"
    """Pattern of the source column's name."""
    table: str = "*"
    kind: Kind | None = None
    """Of the column's type; None fits every one."""
    expression: str | None = None
    """With ``{column}`` where the column is to stand."""
    type: str | None = None
    lossy: tuple[str, ...] = ()
    ignore: bool = False
    owner: str | None = None
    remark: str | None = None

    def fits(self, table: str, column: Column) -> bool:
        """Does it decide about this column?"""
        return (
            fnmatchcase(column.name.casefold(), self.name.casefold())
            and fnmatchcase(table.casefold(), self.table.casefold())
            and (self.kind is None or self.kind == column.type.kind)
        )


@dataclass(frozen=True, slots=True)
class Template:
    """A template file's content."""

    name: str
    title: str = ""
    source: str | None = None
    """The product it is meant to read, as the folder of the database is called; None for any."""
    target: str | None = None
    names: Literal["keep", "snake_case"] = "keep"
    types: tuple[TypeOverride, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    columns: tuple[ColumnRule, ...] = ()
    text: str = ""

    def rule_for(self, table: str, column: Column) -> ColumnRule | None:
        """The first rule that fits."""
        return next((rule for rule in self.columns if rule.fits(table, column)), None)


def parse_template(text: str, *, path: str = "template.yaml") -> Template:
    """Read a template file's text. Raises InvalidMapping with every problem and its place."""
    root = read_yaml(text, path)
    parser = Parser()
    template = TemplateParser(parser).template(root, text)
    if parser.problems:
        raise invalid_mapping(parser.problems, path)
    return template


class TemplateParser:
    """Reads a template for a parser, which gathers the problems."""

    def __init__(self, parser: Parser) -> None:
        self.parser = parser

    def template(self, root: Node, text: str) -> Template:
        """The whole file."""
        if not self.parser.keys(root, TOP, "the template"):
            return Template("")
        given = root.value.get("format")
        if given is None or given.value != TEMPLATE_FORMAT:
            self.parser.wrong(given or root, f"the first line of a template is  format: {TEMPLATE_FORMAT}")
        return Template(
            name=self.parser.text(root, "name", "the template") or "",
            title=self.parser.text(root, "title", "the template", needed=False) or "",
            source=self.one_of(root, "source", PRODUCTS),
            target=self.one_of(root, "target", PRODUCTS),
            names=cast(Literal["keep", "snake_case"], self.one_of(root, "names", NAMES) or "keep"),
            types=OverrideParser(self.parser).overrides(root.value.get("types")),
            lookups=self.parser.lookups(root.value.get("lookups")),
            columns=self.rules(root.value.get("columns")),
            text=text,
        )

    def one_of(self, node: Node, key: str, allowed: Sequence[str]) -> str | None:
        """One of a few words."""
        found = self.parser.text(node, key, "the template", needed=False)
        if found is not None and found not in allowed:
            self.parser.wrong(node.value[key], f"{key} is one of {', '.join(allowed)}, not {found[:40]!r}")
            return None
        return found

    def rules(self, node: Node | None) -> tuple[ColumnRule, ...]:
        """The rules, in the order of the file."""
        if node is None or node.value is None:
            return ()
        if not node.is_list:
            self.parser.wrong(node, f"columns must be a list of rules (- name: '*_dt' …); this is {node.kind}")
            return ()
        return tuple(rule for rule in map(self.rule, node.value) if rule is not None)

    def rule(self, node: Node) -> ColumnRule | None:
        """One rule."""
        what = "a rule for columns"
        if not self.parser.keys(node, RULE, what):
            return None
        expression = self.parser.text(node, "expression", what, needed=False)
        ignore = node.value.get("ignore")
        if ignore is not None and not isinstance(ignore.value, bool):
            self.parser.wrong(ignore, "ignore is true or false")
        kind = self.parser.text(node, "kind", what, needed=False)
        if kind is not None and kind not in get_args(Kind):
            self.parser.wrong(node.value["kind"], f"kind is one of {', '.join(get_args(Kind))}, not {kind[:40]!r}")
        return ColumnRule(
            name=self.parser.text(node, "name", what, needed=False) or "*",
            table=self.parser.text(node, "table", what, needed=False) or "*",
            kind=cast(Kind, kind),
            expression=expression,
            type=self.parser.text(node, "type", what, needed=False),
            lossy=OverrideParser(self.parser).lossy(node.value.get("lossy"), what),
            ignore=ignore is not None and ignore.value is True,
            owner=self.parser.text(node, "owner", what, needed=False),
            remark=self.parser.text(node, "remark", what, needed=False),
        )
