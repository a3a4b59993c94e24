"""What an undo did or would do, as lines of text."""

from __future__ import annotations

from typing import Any

LOOKED_AT = {
    "deleted": ("of the run to take out", "of the run to take out"),
    "restored": ("to give back its values of before", "to give back their values of before"),
    "brought_back": ("of before to bring back", "of before to bring back"),
    "left": ("of the run to leave as it is", "of the run to leave as they are"),
}
"""Figures of an undo that is only looked at -> what they mean, of one row and of several."""
DONE_WITH = {
    "deleted": ("of the run taken out", "of the run taken out"),
    "restored": ("given back its values of before", "given back their values of before"),
    "brought_back": ("of before brought back", "of before brought back"),
    "left": ("of the run left as it is", "of the run left as they are"),
}


def undo_lines(result: dict[str, Any]) -> list[str]:
    """What an undo did or would do, a line a table and object, and what proves it."""
    if "undo" not in result:
        return []
    lines = [line for table in result["undo"] for line in table_lines(table, preview=result.get("preview", False))]
    lines += [f"  {object_line(item)}" for item in result.get("objects", ())]
    lines += [f"  {column}: its counter is set back" for column in result.get("counters", ())]
    return lines + structure_lines(result.get("structure"))


def table_lines(table: dict[str, Any], *, preview: bool) -> list[str]:
    """One table of an undo."""
    words = LOOKED_AT if preview else DONE_WITH
    figures = [f"{counted_rows(table[name])} {said[table[name] > 1]}" for name, said in words.items() if table[name]]
    reason = f" ({table['reason']})" if table["reason"] else ""
    lines = [f"  {table['target']}: {', '.join(figures) or 'no rows of the run'}{reason}"]
    lines += [f"    stays: {', '.join(f'{name}={value}' for name, value in key.items())}" for key in table["keys"]]
    return lines + ([f"    proof: {table['proof']}"] if table.get("proof") else [])


def object_line(item: dict[str, Any]) -> str:
    """One object of an undo."""
    if item["outcome"] != "dropped":
        return f"{item['kind']} {item['name']}: stays: {item['reason']}"
    return f"{item['kind']} {item['name']}: dropped" + (f" ({item['reason']})" if item["reason"] else "")


def structure_lines(structure: dict[str, Any] | None) -> list[str]:
    """What comparing the target's objects with those before the run showed."""
    if structure is None:
        return []
    if not structure["known"]:
        return ["  proof: the objects before the run were not noted, so they were not compared"]
    equal, different = structure["equal"], structure["different"]
    said = "1 object is as before" if equal == 1 else f"{equal:,} objects are as before"
    said += f"; {len(different):,} not:" if different else ", and there is no other"
    return [f"  proof: {said}", *(f"    {each}" for each in different)]


def counted_rows(count: int) -> str:
    """A number of rows in words."""
    return "1 row" if count == 1 else f"{count:,} rows"
