"""What the values of a column look like: figures of a sample, from which no value can be read back.

A profile is evidence that confirms or contradicts; matching never needs it, and an empty table says nothing.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from ...kernel.errors import WorkbenchError
from ..databases.base import Source, Value
from ..databases.catalogue import Catalogue, Table

SAMPLE_ROWS = 1000
"""Rows read of each table at most."""
SAMPLE_SECONDS = 20.0
"""After so long no further table is begun."""
LONGEST = 500
"""Characters of a value that are looked at."""
NEARLY_ALL = 0.95
FEWEST = 3
"""Values from which on a column is said to look like something."""
SHAPES_KEPT = 3
SIGNS = (", ", ",", ";", "|", "/", "-", ":", " ")

DATE_FORMS = (
    ("%Y-%m-%d", r"[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"),
    ("%d.%m.%Y", r"(0[1-9]|[12][0-9]|3[01])\.(0[1-9]|1[0-2])\.[12][0-9]{3}"),
    ("%Y%m%d", r"(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"),
    ("%d/%m/%Y", r"(0[1-9]|[12][0-9]|3[01])/(0[1-9]|1[0-2])/[12][0-9]{3}"),
    ("%m/%d/%Y", r"(0[1-9]|1[0-2])/(0[1-9]|[12][0-9]|3[01])/[12][0-9]{3}"),
    ("%Y-%m-%d %H:%M:%S", r"[12][0-9]{3}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]"),
)
LOOKS = (
    ("e-mail addresses", r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"),
    ("URLs", r"(https?|ftp)://\S+"),
    ("IP addresses", r"[0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}"),
    ("UUIDs", r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"),
    ("yes or no", r"(?i:y|n|j|yes|no|ja|nein|true|false|t|f)"),
    ("MD5 hashes", r"[0-9a-fA-F]{32}"),
    ("SHA hashes", r"[0-9a-fA-F]{40}|[0-9a-fA-F]{64}"),
)
PATTERNS = [(name, re.compile(pattern)) for name, pattern in LOOKS]
DATES = [(form, re.compile(pattern)) for form, pattern in DATE_FORMS]
NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
UNIX_SECONDS = (500_000_000, 2_600_000_000)
"""1985 to 2052: ids are rarely so large, and money is rarely so even."""
LETTERS = re.compile(r"[^\W\d_]")
RUNS = [
    (re.compile(pattern), letter)
    for pattern, letter in (("[A-Z]+", "A"), ("[a-z]+", "a"), ("[0-9]+", "9"), (r"[^\x00-\x7f]+", "u"))
]


@dataclass(frozen=True, slots=True)
class Profile:
    """Figures of one column's values; shares are between 0 and 1 and of the values that are not NULL."""

    rows: int
    """Rows that were read."""
    nulls: float
    """Share of NULL and empty among the rows."""
    distinct: int = 0
    longest: int = 0
    """Characters of the longest value."""
    lowest: float | None = None
    highest: float | None = None
    """Of numbers."""
    shapes: tuple[tuple[str, float], ...] = ()
    """The most frequent patterns: runs of capitals as A, of small letters as a, of digits as 9."""
    looks: str = ""
    """What (nearly) all values are: e-mail addresses, Unix times …; empty if nothing known."""
    date_form: str = ""
    """The format of dates in texts."""
    numeric: float = 0.0
    """Share of values that are numbers, also as text."""
    lettered: float = 0.0
    """Share of values with letters in them."""
    signs: tuple[tuple[str, float], ...] = ()
    """Share of values that hold a sign exactly once."""
    marks: frozenset[bytes] = field(default=frozenset(), repr=False)
    """Hashes of the distinct values, for how many of them occur on the other side; they never leave this process."""

    @property
    def filled(self) -> int:
        """Rows that hold something."""
        return round(self.rows * (1 - self.nulls))

    @property
    def separator(self) -> str:
        """What (nearly) every value holds exactly once; empty if nothing."""
        return next((sign for sign, share in self.signs if share >= 0.9), "")

    def share_with(self, sign: str) -> float:
        """The share of values that hold a sign exactly once."""
        return dict(self.signs).get(sign, 0.0)

    def found_in(self, other: Profile) -> float:
        """The share of distinct values that occur on the other side, too."""
        return len(self.marks & other.marks) / len(self.marks) if self.marks else 0.0


