"""Offers that write a value in another form (Unix time, yes and no, cents, dates as text, units), and constants."""

from __future__ import annotations

from collections.abc import Iterator

from .offer_parts import zoned
from .offer_sight import Judged, Named, Offer, Sight, judged
from .suggest import Candidate
from .values import Profile

TIME_WORDS = frozenset({"date", "time", "at", "on", "timestamp", "ts", "stamp", "created", "updated", "modified", "changed",
                        "posted", "joined", "seen", "login", "visit", "expire", "start", "end", "last", "birth", "since", "until",
                        "registered", "added", "activity"})  # fmt: skip
CENTS = frozenset({"cent", "pence", "penny", "minor", "ct"})
MILLISECONDS = frozenset({"ms", "milli", "millisecond"})
YES_WORDS = frozenset({"active", "enabled", "visible", "public", "allowed", "open", "available", "valid"})
TRUTH = (
    "CASE WHEN upper(trim({0})) IN ('Y', 'YES', 'J', 'JA', 'T', 'TRUE', '1') THEN {1} "
    "WHEN upper(trim({0})) IN ('N', 'NO', 'NEIN', 'F', 'FALSE', '0') THEN {2} END"
)
UNITS = {
    ("gram", "kilogram"): 1000, ("g", "kg"): 1000, ("millimeter", "centimeter"): 10, ("mm", "cm"): 10, ("cm", "m"): 100,
    ("mm", "m"): 1000, ("m", "km"): 1000, ("meter", "kilometer"): 1000, ("minute", "hour"): 60, ("min", "hour"): 60,
    ("second", "minute"): 60, ("second", "hour"): 3600, ("day", "week"): 7, ("month", "year"): 12, ("gb", "tb"): 1024,
    ("mb", "gb"): 1024, ("kb", "mb"): 1024,
    ("millisecond", "second"): 1000, ("ms", "second"): 1000, ("milli", "second"): 1000, ("ms", "s"): 1000,
    ("microsecond", "second"): 1_000_000, ("microsecond", "millisecond"): 1000, ("second", "day"): 86_400,
}  # fmt: skip
"""How many of the one unit make one of the other."""
NUMBERS = frozenset({"integer", "decimal", "float"})
LEAST = 0.15


def conversions(sight: Sight) -> Iterator[Offer]:
    """The same value in the form that the target's type wants, of the columns that come into question."""
    for target in sight.targets:
        for source, candidate in list(sight.candidates(target))[:2]:
            if candidate.confidence < LEAST:
                continue
            made = converted(sight, source, target)
            if made is not None:
                yield weighed(sight, target, source, candidate, made)


Made = tuple[str, float, str]
"""An expression, how surely it is right if the columns belong together, and why."""


def weighed(sight: Sight, target: Named, source: Named, candidate: Candidate, made: Made) -> Offer:
    """The offer, as good as the columns belong together and the conversion fits."""
    expression, strength, why = made
    verdict: Judged = judged(candidate.confidence * strength, why, *candidate.reasons[:1])
    return sight.offer("convert", target, [source], expression, verdict)


def converted(sight: Sight, source: Named, target: Named) -> Made | None:
    """How a source column becomes the target's kind; None where it needs nothing, or nothing is known."""
    profile = sight.profile(source)
    if target.kind in {"timestamp", "date"}:
        return into_time(source, target, profile)
    if target.kind == "boolean" and source.kind in {"text", "integer", "boolean"}:
        return into_truth(sight, source, target, profile)
    if target.kind in NUMBERS and source.kind in NUMBERS:
        return into_unit(source, target)
    if target.kind in NUMBERS and source.kind == "text":
        comma = profile is not None and profile.share_with(",") > 0.5
        text = f"replace({source.quoted}, ',', '.')" if comma else source.quoted
        unsure = 0.8 if profile is not None and profile.numeric >= 0.95 else 0.5
        return f"CAST({text} AS {number_type(target)})", unsure, f"{source.name} holds text, {target.name} numbers"
    if target.kind == "uuid" and source.kind == "text":
        return f"CAST({source.quoted} AS UUID)", 0.8, f"{source.name} holds text, {target.name} UUIDs"
    if target.kind == "integer" and source.kind == "boolean":
        return f"CASE WHEN {source.quoted} THEN 1 ELSE 0 END", 0.8, "true is 1 and false is 0"
    return None


def number_type(target: Named) -> str:
    """The type that a text is read as."""
    return {"integer": "BIGINT", "decimal": "DECIMAL(38,10)", "float": "DOUBLE"}[target.kind]


def into_time(source: Named, target: Named, profile: Profile | None) -> Made | None:
    """Dates and timestamps from numbers, texts and one another."""
    if source.kind == "integer":
        return from_number(source, target, profile)
    if source.kind == "text":
        return from_text(source, target, profile)
    if (source.kind, target.kind) == ("timestamp", "date"):
        day = f"({source.quoted} AT TIME ZONE 'UTC')" if zoned(source) else source.quoted
        return f"CAST({day} AS DATE)", 0.8, "the day of a timestamp; its time is left behind"
    if (source.kind, target.kind) == ("date", "timestamp"):
        return f"CAST({source.quoted} AS TIMESTAMP)", 0.85, "a date as a timestamp at midnight"
    return None


