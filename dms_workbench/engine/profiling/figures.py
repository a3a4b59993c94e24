"""The figures of all columns of a table in as few passes over its rows as possible (the SQL is DuckDB's).

One pass counts NULLs, finds the least and the greatest, estimates distinct values (HyperLogLog) and quantiles (t-digest), and
measures texts; one more makes histograms and finds frequent values. Columns of few values are counted exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .long_cells import LongCells
from .model import Bin, ColumnProfile, TopValue
from .workspace import PART_COLUMNS, Gathered, Workspace

Form = Literal["number", "time", "text", "boolean", "bytes", "other"]

SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
BINS = 20
TOP = 10
FEW = 1_000
"""Columns that seem to have at most so many values are counted exactly."""
FENCES = 3.0
"""Tukey's outer fences, in interquartile ranges (Exploratory Data Analysis, 1977)."""
SHOWN_CHARACTERS = 200
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"

FORMS: Mapping[str, Form] = {
    "BOOLEAN": "boolean", "VARCHAR": "text", "BLOB": "bytes", "DATE": "time", "TIMESTAMP": "time", "TIMESTAMP_NS": "time",
    "TIMESTAMP WITH TIME ZONE": "time", "TINYINT": "number", "SMALLINT": "number", "INTEGER": "number", "BIGINT": "number",
    "HUGEINT": "number", "UTINYINT": "number", "USMALLINT": "number", "UINTEGER": "number", "UBIGINT": "number",
    "FLOAT": "number", "DOUBLE": "number",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """A column as the workspace holds it."""

    place: str
    name: str
    native: str
    kind: str
    form: Form

    @property
    def number(self) -> str:
        """Its values as 64 bit floats."""
        return f"CAST({self.place} AS DOUBLE)"


def held_columns(space: Workspace, found: Gathered) -> tuple[Held, ...]:
    """The columns of a gathered table with the form each is held in."""
    types = {name: type for name, type, *_ in space.query(f"DESCRIBE {found.relation}")}
    return tuple(
        Held(f"c{place}", column.name, column.type.native, column.type.kind, form_of(str(types[f"c{place}"])))
        for place, column in enumerate(found.columns)
    )


def form_of(type: str) -> Form:
    """What can be asked of values of a DuckDB type."""
    return "number" if type.startswith("DECIMAL") else FORMS.get(type, "other")


def basic_figures(space: Workspace, found: Gathered, columns: tuple[Held, ...]) -> list[ColumnProfile]:
    """Counts, extremes, distinct values, means, quantiles and lengths of every column, in one pass.

    Of a table of many columns, in as few passes as DuckDB's limits allow.
    """
    profiles: list[ColumnProfile] = []
    for part in parts_of(columns):
        asked = [(column, name, sql) for column in part for name, sql in measures(column)]
        row = space.query(
            f"SELECT count(*), {', '.join(sql for _, _, sql in asked)} FROM {found.holding(part[0].place)}"
        )[0]
        figures: dict[str, dict[str, Any]] = {column.place: {} for column in part}
        for (column, name, _), value in zip(asked, row[1:], strict=True):
            figures[column.place][name] = value
        for column in part:
            measured = corrected(figures[column.place], found.long_cells.get(column.name))
            profiles.append(column_profile(column, int(row[0]), measured, found.unfit_counts.get(column.name, 0)))
    return profiles


def corrected(figures: dict[str, Any], cut: LongCells | None) -> dict[str, Any]:
    """Lengths as they are at the source, where the workspace holds but the beginning of long values."""
    if cut is None or not figures["filled"] or figures.get("longest") is None:
        return figures
    filled = int(figures["filled"])
    shortest = cut.shortest if cut.count >= filled else figures["shortest"]
    mean = float(figures["mean_length"]) + cut.cut_away / filled
    return {**figures, "longest": cut.longest, "shortest": shortest, "mean_length": mean}


def parts_of(columns: tuple[Held, ...]) -> Iterator[tuple[Held, ...]]:
    """Columns that are measured in one pass."""
    for start in range(0, len(columns), PART_COLUMNS):
        yield columns[start : start + PART_COLUMNS]


def measures(column: Held) -> Iterator[tuple[str, str]]:
    """Name and SQL of what is asked of a column."""
    place = column.place
    yield "filled", f"count({place})"
    yield "distinct", f"approx_count_distinct({place})"
    if column.form == "bytes":
        yield "shortest", f"min(octet_length({place}))"
        yield "longest", f"max(octet_length({place}))"
        yield "mean_length", f"avg(octet_length({place}))"
        return
    yield "least", shown(f"min({place})")
    yield "greatest", shown(f"max({place})")
    if column.form == "text":
        yield "shortest", f"min(length({place}))"
        yield "longest", f"max(length({place}))"
        yield "mean_length", f"avg(length({place}))"
        yield "empty", f"count_if({place} = '')"
    elif column.form == "number":
        yield "mean", f"avg({column.number})"
        yield "deviation", f"stddev_samp({finite(column)})"
        yield "negative", f"count_if({place} < 0)"
        yield "zero", f"count_if({place} = 0)"
        yield "quantiles", f"approx_quantile({finite(column)}, {list(SHARES)})"
    elif column.form == "time":
        yield "quantiles", f"approx_quantile(epoch({place}), {list(SHARES)})"


def finite(column: Held) -> str:
    """Its values without NaN and infinities, which have no place among quantiles."""
    if column.kind != "float":
        return column.number
    return f"CASE WHEN isfinite({column.place}) THEN {column.number} END"


def shown(sql: str) -> str:
    """A value as text, cut where it is long."""
    return f"left(CAST({sql} AS VARCHAR), {SHOWN_CHARACTERS})"


def column_profile(column: Held, rows: int, figures: dict[str, Any], unfit: int) -> ColumnProfile:
    """The figures of one pass as a profile."""
    filled = int(figures["filled"])
    quantiles = figures.get("quantiles") or ()
    return ColumnProfile(
        column.name,
        column.native,
        column.kind,
        rows,
        max(0, rows - filled - unfit),
        min(filled, int(figures["distinct"])),
        distinct_is_exact=filled == 0,
        unfit=unfit,
        least=figures.get("least"),
        greatest=figures.get("greatest"),
        mean=number_or_none(figures.get("mean")),
        deviation=number_or_none(figures.get("deviation")),
        quantiles=tuple(
            (share, moment(value) if column.form == "time" else f"{value:.6g}")
            for share, value in zip(SHARES, quantiles, strict=False)
        ),
        negative=figures.get("negative"),
        zero=figures.get("zero"),
        shortest=figures.get("shortest"),
        longest=figures.get("longest"),
        mean_length=number_or_none(figures.get("mean_length")),
        empty=figures.get("empty"),
    )


def number_or_none(value: Any) -> float | None:
    """A finite float; None for nothing, NaN and infinities."""
    if value is None:
        return None
    number = float(value)
    return number if number - number == 0 else None


@dataclass(slots=True)
class Shape:
    """What the second pass adds to a column."""

    distinct: int | None = None
    top: tuple[TopValue, ...] = ()
    histogram: tuple[Bin, ...] = ()
    outliers: int | None = None
    blank_edges: int | None = None
    numeric_texts: int | None = None
    control: int | None = None


def shapes(space: Workspace, found: Gathered, columns: tuple[Held, ...], basic: list[ColumnProfile]) -> list[Shape]:
    """Frequent values, histograms, outliers and what is odd about texts, of every column."""
    made = [Shape() for _ in columns]
    passes: list[tuple[int, str, str]] = []
    for number, (column, figures) in enumerate(zip(columns, basic, strict=True)):
        if figures.distinct <= FEW and figures.rows:
            made[number].distinct, made[number].top = counted(space, found, column)
        else:
            passes += [(number, name, sql) for name, sql in shape_measures(column, figures)]
        if column.form == "text":
            passes += [(number, name, sql) for name, sql in text_measures(column, figures)]
    by_relation: dict[str, list[tuple[int, str, str]]] = {}
    for each in passes:
        by_relation.setdefault(found.holding(columns[each[0]].place), []).append(each)
    for relation, part in by_relation.items():
        row = space.query(f"SELECT {', '.join(sql for _, _, sql in part)} FROM {relation}")[0]
        for (number, name, _), value in zip(part, row, strict=True):
            put(made[number], basic[number], columns[number], name, value)
    return made


def counted(space: Workspace, found: Gathered, column: Held) -> tuple[int, tuple[TopValue, ...]]:
    """How many values there are, and the most frequent ones, by counting."""
    place = column.place if column.form != "bytes" else f"md5({column.place})"
    rows = space.query(
        f"SELECT {shown('v')}, n, count(*) OVER () FROM (SELECT {place} AS v, count(*) AS n FROM {found.holding(column.place)} "
        f"WHERE {place} IS NOT NULL GROUP BY 1) ORDER BY n DESC, 1 LIMIT {TOP}"
    )
    tops = tuple(TopValue(value, int(times)) for value, times, _ in rows) if column.form != "bytes" else ()
    return (int(rows[0][2]) if rows else 0), tops


def shape_measures(column: Held, figures: ColumnProfile) -> Iterator[tuple[str, str]]:
    """What is asked of a column of many values."""
    if column.form == "text" and figures.distinct < 0.5 * max(1, figures.rows - figures.nulls):
        yield "top", f"approx_top_k({column.place}, {TOP})"
    if column.form in ("number", "time") and figures.quantiles:
        value = finite(column) if column.form == "number" else f"epoch({column.place})"
        if (edges := edges_of(column, figures)) is not None:
            low, width = edges
            yield (
                "histogram",
                f"histogram(least({BINS - 1}, greatest(0, CAST(floor(({value} - {low!r}) / {width!r}) AS INTEGER)))) "
                f"FILTER ({value} IS NOT NULL)",
            )
    if column.form == "number" and len(figures.quantiles) == len(SHARES):
        first, third = (float(figures.quantiles[SHARES.index(share)][1]) for share in (0.25, 0.75))
        reach = FENCES * (third - first)
        if reach > 0:
            yield "outliers", f"count_if({column.number} < {first - reach!r} OR {column.number} > {third + reach!r})"


def text_measures(column: Held, figures: ColumnProfile) -> Iterator[tuple[str, str]]:
    """What is asked of texts: white space at the ends, numbers, control characters."""
    place = column.place
    if not figures.longest:
        return
    yield "blank_edges", f"count_if({place} <> trim({place}, ' \t\r\n\u00a0\u200b'))"
    yield "numeric_texts", f"count(TRY_CAST({place} AS DOUBLE))"
    yield "control", f"count_if(regexp_matches({place}, '{CONTROL}'))"


def edges_of(column: Held, figures: ColumnProfile) -> tuple[float, float] | None:
    """Low end and width of a histogram's bars; None where there is but one value, or none that can be drawn."""
    if column.form == "number":
        try:
            low, high = float(figures.least or "nan"), float(figures.greatest or "nan")
        except ValueError:
            return None
    else:
        low, high = epoch_of(figures.least), epoch_of(figures.greatest)
    width = (high - low) / BINS
    return (low, width) if width > 0 and width - width == 0 else None


def epoch_of(text: str | None) -> float:
    """Seconds since 1970 of a moment's text; NaN where Python's calendar does not reach."""
    import datetime

    try:
        moment = datetime.datetime.fromisoformat((text or "").removesuffix("+00"))
    except ValueError:
        return float("nan")
    return moment.replace(tzinfo=datetime.UTC).timestamp()


def put(shape: Shape, figures: ColumnProfile, column: Held, name: str, value: Any) -> None:
    """Take over one figure of the second pass."""
    if name == "histogram":
        edges = edges_of(column, figures)
        if edges is not None:
            shape.histogram = tuple(bars(value or {}, edges, as_time=column.form == "time"))
    elif name == "top":
        shape.top = tuple(TopValue(str(each)[:SHOWN_CHARACTERS], 0, exact=False) for each in value or ())
    else:
        setattr(shape, name, int(value))


def bars(counts: Mapping[int, int], edges: tuple[float, float], *, as_time: bool) -> Iterator[Bin]:
    """The bars of a histogram, empty ones too."""
    low, width = edges
    for number in range(BINS):
        ends = (low + number * width, low + (number + 1) * width)
        first, last = (moment(end) if as_time else f"{end:.6g}" for end in ends)
        yield Bin(first, last, int(counts.get(number, 0)))


def moment(seconds: float) -> str:
    """Seconds since 1970 as text."""
    import datetime

    return str(datetime.datetime.fromtimestamp(seconds, datetime.UTC).replace(tzinfo=None, microsecond=0))
