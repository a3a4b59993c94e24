"""One call to an OpenAI-compatible endpoint over a plain socket: a time limit for all of it, no redirects, no proxies."""

from __future__ import annotations

import json
import random
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from ..errors import EndpointUnusable

PATH = "/chat/completions"
LARGEST_ANSWER = 1_000_000
PIECE = 16_384
ATTEMPTS = 3
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0
PASSING = frozenset({408, 409, 429, 500, 502, 503, 504})
OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class Unanswered(Exception):
    """The endpoint gave no usable answer; the reason is words of ours, without anything the endpoint sent. Never reaches a user."""

    def __init__(self, reason: str, *, passing: bool = False, after_seconds: float = 0.0) -> None:
        """passing: may the same call succeed in a moment? after_seconds: when the endpoint says so."""
        self.reason, self.passing, self.after_seconds = reason, passing, after_seconds
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a language model answers."""

    url: str
    """``http://localhost:8000/v1``: the address that ``/chat/completions`` is put behind."""
    model: str
    key: Callable[[], str] | None = None
    """Gives the key when a call is made."""
    seconds: float = 30.0
    """For one answer, from connecting to its last byte."""

    def __post_init__(self) -> None:
        """Raise EndpointUnusable for an address that is none, or one that would send a key unencrypted to another host."""
        try:
            parts = urlsplit(self.url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise EndpointUnusable(reason="it is no address") from None
        if parts.scheme not in {"http", "https"} or not host:
            raise EndpointUnusable(reason="it does not start with http:// or https:// and a host")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise EndpointUnusable(reason="it holds a user, a password, ? or #; the key stands in DMS_MATCHING_LLM_KEY")
        if not self.model:
            raise EndpointUnusable(reason="no model is named in DMS_MATCHING_LLM_MODEL")
        if parts.scheme == "http" and self.key is not None and host not in OWN_HOSTS:
            raise EndpointUnusable(reason=f"a key would go to {host} unencrypted: use https://")

    @property
    def place(self) -> str:
        """The host and port, for sentences."""
        return urlsplit(self.url).netloc

    def ask(self, body: Mapping[str, Any], ends: float) -> Any:
        """The answer's JSON, tried again where that may help, until a moment of the monotonic clock. Raises Unanswered."""
        for attempt in range(ATTEMPTS):
            try:
                return self.once(json.dumps(body).encode(), min(ends, time.monotonic() + self.seconds))
            except Unanswered as problem:
                pause = max(problem.after_seconds, FIRST_PAUSE_SECONDS * 2**attempt * (0.5 + random.random()))  # noqa: S311 - jitter
                last = attempt + 1 == ATTEMPTS or pause > LONGEST_PAUSE_SECONDS
                if not problem.passing or last or time.monotonic() + pause > ends:
                    raise
                time.sleep(pause)
        raise Unanswered("it was not asked")

    def once(self, body: bytes, ends: float) -> Any:
        """One call. Raises Unanswered."""
        connection = self.connection(max(0.01, ends - time.monotonic()))
        try:
            connection.request("POST", urlsplit(self.url).path.rstrip("/") + PATH, body, self.headers())
            answer = connection.getresponse()
            if answer.status != 200:
                raise refused(answer)
            return json.loads(whole(answer, connection, ends))
        except TimeoutError:
            raise Unanswered(f"no answer within {self.seconds:g} seconds", passing=True) from None
        except (OSError, HTTPException) as error:
            raise Unanswered(f"it cannot be reached ({type(error).__name__})", passing=True) from None
        except (ValueError, RecursionError):
            raise Unanswered("its answer is not JSON") from None
        finally:
            connection.close()

    def connection(self, seconds: float) -> HTTPConnection:
        """A connection that is opened by the first request."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if parts.scheme == "https":
            return HTTPSConnection(host, parts.port, timeout=seconds, context=ssl.create_default_context())
        return HTTPConnection(host, parts.port, timeout=seconds)

    def headers(self) -> dict[str, str]:
        """With the key, if there is one."""
        found = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key is not None:
            found["Authorization"] = f"Bearer {self.key()}"
        return found


def refused(answer: HTTPResponse) -> Unanswered:
    """A status that is no success. What the endpoint says is not repeated: it may hold the key, or anything."""
    try:
        after = max(0.0, float(answer.headers.get("Retry-After", "0")))
    except ValueError:
        after = 0.0
    words = {401: "the key is not accepted", 403: "the key is not allowed to", 404: "there is no such path or model",
             429: "it is asked too often"}  # fmt: skip
    reason = f"it answers {answer.status}" + (f", {words[answer.status]}" if answer.status in words else "")
    return Unanswered(reason, passing=answer.status in PASSING, after_seconds=after)


def whole(answer: HTTPResponse, connection: HTTPConnection, ends: float) -> bytes:
    """The answer's bytes, in time and not too many. Raises Unanswered, TimeoutError."""
    pieces: list[bytes] = []
    size = 0
    while True:
        left = ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if isinstance(connection.sock, socket.socket):
            connection.sock.settimeout(left)
        piece = answer.read1(PIECE)
        if not piece:
            if answer.length:
                raise Unanswered("its answer is cut off", passing=True)
            return b"".join(pieces)
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST_ANSWER:
            raise Unanswered("its answer is longer than 1 MB")
