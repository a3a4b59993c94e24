"""Profiles without the values of personal data: figures stay, what a person could be known by goes."""

from __future__ import annotations

from dataclasses import replace

from .model import ColumnProfile, Profile, TableProfile

MASK = "•••"


def masked(profile: Profile) -> Profile:
    """The profile, values of columns with personal data masked."""
    return replace(profile, tables=tuple(masked_table(table) for table in profile.tables))


def masked_table(table: TableProfile) -> TableProfile:
    """A table's profile, masked."""
    columns = tuple(column if column.personal is None else masked_column(column) for column in table.columns)
    return replace(table, columns=columns)


def masked_column(column: ColumnProfile) -> ColumnProfile:
    """A column's profile without any value: least and greatest, frequent ones, examples, bars and quantiles."""
    return replace(
        column,
        least=None if column.least is None else MASK,
        greatest=None if column.greatest is None else MASK,
        mean=None,
        deviation=None,
        quantiles=(),
        histogram=(),
        top=tuple(replace(each, value=MASK) for each in column.top),
        patterns=tuple(replace(each, form=shape(each.form), example=MASK) for each in column.patterns),
    )


def shape(form: str) -> str:
    """A learned form without characters that stand for themselves."""
    return "".join(letter if letter in "Aa9{}+0123456789@.-/: " else "?" for letter in form)
