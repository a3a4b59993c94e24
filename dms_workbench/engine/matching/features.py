"""What is known of two columns: the figures that the model weighs.

Everything is computed as matrices over all columns of the source (rows) and of the target (columns), in the order of the
tables; the model is then asked about the few sources of each target that come into question.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .dictionary import Dictionary
from .lexicon import Lexicon, Name, SideWords
from .names import Half, Matrix, Words, coverage, weights, word_likeness
from .outline import ColumnOutline, SchemaOutline, TableOutline
from .words import split_name, stem

Places = NDArray[np.int64]

RARE_FROM = 0.75
REMARK_WORDS = 30

KIND_LIKENESS = {
    ("integer", "decimal"): 0.7, ("integer", "boolean"): 0.6, ("integer", "float"): 0.5, ("integer", "timestamp"): 0.35,
    ("integer", "text"): 0.3, ("integer", "date"): 0.2, ("decimal", "float"): 0.85, ("decimal", "text"): 0.25,
    ("float", "text"): 0.2, ("text", "longtext"): 0.75, ("text", "uuid"): 0.4, ("text", "json"): 0.3, ("text", "other"): 0.5,
    ("text", "boolean"): 0.3, ("text", "date"): 0.35, ("text", "timestamp"): 0.35, ("text", "time"): 0.3,
    ("text", "bytes"): 0.3, ("longtext", "json"): 0.6, ("longtext", "bytes"): 0.4, ("longtext", "other"): 0.4,
    ("longtext", "date"): 0.2, ("longtext", "timestamp"): 0.2, ("longtext", "boolean"): 0.2, ("longtext", "integer"): 0.2,
    ("longtext", "decimal"): 0.2, ("longtext", "float"): 0.2, ("date", "timestamp"): 0.85, ("time", "timestamp"): 0.4,
    ("bytes", "uuid"): 0.4, ("bytes", "other"): 0.4, ("json", "other"): 0.4,
}  # fmt: skip
KINDS = (
    "boolean", "integer", "decimal", "float", "text", "longtext", "date", "time", "timestamp", "bytes", "uuid", "json", "other",
)  # fmt: skip


@dataclass(slots=True)
class Side:
    """The columns of one schema as arrays."""

    schema: SchemaOutline
    words: SideWords
    table_of: Places
    """The table of each column."""
    place: Matrix
    """Where in its table a column stands, 0 to 1."""
    order: Places
    """Where in its table, from 0."""
    kind: Places
    key: Matrix
    """1: the primary key; 0.5: part of one."""
    link: Matrix
    """1: part of a foreign key."""
    linked: Places
    """The table that a foreign key leads to, or -1."""
    unique: Matrix
    nullable: Matrix
    counted: Matrix
    length: Matrix
    """Of text or digits; 0 where there is none."""
    sizes: Places
    """Columns of each table."""
    starts: Places
    """The first column of each table."""
    columns: list[ColumnOutline]

    @staticmethod
    def of(schema: SchemaOutline, lexicon: Lexicon) -> Side:
        """The arrays of a schema."""
        tables = {table.name: number for number, table in enumerate(schema.tables)}
        rows = [
            (number, order, len(table.columns), column, *roles(table, column))
            for number, table in enumerate(schema.tables)
            for order, column in enumerate(table.columns)
        ]
        sizes = np.array([len(table.columns) for table in schema.tables], dtype=np.int64)
        return Side(
            schema=schema,
            words=lexicon.side(schema),
            table_of=np.array([row[0] for row in rows], dtype=np.int64),
            place=np.array([row[1] / max(1, row[2] - 1) for row in rows], dtype=np.float32),
            order=np.array([row[1] for row in rows], dtype=np.int64),
            kind=np.array([KINDS.index(row[3].kind) for row in rows], dtype=np.int64),
            key=np.array([row[4] for row in rows], dtype=np.float32),
            link=np.array([row[5] is not None for row in rows], dtype=np.float32),
            linked=np.array([tables.get(row[5] or "", -1) for row in rows], dtype=np.int64),
            unique=np.array([row[6] for row in rows], dtype=np.float32),
            nullable=np.array([row[3].nullable for row in rows], dtype=np.float32),
            counted=np.array([row[3].counted for row in rows], dtype=np.float32),
            length=np.array([row[3].length or 0 for row in rows], dtype=np.float32),
            sizes=sizes,
            starts=np.concatenate(([0], np.cumsum(sizes)[:-1])) if len(sizes) else sizes,
            columns=[row[3] for row in rows],
        )


def roles(table: TableOutline, column: ColumnOutline) -> tuple[float, str | None, bool]:
    """Is it the primary key (1) or part of it (0.5), which table does it lead to, is it unique alone?"""
    key = table.primary_key
    part = (1.0 if len(key) == 1 else 0.5) if column.name in key else 0.0
    leads = next((link.table for link in table.links if column.name in link.columns), None)
    return part, leads, (column.name,) in table.unique_keys


@dataclass(slots=True)
class Evidence:
    """Everything known of two schemas, as matrices of shape (source columns, target columns) or (tables, tables).

    Matrices of columns that are only looked up hold 16 bits a number: thousands of columns on both sides must fit.
    """

    source: Side
    target: Side
    dictionary: Dictionary
    full: Half
    """Names as they are."""
    bare: Half
    """Names without words of their tables."""
    crossed: Half
    """A name as it is with another without its table's words, the better of both ways."""
    of_target: Half
    """How far the source's name covers the target's, both without words of their tables."""
    of_source: Half
    context: Half
    """Names together with those of their tables."""
    remark: Half
    """How far the words of a comment on either side cover the other's name."""
    kinds: Half
    tables: Matrix
    """How alike the names of two tables are."""
    name: Matrix
    """The best of the names' likenesses."""
    inside: Matrix
    """Tables: how well the columns of the target's table are found in the source's."""
    outside: Matrix
    """Tables: how well the columns of the source's table are found in the target's."""
    base: Matrix
    """A first guess, by which candidates are chosen and rivals compared."""