def from_number(source: Named, target: Named, profile: Profile | None) -> Made | None:
    """Unix time, in seconds or milliseconds; a date written as the number 20241231."""
    looks = profile.looks if profile is not None else ""
    if profile is not None and profile.date_form == "%Y%m%d":
        made = f"strptime(CAST({source.quoted} AS VARCHAR), '%Y%m%d')"
        return as_kind(made, target), 0.9, "the values are dates written as numbers (20241231)"
    if looks not in {"", "Unix times", "Unix times in milliseconds"} or not (looks or source.concepts & TIME_WORDS):
        return None
    value = f"nullif({source.quoted}, 0)" if target.outline.nullable else source.quoted
    if looks.endswith("milliseconds") or source.concepts & MILLISECONDS:
        return as_kind(f"epoch_ms({value})", target), 0.9 if looks else 0.7, "milliseconds since 1970"
    made = f"to_timestamp({value})"
    told = (
        "the values are Unix times"
        if looks
        else f"a number in a column called {source.name} is most likely a Unix time"
    )
    made = made if zoned(target) else f"{made} AT TIME ZONE 'UTC'"
    return (as_kind(made, target) if target.kind == "date" else made), 0.95 if looks else 0.8, told


def from_text(source: Named, target: Named, profile: Profile | None) -> Made:
    """A date in a text: by its form where values were seen, else as ISO dates are written."""
    if profile is not None and profile.date_form:
        form = profile.date_form
        return as_kind(f"strptime({source.quoted}, '{form}')", target), 0.9, f"the values are dates written {form}"
    kind = target.kind.upper()
    return f"CAST({source.quoted} AS {kind})", 0.5, "a text as a date, if it is written 2024-12-31; else use strptime"


def as_kind(timestamp: str, target: Named) -> str:
    """A timestamp, or its date."""
    return f"CAST({timestamp} AS DATE)" if target.kind == "date" else timestamp


def into_truth(sight: Sight, source: Named, target: Named, profile: Profile | None) -> Made | None:
    """Yes and no, 1 and 0, and columns that mean the opposite."""
    turned = opposite(sight, source, target)
    told = f"{source.name} means the opposite of {target.name}; " if turned else ""
    if source.kind == "integer":
        if source.concepts & TIME_WORDS:
            return None
        return f"{source.quoted} {'=' if turned else '<>'} 0", 0.85, f"{told}0 is false, other numbers are true"
    if source.kind == "boolean":
        return (f"NOT {source.quoted}", 0.85, told.rstrip("; ")) if turned else None
    short = source.outline.length is not None and source.outline.length <= 5
    if not short and not (profile is not None and profile.looks == "yes or no"):
        return None
    truth = TRUTH.format(source.quoted, *(("false", "true") if turned else ("true", "false")))
    return truth, 0.85 if short else 0.7, f"{told}letters like Y and N as true and false; others become NULL"


def opposite(sight: Sight, source: Named, target: Named) -> bool:
    """Does one word of the names mean the opposite of one of the other's, all else being equal or nothing?"""
    against = {other for word in target.concepts for other in sight.dictionary.opposites.get(word, ())}
    return bool(source.concepts & against) and not source.concepts & target.concepts - {"is", "flag"}


def into_unit(source: Named, target: Named) -> Made | None:
    """Cents to an amount; grams to kilograms and the like, where both names tell the unit."""
    if (
        source.concepts & CENTS
        and not target.concepts & CENTS
        and target.kind == "decimal"
        and source.kind == "integer"
    ):
        made = f"CAST({source.quoted} / 100.0 AS DECIMAL(18,2))"
        return made, 0.9, f"{source.name} counts cents, {target.name} is an amount"
    for (small, large), factor in UNITS.items():
        for one, other, sign in ((small, large, "/"), (large, small, "*")):
            if one in source.concepts and other in target.concepts and one not in target.concepts:
                made = f"{source.quoted} {sign} {factor}"
                made = f"CAST({made} AS BIGINT)" if target.kind == "integer" else made
                return made, 0.8, f"{factor} {small} make one {large}"
    return None


def constants(sight: Sight) -> Iterator[Offer]:
    """A value for target columns that take no NULL and that nothing comes into question for."""
    for target in sight.wanted:
        free = target.outline.nullable or target.outline.counted or target.name in sight.target.primary_key
        linked = any(target.name in link.columns for link in sight.target.links)
        value = constant(target)
        if not free and not linked and value is not None:
            why = f"{target.name} takes no NULL; the same value in all rows, until someone knows better"
            yield sight.offer("constant", target, [], value, judged(0.2, why))


def constant(target: Named) -> str | None:
    """A harmless value of a kind."""
    if target.kind == "boolean":
        return "TRUE" if target.concepts & YES_WORDS else "FALSE"
    return {
        "integer": "0", "decimal": "0", "float": "0", "text": "''", "date": "DATE '1970-01-01'",
        "timestamp": "TIMESTAMP '1970-01-01 00:00:00'", "json": "'{}'",
    }.get(target.kind)  # fmt: skip


RULES = (conversions, constants)
