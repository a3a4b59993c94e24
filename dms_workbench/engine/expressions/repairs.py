"""Values as they should be written, in Python: what the functions of the group "Repair" do with one text.

Each takes the text and what was written out behind it, and gives the repaired text; None where the repair cannot be known.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

    from .select import CompiledSelect

Repair = Callable[..., str | None]

BLANKS = r"[ \u00a0\u202f\u2007]"
DECIMALS = {"point": r"\.", "comma": ","}
GROUPS = {"point": r"[,' \u00a0\u202f\u2007]", "comma": r"[.' \u00a0\u202f\u2007]"}
TRUNK_ZERO_STAYS = ("+39", "+378")
"""Where the zero before a number of the country is a part of the number: Italy and San Marino."""
LONGEST_NUMBER = 60
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
BETWEEN = re.compile(r"\(0\)|[\s().\-/\u00a0]")


def tidy(text: str) -> str | None:
    """Without white space at the ends, control and invisible characters, HTML entities; NFC; encodings put right."""
    from ..profiling.kinds import tidy as tidied

    return tidied(text)


def fix_encoding(text: str) -> str | None:
    """UTF-8 that was read in another code page; None where characters are lost."""
    from ..profiling.kinds.texts import REPLACEMENT, garbled

    found = garbled(text)
    fixed = text if found is None or found.repaired is None else found.repaired
    return None if REPLACEMENT in fixed else fixed


def nullif_word(text: str, *words: str) -> str | None:
    """The text, unless it is one of the words, or of the shipped ones, for nothing."""
    from ..profiling.kinds import stands_for_nothing

    if not words:
        return None if stands_for_nothing(text) else text
    return None if text.strip().casefold() in {word.strip().casefold() for word in words} else text


@cache
def number_pattern(separator: str) -> re.Pattern[str]:
    """A number with that separator before its fraction; groups of three with one and the same sign between."""
    mark, group = DECIMALS[separator], GROUPS[separator]
    whole = rf"(?:[0-9]+|[0-9]{{1,3}}(?P<group>{group})[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*)"
    return re.compile(rf"(?P<sign>[+-]?){BLANKS}*(?P<whole>{whole})?(?:{mark}(?P<fraction>[0-9]+))?")


def parse_number(text: str, separator: str, beside: str = "") -> str | None:
    """The number with a point and nothing else. separator: ``comma`` or ``point``. beside: what may stand before or behind it."""
    bare = text.strip().strip("\u00a0\u202f")
    words = sorted(beside.split(), key=len, reverse=True)
    for word in words:
        if bare.casefold().startswith(word.casefold()):
            bare = bare[len(word) :].strip()
            break
        if bare.casefold().endswith(word.casefold()):
            bare = bare[: -len(word)].strip()
            break
    found = number_pattern(separator).fullmatch(bare)
    if found is None or len(bare) > LONGEST_NUMBER or not (found["whole"] or found["fraction"]):
        return None
    whole = re.sub(r"[^0-9]", "", found["whole"] or "0")
    sign = "-" if found["sign"] == "-" else ""
    number = f"{sign}{whole}.{found['fraction']}" if found["fraction"] else f"{sign}{whole}"
    return f"{Decimal(number):f}"


def parse_boolean(text: str) -> str | None:
    """``true`` or ``false`` for the words of several languages."""
    from ..profiling.kinds import tidy as tidied
    from ..profiling.kinds.codes import FALSE, TRUE

    word = tidied(text).lower()
    return "true" if word in TRUE else "false" if word in FALSE else None


def phone_e164(text: str, country: str = "") -> str | None:
    """As E.164 writes it. country: ``+49``, for numbers without one, which begin with 0 then."""
    from ..profiling.kinds import tidy as tidied

    stripped = tidied(text)
    clean = BETWEEN.sub("", stripped)
    if clean.startswith("00"):
        clean = f"+{clean[2:]}"
    elif clean.startswith("0") and country:
        clean = country + (clean if country in TRUNK_ZERO_STAYS else clean[1:])
    return clean if E164.fullmatch(clean) else None


def country_code(text: str) -> str | None:
    """The code of two letters (ISO 3166-1) for a code of two or three, or for a name in one of fourteen languages."""
    from ..profiling.kinds import tidy as tidied
    from ..profiling.kinds.codes import country_codes, country_names, plain

    stripped = tidied(text)
    upper = stripped.upper()
    if upper in country_codes():
        return upper
    return country_names().get(plain(stripped)) or three_letters().get(upper)


@cache
def three_letters() -> dict[str, str]:
    """The codes of three letters with those of two (Babel's CLDR data)."""
    from babel.core import get_global

    from ..profiling.kinds.codes import country_codes

    aliases: dict[str, list[str]] = dict(get_global("territory_aliases"))
    return {
        code: other[0]
        for code, other in aliases.items()
        if len(code) == 3 and code.isalpha() and len(other) == 1 and other[0] in country_codes()
    }


REPAIRS: dict[str, Repair] = {
    function.__name__: function
    for function in (tidy, fix_encoding, nullif_word, parse_number, parse_boolean, phone_e164, country_code)
}


def over_arrow(repair: Repair, written: tuple[str, ...]) -> Callable[[Any], Any]:
    """The function over Arrow: each distinct value of a vector is repaired once."""

    def column(values):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  DuckDB would read annotations as SQL types
        import pyarrow as pa

        whole = pa.concat_arrays(values.chunks) if isinstance(values, pa.ChunkedArray) else values
        coded = whole.dictionary_encode()
        repaired = [None if value is None else repair(value, *written) for value in coded.dictionary.to_pylist()]
        return pa.array(repaired, pa.string()).take(coded.indices)

    return column


def name_in_sql(name: str, written: tuple[str, ...]) -> str:
    """What a function is called in DuckDB with the texts that are written out behind its value."""
    if not written:
        return name
    return f"{name}__{hashlib.sha256(repr(written).encode()).hexdigest()[:12]}"


def teach(connection: duckdb.DuckDBPyConnection, select: CompiledSelect) -> None:
    """Make the functions that a select uses known to a connection; those that it knows stay."""
    import duckdb

    for name, written in sorted(select.repairs):
        with contextlib.suppress(duckdb.NotImplementedException, duckdb.CatalogException):
            connection.create_function(
                name_in_sql(name, written),
                over_arrow(REPAIRS[name], written),
                ["VARCHAR"],
                "VARCHAR",
                type="arrow",
                null_handling="special",
            )  # type: ignore[call-overload]
