"""How books, objects, quarantine and differences look in a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from .layout import columns, count, duration, number, shortened, table
from .report import ACCOUNTS
from .terminal import paint, width

ROWS_SHOWN = 20
NAMES_SHOWN = 3
VERDICTS = {"equal": "✓ equal", "different": "✗ different", "not_verified": "· not verified"}
WORDS = {
    "queued": "waiting for a worker",
    "running": "running",
    "succeeded": "succeeded: the books close and the target was read back",
    "succeeded_with_quarantine": "succeeded, with rows in quarantine",
    "differences": "source and target differ",
    "not_verified": "not verified: the rows are there, but it could not be told whether all are equal",
    "failed": "failed",
    "refused": "refused",
    "paused": "paused",
    "cancelled": "cancelled",
    "interrupted": "interrupted: its worker ended before it did",
}
COMPARED = {
    "succeeded": "equal: every row of source and target was compared",
    "succeeded_with_quarantine": "equal but for the rows in quarantine",
}
"""The same for a run that only verifies."""
WISHED = {
    "pause": dict.fromkeys(("queued", "running"), "pausing at the next safe point"),
    "cancel": dict.fromkeys(("queued", "running"), "cancelling at the next safe point"),
}
"""The same for a run that was told to stop, and has not yet."""
HOW = {
    "hashes in both databases": "by hashes that both databases made of each row",
    "rows compared here": "row by row on this machine",
}
"""How a table was compared, in words."""
SINCE = {
    "source": "changed in the source",
    "target": "changed in the target",
    "both": "either side may have changed it",
    "neither": "was different then",
}
"""What is known of a row since the run, in words."""
COLOURS = {
    "succeeded": "green",
    "succeeded_with_quarantine": "yellow",
    "paused": "yellow",
    "running": "cyan",
    "queued": "cyan",
}


def summary(report: dict[str, Any], next_command: str = "") -> str:
    """A whole run: books, objects, quarantine, notes, how it ended and what to do next."""
    parts = [
        books(report["tables"]),
        objects(report["objects"]),
        against(report["objects"]),
        compared(report["tables"]),
        changed(report["tables"]),
        quarantine(report["quarantine"], report["quarantine_total"] or len(report["quarantine"]), report["run_id"]),
        whole(report["tables"]),
        differences(report["tables"]),
        reasons(report["tables"]),
        [f"  Note: {note}" for note in report["notes"]],
        ending(report, next_command),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def books(tables: Sequence[dict[str, Any]]) -> list[str]:
    """One line for each table: read = written + … + quarantined, and what verification found; accounts nobody has are left out."""
    if not tables:
        return []
    used = [name for name in ACCOUNTS if name == "written" or any(row.get(name) for row in tables)]
    rows = [[label(row), *sums(row, used), VERDICTS.get(str(row.get("verified")), "")] for row in tables]
    if len(tables) > 1:
        total = {name: sum(int(row.get(name) or 0) for row in tables) for name in ("read", *used)}
        rows.append([f"{number(len(tables))} tables", *sums(total, used), together(tables)])
    signs = [sign for name in used for sign in ("=" if name == used[0] else "+", name)]
    lines = table(["Table", "read", *signs, "verified"], rows, right=range(1, len(used) * 2 + 2))
    return lines if len(tables) == 1 else [*lines[:-1], lines[1], paint(lines[-1], "bold")]


def label(row: dict[str, Any]) -> str:
    """The table, or both where the names differ."""
    source, target = str(row["source"]), str(row["target"])
    return source if source == target else f"{source} → {target}"


def sums(row: dict[str, Any], used: Sequence[str]) -> list[str]:
    """The numbers of a line, with signs between them."""
    read, accounted = int(row.get("read") or 0), sum(int(row.get(name) or 0) for name in used)
    cells = [number(read)]
    for name in used:
        sign = "+" if name != used[0] else "=" if read == accounted else "≠"
        cells += [sign, number(int(row.get(name) or 0))]
    return cells


def together(tables: Sequence[dict[str, Any]]) -> str:
    """What verification found in all."""
    found = Counter(str(row.get("verified")) for row in tables)
    for verdict in ("different", "not_verified"):
        if found[verdict]:
            return f"{VERDICTS[verdict]}: {number(found[verdict])}"
    return "✓ all equal"


def objects(items: Sequence[dict[str, Any]]) -> list[str]:
    """What became of the schema's objects: counts of what was made, names and reasons of what was left out."""
    if not items:
        return []
    outcomes = Counter((str(item["outcome"]), str(item["kind"])) for item in items)
    lines = [
        f"  Objects {outcome.replace('_', ' ')}: "
        + ", ".join(
            count(many, kind.replace("_", " "), plural(kind))
            for (found, kind), many in outcomes.items()
            if found == outcome
        )
        for outcome in ("created", "altered", "present", "left_out")
        if any(found == outcome for found, _ in outcomes)
    ]
    told: dict[tuple[str, str], list[str]] = {}
    for item in items:
        if item.get("reason"):
            told.setdefault((str(item["kind"]).replace("_", " "), str(item["reason"])), []).append(str(item["name"]))
    lines += [f"    {kind} {named(names)}: {reason}" for (kind, reason), names in told.items()]
    return [shortened(line, width()) for line in lines]


