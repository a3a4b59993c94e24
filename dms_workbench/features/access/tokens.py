"""Tokens, with which a program or a remote workbench signs in to the service."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Le, Len

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.errors import NotFound
from ...kernel.locators import Place, locates
from ...kernel.messages import Command, Query
from ...kernel.secrets import Secret
from . import store
from .errors import ScopeBeyondOwn, ScopeUnknown
from .model import TOKEN_PREFIX, NewToken, Token, digest, limit_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

TOKEN_BYTES = 32


def fresh_secret() -> str:
    """A new token's text, 256 random bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


@locates("token_id")
def locate_token(db: Connection, organisation_id: str, token_id: str) -> Place | None:
    """A token belongs to its user, of the organisation."""
    found = store.find_token(db, organisation_id, token_id)
    return None if found is None else Place(found.id, project_id=None)


class CreateToken(
    Command[NewToken], route="POST /access/tokens", scope="tokens:own", raises=(ScopeUnknown, ScopeBeyondOwn)
):
    """Make a token for oneself. Its secret is in the answer and is never shown again.

    name: what it is for.
    scopes: the permissions it is limited to; left out, it may do all its user may.
    days: how long it is valid.
    """

    name: Annotated[str, Len(1, 100)]
    scopes: tuple[str, ...] | None = None
    days: Annotated[int, Ge(1), Le(366)] = 90


@handles(CreateToken)
def create_token(command: CreateToken, ctx: Context) -> NewToken:
    secret, scopes = fresh_secret(), limit_of(command.scopes, ctx.caller)
    token = NewToken(ctx.new_id(), command.name, Secret(secret), scopes, ctx.now + timedelta(days=command.days))
    store.add_token(
        ctx.db,
        id=token.id,
        organisation_id=ctx.caller.organisation_id,
        user_id=ctx.caller.user_id,
        name=token.name,
        hash=digest(secret),
        scopes=scopes,
        created_at=ctx.now,
        expires_at=token.expires_at,
    )
    return token


class ListTokens(Query[list[Token]], route="GET /access/tokens", scope="tokens:own"):
    """List one's own tokens, newest first, without their secrets."""


@handles(ListTokens)
def list_tokens(_query: ListTokens, ctx: Context) -> list[Token]:
    return store.tokens_of(ctx.db, ctx.caller.user_id)


class RevokeToken(Command[list[Token]], route="DELETE /access/tokens/{token_id}", scope="tokens:own"):
    """End one of one's own tokens at once. Returns one's tokens.

    token_id: the token's id, as ``list_tokens`` shows it.
    """

    token_id: str


@handles(RevokeToken)
def revoke_token(command: RevokeToken, ctx: Context) -> list[Token]:
    own = [token.id for token in store.tokens_of(ctx.db, ctx.caller.user_id)]
    if command.token_id not in own:
        raise NotFound(kind="token", name=command.token_id)
    store.revoke_token(ctx.db, command.token_id, ctx.now)
    return store.tokens_of(ctx.db, ctx.caller.user_id)
