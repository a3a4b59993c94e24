"""What happens around every handler, outermost first: logged, validated, permitted, in_transaction, audited."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from .audit_entry import Happening
from .bus import HANDLERS, PREPARERS, LocalBus
from .errors import NotPermitted, WorkbenchError
from .locators import find, located_fields, missing
from .log import logger
from .messages import Command, Message, Query
from .scopes import scopes
from .wire import redacted, validate

Next: TypeAlias = Callable[[Message[Any], LocalBus], Any]
RESULT_ID = "id"


def pipeline(message: Message[Any], bus: LocalBus) -> Any:
    """The message through all behaviours to its handler."""
    call: Next = handled
    for behaviour in reversed(BEHAVIOURS):
        call = partial(behaviour, call)
    return call(message, bus)


def handled(message: Message[Any], bus: LocalBus) -> Any:
    """The end of the pipeline: the message's own handler."""
    return HANDLERS[type(message)](message, bus.context())


def logged(call: Next, message: Message[Any], bus: LocalBus) -> Any:
    """Log name, caller, time and outcome of every message; no field values."""
    started = time.perf_counter()
    note = partial(logger("bus").debug, message=type(message).__name__, user=bus.caller.name, nested=bus.nested)
    try:
        result = call(message, bus)
    except WorkbenchError as error:
        note("refused", code=error.code, milliseconds=since(started))
        raise
    except Exception:
        logger("bus").error("broken", message=type(message).__name__, milliseconds=since(started), exc_info=True)
        raise
    note("sent", milliseconds=since(started))
    return result


def since(started: float) -> float:
    """Milliseconds since a moment."""
    return round((time.perf_counter() - started) * 1000, 2)


def validated(call: Next, message: Message[Any], bus: LocalBus) -> Any:
    """Check every field against its type, the same here as over REST. Raises Invalid."""
    return call(validate(type(message), vars(message)), bus)


class Denied(Exception):
    """Inside the bus: an attempt was refused, to be recorded once no transaction is open, then answered."""

    def __init__(self, answer: WorkbenchError, happening: Happening) -> None:
        super().__init__(answer.code)
        self.answer = answer
        self.happening = happening


def permitted(call: Next, message: Message[Any], bus: LocalBus) -> Any:
    """Find what the message names, and check the caller's right to it there. Raises NotPermitted, NotFound.

    A thing outside the caller's projects is answered as not found. The attempt is recorded in its own transaction.
    """
    try:
        located, inside = check(message, bus)
        return call(located, inside)
    except Denied as denied:
        if bus.nested:
            raise
        with bus.store.writing() as db:
            bus.record(db, denied.happening)
        raise denied.answer from None


def check(message: Message[Any], bus: LocalBus) -> tuple[Message[Any], LocalBus]:
    """The message with names resolved to ids, and the bus that knows the places of its things."""
    located, inside = locate(message, bus)
    scope = type(message).use_case.scope
    for field, place in inside.places.items():
        if place.project_id is not None and not bus.caller.sees(place.project_id):
            raise Denied(missing(field, getattr(message, field)), happening(located, inside, "refused"))
    if not may(located, inside, scope):
        raise Denied(refusal(scope, bus), happening(located, inside, "refused"))
    return located, replace(inside, scope=scope)


def may(message: Message[Any], bus: LocalBus, scope: str) -> bool:
    """Has the caller the permission in each project concerned, or in the organisation where none is?

    A query that names nothing lists things: a role in any project will do, and the list holds those projects only.
    """
    projects = {place.project_id for place in bus.places.values() if place.project_id}
    if projects:
        return all(bus.caller.may(scope, project_id) for project_id in projects)
    anywhere = isinstance(message, Query) and not bus.places
    return bus.caller.may(scope) or (anywhere and any(bus.caller.may(scope, mine) for mine in bus.caller.project_roles))


def locate(message: Message[Any], bus: LocalBus) -> tuple[Message[Any], LocalBus]:
    """Look up the things the message names."""
    named = {field: getattr(message, field) for field in located_fields(type(message))}
    named = {field: name for field, name in named.items() if name is not None}
    if not named:
        return message, replace(bus, places={})
    if bus.db is not None:
        places = find(bus.db, bus.caller.organisation_id, named)
    else:
        with bus.store.reading() as db:
            places = find(db, bus.caller.organisation_id, named)
    ids: dict[str, Any] = {field: place.id for field, place in places.items()}
    return replace(message, **ids), replace(bus, places=places)  # type: ignore[type-var]  # every message is a dataclass


def refusal(scope: str, bus: LocalBus) -> NotPermitted:
    """Why not, in the words of the permission."""
    return NotPermitted(
        user=bus.caller.name,
        scope=scope,
        sentence=scopes()[scope].sentence,
        organisation=bus.caller.organisation_id,
    )


def in_transaction(call: Next, message: Message[Any], bus: LocalBus) -> Any:
    """Commands in one transaction, queries on a read-only connection; a nested send joins what is open."""
    writes = isinstance(message, Command)
    bus = prepared(message, bus)
    if bus.db is None:
        with bus.store.writing() if writes else bus.store.reading() as db:
            return call(message, replace(bus, db=db, writes=writes))
    if not writes:
        return call(message, bus)
    if not bus.writes:
        raise TypeError(f"a query cannot send {type(message).__name__}: it changes something")
    with bus.db.begin_nested():
        return call(message, bus)


def prepared(message: Message[Any], bus: LocalBus) -> LocalBus:
    """The bus with what the message's preparer returned; unless nested, no transaction is open meanwhile."""
    preparer = PREPARERS.get(type(message))
    if preparer is None:
        return replace(bus, prepared=None)
    if bus.db is not None:
        return replace(bus, prepared=preparer(message, bus.context()))
    with bus.store.reading() as db:
        return replace(bus, prepared=preparer(message, replace(bus, db=db).context()))


def audited(call: Next, message: Message[Any], bus: LocalBus) -> Any:
    """An entry for every command, in its own transaction's commit; and for queries that show row values."""
    result = call(message, bus)
    if isinstance(message, Command) and bus.db is not None:
        bus.record(bus.db, happening(message, bus, "done", result))
    elif type(message).use_case.reads_rows:
        record_look(message, bus)
    return result


def record_look(message: Message[Any], bus: LocalBus) -> None:
    """The entry of a query, in the open command's transaction or in one of its own."""
    if bus.writes and bus.db is not None:
        bus.record(bus.db, happening(message, bus, "done"))
        return
    with bus.store.writing() as db:
        bus.record(db, happening(message, bus, "done"))


def happening(message: Message[Any], bus: LocalBus, outcome: str, result: Any = None) -> Happening:
    """What the audit is told."""
    subject = {field: place.id for field, place in bus.places.items()}
    made = getattr(result, RESULT_ID, None)
    if isinstance(made, str):
        subject[RESULT_ID] = made
    return Happening(
        at=bus.clock(),
        organisation_id=bus.caller.organisation_id,
        user_id=bus.caller.user_id,
        user_name=bus.caller.name,
        action=type(message).__name__,
        outcome=outcome,
        project_id=next((place.project_id for place in bus.places.values() if place.project_id), None),
        subject=subject,
        details=redacted(message),
    )


BEHAVIOURS: tuple[Callable[[Next, Message[Any], LocalBus], Any], ...] = (
    logged,
    validated,
    permitted,
    in_transaction,
    audited,
)
