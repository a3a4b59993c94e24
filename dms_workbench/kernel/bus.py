"""The bus: one method, ``send``. Locally a message passes the behaviours and reaches its handler."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from .context import Caller, Context
from .ids import new_id
from .messages import Message

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from .audit_entry import Recorder
    from .locators import Place
    from .store import Store

R = TypeVar("R")
H = TypeVar("H", bound=Callable[..., Any])
Handler: TypeAlias = Callable[[Any, Context], Any]
HANDLERS: dict[type[Message[Any]], Handler] = {}


class Bus(Protocol):
    """Takes a message to where it is handled."""

    def send(self, message: Message[R]) -> R:
        """The result of the message. Raises the WorkbenchError its handler or the bus raises."""
        ...


def handles(message: type[Message[Any]]) -> Callable[[H], H]:
    """Declare the function ``(message, ctx) -> result`` that does what a message asks. One for each message."""

    def enter(handler: H) -> H:
        HANDLERS[message] = handler
        return handler

    return enter


PREPARERS: dict[type[Message[Any]], Handler] = {}


def prepares(message: type[Message[Any]]) -> Callable[[H], H]:
    """Declare the function that does a command's slow reading, over a network say, before its transaction opens.

    It is given ``(message, ctx)`` on a read-only connection; the handler finds what it returned in ``ctx.prepared``.
    """

    def enter(preparer: H) -> H:
        PREPARERS[message] = preparer
        return preparer

    return enter


@dataclass(frozen=True)
class LocalBus:
    """Handles messages in this process, for one caller, on one store.

    db, writes, places: the state of an open send, which nested sends join; empty outside.
    scope, prepared: of the message being handled, its permission and what its preparer returned.
    """

    store: Store
    caller: Caller
    record: Recorder
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    new_id: Callable[[], str] = new_id
    db: Connection | None = None
    writes: bool = False
    places: Mapping[str, Place] = field(default_factory=dict)
    prepared: Any = None
    scope: str | None = None

    def send(self, message: Message[R]) -> R:
        """Pass the message through the behaviours to its handler."""
        from .behaviours import pipeline

        result: R = pipeline(message, self)
        return result

    @property
    def nested(self) -> bool:
        """Is this the bus of a handler, inside another message's transaction?"""
        return self.db is not None

    def context(self) -> Context:
        """What the handler is given. Only inside a transaction."""
        if self.db is None:
            raise TypeError("a handler runs inside a transaction only")
        caller = self.caller if self.scope is None else self.caller.within(self.scope)
        return Context(self.db, self, now=self.clock(), caller=caller, new_id=self.new_id, prepared=self.prepared)
