"""Decisions about suggestions: what a mapping file holds already, what is decided now, and what follows from both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...kernel.errors import UsageError

if TYPE_CHECKING:
    from ...engine.mapping import Draft, Mapping
    from ...engine.mapping.decide import Decided
    from ...engine.matching import SchemaOutline, Suggestions
    from ...engine.matching.confirmed import ColumnName, Confirmed, Remembered
    from ...engine.matching.offers import Offer

OFFER_BEGINS = "# offer: "
OPEN_BEGINS = "# Open: target columns that nothing is filled in for"


class NoSuchColumn(UsageError, code="no-such-column", next="dms match shows the columns of the target by name."):
    """There is no {side} column {name}{hint}"""


class NothingToAccept(
    UsageError, code="nothing-to-accept", next="Say what it is made of: --accept TABLE.COLUMN=SOURCE_TABLE.COLUMN"
):
    """There is no suggestion for {name} that could be accepted."""


class NotADecision(UsageError, code="not-a-decision"):
    """{text} is no {kind}; it looks like {form}."""


@dataclass(frozen=True)
class Decisions:
    """What is decided: in a mapping file already, and now."""

    mapping_text: str | None = None
    accept: Sequence[str] = ()
    reject: Sequence[str] = ()
    correct: Sequence[str] = ()
    accept_all: float | None = None
    by: str = ""
    at: str = ""
    """ISO 8601 in UTC."""
    remembered: tuple[Remembered, ...] = ()

    @property
    def now(self) -> bool:
        """Is anything decided now?"""
        return bool(self.accept or self.reject or self.correct or self.accept_all is not None)


@dataclass
class Settled:
    """A mapping with its decisions and what is suggested then."""

    mapping: Mapping
    found: Suggestions
    decisions: Decisions
    known: dict[ColumnName, tuple[str, str]] | None = None

    def text(self, mapping: Mapping | None = None) -> str:
        """The mapping file: every line, comment and place that did not change as it was. Without one: in the usual form."""
        from ...engine.mapping import write_mapping
        from ...engine.mapping.edit import rewritten

        whole = self.mapping if mapping is None else mapping
        if not whole.tables:
            return self.decisions.mapping_text or ""
        if self.decisions.mapping_text is None:
            return write_mapping(whole)
        return rewritten(without_open(self.decisions.mapping_text), whole)

    def decision(self, target: ColumnName) -> tuple[str, str]:
        """What was decided about a target column, and what it is made of; two empty texts while it is open."""
        from ...engine.mapping.decide import decided_columns

        if self.known is None:
            self.known = decided_columns(self.mapping)
        return self.known.get(target, ("", ""))

    def is_done(self, target: ColumnName) -> bool:
        """Is a target column decided, so that no offer helps it? One that still wants a join is not."""
        status, _ = self.decision(target)
        return status == "rejected" or (status == "accepted" and target in self.made)

    @property
    def made(self) -> dict[ColumnName, str]:
        """What the mapping makes of target columns, decided or not."""
        from ...engine.mapping.draft import made_by

        return made_by(self.mapping.tables)

    def take_lookups(self, offers: Sequence[Offer]) -> None:
        """Add the lookups of offers whose expressions were taken, unless the mapping has one of that name."""
        from ...engine.mapping.offered import lookup_of

        made, known = self.made, {each.name: each for each in self.mapping.lookups}
        for offer in offers:
            lookup = lookup_of(offer)
            if lookup is not None and made.get((offer.table, offer.column)) == offer.expression:
                known.setdefault(lookup.name, lookup)
        if len(known) > len(self.mapping.lookups):
            self.mapping = replace(self.mapping, lookups=tuple(known.values()))

    def draft(self, usual: Draft) -> Draft:
        """The file with what is sure filled in. usual: what would be written without any decision."""
        from ...engine.mapping import Draft, Mapping, parse_mapping
        from ...engine.mapping.decide import filled_in
        from ...engine.mapping.draft import made_by

        drafted = parse_mapping(usual.text) if usual.filled else Mapping("", ())
        whole = filled_in(self.mapping, drafted, self.found)
        made = made_by(whole.tables)
        _, begins, comments = usual.text.partition(OPEN_BEGINS)
        kept = [line for line in (begins + comments).splitlines() if not speaks_of(line, made)]
        text = self.text(whole)
        return Draft(text + "".join(f"{line}\n" for line in kept if text), made)


def speaks_of(line: str, made: Iterable[ColumnName]) -> bool:
    """Is a comment about a column that is made of something meanwhile?"""
    said = line.removeprefix("#   ")
    return said != line and any(said.startswith(f"{table}.{column}: ") for table, column in made)


def without_open(text: str) -> str:
    """A mapping file without the comments about open columns and offers that an earlier suggestion put at its end."""
    lines = text.splitlines(keepends=True)
    while lines and lines[-1].startswith(OFFER_BEGINS):
        lines.pop()
    before, begins, behind = "".join(lines).rpartition(OPEN_BEGINS)
    return before if begins and all(line.startswith("#") for line in behind.splitlines()[1:]) else "".join(lines)


def settle(
    decisions: Decisions, outlines: tuple[SchemaOutline, SchemaOutline], find: Callable[[Confirmed], Suggestions]
) -> Settled:
    """Enter what is decided now, and suggest what follows. Raises InvalidMapping, NoSuchColumn, NotADecision, NothingToAccept."""
    from ...engine.mapping import Mapping, parse_mapping
    from ...engine.mapping.decide import confirmed_by, with_decisions

    text = decisions.mapping_text
    mapping = Mapping("suggested", ()) if text is None else parse_mapping(text)

    def found(of: Mapping) -> Suggestions:
        return find(replace(confirmed_by(of), remembered=decisions.remembered))

    if decisions.now:
        reading = Reading(outlines, found(mapping))
        new = [*reading.turned_down(decisions.reject), *reading.corrected(decisions.correct)]
        new += reading.accepted(decisions.accept)
        if decisions.accept_all is not None:
            new += reading.sure(decisions.accept_all, mapping)
        mapping = with_decisions(mapping, new, by=decisions.by, at=decisions.at)
    return Settled(mapping, found(mapping), decisions)


class Reading:
    """Reads decisions as people write them: ``table.column``, ``table.column=source_table.column``."""

    def __init__(self, outlines: tuple[SchemaOutline, SchemaOutline], found: Suggestions) -> None:
        self.source, self.target = (
            {
                f"{table.name}.{column.name}": (table.name, column.name)
                for table in side.tables
                for column in table.columns
            }
            for side in outlines
        )
        self.found = found
        self.best = {(each.table, each.column): each.candidates for each in found.columns}

    def column(self, name: str, side: str) -> ColumnName:
        """The column of a name. Raises NoSuchColumn."""
        from ...engine.mapping.parse import did_you_mean

        known = self.target if side == "target" else self.source
        if name not in known:
            raise NoSuchColumn(side=side, name=name, hint=did_you_mean(name, list(known)) or ".")
        return known[name]

    def accepted(self, texts: Sequence[str]) -> list[Decided]:
        """What is accepted: the best candidate, or the one that is named."""
        from ...engine.mapping.decide import Decided

        made = []
        for text in texts:
            name, given, source = text.partition("=")
            target = self.column(name.strip(), "target")
            wanted = self.column(source.strip(), "source") if given else None
            fitting = [each for each in self.best[target] if wanted in (None, (each.table, each.column))]
            if not fitting and wanted is None:
                raise NothingToAccept(name=name.strip())
            confidence = fitting[0].confidence if fitting else None
            made.append(Decided(target, wanted or (fitting[0].table, fitting[0].column), confidence=confidence))
        return made

    def turned_down(self, texts: Sequence[str]) -> list[Decided]:
        """What is turned down."""
        from ...engine.mapping.decide import Decided

        form = "TABLE.COLUMN=SOURCE_TABLE.COLUMN"
        return [
            Decided(self.column(name, "target"), rejected=self.column(source, "source"))
            for name, source in (halves(text, "rejection", form) for text in texts)
        ]

    def corrected(self, texts: Sequence[str]) -> list[Decided]:
        """What is made of an expression. Raises NotADecision, InvalidExpression where it cannot be read."""
        from ...engine.expressions.syntax import parse_expression
        from ...engine.mapping.decide import Decided

        for text in texts:
            parse_expression(halves(text, "correction", "TABLE.COLUMN=EXPRESSION")[1])
        return [
            Decided(self.column(name, "target"), self.driving(self.column(name, "target")), expression)
            for name, expression in (halves(text, "correction", "TABLE.COLUMN=EXPRESSION") for text in texts)
        ]

    def driving(self, target: ColumnName) -> ColumnName | None:
        """The best candidate, by whose table a table map begins if there is none yet."""
        sources = next((each.sources for each in self.found.tables if each.table == target[0]), ())
        return (sources[0][0], "") if sources else None

    def sure(self, least: float, mapping: Mapping) -> list[Decided]:
        """Everything open that is assigned with at least this confidence."""
        from ...engine.mapping.decide import Decided, decided_columns

        done = decided_columns(mapping)
        return [
            Decided((each.table, each.column), (pick.table, pick.column), confidence=pick.confidence)
            for each in self.found.columns
            if (pick := each.assigned) is not None
            and pick.confidence >= least
            and (each.table, each.column) not in done
        ]


def halves(text: str, kind: str, form: str) -> tuple[str, str]:
    """Both sides of the first ``=``. Raises NotADecision."""
    name, given, other = text.partition("=")
    if not given or not other.strip():
        raise NotADecision(text=repr(text[:80]), kind=kind, form=form)
    return name.strip(), other.strip()
