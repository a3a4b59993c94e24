"""A comparison as a page of its own: nothing from elsewhere, light and dark, filtered by severity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from itertools import groupby

from .diff_model import SEVERITIES, Difference, Rename

CHANGES = {"missing": "missing", "extra": "extra", "changed": "changed"}
ORIGINS = {"ours": "changed by us", "theirs": "changed by them", "both": "both alike", "conflict": "conflict"}
STYLE = """
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1c2430;--dim:#5c6675;--line:#e1e5ea;--code:#f1f3f6;
--breaking:#b3261e;--risky:#8a5a00;--harmless:#2f6b3a;--breaking-bg:#fce8e6;--risky-bg:#fdf1d7;--harmless-bg:#e4f3e6;--ask:#3551b5;--ask-bg:#e8ecfb}

@media(prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1a2029;--ink:#e4e9f0;--dim:#98a3b3;--line:#2b3340;--code:#11151b;
--breaking:#ff9d94;--risky:#f0c065;--harmless:#8fd19b;--breaking-bg:#41201e;--risky-bg:#3a2f16;--harmless-bg:#1d3423;--ask:#aebcff;--ask-bg:#232b4d}
}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:66rem;margin:0 auto;padding:2.2rem 1.2rem 4rem}
h1{font-size:1.5rem;margin:0 0 .8rem;letter-spacing:-.01em}
h2{font-size:1.02rem;margin:0;font-weight:650;overflow-wrap:anywhere}
.sides{display:grid;grid-template-columns:1fr auto 1fr;gap:.9rem;align-items:center;margin-bottom:1.4rem}
.side{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:.7rem 1rem;overflow-wrap:anywhere}
.side small{display:block;color:var(--dim)}
.arrow{color:var(--dim);font-size:1.3rem}
.filters{display:flex;flex-wrap:wrap;gap:.5rem;margin-bottom:1.2rem}
.filters{position:sticky;top:0;background:var(--bg);padding:.6rem 0;z-index:1}

.filters label{cursor:pointer;user-select:none}
.filters label{border:1px solid var(--line);border-radius:999px;padding:.25rem .85rem;background:var(--card)}


.filters input{position:absolute;opacity:0}.filters label:has(:checked){border-color:currentColor;font-weight:600}
.filters label:not(:has(:checked)){opacity:.55}
.filters label:has(:focus-visible){outline:2px solid var(--ask);outline-offset:2px}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;margin-bottom:1rem;overflow:hidden}
section>header{padding:.7rem 1rem;border-bottom:1px solid var(--line);display:flex;justify-content:space-between;gap:1rem}
section>header span{color:var(--dim);white-space:nowrap}
.row{padding:.7rem 1rem;border-bottom:1px solid var(--line);display:grid;grid-template-columns:6.2rem 1fr;gap:.2rem .9rem}
.row:last-child{border-bottom:0}
.badge{justify-self:start;align-self:start;border-radius:999px;padding:.08rem .6rem;font-size:.8rem;font-weight:600}

.breaking{color:var(--breaking)}.risky{color:var(--risky)}.harmless{color:var(--harmless)}.ask{color:var(--ask)}
.badge.breaking{background:var(--breaking-bg)}.badge.risky{background:var(--risky-bg)}
.badge.harmless{background:var(--harmless-bg)}.badge.ask{background:var(--ask-bg)}
.what{overflow-wrap:anywhere}.what b{font-weight:600}.facts{color:var(--dim);overflow-wrap:anywhere}
.facts code{color:var(--ink)}.why{color:var(--dim);font-size:.9rem}
code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
code{background:var(--code);border-radius:4px;padding:.05rem .3rem}
pre{background:var(--code);border-radius:6px;padding:.6rem .8rem;margin:.4rem 0 0;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere}

details{grid-column:2}summary{cursor:pointer;color:var(--dim);font-size:.9rem}
.gone{color:var(--breaking);font-size:.85rem;font-weight:600}
.origin{font-size:.8rem;border:1px solid var(--line);border-radius:4px;padding:0 .35rem;color:var(--dim)}
.origin.conflict{color:var(--breaking);border-color:currentColor}
.equal{padding:2.5rem;text-align:center;font-size:1.1rem}.notes{color:var(--dim);font-size:.9rem}
ul.why{margin:.2rem 0 0;padding-left:1.1rem}.hidden{display:none}
@media(max-width:40rem){.sides{grid-template-columns:1fr}.arrow{justify-self:center;transform:rotate(90deg)}
.row{grid-template-columns:1fr}details{grid-column:1}}
@media print{.filters{display:none}}
"""
SCRIPT = """
const boxes=[...document.querySelectorAll('.filters input')];
function show(){const on=new Set(boxes.filter(b=>b.checked).map(b=>b.value));
document.querySelectorAll('.row[data-severity]').forEach(r=>r.classList.toggle('hidden',!on.has(r.dataset.severity)));
document.querySelectorAll('section').forEach(s=>s.classList.toggle('hidden',!s.querySelector('.row:not(.hidden)')))}
boxes.forEach(b=>b.addEventListener('change',show));
"""  # fmt: skip


def differences_page(
    first: str, second: str, differences: Sequence[Difference], renames: Sequence[Rename], notes: Sequence[str]
) -> str:
    """The whole page. first, second: what the sides are called."""
    body = contents(differences, renames, notes)
    sides = f"{side(first, 'as it shall be')}<div class=arrow aria-hidden=true>→</div>{side(second, 'what the statements are for')}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Schema differences</title><style>{STYLE}</style></head><body><main><h1>Schema differences</h1>"
        f'<div class="sides">{sides}</div>{filters(differences, renames)}{body}</main><script>{SCRIPT}</script></body></html>\n'
    )


def differences_html(
    first: str, second: str, differences: Sequence[Difference], renames: Sequence[Rename], notes: Sequence[str]
) -> str:
    """The same for a cell of a notebook: tables without style of their own."""
    rows = "".join(
        f"<tr><td>{escape(each.severity)}</td><td style='text-align:left'>{escape(what(each))}</td>"
        f"<td style='text-align:left'>{escape(facts_text(each))}</td>"
        f"<td style='text-align:left'><code>{escape('; '.join(each.resolution.every) or each.resolution.unresolved)}"
        f"</code></td></tr>"
        for each in differences
    )
    asked = "".join(f"<li>rename? {escape(str(rename))}</li>" for rename in renames)
    said = "".join(f"<p>{escape(note)}</p>" for note in notes)
    head = "<tr><th>Severity</th><th>What</th><th>Facts</th><th>Resolved by</th></tr>"
    table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>" if rows else ""
    equal = "" if rows or asked else "<p>Equal.</p>"
    return f"<p>{escape(first)} → {escape(second)}</p>{equal}<ul>{asked}</ul>{table}{said}"


def side(label: str, role: str) -> str:
    """One side's name."""
    return f'<div class="side"><small>{escape(role)}</small>{escape(label)}</div>'


