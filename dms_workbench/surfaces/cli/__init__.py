"""The command line ``dms``: every message is a sub-command; some commands put messages together."""

from __future__ import annotations


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit code.

    arguments: without the program's name; None for those of the process.
    """
    from .app import run

    return run(arguments)
