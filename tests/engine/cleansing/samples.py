"""A table of persons with planted errors, and what each value should be."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

ROWS = 400
COLUMNS = ("full_name", "email", "phone", "city", "country", "born", "active", "amount", "remark")
Person = dict[str, str | None]


def clean(number: int) -> Person:
    """A row as it should be."""
    return {
        "full_name": f"Ana Ruiz {number}",
        "email": f"user{number}@example.org",
        "phone": f"+4930{1_000_000 + number}",
        "city": ("Berlin", "Hamburg", "Leipzig")[number % 3],
        "country": ("DE", "FR", "ES", "IT", "AT", "CH")[number % 6],
        "born": f"19{60 + number % 40}-0{1 + number % 9}-1{number % 10}",
        "active": "yes" if number % 2 else "no",
        "amount": f"{number}.50",
        "remark": f"R&D {number}",
    }


def dirty(number: int) -> Person:
    """The same row as the source has it."""
    row = clean(number)
    year, month, day = str(row["born"]).split("-")
    planted: list[tuple[int, str, str]] = [
        (9, "full_name", f" Ana Ruiz {number}"),
        (11, "email", f" User{number}@Example.org"),
        (13, "phone", f"0049 (30) {1_000_000 + number}"),
        (40, "city", str(row["city"]).upper()),
        (19, "born", f"{day}.{month}.{year}"),
        (50, "active", "Y" if number % 2 else "N"),
        (23, "amount", f"EUR {number}.50"),
        (7, "remark", f"R&amp;D {number}"),
    ]
    for every, column, value in planted:
        if number % every == 3:
            row[column] = value
    if number % 18 == 0:
        row["country"] = "Germany"
    return row | ({"phone": "call me", "born": "1999-02-31"} if number == 5 else {})


def make(path: Path) -> str:
    """The SQLite file."""
    with closing(sqlite3.connect(path)) as file:
        file.execute(f"create table person (id integer primary key, {', '.join(f'{name} text' for name in COLUMNS)})")
        marks = ", ".join("?" * (len(COLUMNS) + 1))
        rows = [(number, *(dirty(number)[name] for name in COLUMNS)) for number in range(ROWS)]
        file.executemany(f"insert into person values ({marks})", rows)
        file.commit()
    return str(path)