def evidence(source: SchemaOutline, target: SchemaOutline, dictionary: Dictionary) -> Evidence:
    """Compare two schemas, neither of them empty."""
    lexicon = Lexicon.of(dictionary, (source, target))
    mine, theirs = Side.of(source, lexicon), Side.of(target, lexicon)
    comparer = Comparer(dictionary, lexicon, mine, theirs)
    full, of_target, of_source = comparer.names(mine.words.columns, theirs.words.columns)
    bare, of_target, of_source = comparer.names(mine.words.bare, theirs.words.bare, (of_target, of_source))
    crossed = np.maximum(
        comparer.names(mine.words.bare, theirs.words.columns)[0],
        comparer.names(mine.words.columns, theirs.words.bare)[0],
    )
    context = comparer.names(in_context(mine), in_context(theirs))[0]
    tables = comparer.names(mine.words.tables, theirs.words.tables)[0].astype(np.float32)
    kinds = kind_matrix()[np.ix_(mine.kind, theirs.kind)]
    name = np.maximum(np.maximum(full, bare), np.float16(0.97) * crossed).astype(np.float32)
    inside, outside = tables_by_columns(name * (0.5 + 0.5 * kinds), mine, theirs)
    return Evidence(
        mine, theirs, dictionary, full, bare, crossed, of_target, of_source, context, comparer.remarks(),
        kinds.astype(np.float16), tables, name, inside, outside,
        first_guess(name, context, kinds, 0.1 * tables + 0.1 * np.sqrt(inside * outside), (mine, theirs)),
    )  # fmt: skip


def first_guess(name: Matrix, context: Half, kinds: Matrix, tables: Matrix, sides: tuple[Side, Side]) -> Matrix:
    """A weighted sum of names, types and tables; weights set by hand, since only an order is wanted of it."""
    base = np.float32(0.45) * name
    base += np.float32(0.2) * context
    base += np.float32(0.15) * kinds
    base += tables_of(tables.astype(np.float32), *sides)
    return base


def in_context(side: Side) -> list[Name]:
    """The words of each column's table and its own."""
    return [(*side.words.tables[table], *bare) for table, bare in zip(side.table_of, side.words.bare, strict=True)]


def kind_matrix() -> Matrix:
    """How well values of one kind fit another, whichever way they go."""
    matrix = np.full((len(KINDS), len(KINDS)), 0.05, dtype=np.float32)
    np.fill_diagonal(matrix, 1.0)
    for (first, second), likeness in KIND_LIKENESS.items():
        a, b = KINDS.index(first), KINDS.index(second)
        matrix[a, b] = matrix[b, a] = likeness
    return matrix


