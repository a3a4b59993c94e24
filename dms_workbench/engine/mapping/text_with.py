"""A changed mapping as text: the file as it was written, with the changes and nothing else."""

from __future__ import annotations

from .model import Mapping
from .rewrite import rewritten


def text_with(old: Mapping, new: Mapping) -> str:
    """The old mapping's text with what the new one says otherwise; the same text if nothing is.

    Raises NotEditable where the file is written in a way that cannot be changed alone.
    """
    return old.text if new == old else rewritten(old.text, new)
