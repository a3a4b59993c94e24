"""Domain events: what happened, in the past tense, written to the outbox in the transaction in which it happened."""

from __future__ import annotations

import dataclasses
from typing import Any, dataclass_transform

from . import store
from .context import Context
from .wire import to_plain

EVENTS: dict[str, type[Event]] = {}


@dataclass_transform(frozen_default=True)
class Event:
    """Something that happened: ``class ProjectCreated(Event): project_id: str``."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Freeze the class and register it under its name."""
        super().__init_subclass__(**kwargs)
        dataclasses.dataclass(frozen=True)(cls)
        EVENTS[cls.__name__] = cls


def publish(ctx: Context, event: Event) -> None:
    """Enter an event into the outbox. It is delivered, at least once, only if the transaction commits."""
    ctx.db.execute(
        store.outbox.insert().values(
            id=ctx.new_id(),
            organisation_id=ctx.caller.organisation_id,
            at=ctx.now,
            name=type(event).__name__,
            body=to_plain(event),
        )
    )
