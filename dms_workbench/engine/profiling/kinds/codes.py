"""Codes and categories: truth values, identifiers, documents, countries, postal codes, and lists of a few words."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from .base import ENOUGH, Reading, Values, Verdict, named, share_of
from .texts import stands_for_nothing, tidy

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
UUID_LOOSE = re.compile(r"\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?", re.IGNORECASE)
TRUE = (
    "true",
    "t",
    "yes",
    "y",
    "1",
    "on",
    "ja",
    "j",
    "wahr",
    "oui",
    "o",
    "vrai",
    "si",
    "s\u00ed",
    "s",
    "verdadero",
    "x",
    "-1",
)
FALSE = ("false", "f", "no", "n", "0", "off", "nein", "falsch", "non", "faux", "falso")
PAIRS = (
    ("true", "false"), ("t", "f"), ("yes", "no"), ("y", "n"), ("1", "0"), ("on", "off"), ("ja", "nein"), ("j", "n"), ("wahr", "falsch"),
    ("oui", "non"), ("o", "n"), ("vrai", "faux"), ("si", "no"), ("s\u00ed", "no"), ("s", "n"),
)  # fmt: skip
THREE_LETTERS = {
    "DEU": "DE", "GBR": "GB", "ESP": "ES", "CHE": "CH", "SWE": "SE", "DNK": "DK", "POL": "PL", "PRT": "PT", "AUT": "AT", "IRL": "IE",
    "CHN": "CN", "UKR": "UA", "TUR": "TR", "EST": "EE", "SVN": "SI", "SVK": "SK", "MEX": "MX", "CHL": "CL", "KOR": "KR", "ARE": "AE",
    "BIH": "BA", "SRB": "RS",
}  # fmt: skip
"""Codes of three letters that do not begin with the code of two."""
MOST_CATEGORIES = 60
RARE = 0.005
"""Share of rows below which a category may be a slip of the pen."""
SHORT = 4


@dataclass(frozen=True, slots=True)
class BooleanReading:
    """Truth values as text, most of them written as one pair of words."""

    truth: str
    falsehood: str
    share: float
    kind: str = "boolean"

    @property
    def detail(self) -> str:
        """The pair."""
        return f"{self.truth}/{self.falsehood}"

    def judge(self, value: str) -> Verdict | None:
        """One of the pair, or another word for it."""
        if value in (self.truth, self.falsehood):
            return None
        word = tidy(value).lower()
        if word in TRUE or word in FALSE:
            wanted = self.truth if word in TRUE else self.falsehood
            return Verdict("written-otherwise", "warning", "a truth value written otherwise than the rest", wanted)
        return Verdict("malformed", "error", "not a truth value")


def read_boolean(_name: str, values: Values) -> Reading | None:
    """Truth values: one pair of words in nearly all rows."""
    rows = sum(values.values())
    for pair in PAIRS:
        for spelled in (str.lower, str.upper, str.capitalize):
            truth, falsehood = spelled(pair[0]), spelled(pair[1])
            both = values.get(truth, 0) + values.get(falsehood, 0)
            if values.get(truth) and values.get(falsehood) and both >= 0.9 * rows:
                if pair == ("1", "0") and any(
                    value.lstrip("-").isdigit() and value not in ("0", "1") for value in values
                ):
                    return None
                known = share_of(values, lambda value: tidy(value).lower() in (*TRUE, *FALSE))
                return BooleanReading(truth, falsehood, both / rows) if known >= 0.5 else None
    return None


@dataclass(frozen=True, slots=True)
class UuidReading:
    """Universally unique identifiers."""

    lower: bool
    share: float
    kind: str = "uuid"
    detail: str = ""

    def judge(self, value: str) -> Verdict | None:
        """Hyphens in their places, letters as most have them."""
        right = UUID.fullmatch(value) and (not self.lower or value == value.lower())
        if right:
            return None
        stripped = tidy(value)
        if UUID_LOOSE.fullmatch(stripped):
            digits = re.sub(r"[{}-]", "", stripped)
            made = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
            return Verdict(
                "written-otherwise", "warning", "a UUID written otherwise", made.lower() if self.lower else made
            )
        return Verdict("malformed", "error", "not a UUID")


def read_uuid(_name: str, values: Values) -> Reading | None:
    """UUIDs."""
    share = share_of(values, lambda value: UUID.fullmatch(value) is not None)
    if share < ENOUGH:
        return None
    return UuidReading(share_of(values, lambda value: value == value.lower()) >= 0.9, share)


@dataclass(frozen=True, slots=True)
class JsonReading:
    """Documents of JSON."""

    share: float
    kind: str = "json"
    detail: str = ""

    def judge(self, value: str) -> Verdict | None:
        """A document that can be read."""
        return None if is_json(value) else Verdict("malformed", "error", "not JSON")


def is_json(value: str) -> bool:
    """Is it an object or a list of JSON?"""
    if value.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return False
    return True


def read_json(_name: str, values: Values) -> Reading | None:
    """Objects and lists of JSON."""
    share = share_of(values, is_json)
    return JsonReading(share) if share >= ENOUGH else None


@cache
def country_names() -> Mapping[str, str]:
    """Names of countries in several languages, without case and accents, with their code of two letters (Babel's CLDR data)."""
    from babel import Locale

    found: dict[str, str] = {}
    for language in ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "nb", "fi", "cs", "tr"):
        for code, name in Locale(language).territories.items():
            if len(str(code)) == 2 and str(code).isalpha():
                found.setdefault(plain(name), code)
    found |= {
        "uk": "GB",
        "great britain": "GB",
        "england": "GB",
        "usa": "US",
        "u.s.a.": "US",
        "u.s.": "US",
        "united states of america": "US",
        "holland": "NL",
    }
    return found


