"""``dms match``: a mapping suggested, with confidence and reasons."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from .command import command
from .files import read_text
from .layout import count, table
from .naming import named
from .schemas import PROJECT, put
from .terminal import Terminal, paint

if TYPE_CHECKING:
    from ...features.mappings import SuggestedColumn, SuggestedMapping

SURE, LIKELY = 0.9, 0.6
REASONS_SHOWN = 2


def decisions(given: Any) -> Any:
    """The options by which decisions are made and gone on from."""
    share = click.FloatRange(0, 1)
    for option in (
        click.option(
            "--dictionary", metavar="FILE", help="Abbreviations and synonyms of one's own, beside the shipped."
        ),
        click.option(
            "--accept-all", type=share, metavar="SHARE", help="Accept everything open that is at least so sure."
        ),
        click.option("--correct", multiple=True, metavar="T.C=EXPRESSION", help="Say what a target column is made of."),
        click.option(
            "--reject", multiple=True, metavar="T.C=S.C", help="Turn a source column down; it never comes back."
        ),
        click.option(
            "--accept", multiple=True, metavar="T.C[=S.C]", help="Accept the best candidate, or the one named."
        ),
        click.option(
            "--mapping", metavar="FILE", help="Go on from a mapping file: what it maps and rejects is decided."
        ),
    ):
        given = option(given)
    return given


@command("match")
@click.argument("source")
@click.argument("target")
@click.option(
    "--min-confidence", type=click.FloatRange(0, 1), default=0.9, show_default=True, metavar="SHARE",
    help="Suggestions from there on are filled in.",
)  # fmt: skip
@click.option(
    "--write", "file", metavar="FILE", help="Write the suggested mapping to a file; open columns are comments."
)
@click.option(
    "--values", is_flag=True, help="Look at some rows of both, too: values confirm a suggestion or contradict it."
)
@click.option(
    "--sample-rows",
    type=click.IntRange(1, 10_000),
    default=1000,
    show_default=True,
    metavar="N",
    help="With --values: rows read of each table at most.",
)
@click.option(
    "--provider",
    "providers",
    multiple=True,
    metavar="NAME[:PLACE]",
    help="A further judge: embeddings:FOLDER (a local model) or llm:URL (a language model); without a place as set up.",
)
@click.option(
    "--tell-patterns", is_flag=True, help="With --values: the language model is told patterns of values, too."
)
@decisions
@click.option("--source-schema", metavar="NAME", help="Schema of the source; its default one if left out.")
@click.option("--target-schema", metavar="NAME", help="Schema of the target; its default one if left out.")
@PROJECT
def match(terminal: Terminal, source: str, target: str, file: str | None, **given: Any) -> int:
    """Suggest what each column of TARGET is made of in SOURCE, from names, types, keys and structure.

    SOURCE and TARGET are each a URL, a path or @connection. Nothing is written to either, and no row is read but with
    --values. What is at least as sure as --min-confidence is filled in; the rest stays open, with its best candidates, the
    reasons, and offers: expressions that may fill a column.

    Examples:
      dms match legacy.sqlite postgresql://me@localhost/shop
      dms match @old @new --write mapping.yaml
      dms match @old @new --min-confidence 0.95 --json
      dms match @old @new --values --provider embeddings:models/minilm
      dms match @old @new --mapping mapping.yaml --accept orders.total --write mapping.yaml
    """
    from ...kernel.wire import to_plain
    from ...workbench import Workbench

    if (mapping := given.pop("mapping")) is not None:
        given["mapping_text"] = read_text(mapping)
    if given["tell_patterns"] and not given["values"]:
        raise click.UsageError("--tell-patterns needs --values: without it no row is read.")
    chosen = click.get_current_context().get_parameter_source("sample_rows")
    if chosen is click.core.ParameterSource.COMMANDLINE and not given["values"]:
        raise click.UsageError("--sample-rows needs --values: without it no row is read.")
    for_values = {name: given.pop(name) for name in ("sample_rows", "tell_patterns")}
    with named(mapping), Workbench() as workbench:
        found = workbench.mappings.suggest(source, target, **given, **(for_values if given["values"] else {})).plain
    if file is not None:
        put(file, found.text)
    terminal.data({**to_plain(found), "written": file})
    terminal.show(suggestions_text(found))
    if file is not None:
        terminal.show(f"Written to {file}. Next: dms mappings check {quote(file)} {shown(source)} {shown(target)}")
    return 0


def shown(place: str) -> str:
    """A place as a command is given it, without a password."""
    from ...engine.databases.urls import normalise

    return quote(str(normalise(place)) if "://" in place else place)


def suggestions_text(found: SuggestedMapping) -> str:
    """Tables first, then the columns of each target table."""
    parts = []
    for each in found.tables:
        sources = ", ".join(f"{name} {share:.0%}" for name, share in each.sources[:3] if share >= 0.05)
        columns = [column for column in found.columns if column.table == each.table]
        lines = table(["", "column", "made of", "sure", "because"], [row(column) for column in columns])
        lines += [
            f"   offer: {column.column} = {offer}"
            for column in columns
            for offer in column.offers
            if offer.expression != column.made_of
        ]
        parts.append("\n".join([f"{paint(each.table, 'bold')} ← {sources or 'nothing that fits'}", *lines]))
    filled = len(found.columns) - len(found.open_columns)
    parts.append(f"{filled} of {count(len(found.columns), 'target column')} filled in, {len(found.open_columns)} open.")
    return "\n\n".join([*parts, *found.notes])


def row(column: SuggestedColumn) -> list[str]:
    """One target column."""
    if not column.candidates and not column.decision:
        return ["?", column.column, column.made_of, "", "no candidate"]
    if column.decision:
        return [paint("=", "green"), column.column, column.made_of or "nothing", "", column.decision]
    best = column.candidates[0]
    sign = paint("✓", "green") if column.filled_in else paint("?", "yellow")
    made_of = column.made_of or (f"{best.table}.{best.column}" if best.confidence >= LIKELY else others(column))
    return [sign, column.column, made_of, f"{best.confidence:.2f}", "; ".join(best.reasons[:REASONS_SHOWN])]


def others(column: SuggestedColumn) -> str:
    """The best candidates of a column that is quite open."""
    return "? " + " | ".join(f"{each.table}.{each.column}" for each in column.candidates[:2])
