"""Every error a user can meet: a code, a sentence, what is safe and the next step.

    WorkbenchError
    ├── UsageError              the request itself is wrong            exit 2
    ├── Refused                 nothing was touched                    exit 1
    ├── Failed                  the work stopped half-way, resumable   exit 1 or 5
    └── ...                     each feature's and engine part's own

A class declares its message once, as its docstring, with the facts it is raised with in braces.
Facts travel as data, so logs, REST (problem+json) and widgets never parse prose.
"""

from __future__ import annotations

import inspect
from typing import Any, ClassVar


class WorkbenchError(Exception):
    """Something went wrong: {reason}"""

    code: ClassVar[str] = "workbench-error"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False
    by_code: ClassVar[dict[str, type[WorkbenchError]]] = {}
    default_safe: ClassVar[str] = "Nothing was changed."
    default_next: ClassVar[str] = ""

    def __init_subclass__(
        cls,
        *,
        code: str | None = None,
        status: int | None = None,
        exit_code: int | None = None,
        retryable: bool | None = None,
        safe: str | None = None,
        next: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Register the class under its code.

        code: stable, kebab-case; the class is found by it again on the far side of REST.
        status: HTTP status; exit_code: of the command line; retryable: may the same call succeed later?
        safe: the sentence that says what is safe; next: the next command (both may hold facts in braces).
        """
        super().__init_subclass__(**kwargs)
        for name, value in {
            "code": code,
            "status": status,
            "exit_code": exit_code,
            "retryable": retryable,
            "default_safe": safe,
            "default_next": next,
        }.items():
            if value is not None:
                setattr(cls, name, value)
        if code is not None:
            known = WorkbenchError.by_code.get(code)
            if known is not None and known.__qualname__ != cls.__qualname__:
                raise TypeError(f"error code {code!r} is already taken by {known.__qualname__}")
            WorkbenchError.by_code[code] = cls

    def __init__(self, *, where: str = "", safe: str = "", next: str = "", **facts: Any) -> None:
        """Raise with facts: ``TableNotFound(table="orders")``.

        where: the thing it happened in, if the facts do not say it; safe, next: override the class's sentences.
        """
        self.facts = facts
        self.where = where
        self.safe = safe or fill(self.default_safe, facts)
        self.next = next or fill(self.default_next, facts)
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The sentence for a person, with the facts filled in; the code alone under ``python -OO``."""
        return fill(inspect.cleandoc(type(self).__doc__ or type(self).code), self.facts)

    def as_dict(self) -> dict[str, Any]:
        """The form of the command line's ``error`` and of problem+json: code, message, where, safe, next, facts."""
        return {
            "code": self.code,
            "message": self.message,
            "where": self.where,
            "safe": self.safe,
            "next": self.next,
            "facts": {name: plain(value) for name, value in self.facts.items()},
        }

    @staticmethod
    def from_dict(data: dict[str, Any]) -> WorkbenchError:
        """The same error on the other side of a wire; an unknown code becomes a plain WorkbenchError."""
        cls = WorkbenchError.by_code.get(data.get("code", ""), WorkbenchError)
        facts = dict(data.get("facts") or {})
        if cls is WorkbenchError:
            facts.setdefault("reason", data.get("message", ""))
        return cls(where=data.get("where", ""), safe=data.get("safe", ""), next=data.get("next", ""), **facts)

    def __reduce__(self) -> tuple[Any, ...]:
        return (WorkbenchError.from_dict, (self.as_dict(),))


def fill(sentence: str, facts: dict[str, Any]) -> str:
    """The sentence with facts in place of braces; a missing fact leaves its name, never raises."""
    try:
        return sentence.format_map(Shown(facts))
    except (ValueError, TypeError, AttributeError, KeyError, IndexError):
        return sentence


class Shown(dict[str, Any]):
    """Facts for format_map: an absent one shows as its own name."""

    def __missing__(self, key: str) -> str:
        return key


def plain(value: Any) -> Any:
    """A fact as JSON can hold it."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


class UsageError(WorkbenchError, code="usage", status=422, exit_code=2):
    """{reason}"""


class Refused(WorkbenchError, code="refused", status=409, exit_code=1):
    """{reason}"""


class NotFound(WorkbenchError, code="not-found", status=404, exit_code=1):
    """There is no {kind} {name}."""


class Failed(
    WorkbenchError, code="failed", status=500, exit_code=1, safe="What was committed stays, and is in the ledger."
):
    """{reason}"""


class NotPermitted(
    WorkbenchError,
    code="not-permitted",
    status=403,
    next="Ask an administrator of {organisation} or a manager of the project.",
):
    """{user} may not do this: it needs the permission {scope} ({sentence})"""


class NotSignedIn(
    WorkbenchError,
    code="not-signed-in",
    status=401,
    next="Set DMS_WORKBENCH_TOKEN to a token made by dms access create-token.",
):
    """The service needs a token: {reason}"""
