"""The facade: ``start = operation(StartRun)`` becomes ``wb.runs.start(plan_id, chunk_rows=50_000) -> Run``."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

from .bus import Bus
from .messages import Message

P = ParamSpec("P")
R = TypeVar("R")


class Operation(Generic[P, R]):
    """A message as a method of a facade, with the message's own signature and docstring."""

    def __init__(self, message: Callable[P, Message[R]]) -> None:
        """Publish a message class."""
        self.message: Any = message

    @typing.overload
    def __get__(self, facade: None, owner: type) -> Operation[P, R]: ...
    @typing.overload
    def __get__(self, facade: Facade, owner: type) -> Callable[P, R]: ...
    def __get__(self, facade: Facade | None, owner: type) -> Operation[P, R] | Callable[P, R]:
        """The operation itself on the class, a function that sends on an object."""
        return self if facade is None else self.bound(facade.bus, "send")

    def bound(self, bus: Bus, name: str) -> Callable[P, R]:
        """A function that sends the message through a bus."""
        message = self.message

        def send(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                signature(message).bind(*args, **kwargs)
            except TypeError as error:
                raise TypeError(f"{name}(): {error}") from None
            result: R = bus.send(message(*args, **kwargs))
            return result

        send.__name__ = send.__qualname__ = name
        send.__doc__ = message.__doc__
        send.__signature__ = signature(message)  # type: ignore[attr-defined]  # read by inspect and Jupyter
        return send


def operation(message: Callable[P, Message[R]]) -> Operation[P, R]:
    """Publish a message on a facade class: one line for each use case."""
    return Operation(message)


@functools.cache
def signature(message: Any) -> inspect.Signature:
    """The message's fields with their plain types, and its result."""
    types = typing.get_type_hints(message)
    parameters = [
        parameter.replace(annotation=types[name]) for name, parameter in inspect.signature(message).parameters.items()
    ]
    return inspect.Signature(parameters, return_annotation=message.use_case.result)


class Facade:
    """The use cases of one feature. Derive, and add one ``operation`` line for each message."""

    def __init__(self, bus: Bus) -> None:
        """bus: where the messages go."""
        self.bus = bus
        for name, published in operations_of(type(self)).items():
            self.__dict__[name] = published.bound(bus, name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()}: {', '.join(operations_of(type(self)))}>"


def operations_of(facade: type) -> dict[str, Operation[Any, Any]]:
    """The operations of a facade class by name, in the order written."""
    return {name: item for name, item in vars(facade).items() if isinstance(item, Operation)}


def facades(workbench: type) -> dict[str, type[Facade]]:
    """The facade classes of a workbench class, by attribute."""
    hints = typing.get_type_hints(workbench)
    return {name: kind for name, kind in hints.items() if isinstance(kind, type) and issubclass(kind, Facade)}


def operations(workbench: type) -> dict[tuple[str, str], type[Message[Any]]]:
    """Every use case: ``{("projects", "create"): CreateProject}``. Needs the class only, opens nothing."""
    return {
        (attribute, name): published.message
        for attribute, facade in facades(workbench).items()
        for name, published in operations_of(facade).items()
    }
