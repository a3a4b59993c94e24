"""Where the files are that come with the package: templates and notebooks."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent


def shipped(kind: str) -> Path:
    """The folder of the shipped files of a kind: ``templates`` or ``notebooks``.

    In an installed wheel it lies inside the package, in an editable install beside it.
    Raises FileNotFoundError when the installation lacks it.
    """
    for folder in (PACKAGE / "_shipped" / kind, PACKAGE.parent / kind):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"this installation of dms-workbench has no {kind}; install it again")
