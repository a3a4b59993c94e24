"""The application: store, routes, errors, health."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from fastapi import FastAPI

from ... import __version__
from ...kernel.rest import PREFIX
from ...workbench import open_store
from .openapi import document
from .problems import add_problem_handlers
from .routes import router

if TYPE_CHECKING:
    from ...kernel.store import Store

Scope: TypeAlias = MutableMapping[str, Any]
Application: TypeAlias = Callable[[Scope, Any, Any], Awaitable[None]]


def create_app(store: Store | str | None = None) -> FastAPI:
    """The service over a store.

    store: an open store, which its owner closes; or its address, ``sqlite:///file`` or ``postgresql://…``, None for
    DMS_HOME's own; then it is closed when the application ends.

    Every message of the facade is a route under ``/api/v1``. Callers sign in with ``Authorization: Bearer TOKEN``.
    Raises StoreUnavailable, StoreTooNew, UnknownStore.
    """
    opened = store if not isinstance(store, str | None) else open_store(store)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        if opened is not store:
            opened.close()

    app = FastAPI(
        title="DMS Workbench",
        version=__version__,
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=f"{PREFIX}/docs",
        openapi_url=f"{PREFIX}/openapi.json",
        redoc_url=None,
    )
    app.add_middleware(UndecodedPath)
    app.include_router(router(opened))
    app.openapi = lambda: document(app)  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    add_problem_handlers(app)
    add_health(app, opened)
    return app


def add_health(app: FastAPI, store: Store) -> None:
    """``/health`` for whoever watches the service; needs no token and tells nothing else."""

    @app.get("/health", include_in_schema=False)
    def health() -> dict[str, str]:
        with store.reading():
            return {"status": "ok", "version": __version__}


class UndecodedPath:
    """Routes by the path as it was sent, so that a name with an encoded slash stays one segment."""

    def __init__(self, app: Application) -> None:
        """app: what comes next."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Pass a request on."""
        if scope["type"] == "http" and scope.get("raw_path"):
            scope = {**scope, "path": scope["raw_path"].partition(b"?")[0].decode("ascii", "replace")}
        await self.app(scope, receive, send)
