"""Tables with planted defects and the truth about them, written as the scorer of dirty data reads them."""

from __future__ import annotations

import csv
import json
import random
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Row = dict[str, str]


@dataclass(slots=True)
class Case:
    """Tables with their keys, and what was done to them."""

    seed: int
    chance: random.Random = field(init=False)
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    clean: dict[str, list[Row]] = field(default_factory=dict)
    dirty: dict[str, list[Row]] = field(default_factory=dict)
    truth: list[dict[str, object]] = field(default_factory=list)
    personal: dict[str, dict[str, str]] = field(default_factory=dict)
    used: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def table(self, name: str, key: Sequence[str], rows: list[Row]) -> None:
        """Add a clean table."""
        self.keys[name], self.clean[name] = tuple(key), rows

    def spoil(
        self, name: str, column: str, kind: str, fix: str, how: Callable[[Row], str | None], times: int = 6
    ) -> None:
        """Change a column in some rows that were not touched before; ``how`` gives the wrong value, None to leave the row alone."""
        rows = self.dirty.setdefault(name, [dict(row) for row in self.clean[name]])
        for row in self.chance.sample(rows, len(rows)):
            key = self.key(name, row)
            wrong = how(row) if (name, key) not in self.used else None
            if wrong is None or wrong == row[column]:
                continue
            self.used.add((name, key))
            self.truth.append(
                {
                    "id": len(self.truth),
                    "kind": kind,
                    "table": name,
                    "key": key,
                    "column": column,
                    "clean": row[column],
                    "dirty": wrong,
                    "severity": "error",
                    "fix": fix,
                }
            )
            row[column] = wrong
            times -= 1
            if not times:
                return

    def repeat(self, name: str, times: int = 5) -> None:
        """Rows that are there twice."""
        rows = self.dirty.setdefault(name, [dict(row) for row in self.clean[name]])
        for row in self.chance.sample([row for row in rows if (name, self.key(name, row)) not in self.used], times):
            self.used.add((name, self.key(name, row)))
            rows.append(dict(row))
            self.truth.append(
                {
                    "id": len(self.truth),
                    "kind": "duplicate",
                    "table": name,
                    "key": self.key(name, row),
                    "column": None,
                    "clean": None,
                    "dirty": None,
                    "severity": "error",
                    "fix": "merge",
                }
            )

    def key(self, name: str, row: Row) -> str:
        """A row's key as the scorer writes it."""
        return "|".join(row[column] for column in self.keys[name])

    def write(self, folder: Path) -> None:
        """All files."""
        for part in ("clean", "dirty"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(folder / "dirty.sqlite")
        for name, clean in self.clean.items():
            dirty = self.dirty.get(name, clean)
            columns = list(clean[0])
            for part, rows in (("clean", clean), ("dirty", dirty)):
                with (folder / part / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                    writer = csv.DictWriter(file, columns)
                    writer.writeheader()
                    writer.writerows(rows)
            database.execute(f"CREATE TABLE {name} ({', '.join(f'{column} TEXT' for column in columns)})")
            marks = ", ".join("?" * len(columns))
            database.executemany(f"INSERT INTO {name} VALUES ({marks})", [list(row.values()) for row in dirty])
        database.commit()
        database.close()
        content = {
            "primary_keys": {name: list(key) for name, key in self.keys.items()},
            "pii": self.personal,
            "truth": self.truth,
        }
        content |= {"hard_kinds": [], "not_pii": {}, "rules": []}
        (folder / "truth.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
