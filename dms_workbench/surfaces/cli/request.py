"""What ``dms migrate`` and ``dms verify`` are asked: from options to messages, and the key by which a repetition is known."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit

import click

from ...kernel.secrets import Secret
from .command import comma_lists
from .files import read_text
from .run_options import together

if TYPE_CHECKING:
    from ...features.connections import Connection
    from ...features.plans import PlanSummary
    from ...workbench import Workbench

COMPARED = {
    "source_schema": (),
    "target_schema": None,
    "tables": (),
    "exclude": (),
    "where": (),
    "subset": None,
    "mapping": None,
    "names": "keep",
    "ledger_schema": "dms_ledger",
    "mode": "create",
    "keys": (),
    "project": "default",
}
"""The options that say what is compared, and what is taken when they are left out."""
MODES = ["create", "append", "replace", "upsert", "insert-missing"]
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Request:
    """What to move. ``plan`` holds the fields of CreatePlan that say which rows go where and how."""

    source: Secret[str]
    target: Secret[str]
    project: str
    plan: dict[str, Any]

    @staticmethod
    def of(source: str, target: str, project: str, mapping: str | None, **plan: Any) -> Request:
        """A request from the options of a command; reads the mapping file. Raises TextUnreadable."""
        fields = {**plan, **schemas_of(plan.get("source_schema", ()))}
        if mapping is not None:
            fields |= {"mapping_text": read_text(mapping), "mapping_path": mapping}
        return Request(Secret(source), Secret(target), project, fields)


def schemas_of(named: tuple[str, ...]) -> dict[str, Any]:
    """``--source-schema`` as the plan's fields: one schema, or several by names and patterns."""
    several = len(named) > 1 or any(set(name) & set("*?[") for name in named)
    return {"source_schema": None if several or not named else named[0], "source_schemas": named if several else ()}


@dataclass(frozen=True, slots=True)
class Places:
    """The project and both connections of a request."""

    project_id: str
    source: Connection
    target: Connection

    @staticmethod
    def of(workbench: Workbench, request: Request) -> Places:
        """Look them up; made where there are none yet. Raises InvalidProjectName and the errors of URLs."""
        project = workbench.projects.ensure(request.project)
        return Places(
            project.id,
            workbench.connections.ensure(project.id, request.source),
            workbench.connections.ensure(project.id, request.target),
        )


def request_key(request: Request, places: Places) -> str:
    """The hash of a command's normal form; tuning, passwords and where the mapping file lies are left out."""
    fields = {name: sorted(value) if isinstance(value, tuple) else value for name, value in request.plan.items()}
    fields.pop("mapping_path", None)
    form = [places.project_id, places.source.url, places.target.url, fields]
    return hashlib.sha256(json.dumps(form, sort_keys=True, default=str).encode("utf-8", "surrogatepass")).hexdigest()


def make_plan(workbench: Workbench, request: Request, places: Places) -> PlanSummary:
    """The plan of a request. Raises the errors of connecting, mapping and planning."""
    from ...engine.databases.errors import PasswordWrong

    try:
        return workbench.plans.create(
            places.project_id,
            places.source.id,
            places.target.id,
            **request.plan,
            request_key=request_key(request, places),
        )
    except PasswordWrong as error:
        error.next = rotation(places, error.facts) or error.next
        raise


def rotation(places: Places, facts: dict[str, Any]) -> str:
    """The command that gives a saved connection another password; empty if it was refused to a URL that was typed."""
    refused = [place for place in (places.source, places.target) if is_of(place.url, facts)]
    if not refused or any(place.ad_hoc for place in refused):
        return ""
    return shlex.join(["dms", "connections", "rotate", refused[0].name])


def is_of(url: str, facts: dict[str, Any]) -> bool:
    """Does a URL lead to the host and user that an error is about?"""
    parts = urlsplit(url)
    host, user = str(facts.get("host")).lower(), facts.get("user")
    return (parts.hostname or "", unquote(parts.username or "")) == (host, user)


