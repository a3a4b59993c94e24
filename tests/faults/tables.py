"""Other tables for a scene than the usual ones, and what its books must say."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from tests.faults.scene import TABLES, Scene

FINISHED = ("succeeded", "succeeded_with_quarantine")


def anew(scene: Scene, sql: str) -> None:
    """Let the source hold these tables instead of the usual ones."""
    if scene.source_product == "sqlite":
        import sqlite3

        path = scene.source.partition("///")[2]
        Path(path).unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as file:
            file.executescript(sql)
        return
    if not scene.filled:
        pass
    elif scene.source_product == "postgres":
        scene.in_source(f"drop view few; drop table {', '.join(TABLES)} cascade; drop type mood")
    else:
        scene.in_source(f"set foreign_key_checks = 0; drop table {', '.join(TABLES)}; set foreign_key_checks = 1")
    scene.in_source(sql)


def rows_of(scene: Scene, side: str, sql: str) -> list[tuple[Any, ...]]:
    """A query on either side, whatever the product."""
    product, url = (scene.source_product, scene.source) if side == "source" else (scene.target_product, scene.target)
    if product == "sqlite":
        import sqlite3

        with closing(sqlite3.connect(url.partition("///")[2])) as file:
            file.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
            found = file.execute(sql).fetchall()
            file.commit()
            return found
    if product == "duckdb":
        import duckdb

        with duckdb.connect(url.partition("///")[2]) as file:
            return [tuple(row) for row in file.execute(sql).fetchall()]
    return scene.in_source(sql) if side == "source" else scene.in_target(sql)


def count(scene: Scene, side: str, table: str) -> int:
    """Rows of a table."""
    return int(rows_of(scene, side, f"select count(*) from {table}")[0][0])


def expect_exact_books(scene: Scene, result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each table's rows are all accounted for, by counts that the databases give; the tables by name."""
    assert result.get("status") in FINISHED, brief(result)
    tables = {table["source"]: table for table in result["tables"]}
    for name, table in tables.items():
        there = (count(scene, "source", name), count(scene, "target", name))
        assert table["read"] == there[0], (name, table, there)
        assert table["read"] == table["written"] + table["filtered"] + table["quarantined"], (name, table)
        assert table["written"] == there[1], (name, table, there)
        assert table["verified"] == "equal", (name, table)
    assert result["quarantine_total"] == sum(table["quarantined"] for table in tables.values()), brief(result)
    for row in result["quarantine"]:
        assert row["reason"], row
        assert row["code"], row
    return tables


def expect_message(result: dict[str, Any], *words: str) -> None:
    """An error that says what happened, what is safe and what to do next, with these words in it."""
    error = result.get("error") or {}
    said = " ".join(str(error.get(part) or "") for part in ("message", "safe", "next", "where"))
    assert error.get("code"), brief(result)
    assert error.get("message"), error
    assert error.get("next"), error
    missing = [word for word in words if word not in said]
    assert not missing, (missing, error)


def brief(result: dict[str, Any]) -> dict[str, Any]:
    """What matters of a result."""
    names = ("status", "error", "code", "message", "notes", "quarantine_total")
    tables = [
        {name: table[name] for name in ("source", "read", "written", "quarantined", "verified", "reason")}
        for table in result.get("tables", ())
    ]
    return {**{name: result.get(name) for name in names if result.get(name)}, "tables": tables}
