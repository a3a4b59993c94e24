"""The dictionary of words in names: abbreviations, synonyms, opposites; a text file that people edit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files

from ...kernel.errors import UsageError
from .words import stem


@dataclass(slots=True)
class Dictionary:
    """What words mean; every word in small letters, plurals and endings taken off."""

    meanings: dict[str, set[tuple[str, ...]]] = field(default_factory=dict)
    """An abbreviation and the words each of its meanings consists of."""
    synonyms: dict[str, set[str]] = field(default_factory=dict)
    opposites: dict[str, set[str]] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)
    """What run-together names are cut into."""
    fillers: set[str] = field(default_factory=set)
    """Words that say little."""

    def copy(self) -> Dictionary:
        """One that can be added to without changing this one."""
        synonyms, opposites = (
            {word: set(others) for word, others in each.items()} for each in (self.synonyms, self.opposites)
        )
        meanings = {short: set(known) for short, known in self.meanings.items()}
        return Dictionary(meanings, synonyms, opposites, set(self.words), set(self.fillers))

    def add(self, line: str) -> None:
        """Take a line in; the file's head says what lines look like. Raises ValueError for one that is none of them."""
        text = line.strip().lower()
        if not text or text.startswith("#"):
            return
        if text[0] in "+-":
            target = self.words if text[0] == "+" else self.fillers
            target.update(text[1:].split())
        elif "<>" in text:
            self.relate(self.opposites, text.split("<>"))
        elif "~" in text:
            self.relate(self.synonyms, text.split("~"))
        elif "=" in text:
            short, _, meaning = text.partition("=")
            words = tuple(meaning.split())
            if not words or not short.strip():
                raise ValueError(line)
            self.meanings.setdefault(short.strip(), set()).add(tuple(stem(word) for word in words))
            self.words.update(words)
        else:
            raise ValueError(line)

    def relate(self, related: dict[str, set[str]], words: list[str]) -> None:
        """Every two of the words, in both orders."""
        known = [stem(word.strip()) for word in words]
        self.words.update(word.strip() for word in words)
        for first in known:
            related.setdefault(first, set()).update(other for other in known if other != first)


class InvalidDictionary(
    UsageError, code="invalid-dictionary", next="dms mappings dictionary shows what lines may look like."
):
    """Line {line} of the dictionary is no entry: {text}."""


def read_dictionary(lines: Iterable[str]) -> Dictionary:
    """A dictionary from its lines. Raises InvalidDictionary, naming the line's number and text."""
    dictionary = Dictionary()
    for number, line in enumerate(lines, 1):
        try:
            dictionary.add(line)
        except ValueError:
            raise InvalidDictionary(line=number, text=repr(line.strip()[:60])) from None
    return dictionary


def shipped_text() -> str:
    """The lines of the dictionary that comes with the package."""
    return (files(__package__) / "dictionary.txt").read_text(encoding="utf-8")


@cache
def shipped_dictionary() -> Dictionary:
    """The dictionary that comes with the package; it is shared, so nobody changes it."""
    return read_dictionary(shipped_text().splitlines())


@lru_cache(maxsize=8)
def own_dictionary(text: str) -> Dictionary:
    """The shipped dictionary and a person's own, whose meanings of an abbreviation come instead of the shipped ones.

    Raises InvalidDictionary.
    """
    own = read_dictionary(text.splitlines())
    both = read_dictionary([*shipped_text().splitlines(), *text.splitlines()])
    both.meanings |= own.meanings
    return both