def verify_command(request: Request, places: Places) -> str:
    """The command that compares what a request moved; of a URL without its password."""
    words = ["dms", "verify", shown(request.source, places.source), shown(request.target, places.target)]
    schema = request.plan.get("source_schema")
    given = {
        **request.plan,
        "mapping": request.plan.get("mapping_path"),
        "project": request.project,
        "source_schema": (schema,) if schema else request.plan.get("source_schemas", ()),
    }
    for name, default in COMPARED.items():
        value = given.get(name, default)
        if value == default:
            continue
        if name == "keys":
            words += [word for key in tuple(value or ()) for word in ("--key", key)]
        else:
            words += [f"--{name.replace('_', '-')}", ",".join(value) if isinstance(value, tuple) else str(value)]
    return shlex.join(words)


def shown(typed: Secret[str], place: Connection) -> str:
    """A place as it can be typed again: the saved name, or the URL without its password."""
    return place.url if place.ad_hoc else typed.reveal()


PLACES: tuple[Callable[[Any], Any], ...] = (
    click.argument("source"),
    click.argument("target"),
)
TABLES: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--source-schema",
        multiple=True,
        metavar="NAMES",
        callback=comma_lists,
        help="Schema of the source, its default one if left out; several, or patterns, each go to their namesake.",
    ),
    click.option("--target-schema", metavar="NAME", help="Schema of the target; its default one if left out."),
    click.option(
        "--tables",
        multiple=True,
        metavar="NAMES",
        callback=comma_lists,
        help="Only these source tables; names or patterns, repeated or with commas.",
    ),
    click.option(
        "--exclude", multiple=True, metavar="NAMES", callback=comma_lists, help="None of these source tables."
    ),
    click.option(
        "--where",
        multiple=True,
        metavar="TABLE:FILTER",
        help='Only rows of a source table for which an expression is true: "orders: total > 0".',
    ),
    click.option(
        "--subset",
        metavar="TABLE:SHARE",
        help="A share of a table's rows (customers:10%) or those of a filter, with all that hangs on them and all they need.",
    ),
)
"""Which tables and rows."""
THROUGH: tuple[Callable[[Any], Any], ...] = (
    click.option("--mapping", metavar="FILE", help="A mapping file; without one every table goes to its namesake."),
    click.option(
        "--names",
        type=click.Choice(["keep", "snake_case", "adapt"]),
        default="keep",
        show_default=True,
        help="How names are made without a mapping; adapt: kept, but for those the target cannot have.",
    ),
    click.option(
        "--ledger-schema",
        metavar="NAME",
        default="dms_ledger",
        show_default=True,
        help="Where the target keeps the books.",
    ),
    click.option(
        "--project",
        metavar="NAME",
        default="default",
        show_default=True,
        help="The project it belongs to, made at first use.",
    ),
)
"""Under which names, and where it is noted."""


def place_options(function: F) -> F:
    """SOURCE, TARGET and the options that say which tables, through which mapping."""
    decorated: F = together(*PLACES, *TABLES, *THROUGH)(function)
    return decorated


def key_option() -> Callable[[F], F]:
    """``--key``, of commands that know modes."""
    return click.option(
        "--key",
        "keys",
        multiple=True,
        metavar="TABLE:COLUMNS",
        help='What tells rows apart for upsert and insert-missing: "orders: shop, number". Default: the primary or a unique key.',
    )


def content_options(function: F) -> F:
    """What of the source is moved, and into what."""
    for decorate in reversed(
        (
            click.option("--schema-only", "content", flag_value="schema", help="Make the structure; copy no rows."),
            click.option("--data-only", "content", flag_value="data", help="Copy rows into tables that are there."),
            click.option("--all", "content", flag_value="all", default=True, help="Structure and rows.  [default]"),
            click.option(
                "--prefix-schema", is_flag=True, help="Where the target has no schemas, call tables SCHEMA_TABLE."
            ),
            click.option(
                "--mode",
                type=click.Choice(MODES),
                default="create",
                show_default=True,
                help="create: target tables are absent or empty. append: add to what is there. replace: swap the whole content. "
                "upsert: change rows of the same key, add the others. insert-missing: only add the others.",
            ),
            key_option(),
            click.option(
                "--undo-days",
                type=click.IntRange(0, 3650),
                default=30,
                show_default=True,
                metavar="N",
                help="Keep what an undo needs of rows that were there; 0 keeps nothing.",
            ),
            click.option(
                "--create/--no-create",
                default=True,
                show_default=True,
                help="May missing tables be made in the target?",
            ),
        )
    ):
        function = decorate(function)
    return function
