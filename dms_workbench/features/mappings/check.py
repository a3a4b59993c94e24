"""Check a mapping against both databases, and write the mapping of namesakes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol

from ...engine.databases.errors import FileMissing, SchemaMissing
from ...engine.mapping.errors import InvalidMapping, NamesCollide, NoName
from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Query
from ..connections import resolve_url
from ..schemas import catalogue_of
from .model import MappingCheck, MappingFinding, MappingText
from .save import Text

if TYPE_CHECKING:
    from ...engine.databases.catalogue import Catalogue
    from ...engine.mapping.errors import Problem


class CheckMapping(Query[MappingCheck], route="POST /mappings/check", scope="mappings:edit"):
    """Compare a mapping with both databases as they are; every problem and every open line is told with line and column.

    source_connection_id: where the rows come from.
    target_connection_id: where they go.
    text: the content of the mapping file.
    project_id: the project it belongs to, if any.
    source_schema: the source's schema; its default one if left out.
    target_schema: the target's schema; its default one if left out.
    """

    source_connection_id: str
    target_connection_id: str
    text: Text
    project_id: str | None = None
    source_schema: str | None = None
    target_schema: str | None = None


@handles(CheckMapping)
def check_mapping(query: CheckMapping, ctx: Context) -> MappingCheck:
    from ...engine import mapping

    try:
        parsed = mapping.parse_mapping(query.text)
    except InvalidMapping as error:
        return MappingCheck(findings(error.problems))
    return MappingCheck(
        findings(mapping.check_mapping(parsed, *both(query, ctx))), findings(mapping.open_points(parsed))
    )


def findings(problems: Sequence[Problem]) -> tuple[MappingFinding, ...]:
    """Problems as results."""
    return tuple(MappingFinding(found.line, found.column, found.message) for found in problems)


class DefaultMapping(
    Query[MappingText], route="POST /mappings/default", scope="mappings:edit", raises=(NamesCollide, NoName)
):
    """The text of the mapping that is used without a file: every table and column to its namesake.

    source_connection_id: where the rows come from.
    target_connection_id: where they go.
    names: ``keep`` or ``snake_case``.
    source_schema: the source's schema; its default one if left out.
    target_schema: the target's schema; its default one if left out.
    """

    source_connection_id: str
    target_connection_id: str
    names: Literal["keep", "snake_case"] = "keep"
    source_schema: str | None = None
    target_schema: str | None = None


@handles(DefaultMapping)
def default_mapping(query: DefaultMapping, ctx: Context) -> MappingText:
    from ...engine.mapping import namesake_mapping

    return MappingText(namesake_mapping(*both(query, ctx), names=query.names).text)


class TwoSides(Protocol):
    """A message that names two databases."""

    @property
    def source_connection_id(self) -> str:
        """Where the rows come from."""

    @property
    def target_connection_id(self) -> str:
        """Where they go."""

    @property
    def source_schema(self) -> str | None:
        """None is the default one."""

    @property
    def target_schema(self) -> str | None:
        """None is the default one."""


def both(query: TwoSides, ctx: Context) -> tuple[Catalogue, Catalogue | None]:
    """The source's catalogue and the target's, None where there is nothing yet."""
    source = catalogue_of(resolve_url(ctx, query.source_connection_id), query.source_schema)
    try:
        target = catalogue_of(resolve_url(ctx, query.target_connection_id), query.target_schema)
    except (FileMissing, SchemaMissing):
        return source, None
    return source, target