def profile_of(values: Sequence[Value]) -> Profile:
    """The figures of some values, in the forms of `engine.databases.base`."""
    filled = [text for text in map(as_text, values) if text]
    if not filled:
        return Profile(len(values), 1.0 if values else 0.0)
    total = len(filled)
    numbers = [float(text.replace(",", ".")) for text in filled if NUMBER.fullmatch(text)]
    distinct = set(filled)
    form = next((form for form, pattern in DATES if share(filled, pattern.fullmatch) >= NEARLY_ALL), "")
    return Profile(
        rows=len(values),
        nulls=1 - total / len(values),
        distinct=len(distinct),
        longest=max(map(len, filled)),
        lowest=min(numbers, default=None),
        highest=max(numbers, default=None),
        shapes=shapes_of(filled),
        looks=looks_of(filled, numbers, form),
        date_form=form if total >= FEWEST else "",
        numeric=len(numbers) / total,
        lettered=share(filled, LETTERS.search),
        signs=tuple((sign, share(filled, lambda text, sign=sign: text.count(sign) == 1)) for sign in SIGNS),  # type: ignore[misc]
        marks=frozenset(mark(text) for text in distinct),
    )


def as_text(value: Value) -> str:
    """A value as text, its start only; bytes say nothing."""
    if value is None or isinstance(value, (bytes, bytearray, memoryview)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)[:LONGEST].strip()


def mark(text: str) -> bytes:
    """What stands for a value in comparisons, without regard to capitals."""
    return hashlib.blake2b(text.casefold().encode("utf-8", "surrogatepass"), digest_size=8).digest()


def share(texts: Sequence[str], test: Callable[[str], object]) -> float:
    """The share of texts that a test holds for."""
    return sum(bool(test(text)) for text in texts) / len(texts)


def shapes_of(texts: Iterable[str]) -> tuple[tuple[str, float], ...]:
    """The most frequent patterns with their shares."""
    counts = Counter(shape(text) for text in texts)
    total = counts.total()
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple((each, count / total) for each, count in ordered[:SHAPES_KEPT])


def shape(text: str) -> str:
    """``AB-123`` → A-9."""
    for pattern, letter in RUNS:
        text = pattern.sub(letter, text)
    return text[:40]


def looks_of(texts: Sequence[str], numbers: Sequence[float], date_form: str) -> str:
    """What nearly all values are, if that is known."""
    if len(texts) < FEWEST:
        return ""
    for name, pattern in PATTERNS:
        if share(texts, pattern.fullmatch) >= NEARLY_ALL:
            return name
    if date_form:
        return "dates"
    times = [abs(number) for number in numbers if number]
    if len(times) < max(FEWEST, 0.3 * len(texts)) or len(numbers) < NEARLY_ALL * len(texts):
        return ""
    for name, factor in (("Unix times", 1), ("Unix times in milliseconds", 1000)):
        low, high = (bound * factor for bound in UNIX_SECONDS)
        if all(low <= each <= high and each == int(each) for each in times):
            return name
    return ""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a sample of a database showed."""

    profiles: dict[tuple[str, str], Profile]
    """By table and column; tables without rows have none."""
    unread: tuple[str, ...]
    """Tables that may not be read, or that there was no time for."""


def sampled(
    source: Source, catalogue: Catalogue, *, rows: int = SAMPLE_ROWS, seconds: float = SAMPLE_SECONDS
) -> Sample:
    """Profiles of all columns, of the first rows of each table in the order of its key. Nothing is read of generated columns.

    rows: at most so many of each table; seconds: no further table is begun after so long. Reads through a connection of its
    own under the source's snapshot, and through another one after a table that may not be read.
    """
    ends = time.monotonic() + seconds
    found: dict[tuple[str, str], Profile] = {}
    unread: list[str] = []
    lane = source.lane()
    try:
        for table in catalogue.tables:
            if time.monotonic() > ends:
                unread.append(table.name.name)
                continue
            try:
                profiles = table_profiles(lane, table, rows)
            except WorkbenchError:
                unread.append(table.name.name)
                lane.close()
                lane = source.lane()
                continue
            found |= {(table.name.name, name): profile for name, profile in profiles.items()}
    finally:
        lane.close()
    return Sample(found, tuple(unread))


def table_profiles(source: Source, table: Table, rows: int) -> dict[str, Profile]:
    """The profiles of one table; none if it is empty or holds nothing that can be read."""
    names = [column.name for column in table.copied_columns]
    if not names:
        return {}
    with closing(source.read(table, names, batch_rows=rows)) as batches:  # type: ignore[type-var]
        batch = next(iter(batches), None)
    if batch is None or not batch.rows:
        return {}
    return {name: profile_of(values[:rows]) for name, values in zip(names, batch.columns, strict=True)}
