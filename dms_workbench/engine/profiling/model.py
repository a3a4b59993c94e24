"""What a profile says, as plain frozen values: figures of columns and tables, how they were measured, and what they mean.

Every figure says whether it is exact. A profile of a sample says so, with its error.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

Number = int | float


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which rows were looked at."""

    rows_total: int | None
    """Rows of the table by its own count or estimate; None if unknown."""
    rows_read: int
    fraction: float = 1.0
    """The chance of each row to be looked at; 1.0 is the whole table."""
    seed: int = 0
    total_is_exact: bool = True

    @property
    def whole(self) -> bool:
        """Every row was looked at."""
        return self.fraction >= 1.0

    @property
    def error(self) -> float:
        """Half the widest 95 % interval of a share, 0 to 1 (normal approximation of the binomial, at one half)."""
        return 0.0 if self.whole else min(1.0, 0.98 / math.sqrt(max(1, self.rows_read)))

    def __str__(self) -> str:
        if self.whole:
            return f"all {self.rows_read:,} rows".replace(",", "\u202f")
        total = "an unknown number of" if self.rows_total is None else f"{self.rows_total:,}".replace(",", "\u202f")
        about = "" if self.total_is_exact else "about "
        read = f"{self.rows_read:,}".replace(",", "\u202f")
        return f"a sample: {read} of {about}{total} rows; shares are right within \u00b1{self.error:.1%}"


@dataclass(frozen=True, slots=True)
class Bin:
    """One bar of a histogram: values from ``low`` (included) to ``high`` (excluded, but for the last bar)."""

    low: str
    high: str
    rows: int


@dataclass(frozen=True, slots=True)
class TopValue:
    """A frequent value and how often it occurs; ``exact`` is False where the count is a lower bound of a sketch."""

    value: str | None
    rows: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Pattern:
    """A learned form of texts: ``A`` capital letters, ``a`` small ones, ``9`` digits, other characters as they are."""

    form: str
    """With counts: ``A{2}9{4}``; ``+`` stands for lengths that differ."""
    share: float
    """Of the texts looked at, 0 to 1."""
    example: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the texts or numbers of a column seem to be."""

    kind: str
    """A name of `engine.profiling.kinds`."""
    share: float
    """Of the distinct values looked at that are of this kind, 0 to 1."""
    detail: str = ""
    """As the format of dates: ``%Y-%m-%d``."""


@dataclass(frozen=True, slots=True)
class Personal:
    """Personal data in a column."""

    kind: str
    """The class: ``email`` ``phone`` ``given_name`` ``family_name`` ``birth_date`` …"""
    confidence: float
    why: str


@dataclass(frozen=True, slots=True)
class Issue:
    """Something about a column that a person should look at."""

    code: str
    severity: str
    """``error`` ``warning`` ``info``."""
    rows: int
    """How many rows it concerns, among those looked at; of a sketch or a sample, an estimate."""
    text: str


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """Figures of one column."""

    name: str
    native: str
    """The type as the source writes it."""
    kind: str
    """The common type."""
    rows: int
    nulls: int
    distinct: int
    distinct_is_exact: bool
    unfit: int = 0
    """Values that are none of the column's type or no valid text."""
    least: str | None = None
    greatest: str | None = None
    mean: float | None = None
    deviation: float | None = None
    """Standard deviation of the sample."""
    quantiles: tuple[tuple[float, str], ...] = ()
    """Of numbers and times: the share and the value below which it lies; approximate (t-digest)."""
    negative: int | None = None
    zero: int | None = None
    outliers: int | None = None
    """Numbers outside of Tukey's outer fences (three times the interquartile range)."""
    shortest: int | None = None
    longest: int | None = None
    mean_length: float | None = None
    """Lengths in characters."""
    empty: int | None = None
    blank_edges: int | None = None
    """Texts with white space at an end."""
    numeric_texts: int | None = None
    """Texts that are numbers."""
    control: int | None = None
    """Texts with control characters other than tab and line ends."""
    histogram: tuple[Bin, ...] = ()
    top: tuple[TopValue, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    meaning: Meaning | None = None
    personal: Personal | None = None
    issues: tuple[Issue, ...] = ()

    @property
    def null_share(self) -> float:
        """Share of NULLs, 0 to 1."""
        return self.nulls / self.rows if self.rows else 0.0

    @property
    def unique(self) -> bool:
        """No value occurs twice, and none is missing."""
        return self.rows > 0 and self.nulls == 0 and self.distinct_is_exact and self.distinct == self.rows


@dataclass(frozen=True, slots=True)
class KeyCandidate:
    """Columns whose values tell rows apart."""

    columns: tuple[str, ...]
    duplicates: int
    """Rows beyond the first of each value; 0 for a key."""
    nulls: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Dependency:
    """``determinant`` decides ``dependent``: equal values there go with equal values here."""

    determinant: tuple[str, ...]
    dependent: str
    violations: int
    """Rows that differ from the most frequent value of their group."""


@dataclass(frozen=True, slots=True)
class ReferenceCandidate:
    """Columns whose values are found in another table's key."""

    table: str
    columns: tuple[str, ...]
    to_table: str
    to_columns: tuple[str, ...]
    values: int
    """Distinct values on the referring side."""
    missing: int
    """Those that the other side has not."""
    missing_rows: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Correlation:
    """Pearson's correlation of two columns of numbers."""

    first: str
    second: str
    value: float


@dataclass(frozen=True, slots=True)
class TableProfile:
    """Figures of one table (or query, or file)."""

    name: str
    sampling: Sampling
    columns: tuple[ColumnProfile, ...]
    keys: tuple[KeyCandidate, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    duplicate_rows: int | None = None
    """Rows beyond the first of each set of rows equal in all columns."""
    problem: str = ""
    """Why it could not be profiled, or not wholly; empty if it was."""

    def column(self, name: str) -> ColumnProfile:
        """The column of that name. Raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Profile:
    """Tables of one database, profiled together under one snapshot."""

    tables: tuple[TableProfile, ...]
    references: tuple[ReferenceCandidate, ...] = ()

    def table(self, name: str) -> TableProfile:
        """The table of that name. Raises KeyError."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)

    def to_dict(self) -> dict[str, Any]:
        """Plain data with a stable order: the form that is kept and compared."""
        return {"format": "dms-profile/1", **dataclasses.asdict(self)}
