"""Suggestions of what each table and column of a target is made of, with confidence and reasons."""

from .dictionary import (
    Dictionary,
    InvalidDictionary,
    own_dictionary,
    read_dictionary,
    shipped_dictionary,
    shipped_text,
)
from .outline import ColumnOutline, LinkOutline, SchemaOutline, TableOutline, outline_of
from .suggest import ASSIGNED, CONFIDENT, Candidate, ColumnSuggestion, Suggestions, TableSuggestion, suggest

__all__ = [
    "ASSIGNED",
    "CONFIDENT",
    "Candidate",
    "ColumnOutline",
    "ColumnSuggestion",
    "Dictionary",
    "InvalidDictionary",
    "LinkOutline",
    "SchemaOutline",
    "Suggestions",
    "TableOutline",
    "TableSuggestion",
    "outline_of",
    "own_dictionary",
    "read_dictionary",
    "shipped_dictionary",
    "shipped_text",
    "suggest",
]