@cache
def country_codes() -> frozenset[str]:
    """The codes of two letters (ISO 3166-1)."""
    from babel import Locale

    exceptions = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "AC", "CP", "CQ", "DG", "EA", "IC", "TA", "XK"}
    return (
        frozenset(str(code) for code in Locale("en").territories if len(str(code)) == 2 and str(code).isalpha())
        - exceptions
    )


def plain(text: str) -> str:
    """Without case and accents."""
    return "".join(
        each for each in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(each)
    ).strip()


@dataclass(frozen=True, slots=True)
class CountryReading:
    """Countries by their codes of two letters."""

    share: float
    kind: str = "country"
    detail: str = "ISO 3166-1 alpha-2"
    known: frozenset[str] = frozenset()

    def judge(self, value: str) -> Verdict | None:
        """A code in capitals, or a country by another name."""
        if value in country_codes():
            return None
        stripped = tidy(value)
        code = stripped.upper() if stripped.upper() in country_codes() else country_names().get(plain(stripped))
        if code is None and len(stripped) == 3:
            code = three_letters(stripped, self.known)
        if code is not None:
            return Verdict("written-otherwise", "warning", "a country written otherwise than the rest", code)
        return Verdict("malformed", "error", "not a country's code")


def three_letters(value: str, known: frozenset[str]) -> str | None:
    """The code of two letters for one of three: by its first two if the column has that code, else by the name's beginning."""
    upper = value.upper()
    found = THREE_LETTERS.get(upper) or (upper[:2] if upper[:2] in country_codes() else None)
    return found if found is not None and (found in known or upper in THREE_LETTERS) else None


def read_country(name: str, values: Values) -> Reading | None:
    """Codes of countries."""
    rows = sum(values.values())
    coded = {value for value in values if value in country_codes()}
    share = sum(values[value] for value in coded) / max(1, rows)
    if (
        share < 0.9
        or len(coded) < 2
        or not (named(name, ("country", "land", "nation", "pays", "pais", "ctry", "nationality")) or len(coded) >= 5)
    ):
        return None
    return CountryReading(share, known=frozenset(coded))


