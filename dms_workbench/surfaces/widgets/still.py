"""A run without a living widget: as HTML for a page that only shows, as text for a terminal, and line by line.

The HTML stays in the notebook file, so a notebook opened again, or turned into a page, shows the last known state and
its time. The living widget hides it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from .run_state import ACCOUNTS, grouped

SHOWN_TABLES = 200
BAR_CELLS = 24
VERDICTS = {"equal": "\u2713 verified", "different": "\u2717 different", "not_verified": "not verified"}
STYLE = (
    ".{name}{{font:13px/1.5 system-ui,sans-serif;max-width:60rem}}"
    ".{name} table{{border-collapse:collapse;font-variant-numeric:tabular-nums}}"
    ".{name} th,.{name} td{{padding:2px 10px;text-align:right;border-bottom:1px solid rgba(128,128,128,.3)}}"
    ".{name} th:first-child,.{name} td:first-child{{text-align:left;padding-left:0;white-space:nowrap}}"
    ".{name} small{{opacity:.75}}"
    # JupyterLab puts "Error displaying widget" below when the kernel that had the widget is gone
    ".jp-OutputArea-child:has(.{name})+.jp-OutputArea-child:has(.jupyter-widgets):not(:has(.jupyter-widgets *))"
    "{{display:none}}"
)


def still_name(model_id: str) -> str:
    """The CSS class by which a living widget finds and hides the still picture of itself."""
    return f"dms-still-{model_id}"


def html(head: Mapping[str, Any], tables: Sequence[Mapping[str, Any]], name: str) -> str:
    """The run as a small table of HTML; every value is escaped.

    name: the CSS class of the whole.
    """
    shown = [html_row(table, columns_of(tables)) for table in tables[:SHOWN_TABLES]]
    titles = "".join(
        f"<th scope='col'>{escape(title)}</th>" for title in ("Table", *map(str.capitalize, columns_of(tables)), "")
    )
    more = f"<p>\u2026 and {grouped(len(tables) - SHOWN_TABLES)} more tables.</p>" if len(tables) > SHOWN_TABLES else ""
    body = f"<table><thead><tr>{titles}</tr></thead><tbody>{''.join(shown)}</tbody></table>{more}" if shown else ""
    lines = "".join(f"<br>{escape(line)}" for line in (*notes(head), *head["told"]))
    return (
        f"<div class='{escape(name)}'><style>{STYLE.format(name=name)}</style>"
        f"<p><strong>{escape(title_of(head))}</strong> \u00b7 {escape(str(head['word']))}{lines}"
        f"<br><small>As of {escape(time_of(head))}</small></p>{body}</div>"
    )


def html_row(table: Mapping[str, Any], columns: Sequence[str]) -> str:
    """One table's line."""
    cells = "".join(f"<td>{grouped(int(table[column]))}</td>" for column in columns)
    return f"<tr><td>{escape(name_of(table))}</td>{cells}<td>{escape(verdict_of(table))}</td></tr>"


def columns_of(tables: Sequence[Mapping[str, Any]]) -> list[str]:
    """The accounts worth a column: read and written always, the others when a table has rows in them."""
    always = ("read", "written")
    return [name for name in ("read", *ACCOUNTS) if name in always or any(table[name] for table in tables)]


def plain(head: Mapping[str, Any], tables: Sequence[Mapping[str, Any]]) -> str:
    """The run as text for a terminal: status, bar, one line per table."""
    lines = [f"{title_of(head)}: {head['word']}", *notes(head)]
    if head["rows_total"] and head["counts_rows"]:
        lines.append(progress(head))
    width = max((len(name_of(table)) for table in tables), default=0)
    lines += [f"  {name_of(table):{width}}  {table_words(table)}" for table in tables[:SHOWN_TABLES]]
    lines += [f"  {line}" for line in head["told"]]
    return "\n".join(lines)


def progress(head: Mapping[str, Any]) -> str:
    """The bar with rows, pace and time left, in one line."""
    comparing = head["phase"] == "verify"
    done, total = ("rows_compared", "rows_to_compare") if comparing else ("rows_done", "rows_total")
    filled = round(min(1.0, head[done] / max(1, head[total])) * BAR_CELLS)
    words = "rows of both sides compared" if comparing else "rows"
    parts = [f"{grouped(head[done])} of {grouped(head[total])} {words}"]
    if head["rows_per_second"]:
        parts.append(f"{grouped(head['rows_per_second'])} rows/s")
    if head["seconds_left"] is not None:
        parts.append(f"{duration(head['seconds_left'])} left")
    return f"[{'#' * filled}{'.' * (BAR_CELLS - filled)}] {', '.join(parts)}"


def table_words(table: Mapping[str, Any]) -> str:
    """One table's books in words: ``read 1 000 = written 990 + quarantined 10, verified``."""
    accounts = [f"{name} {grouped(table[name])}" for name in ACCOUNTS if table[name] or name == "written"]
    verdict = verdict_of(table)
    if table["closes"] is None:
        return f"{grouped(table['rows_total'])} rows: {', '.join(accounts)}"
    sign = "=" if table["closes"] else "\u2260"
    return f"read {grouped(table['read'])} {sign} {' + '.join(accounts)}{f', {verdict}' if verdict else ''}"


def notes(head: Mapping[str, Any]) -> list[str]:
    """The sentence of the status, or what went wrong, what is safe and the next command."""
    error = head["error"]
    if not error:
        return [head["sentence"]] if head["sentence"] else []
    return [error[name] for name in ("message", "safe") if error[name]] + (
        [f"Next: {error['next']}"] if error["next"] else []
    )


def title_of(head: Mapping[str, Any]) -> str:
    """``Migration 0190…``."""
    return f"{head['title']} {head['run_id']}"


def name_of(table: Mapping[str, Any]) -> str:
    """``orders``, or ``tbl_ord -> orders`` where the names differ."""
    source, target = str(table["source"]), str(table["target"])
    return source if source == target else f"{source} \u2192 {target}"


def verdict_of(table: Mapping[str, Any]) -> str:
    """Whether the table was read back equal, in words; empty while that is open."""
    return VERDICTS.get(str(table["verified"]), str(table["verified"]))


def time_of(head: Mapping[str, Any]) -> str:
    """The time of the state, without its decoration: ``2026-11-22 07:31:05 UTC``."""
    return str(head["as_of"])[:19].replace("T", " ") + " UTC"


def duration(seconds: float) -> str:
    """``45 s``, ``3 min 20 s``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
