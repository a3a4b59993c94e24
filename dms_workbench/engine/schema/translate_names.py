"""Names in a statement of the same product: another schema, another table name, word by word, texts left alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ..databases.catalogue import Catalogue, TableName

WORDS = re.compile(
    r"""
    (?P<dollar>\$(?P<tag>[A-Za-z_]\w*)?\$) | (?P<comment>--[^\n]*|/\*.*?\*/)
    | (?P<text>[eE]'(?:[^'\\]|''|\\.)*'|[xXbBnN]?'(?:[^']|'')*') | (?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]'"]*\](?=\.))
    | (?P<word>[^\W\d][\w$]*) | (?P<other>\s+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
REGCLASS = re.compile(r"\s*::\s*(?:pg_catalog\.)?reg(?:class|type|proc|procedure|namespace)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Renames:
    """How names of the source are called in the target."""

    schemas: Mapping[str, str] = field(default_factory=dict)
    """Schemas that have another name there."""
    tables: Mapping[TableName, TableName] = field(default_factory=dict)
    """Tables that have another name there, apart from their schema."""
    quote: Callable[[str], str] = str
    own: frozenset[str] | None = None
    """In small letters: only these names of a schema go with it, since others there are an extension's; None: all do."""

    def moves(self, schema: str, name: str | None) -> bool:
        """Is this a name of a schema that is called otherwise?"""
        return schema in self.schemas and (self.own is None or name is None or name.lower() in self.own)

    @property
    def any(self) -> bool:
        """Is anything called otherwise?"""
        return bool(self.schemas or self.tables)


@dataclass(slots=True)
class Token:
    """One word of a statement; ``name`` where it may be a name."""

    text: str
    name: str | None = None


def renamed(sql: str, renames: Renames) -> str:
    """A statement with the names of the target. Names inside texts stay, but for those cast to an object's name."""
    if not renames.any:
        return sql
    tokens = list(words(sql, renames))
    out: list[str] = []
    at = 0
    while at < len(tokens):
        at += replace_at(tokens, at, renames, out)
    return "".join(out)


def replace_at(tokens: list[Token], at: int, renames: Renames, out: list[str]) -> int:
    """Write the name that begins here as the target has it; returns how many words that were."""
    name = tokens[at].name
    qualified = name is not None and at + 2 < len(tokens) and tokens[at + 1].text == "."
    behind_point = at > 0 and tokens[at - 1].text == "."
    if name is None or behind_point:
        out.append(tokens[at].text)
        return 1
    second = tokens[at + 2].name if qualified else None
    table = renames.tables.get(TableName(name, second)) if second is not None else None
    if table is not None:
        out.append(f"{renames.quote(table.schema or name)}.{renames.quote(table.name)}")
        return 3
    if qualified and renames.moves(name, second):
        out.append(renames.quote(renames.schemas[name]))
        return 1
    plain = renames.tables.get(TableName(None, name))
    out.append(renames.quote(plain.name) if plain is not None else tokens[at].text)
    return 1


def words(sql: str, renames: Renames) -> Iterator[Token]:
    """The words of a statement; what stands between two dollar signs is a statement again."""
    at = 0
    while at < len(sql):
        found = WORDS.match(sql, at)
        if found is None:
            yield Token(sql[at:])
            return
        at = found.end()
        if found["dollar"]:
            end = sql.find(found["dollar"], at)
            end = len(sql) if end < 0 else end
            yield Token(found["dollar"])
            yield from words(sql[at:end], renames)
            at = end
            if sql.startswith(found["dollar"], at):
                yield Token(found["dollar"])
                at += len(found["dollar"])
        elif found["text"] and REGCLASS.match(sql, at):
            inside = found["text"][1:-1].replace("''", "'")
            yield Token("'" + renamed(inside, renames).replace("'", "''") + "'")
        elif found["quoted"]:
            mark = found["quoted"][0]
            yield Token(found["quoted"], found["quoted"][1:-1].replace(mark * 2, mark))
        else:
            yield Token(found[0], found["word"])


def mentioned(sql: str) -> set[str]:
    """Every word of a statement that may be a name, in small letters; texts are passed over."""
    return {token.name.lower() for token in words(sql, Renames()) if token.name is not None}


def own_names(catalogue: Catalogue) -> frozenset[str] | None:
    """The names of a schema's own objects in small letters, where extensions may have theirs beside them; else None."""
    if not any(other.kind == "extension" for other in catalogue.others):
        return None
    kinds = (catalogue.tables, catalogue.views, catalogue.sequences, catalogue.types, catalogue.routines)
    found = {thing.name.name.lower() for things in kinds for thing in things}
    for table in catalogue.tables:
        found |= {index.name.lower() for index in table.indexes}
        found |= {key.name.lower() for key in table.unique_keys if key.name}
        for column in table.columns:
            found |= mentioned(dict(column.options).get("sequence", "")) | {(column.sequence or "").lower()}
    for other in catalogue.others:
        if other.kind != "extension":
            found |= {other.name.lower()} | mentioned(other.definition)
    return frozenset(found)