@dataclass(frozen=True, slots=True)
class CategoryReading:
    """One of a few words; rare ones that are like a frequent one are slips of the pen."""

    frequent: tuple[str, ...]
    share: float
    rare: frozenset[str] = frozenset()
    kind: str = "category"
    by_plain: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def detail(self) -> str:
        """How many there are."""
        return f"{len(self.frequent)} values"

    def judge(self, value: str) -> Verdict | None:
        """A frequent value, or one like it."""
        if value in self.frequent or value not in self.rare:
            return None
        stripped = tidy(value)
        same = self.by_plain.get(squeezed(stripped))
        if same is not None:
            return Verdict("written-otherwise", "warning", "a category written otherwise than the rest", same)
        nearest = self.nearest(stripped)
        if nearest is not None:
            return Verdict("typo", "warning", "nearly the same as a frequent category", nearest)
        if stands_for_nothing(stripped):
            return Verdict("missing-word", "error", "a word for a missing value")
        return Verdict("unknown-category", "warning", "a category that hardly any row has")

    def nearest(self, value: str) -> str | None:
        """The frequent value that it resembles; None where none does, or two do alike."""
        close = sorted((slips_between(value, each), each) for each in self.frequent)
        if not close or close[0][0] > slips_allowed(value) or (len(close) > 1 and close[1][0] == close[0][0]):
            return None
        return close[0][1]


def slips_between(one: str, other: str) -> int:
    """Letters left out, added, exchanged or swapped (optimal string alignment)."""
    from rapidfuzz.distance import OSA

    return OSA.distance(plain(one), plain(other))


def slips_allowed(value: str) -> int:
    """How many slips a word of this length may have and still be recognised."""
    return 0 if len(value) < 3 else 1 if len(value) < 9 else 2


def squeezed(text: str) -> str:
    """Without case, accents, blanks and hyphens."""
    return re.sub(r"[\s_.-]+", "", plain(text))


def read_category(_name: str, values: Values) -> Reading | None:
    """A few words in nearly all rows."""
    rows = sum(values.values())
    if rows < 50:
        return None
    frequent = [value for value, times in values.items() if times >= max(3, RARE * 2 * rows)]
    covered = sum(values[value] for value in frequent) / rows
    if not 1 <= len(frequent) <= MOST_CATEGORIES or covered < 0.9 or any(len(value) > 60 for value in frequent):
        return None
    known = {squeezed(value) for value in frequent}
    rare = frozenset(
        value
        for value, times in values.items()
        if value not in frequent and (times < max(3, RARE * rows) or squeezed(value) in known)
    )
    slips = [value for value in frequent if any(is_slip(value, other, values) for other in frequent)]
    kept = tuple(value for value in frequent if value not in slips)
    by_plain: dict[str, str] = {}
    for value in sorted(kept, key=lambda each: -values[each]):
        by_plain.setdefault(squeezed(value), value)
    return CategoryReading(kept, covered, rare | frozenset(slips), by_plain=by_plain)


def is_slip(value: str, other: str, values: Values) -> bool:
    """Is a value a slip of another one that is far more frequent?"""
    if value == other or values[value] > 0.2 * values[other] or any(letter.isdigit() for letter in value):
        return False
    return squeezed(value) == squeezed(other) or (len(value) > SHORT and slips_between(value, other) == 1)


@dataclass(frozen=True, slots=True)
class PostalReading:
    """Postal codes, which have lost leading zeros where they were taken for numbers."""

    full: frozenset[str]
    """Codes with a leading zero that the column has."""
    share: float
    detail: str = ""
    kind: str = "postal-code"

    def judge(self, value: str) -> Verdict | None:
        """A code whose zero is there in other rows is told."""
        stripped = tidy(value)
        padded = next((code for zeros in (1, 2) if (code := "0" * zeros + stripped) in self.full), None)
        if padded is not None and stripped.isdigit():
            return Verdict("leading-zero-lost", "error", "a leading zero is missing", padded)
        return None


def read_postal(name: str, values: Values) -> Reading | None:
    """Postal codes, by the column's name."""
    if not named(
        name, ("postal", "postcode", "zip", "zipcode", "plz", "postleitzahl", "cp", "postalcode", "cap", "pcode")
    ):
        return None
    full = frozenset(
        value
        for value, times in values.items()
        if value.startswith("0") and value.isdigit() and times > values.get(value.lstrip("0"), 0)
    )
    return PostalReading(
        full, share_of(values, lambda value: re.fullmatch(r"[A-Z0-9][A-Z0-9 -]{1,9}", value) is not None)
    )
