"""One route for each message of the facade."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from ...features.access import token_caller
from ...kernel.context import Caller
from ...kernel.errors import NotSignedIn
from ...kernel.facade import operations
from ...kernel.messages import Message, summary
from ...kernel.rest import PREFIX, from_query, in_query
from ...kernel.wire import Invalid, to_json, validate
from ...workbench import Workbench, local_bus
from .problems import RequestTooLarge

if TYPE_CHECKING:
    from ...kernel.store import Store

LIMIT_BYTES = 16 * 1024 * 1024
BEARER = "bearer"


def router(store: Store) -> APIRouter:
    """The routes of all messages, fixed paths before those with fields in them."""
    routes = APIRouter(prefix=PREFIX)
    named = sorted(operations(Workbench).items(), key=lambda item: fixed_first(item[1]))
    for (group, operation), message in named:
        routes.add_api_route(
            message.use_case.path,
            endpoint(store, message),
            methods=[message.use_case.method],
            name=f"{group}.{operation}",
            operation_id=f"{group}.{operation}",
            tags=[group],
            summary=summary(message),
        )
    return routes


def fixed_first(message: type[Message[Any]]) -> list[tuple[bool, str]]:
    """Sorts ``/runs/latest`` before ``/runs/{run_id}``."""
    return [(part.startswith("{"), part) for part in message.use_case.path.split("/")]


def endpoint(store: Store, message: type[Message[Any]]) -> Callable[..., Response]:
    """The function behind a route. It runs in a thread of its own; only reading the body is asynchronous."""

    def answer(request: Request, content: Annotated[bytes, Depends(body)]) -> Response:
        caller = signed_in(store, request)
        result = local_bus(store, caller).send(parsed(message, request, content))
        return Response(to_json(result, message.use_case.result, reveal=True), media_type="application/json")

    return answer


async def body(request: Request) -> bytes:
    """The request's body. Raises RequestTooLarge."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > LIMIT_BYTES:
            raise RequestTooLarge(limit_bytes=LIMIT_BYTES)
    return bytes(content)


def signed_in(store: Store, request: Request) -> Caller:
    """The caller behind the request's token. Raises NotSignedIn."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != BEARER or not token:
        raise NotSignedIn(reason="none was sent.")
    return token_caller(store, token.strip())


def parsed(message: type[Message[Any]], request: Request, content: bytes) -> Message[Any]:
    """The message in a request. Raises Invalid."""
    path = {name: unquote(value) for name, value in request.path_params.items()}
    values = (
        from_query(message, request.query_params.multi_items()) if in_query(message) else json_object(message, content)
    )
    return validate(message, {**values, **path})


def json_object(message: type[Message[Any]], content: bytes) -> dict[str, Any]:
    """The object in a body; an empty body is an empty object. Raises Invalid."""
    try:
        values = json.loads(content or b"{}")
    except ValueError as error:
        raise Invalid(name=message.__name__, problems=f"the body is not JSON: {error}") from None
    if not isinstance(values, dict):
        raise Invalid(name=message.__name__, problems="the body is not a JSON object")
    return values
