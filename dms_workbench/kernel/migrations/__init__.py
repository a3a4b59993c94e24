"""Alembic migrations of the metadata store: one chain, one head, numbered files (see versions/README.md)."""
