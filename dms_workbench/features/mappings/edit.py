"""Change one line of a mapping file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge, Le

from ...engine.mapping.errors import InvalidMapping
from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.errors import UsageError
from ...kernel.messages import Query
from .model import MappingText
from .save import Text

if TYPE_CHECKING:
    from ...engine.mapping import Decision


class NothingToEdit(UsageError, code="nothing-to-edit", next="dms mappings edit --help lists what can be set."):
    """{reason}"""


class EditMapping(
    Query[MappingText], route="POST /mappings/edit", scope="mappings:edit", raises=(InvalidMapping, NothingToEdit)
):
    """Change one line of a mapping file; every other line, its comments and the order stay as they are. Nothing is saved.

    text: the content of the mapping file.
    table: the target table of the table map.
    column: the target column, with or without a line; the table map itself if left out.
    source_table: the source table of the table map, where several go into one target.
    source: the source column that the column is made of.
    expression: the expression that it is made of.
    owner: who answers for the line; an empty text takes the owner away.
    remark: any words; an empty text takes them away.
    status: what is decided, entered with the caller's name and the time: ``accepted``, ``rejected`` or ``open``.
    confidence: of the suggestion that is decided on, 0 to 1.
    remove: take the line out.
    """

    text: Text
    table: str
    column: str | None = None
    source_table: str | None = None
    source: str | None = None
    expression: str | None = None
    owner: str | None = None
    remark: str | None = None
    status: Literal["accepted", "rejected", "open"] | None = None
    confidence: Annotated[float, Ge(0), Le(1)] | None = None
    remove: bool = False


@handles(EditMapping)
def edit_mapping(query: EditMapping, ctx: Context) -> MappingText:
    from ...engine.mapping import edit

    if query.remove and query.column is None:
        return MappingText(edit.remove_table(query.text, query.table, source=query.source_table))
    if query.remove and query.column is not None:
        return MappingText(edit.unlink_column(query.text, query.table, query.column, source=query.source_table))
    if query.source is not None and query.expression is not None:
        raise NothingToEdit(reason="A column is made of a source or of an expression, not of both.")
    notes = {name: getattr(query, name) or None for name in ("owner", "remark") if getattr(query, name) is not None}
    if query.status is not None:
        notes["decision"] = decision_of(query, ctx)
    made = {"source": query.source, "expression": query.expression} if query.source or query.expression else {}
    if not notes and not made:
        raise NothingToEdit(reason="Nothing was given that the line should say.")
    if query.column is None and made:
        raise NothingToEdit(reason="A table map is not made of a column: name the target column too.")
    if query.column is None:
        return MappingText(edit.note_table(query.text, query.table, source=query.source_table, **notes))
    return MappingText(edited_column(query, query.column, {**made, **notes}))


def edited_column(query: EditMapping, column: str, fields: dict[str, Any]) -> str:
    """The text with a column's line changed, or put in."""
    from ...engine.mapping import ColumnMap, edit, parse_mapping

    mapping = parse_mapping(query.text)
    table = mapping.tables[edit.place_of(mapping, query.table, query.source_table)]
    if column in [each.target for each in table.columns or ()]:
        return edit.note_column(query.text, query.table, column, source_table=query.source_table, **fields)
    if "source" not in fields and query.status not in {"open", "rejected"}:
        raise edit.no_column(query.table, column, table)
    return edit.set_column(query.text, query.table, ColumnMap(column, **fields), source=query.source_table)


def decision_of(query: EditMapping, ctx: Context) -> Decision:
    """The decision, with who and when; sources that the line turned down before stay turned down."""
    from ...engine.mapping import Decision, edit, parse_mapping

    mapping = parse_mapping(query.text)
    table = mapping.tables[edit.place_of(mapping, query.table, query.source_table)]
    lines = {each.target: each.decision for each in table.columns or ()}
    before = table.decision if query.column is None else lines.get(query.column)
    return Decision(
        query.status or "open",
        by=ctx.caller.name,
        at=ctx.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        confidence=query.confidence,
        rejected=before.rejected if before is not None else (),
        candidates=before.candidates if before is not None and query.status == "open" else (),
    )
