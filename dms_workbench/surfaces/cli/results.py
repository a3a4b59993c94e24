"""The result of any message in a terminal: a table, a few lines or JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...kernel.messages import Message
from ...kernel.paging import Page
from ...kernel.secrets import Secret
from ...kernel.shown import cell, fields
from . import report, show
from .layout import columns, count, number, shortened, table
from .terminal import Terminal, width

if TYPE_CHECKING:
    from ...features.runs import Run
    from ...workbench import Workbench

CELL_WIDTH = 60
COLUMNS = {
    "Connection": ("name", "database", "url", "has_password", "production", "status", "problem"),
    "Project": ("name", "state", "archived", "description", "version", "changed_at", "id"),
    "MappingVersion": ("name", "sha", "created_at", "created_by", "id"),
}
"""The columns worth showing of things that have many; of others, all that are not for machines."""
VERDICTS = ("works", "intact")
"""Fields of an answer that say no: to the question of a test, which so fails."""
FOR_MACHINES = {"project_id", "organisation_id", "resume_key", "request_key", "settings", "wish", "options"}


def deliver(terminal: Terminal, workbench: Workbench, message: Message[Any]) -> int:
    """Send a message and show its result; returns the exit code."""
    from ...kernel.wire import to_plain

    result = everything(workbench, message if terminal.as_json else for_people(message))
    if terminal.as_json:
        terminal.data(to_plain(result, type(message).use_case.result, reveal=True))
    else:
        terminal.show(text(result))
        terminal.say(left_out(workbench, message))
    return 1 if any(getattr(result, name, True) is False for name in VERDICTS) else 0


def for_people(message: Message[Any]) -> Message[Any]:
    """A list of connections without those made from URLs on the way, unless it was said which ones."""
    from ...features.connections import ListConnections

    every = isinstance(message, ListConnections) and message.ad_hoc is None
    return dataclasses.replace(message, ad_hoc=False) if every else message  # type: ignore[type-var]  # a dataclass


def left_out(workbench: Workbench, message: Message[Any]) -> str:
    """How many a list for people leaves out, and how to see them."""
    if for_people(message) is message:
        return ""
    hidden = workbench.bus.send(dataclasses.replace(message, ad_hoc=True, offset=0, limit=1)).total  # type: ignore[type-var]  # a dataclass
    return f"{count(hidden, 'connection')} made from URLs on the way: --ad-hoc shows them." if hidden else ""


def everything(workbench: Workbench, message: Message[Any]) -> Any:
    """The result; of a numbered list all of it, unless a part was asked for."""
    result = workbench.bus.send(message)
    names = {field.name: field.default for field in dataclasses.fields(message)}  # type: ignore[arg-type]  # frozen at birth
    if not (isinstance(result, list) and {"after", "limit"} <= names.keys()):
        return result
    limit = getattr(message, "limit", 0)
    if limit != names["limit"] or getattr(message, "after", 0) != names["after"]:
        return result
    last = result
    while len(last) == limit:
        last = workbench.bus.send(dataclasses.replace(message, after=last[-1].number))  # type: ignore[type-var]  # a dataclass
        result = result + last
    return result


def text(result: Any) -> str:
    """A result for people."""
    from ...features.runs import Run

    if result is None:
        return "Done."
    if isinstance(result, Run):
        return show.summary(report.full(result), next_of(result))
    if isinstance(result, Page | list | tuple):
        return listing(result)
    if says_itself(result) or not dataclasses.is_dataclass(result):
        return str(result)
    return "\n".join(columns([line for name, item in fields(result) if not blank(item) for line in field(name, item)]))


def field(name: str, item: Any) -> list[list[str]]:
    """The lines of a field: of several sentences one below the other."""
    if isinstance(item, list | tuple) and any(" " in str(part) for part in item):
        return [[title(name) if at == 0 else "", value(part)] for at, part in enumerate(item)]
    return [[title(name), value(item)]]


def next_of(run: Run) -> str:
    """What to type after a command about a run."""
    return f"dms status {run.id}" if run.active else ""


def says_itself(result: Any) -> bool:
    """Has its class words of its own for it?"""
    return any("__str__" in vars(kind) for kind in type(result).__mro__[:-1])


def listing(result: Any, routes: Mapping[str, str] | None = None) -> str:
    """Several things, a line each. routes: of runs, by id of the plan, from where to where they go."""
    from ...features.runs import Run

    items = list(result)
    if not items:
        return "There is none."
    if isinstance(items[0], Run):
        lines = runs(items, routes or {})
    elif says_itself(items[0]) or not dataclasses.is_dataclass(items[0]):
        lines = [str(item) for item in items]
    else:
        lines = things(items)
    if isinstance(result, Page) and result.more:
        rest = f"--offset {result.offset + len(items)}"
        lines += ["", f"  {number(len(items))} of {number(result.total)}; {rest} shows the next."]
    return "\n".join(lines)


def things(items: Sequence[Any]) -> list[str]:
    """Dataclasses as a table; columns that hold nothing, or are for machines, are left out."""
    rows = [dict(fields(item)) for item in items]
    wanted = COLUMNS.get(type(items[0]).__name__, tuple(name for name in rows[0] if name not in FOR_MACHINES))
    names = [
        name for name in wanted if name in rows[0] and not all(blank(row[name]) or row[name] is False for row in rows)
    ]
    right = [at for at, name in enumerate(names) if all(is_number(row[name]) for row in rows)]
    cells = [[shortened(value(row[name]), CELL_WIDTH) for name in names] for row in rows]
    return [shortened(line, width()) for line in table(list(map(title, names)), cells, right=right)]


def runs(items: Sequence[Run], routes: Mapping[str, str]) -> list[str]:
    """Runs as a table; routes: see `listing`."""
    known = any(run.plan_id in routes for run in items)
    cells = [
        [
            run.id,
            run.status.replace("_", " "),
            run.kind,
            number(run.rows_done),
            cell(run.created_at),
            run.created_by,
            count(len(run.tables), "table") if run.tables else "",
            *([routes.get(run.plan_id, "")] if known else []),
        ]
        for run in items
    ]
    header = ["run", "status", "kind", "rows", "begun", "by", "tables", *(["source → target"] if known else [])]
    return table(header, cells, right=[3])


def title(name: str) -> str:
    """A field's name in words."""
    return name.replace("_", " ")


def value(item: Any) -> str:
    """A value in a cell. The secret of a new token is shown here, this once."""
    if isinstance(item, Secret):
        return str(item.reveal())
    return number(item) if is_number(item) and isinstance(item, int) else cell(item)


def is_number(item: Any) -> bool:
    """Is it a number, and no yes or no?"""
    return isinstance(item, int | float) and not isinstance(item, bool)


def blank(item: Any) -> bool:
    """Is there nothing to show?"""
    return item is None or item in ("", (), {})


__all__ = ["deliver", "listing", "text"]