def tables_of(matrix: Matrix, source: Side, target: Side) -> Matrix:
    """From pairs of tables to pairs of columns."""
    return matrix[np.ix_(source.table_of, target.table_of)]


def tables_by_columns(name: Matrix, source: Side, target: Side) -> tuple[Matrix, Matrix]:
    """How well the columns of a target's table are found in a source's table, and the reverse; rare columns say more.

    Shape (source tables, target tables).
    """
    found = np.maximum.reduceat(name, source.starts, axis=0)
    rarity = 1 / np.maximum(1.0, (found > RARE_FROM).sum(axis=0))
    inside = np.add.reduceat(found * rarity, target.starts, axis=1) / np.add.reduceat(rarity, target.starts)
    found = np.maximum.reduceat(name, target.starts, axis=1)
    rarity = 1 / np.maximum(1.0, (found > RARE_FROM).sum(axis=1, keepdims=True))
    outside = np.add.reduceat(found * rarity, source.starts, axis=0) / np.add.reduceat(rarity, source.starts, axis=0)
    return inside.astype(np.float32), outside.astype(np.float32)


@dataclass(slots=True)
class Comparer:
    """Compares lists of names of two sides; words are weighed by how rare they are in both schemas."""

    dictionary: Dictionary
    lexicon: Lexicon
    source: Side
    target: Side
    counts: Counter[str] = field(init=False)
    total: int = field(init=False)
    comments: tuple[list[Name], list[Name]] = field(init=False)
    places: tuple[dict[str, int], dict[str, int]] = field(init=False)
    """Of each side's words."""
    likeness: Matrix = field(init=False)
    """How alike every two words are."""

    def __post_init__(self) -> None:
        sides = (self.source, self.target)
        names = [name for side in sides for name in (*side.words.columns, *side.words.tables)]
        self.counts = Counter(stem(word) for name in names for word in set(name))
        self.total = len(names)
        mine, theirs = ([remark_words(each.comment, self.lexicon) for each in side.columns] for side in sides)
        self.comments = mine, theirs
        self.places = {}, {}
        for side, comments, places in zip(sides, self.comments, self.places, strict=True):
            Words.of([*side.words.columns, *side.words.tables, *comments], places)
        self.likeness = word_likeness(list(self.places[0]), list(self.places[1]), self.dictionary)

    def names(
        self, source: list[Name], target: list[Name], least: tuple[Half, Half] | None = None
    ) -> tuple[Half, Half, Half]:
        """How alike names are, how far the source's cover the target's, and the reverse.

        least: how far they cover each other at least.
        """
        mine, theirs = Words.of(source, self.places[0]), Words.of(target, self.places[1])
        my_weight = weights(mine, self.counts, self.total, self.dictionary)
        their_weight = weights(theirs, self.counts, self.total, self.dictionary)
        of_target, of_source = coverage(self.likeness, mine, theirs, my_weight, their_weight)
        my_sum = sums(mine, my_weight)[:, None]
        their_sum = sums(theirs, their_weight)[None, :]
        both = of_target * their_sum
        both += of_source * my_sum
        both /= their_sum + my_sum
        covered = of_target.astype(np.float16), of_source.astype(np.float16)
        if least is not None:
            covered = np.maximum(covered[0], least[0]), np.maximum(covered[1], least[1])
        return both.astype(np.float16), *covered

    def remarks(self) -> Half:
        """How far the words of a column's comment on either side cover the other's name; 0 without comments."""
        mine, theirs = self.comments
        found = np.zeros((len(mine), len(theirs)), dtype=np.float16)
        if any(mine):
            found = np.maximum(found, self.names(mine, self.target.words.bare)[1])
        if any(theirs):
            found = np.maximum(found, self.names(self.source.words.bare, theirs)[2])
        return found


def sums(words: Words, weight: Matrix) -> Matrix:
    """The weight of each name."""
    return np.array([max(1e-6, sum(float(weight[place]) for place in name)) for name in words.names], dtype=np.float32)


def remark_words(comment: str, lexicon: Lexicon) -> Name:
    """The words of a comment, at most so many."""
    return tuple(word for word in split_name(comment)[:REMARK_WORDS] if word not in lexicon.dictionary.fillers)