def against(items: Sequence[dict[str, Any]]) -> list[str]:
    """The keys of the first rows that stand against an object, such as those without a parent."""
    lines = []
    for item in items:
        rows = item.get("rows") or ()
        if rows:
            more = int(item.get("rows_total") or 0) - len(rows[:NAMES_SHOWN])
            keys = "; ".join(keyed(row) for row in rows[:NAMES_SHOWN]) + (
                f"; and {number(more)} more" if more > 0 else ""
            )
            lines.append(shortened(f"  Rows against {item['kind']!s} {item['name']}: {keys}", width()))
    return lines


def compared(tables: Sequence[dict[str, Any]]) -> list[str]:
    """How the rows of both sides were compared, by table where not all were compared alike."""
    ways: dict[str, list[str]] = {}
    for row in tables:
        ways.setdefault(HOW.get(str(row.get("compared")), ""), []).append(label(row))
    if len(ways) == 1 and "" not in ways:
        return [f"  {'All tables were' if len(tables) > 1 else 'The table was'} compared {next(iter(ways))}."]
    return [shortened(f"  Compared {way}: {named(found)}", width()) for way, found in ways.items() if way]


def changed(tables: Sequence[dict[str, Any]]) -> list[str]:
    """What lossy rules of the mapping changed."""
    return [
        f"  {count(int(change['values']), 'value')} of {row['target']}.{change['column']} changed by the rule {change['rule']}"
        for row in tables
        for change in row.get("changes") or ()
    ]


def plural(kind: str) -> str:
    """The plural of a kind of object."""
    word = kind.replace("_", " ")
    if word == "row security":
        return word
    return (
        word
        if word == "statistics"
        else f"{word[:-1]}ies"
        if word.endswith("y") and not word.endswith("ey")
        else f"{word}es"
        if word.endswith(("x", "s"))
        else f"{word}s"
    )


def named(names: Sequence[str]) -> str:
    """The first names of a list, and how many more."""
    more = f" and {number(len(names) - NAMES_SHOWN)} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more


def quarantine(rows: Sequence[dict[str, Any]], total: int, run_id: str | None) -> list[str]:
    """The first rows in quarantine with their reasons, and where the others are."""
    if not rows:
        return []
    cells = [
        [str(row["table"]), keyed(row["key"]), str(row["column"] or ""), str(row["reason"])]
        for row in rows[:ROWS_SHOWN]
    ]
    title = f"  {count(total, 'row')} in quarantine" + (f", the first {ROWS_SHOWN}:" if total > ROWS_SHOWN else ":")
    lines = [
        title,
        *(shortened(line, width()) for line in columns([["table", "key", "column", "reason"], *cells], indent="    ")),
    ]
    return (
        lines if total <= ROWS_SHOWN or run_id is None else [*lines, f"    All of them: dms runs quarantine {run_id}"]
    )


