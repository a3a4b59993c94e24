"""Templates of mappings: those that come with the package, and those made of a mapping of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from annotated_types import Len

from ...engine.mapping.errors import InvalidMapping, NamesCollide, NoName
from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.errors import NotFound, UsageError
from ...kernel.messages import Query
from ...kernel.shown import Readable
from .check import both
from .model import MappingFinding, MappingText
from .save import Name, Text

if TYPE_CHECKING:
    from pathlib import Path

    from ...engine.mapping.template import Template

SUFFIX = ".yaml"


class TemplateNotFound(NotFound, code="template-not-found", next="dms mappings templates"):
    """There is no template {name}; there is {known}."""


class OneTemplate(UsageError, code="one-template", next="dms mappings templates"):
    """A mapping is begun with one template: its name, or its text."""


@dataclass(frozen=True)
class MappingTemplate(Readable):
    """A template that comes with the package."""

    name: str
    title: str
    source: str | None
    """The product it is meant to read; None for any."""
    target: str | None
    rules: int
    """For types and columns."""
    text: str = ""
    """The file; empty in lists."""

    def __str__(self) -> str:
        return self.text or f"{self.name}: {self.title}"


class ListMappingTemplates(Query[list[MappingTemplate]], route="GET /mappings/templates", scope="mappings:read"):
    """The templates that come with the package, by name, without texts.

    source: only those that read this product (``mysql``, ``postgres``, ``sqlite``, ``duckdb``, ``files``) or any.
    target: only those that write this product or any.
    """

    source: str | None = None
    target: str | None = None


@handles(ListMappingTemplates)
def list_mapping_templates(query: ListMappingTemplates, ctx: Context) -> list[MappingTemplate]:
    del ctx
    found = [summary(template) for template in map(read, files())]
    return [each for each in found if each.source in (None, query.source or each.source)
            and each.target in (None, query.target or each.target)]  # fmt: skip


class GetMappingTemplate(
    Query[MappingTemplate], route="GET /mappings/templates/{name}", scope="mappings:read", raises=(TemplateNotFound,)
):
    """A template that comes with the package, with its text.

    name: of the template.
    """

    name: str


@handles(GetMappingTemplate)
def get_mapping_template(query: GetMappingTemplate, ctx: Context) -> MappingTemplate:
    del ctx
    template = shipped_template(query.name)
    return summary(template, text=template.text)


@dataclass(frozen=True)
class BegunMapping(Readable):
    """A mapping that a template began; nothing is saved."""

    text: str
    template: str
    notes: tuple[str, ...]
    """Rules and lookups of the template that could not be used, and why."""
    findings: tuple[MappingFinding, ...]
    """What the check says of it."""

    def __str__(self) -> str:
        return self.text


class BeginMapping(
    Query[BegunMapping],
    route="POST /mappings/begin",
    scope="mappings:edit",
    raises=(TemplateNotFound, OneTemplate, InvalidMapping, NamesCollide, NoName),
):
    """A mapping to go on with: every table to its namesake, with the types, rules and lookups of a template.

    source_connection_id: where the rows come from.
    target_connection_id: where they go.
    name: what the mapping is called.
    template: the name of a template that comes with the package.
    template_text: the content of a template file, in place of a name.
    source_schema: the source's schema; its default one if left out.
    target_schema: the target's schema; its default one if left out.
    """

    source_connection_id: str
    target_connection_id: str
    name: Name
    template: str | None = None
    template_text: Text | None = None
    source_schema: str | None = None
    target_schema: str | None = None


@handles(BeginMapping)
def begin_mapping(query: BeginMapping, ctx: Context) -> BegunMapping:
    from ...engine.mapping import check_mapping, parse_mapping
    from ...engine.mapping.from_template import mapping_from_template
    from ...engine.mapping.template import parse_template

    if (query.template is None) == (query.template_text is None):
        raise OneTemplate
    text = query.template_text
    template = shipped_template(query.template or "") if text is None else parse_template(text)
    source, target = both(query, ctx)
    made = mapping_from_template(template, source, target, name=query.name)
    problems = check_mapping(parse_mapping(made.mapping.text), source, target)
    findings = tuple(MappingFinding(each.line, each.column, each.message) for each in problems)
    return BegunMapping(made.mapping.text, template.name, made.notes, findings)


class MakeMappingTemplate(
    Query[MappingText], route="POST /mappings/templates", scope="mappings:read", raises=(InvalidMapping,)
):
    """The general part of a mapping as a template for other schemas: types, lookups, names, and rules for columns.

    text: the content of the mapping file.
    name: what the template is called.
    """

    text: Text
    name: Annotated[str, Len(1, 200)]


@handles(MakeMappingTemplate)
def make_mapping_template(query: MakeMappingTemplate, ctx: Context) -> MappingText:
    from ...engine.mapping import parse_mapping
    from ...engine.mapping.from_template import template_of

    del ctx
    return MappingText(template_of(parse_mapping(query.text), name=query.name).text)


def files() -> list[Path]:
    """The files of the shipped templates, by name."""
    from ...shipped import shipped

    return sorted((shipped("templates") / "mappings").glob(f"*{SUFFIX}"))


def read(path: Path) -> Template:
    """One of them."""
    from ...engine.mapping.template import parse_template

    return parse_template(path.read_text(encoding="utf-8"), path=path.name)


def shipped_template(name: str) -> Template:
    """The shipped template of a name. Raises TemplateNotFound."""
    there = {path.stem: path for path in files()}
    if name not in there:
        raise TemplateNotFound(name=name, known=", ".join(there))
    return read(there[name])


def summary(template: Template, *, text: str = "") -> MappingTemplate:
    """A template as a result."""
    rules = len(template.types) + len(template.columns)
    return MappingTemplate(template.name, template.title, template.source, template.target, rules, text)
