"""Messages and results in and out of JSON. pydantic loads at first use."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import UsageError
from .messages import Message

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

M = TypeVar("M", bound=Message[Any])
URL_PASSWORD = re.compile(r"(\w[\w+.-]*://[^\s:/@]*):[^\s@]*@")


class Invalid(UsageError, code="invalid-message", status=422, exit_code=2):
    """{name} cannot be sent: {problems}"""


def adapter(kind: Any) -> TypeAdapter[Any]:
    """pydantic's validator of a type, made once."""
    return _adapter(kind)


@functools.cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def validate(cls: type[M], values: dict[str, Any]) -> M:
    """A message from plain values. Raises Invalid, which names each wrong field."""
    from pydantic import ValidationError

    try:
        message: M = adapter(cls).validate_python(values)
    except ValidationError as error:
        raise Invalid(name=cls.__name__, problems=sentences(error)) from None
    return without_null_characters(message)


def without_null_characters(message: M) -> M:
    """The message, if its texts can be stored everywhere. Raises Invalid; PostgreSQL's text holds no NUL."""
    wrong = [name for name, value in vars(message).items() if isinstance(value, str) and "\0" in value]
    if wrong:
        problems = "; ".join(f"{name}: the character NUL is not allowed" for name in wrong)
        raise Invalid(name=type(message).__name__, problems=problems)
    return message


def to_plain(value: Any, kind: Any = None, *, reveal: bool = False) -> Any:
    """A message or result as JSON values.

    kind: its declared type, where the value alone does not tell; reveal: write secrets too (the wire, never a log).
    """
    return adapter(kind or type(value)).dump_python(value, mode="json", context={"reveal": reveal})


def to_json(value: Any, kind: Any = None, *, reveal: bool = False) -> bytes:
    """The same as bytes of JSON."""
    return adapter(kind or type(value)).dump_json(value, context={"reveal": reveal})


def from_json(data: bytes, kind: Any) -> Any:
    """A result from JSON, as its declared type."""
    return adapter(kind).validate_json(data)


def schema(kind: Any) -> dict[str, Any]:
    """The JSON schema of a message or result."""
    return adapter(kind).json_schema()


def redacted(message: Message[Any]) -> dict[str, Any]:
    """The message for audit and logs: secrets and passwords in URLs are stars."""
    plain: dict[str, Any] = without_passwords(to_plain(message))
    return plain


def without_passwords(value: Any) -> Any:
    """JSON values with the password of every URL replaced by stars."""
    if isinstance(value, str):
        return URL_PASSWORD.sub(r"\1:***@", value)
    if isinstance(value, dict):
        return {name: without_passwords(item) for name, item in value.items()}
    if isinstance(value, list):
        return [without_passwords(item) for item in value]
    return value


def sentences(error: ValidationError) -> str:
    """What is wrong, field by field, without the values (which may be secret)."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{place(problem['loc'])}: {problem['msg']}" for problem in problems)


def place(location: tuple[int | str, ...]) -> str:
    """Where in the message: ``tables.0.name``."""
    return ".".join(str(part) for part in location) or "message"
