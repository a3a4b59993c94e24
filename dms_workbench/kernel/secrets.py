"""Values that are never logged, audited, shown or pickled."""

from __future__ import annotations

import hmac
from typing import Any, Generic, NoReturn, TypeVar, get_args

T = TypeVar("T")
HIDDEN = "***"


class Secret(Generic[T]):
    """A value that shows as stars everywhere; ``reveal()`` gives it to the code that needs it."""

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        """Hide a value."""
        self._value = value

    def reveal(self) -> T:
        """The value itself. Keep it local: whatever is returned here is no longer protected."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def __str__(self) -> str:
        return HIDDEN

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(str(self._value).encode(), str(other._value).encode())

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never pickled: store it through wb.connections, and read it where it is used")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Read from its plain value; written as stars unless the wire asks for it (``reveal`` in the context)."""
        from pydantic_core import core_schema

        inner = handler.generate_schema((get_args(source) or (str,))[0])
        from_plain = core_schema.no_info_after_validator_function(cls, inner)
        return core_schema.json_or_python_schema(
            json_schema=from_plain,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), from_plain]),
            serialization=core_schema.plain_serializer_function_ser_schema(_written, info_arg=True),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        """A password field in forms."""
        return {**handler(schema["json_schema"]["schema"]), "format": "password", "writeOnly": True}


def _written(value: Secret[Any], info: Any) -> Any:
    if (info.context or {}).get("reveal"):
        return value.reveal()
    return HIDDEN if info.mode == "json" else value