def filters(differences: Sequence[Difference], renames: Sequence[Rename]) -> str:
    """A switch for each severity that there is."""
    counts = Counter(each.severity for each in differences)
    boxes: list[tuple[str, int, str]] = [(name, counts[name], name) for name in SEVERITIES if counts[name]]
    boxes += (
        [("ask", len(renames), "rename to answer" if len(renames) == 1 else "renames to answer")] if renames else []
    )
    found = "".join(
        f'<label class="{name}"><input type="checkbox" value="{name}" checked>{number} {label}</label>'
        for name, number, label in boxes
    )
    return f'<div class="filters" role="group" aria-label="Show">{found}</div>' if found else ""


def contents(differences: Sequence[Difference], renames: Sequence[Rename], notes: Sequence[str]) -> str:
    """Questions first, then a card for each table or object."""
    parts = []
    if renames:
        rows = "".join(map(rename_row, renames))
        parts.append(f"<section><header><h2>Renames?</h2><span>{len(renames)}</span></header>{rows}</section>")
    ordered = sorted(differences, key=lambda each: (each.table or each.name).casefold())
    for place, group in groupby(ordered, key=lambda each: each.table or each.name):
        found = sorted(group, key=lambda each: SEVERITIES.index(each.severity))
        number = f"{len(found)} difference{'' if len(found) == 1 else 's'}"
        rows = "".join(map(row, found))
        parts.append(f"<section><header><h2>{escape(place)}</h2><span>{number}</span></header>{rows}</section>")
    if not parts:
        parts.append('<section><div class="row equal">The schemas are equal.</div></section>')
    return "".join(parts) + "".join(f'<p class="notes">{escape(note)}</p>' for note in notes)


def row(each: Difference) -> str:
    """One difference."""
    origin = f' <span class="origin {each.origin}">{ORIGINS[each.origin]}</span>' if each.origin else ""
    why = f'<div class="why">{escape(each.why)}</div>' if each.why else ""
    return (
        f'<div class="row" data-severity="{each.severity}"><span class="badge {each.severity}">{each.severity}</span>'
        f'<div><div class="what">{bold(each)}{origin}</div><div class="facts">{facts(each)}</div>{why}</div>{resolved(each)}</div>'
    )


def bold(each: Difference) -> str:
    """What it is about."""
    name = each.name.removeprefix(f"{each.table}.") if each.table else each.name
    aspect = f" · {escape(each.aspect)}" if each.aspect else f" · {CHANGES[each.change]}"
    return f"{escape(each.kind)} <b>{escape(name)}</b>{aspect}"


def what(each: Difference) -> str:
    """The same as plain text."""
    return f"{each.kind} {each.name}: {each.aspect or CHANGES[each.change]}"


def facts(each: Difference) -> str:
    """Both sides' facts."""
    if each.change == "missing":
        return f"<code>{escape(each.first or '')}</code>"
    if each.change == "extra":
        return f"<code>{escape(each.second or '')}</code>"
    shown = [f"<code>{escape(text)}</code>" if text is not None else "none" for text in (each.second, each.first)]
    base = f" (was <code>{escape(each.base)}</code>)" if each.base is not None else ""
    return f"{shown[0]} → {shown[1]}{base}"


def facts_text(each: Difference) -> str:
    """The same as plain text."""
    if each.change != "changed":
        return each.first or each.second or ""
    return f"{each.second or 'none'} → {each.first or 'none'}"


def resolved(each: Difference) -> str:
    """The statements, folded."""
    if each.resolution.unresolved:
        return (
            f"<details><summary>no statement</summary><p class=why>{escape(each.resolution.unresolved)}</p></details>"
        )
    if not each.resolution.every:
        return ""
    gone = ' <span class="gone">destructive: not part of the script</span>' if each.resolution.destructive else ""
    text = escape(";\n".join(each.resolution.every) + ";")
    return f"<details><summary>statement{gone}</summary><pre>{text}</pre></details>"


def rename_row(rename: Rename) -> str:
    """One question."""
    place = f"{rename.table}." if rename.table else ""
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in rename.evidence)
    return (
        f'<div class="row" data-severity="ask"><span class="badge ask">{rename.confidence:.0%} sure</span>'
        f'<div><div class="what">{rename.kind} <b>{escape(place + rename.second)}</b> → <b>{escape(rename.first)}</b></div>'
        f'<ul class="why">{reasons}</ul></div></div>'
    )