def whole(tables: Sequence[dict[str, Any]]) -> list[str]:
    """The tables of which no row could be written, though they have several."""
    return [
        f"  all {count(read, 'row')} of {row['source']} are in quarantine"
        for row in tables
        if (read := int(row.get("read") or 0)) > 1 and read == int(row.get("quarantined") or 0)
    ]


def quarantine_command(run_id: str) -> str:
    """What to do about rows in quarantine."""
    return f"dms runs quarantine {run_id} lists all; correct the mapping or the source rows"


def keyed(key: dict[str, Any]) -> str:
    """A key as ``id=7``."""
    return ", ".join(f"{name}={value}" for name, value in key.items()) or "no key"


def differences(tables: Sequence[dict[str, Any]]) -> list[str]:
    """The first rows that differ, by table."""
    lines: list[str] = []
    for row in tables:
        found = [f for f in row.get("findings") or () if f]
        if found:
            lines.append(f"  {label(row)}: rows that differ" + (f" ({row['reason']})" if row.get("reason") else ""))
            lines += [shortened(line, width()) for line in columns(cells_of(found[:ROWS_SHOWN]), indent="    ")]
            if len(found) > ROWS_SHOWN:
                lines.append(f"    … and {number(len(found) - ROWS_SHOWN)} more: --json lists them")
    return lines


def cells_of(found: Sequence[dict[str, Any]]) -> list[list[str]]:
    """Rows that differ as lines of a table with its header; what is known since the run only where something is."""
    header = ["kind", "key", "columns"]
    cells = [[str(f.get("kind", "")), keyed(f.get("key") or {}), ", ".join(f.get("columns") or ())] for f in found]
    if not any(f.get("since") for f in found):
        return [header, *cells]
    words = [SINCE.get(str(f.get("since")), "") for f in found]
    return [[*header, "since the run"], *([*line, word] for line, word in zip(cells, words, strict=True))]


def reasons(tables: Sequence[dict[str, Any]]) -> list[str]:
    """Why tables are not verified, or different without a row that shows it."""
    return [
        f"  {label(row)}: {row['reason']}" for row in tables if row.get("reason") and not any(row.get("findings") or ())
    ]


def ending(report: dict[str, Any], next_command: str) -> list[str]:
    """The status in words, the run and the next command."""
    status = str(report["status"])
    if report["already_done"]:
        words = f"done and verified at {moment(report['finished_at'])}; nothing was moved now"
    else:
        told = WISHED.get(str(report.get("wish")), {}) | (COMPARED if report.get("kind") == "verify" else {})
        words = told.get(status) or WORDS.get(status, status)
    sign = "✓" if status.startswith("succeeded") else "✗" if status in {"failed", "refused", "differences"} else "·"
    rows = sum(int(row.get("read") or 0) for row in report["tables"])
    took = f" after {duration(report['seconds'])}" if report["seconds"] and not report["already_done"] else ""
    lines = [f"{paint(sign, COLOURS.get(status, 'red'), 'bold')} {paint(words[0].upper() + words[1:], 'bold')}"]
    lines.append(f"  Run {report['run_id']}, {count(rows, 'row')}{took}")
    error = report["error"]
    if error:
        lines.append(f"  {error['message']}")
        lines += [f"  {error['safe']}"] if error.get("safe") else []
    command = next_command or str((error or {}).get("next") or "")
    return [*lines, f"  {paint('Next:', 'bold')} {command}"] if command else lines


def moment(text: str) -> str:
    """An ISO instant as people read it, UTC."""
    return text[:19].replace("T", " ") + " UTC" if text else "an earlier time"
