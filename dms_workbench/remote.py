"""The same messages over HTTP, to a service: results come back as the same types, errors as the same classes."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any, TypeVar

from .kernel.errors import WorkbenchError
from .kernel.log import logger
from .kernel.messages import Message, Query
from .kernel.rest import PREFIX, request_of
from .kernel.secrets import Secret
from .kernel.wire import from_json, validate

if TYPE_CHECKING:
    import httpx

R = TypeVar("R")
ATTEMPTS = 4
FIRST_PAUSE_SECONDS = 0.2
CONNECT_TIMEOUT_SECONDS = 5.0
ANSWER_TIMEOUT_SECONDS = 60.0
PASSING = (502, 503, 504)
PROBLEM = "application/problem+json"


class ServiceUnreachable(
    WorkbenchError,
    code="service-unreachable",
    status=503,
    retryable=True,
    next="Start the service (dms serve) or correct its address; without DMS_WORKBENCH_URI your own store is used.",
):
    """The service {address} does not answer: {reason}"""

    default_safe = "Whether a command that was under way was carried out is not known; look before repeating it."


class ExtraMissing(
    WorkbenchError,
    code="extra-missing",
    next="pip install 'dms-workbench[{extra}]'; from a clone: pip install '.[{extra}]'",
):
    """{what} needs the extra {extra}, which is not installed."""


class RemoteBus:
    """Sends messages to a service. Queries are repeated when the network fails, commands only if they never left."""

    def __init__(self, address: str, token: Secret[str]) -> None:
        """address: ``https://host``, with the path the service is mounted under, if any. Raises ExtraMissing."""
        self.address = address.rstrip("/")
        self._client = client(self.address, token)

    def send(self, message: Message[R]) -> R:
        """The result of the message. Raises the error the service raised, ServiceUnreachable, Invalid."""
        checked = validate(type(message), vars(message))
        answer = self._answer(checked)
        if not answer.is_success:
            raise error_of(answer, self.address)
        result: R = from_json(answer.content, type(message).use_case.result)
        return result

    def _answer(self, message: Message[Any]) -> httpx.Response:
        """The service's answer, after retries."""
        import httpx

        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self._request(message)
            except httpx.TransportError as error:
                if attempt == ATTEMPTS or not repeatable(message, error):
                    raise ServiceUnreachable(address=self.address, reason=str(error) or type(error).__name__) from error
            else:
                if attempt == ATTEMPTS or not isinstance(message, Query) or answer.status_code not in PASSING:
                    return answer
            pause(attempt, type(message).__name__)
        raise AssertionError("the last attempt returns or raises")

    def _request(self, message: Message[Any]) -> httpx.Response:
        import httpx

        path, query, body = request_of(message)
        url = httpx.URL(f"{PREFIX}{path}", params=tuple(query)) if query else f"{PREFIX}{path}"
        return self._client.request(type(message).use_case.method, url, json=body)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __repr__(self) -> str:
        return self.address


def client(address: str, token: Secret[str]) -> httpx.Client:
    """The HTTP client. Raises ExtraMissing."""
    try:
        import httpx
    except ImportError as error:
        raise ExtraMissing(what="A workbench on a service", extra="service") from error
    headers = {"authorization": f"Bearer {token.reveal()}"} if token else {}
    timeout = httpx.Timeout(ANSWER_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS)
    return httpx.Client(base_url=address, headers=headers, timeout=timeout)


def repeatable(message: Message[Any], error: httpx.TransportError) -> bool:
    """May the request be sent again? A command only if no connection was made."""
    import httpx

    return isinstance(message, Query) or isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)


def pause(attempt: int, message: str) -> None:
    """Wait before the next attempt: twice as long each time, by chance a little less, so that clients spread out."""
    seconds = FIRST_PAUSE_SECONDS * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)  # noqa: S311  no secret
    logger("remote").info("repeating", message=message, attempt=attempt, pause_seconds=round(seconds, 2))
    time.sleep(seconds)


def error_of(answer: httpx.Response, address: str) -> WorkbenchError:
    """The error in an answer, as its own class."""
    if not answer.headers.get("content-type", "").startswith(PROBLEM):
        return ServiceUnreachable(
            address=address, reason=f"HTTP {answer.status_code} from something that is no workbench."
        )
    return WorkbenchError.from_dict(answer.json())
