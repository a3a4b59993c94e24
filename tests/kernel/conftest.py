"""The workbench fixtures for these tests."""

from __future__ import annotations

from tests.workbenches import empty_store_file, store, team, workbench

__all__ = ["empty_store_file", "store", "team", "workbench"]
