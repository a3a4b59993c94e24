"""The workbench over REST: routes derived from the messages, a bearer token for each caller."""

from __future__ import annotations

from .app import create_app

__all__ = ["create_app"]
