"""The names of two schemas as words, read by one dictionary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field

from .dictionary import Dictionary
from .outline import SchemaOutline
from .words import Cutter, split_name, stem

Name = tuple[str, ...]

NO_KEYS = frozenset({"kid", "did"})
"""Words of three letters that end like a key."""


@dataclass(slots=True)
class SideWords:
    """The names of one schema as words; columns in the order of tables and within them."""

    tables: list[Name]
    columns: list[Name]
    """As they are."""
    bare: list[Name]
    """Without words of the table's own name, and of a prefix that (nearly) all columns of a table share."""


@dataclass(slots=True)
class Lexicon:
    """Turns names of two schemas into words: each is cut by the words that the other, too, is made of."""

    dictionary: Dictionary
    cutter: Cutter = field(init=False)
    cache: dict[str, Name] = field(default_factory=dict)

    @staticmethod
    def of(dictionary: Dictionary, schemas: Iterable[SchemaOutline]) -> Lexicon:
        """The lexicon of these schemas."""
        lexicon = Lexicon(dictionary)
        own = [piece for schema in schemas for name in names_in(schema) for piece in split_name(name)]
        lexicon.cutter = Cutter(dictionary.words, own)
        return lexicon

    def words(self, name: str) -> Name:
        """The words of a name, abbreviations of several words spelled out."""
        if name not in self.cache:
            self.cache[name] = tuple(word for piece in split_name(name) for word in self.of_piece(piece)) or (name,)
        return self.cache[name]

    def of_piece(self, piece: str) -> Iterable[str]:
        """The words of a piece between two underscores or capitals."""
        if self.meanings(piece) is not None:
            return self.of_part(piece)
        return (word for part in self.cutter.cut(piece) for word in self.of_part(part))

    def of_part(self, part: str) -> Name:
        """A part with an abbreviation of several words spelled out; ``uid`` is u, id."""
        meanings = self.meanings(part)
        if meanings is not None and len(meanings) == 1 and len(next(iter(meanings))) > 1:
            return next(iter(meanings))
        if meanings is None and len(part) == 3 and part.endswith("id") and part not in NO_KEYS:
            return part[0], "id"
        return (part,)

    def meanings(self, part: str) -> set[Name] | None:
        """What an abbreviation stands for; None if it is none."""
        return self.dictionary.meanings.get(part)

    def side(self, schema: SchemaOutline) -> SideWords:
        """All names of a schema."""
        prefixes = shared_words([self.words(table.name) for table in schema.tables], 3)
        tables = [without(self.words(table.name), prefixes) for table in schema.tables]
        columns, bare = [], []
        for table, table_words in zip(schema.tables, tables, strict=True):
            names = [self.words(column.name) for column in table.columns]
            own = {stem(word) for word in table_words}
            common = shared_words(names, 2)
            columns += names
            bare += [without(name, common, own) for name in names]
        return SideWords(tables, columns, bare)


def names_in(schema: SchemaOutline) -> Iterable[str]:
    """Names of tables and columns."""
    for table in schema.tables:
        yield table.name
        yield from (column.name for column in table.columns)


def shared_words(names: Sequence[Name], fewest: int) -> set[str]:
    """First words that at least nine tenths of the names have in common, where there are enough names."""
    counts = Counter(name[0] for name in names if len(name) > 1)
    return {word for word, count in counts.items() if count >= max(fewest, 0.9 * len(names))}


def without(name: Name, first: Container[str], anywhere: Container[str] = ()) -> Name:
    """The name without a first word and without some words anywhere; as it is, where nothing would be left."""
    left = name[1:] if name[0] in first and len(name) > 1 else name
    rest = tuple(word for word in left if stem(word) not in anywhere)
    return rest or left
