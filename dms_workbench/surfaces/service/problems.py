"""Errors as problem+json (RFC 9457), with the code, the safe sentence and the next command of every workbench error."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from ...kernel.errors import NotFound, NotSignedIn, UsageError, WorkbenchError
from ...kernel.log import logger
from ...kernel.wire import without_passwords

MEDIA_TYPE = "application/problem+json"


class UnknownRoute(NotFound, code="unknown-route", next="GET /api/v1/openapi.json"):
    """There is nothing at {method} {path}."""


class RequestTooLarge(UsageError, code="request-too-large", status=413):
    """The request is larger than the {limit_bytes} bytes that are read."""


class Broken(WorkbenchError, code="internal-error", status=500):
    """The service met an error of its own. Its log has the details under {path}."""


def problem(error: WorkbenchError) -> dict[str, Any]:
    """An error as the members of a problem."""
    content = {
        "type": f"urn:dms-workbench:error:{error.code}",
        "title": error.code.replace("-", " ").capitalize(),
        "status": error.status,
        "detail": error.message,
        **error.as_dict(),
    }
    safe: dict[str, Any] = without_passwords(content)
    return safe


def answer(error: WorkbenchError) -> Response:
    """An error as an HTTP answer."""
    headers = {"www-authenticate": "Bearer"} if isinstance(error, NotSignedIn) else None
    return JSONResponse(problem(error), status_code=error.status, media_type=MEDIA_TYPE, headers=headers)


def add_problem_handlers(app: FastAPI) -> None:
    """Answer every error as a problem."""

    @app.exception_handler(WorkbenchError)
    def known(_request: Request, error: WorkbenchError) -> Response:
        return answer(error)

    @app.exception_handler(HTTPException)
    def unrouted(request: Request, error: HTTPException) -> Response:
        response = answer(UnknownRoute(method=request.method, path=request.url.path))
        response.status_code = error.status_code
        return response

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        logger("service").error("broken", path=request.url.path, exc_info=error)
        return answer(Broken(path=request.url.path))
