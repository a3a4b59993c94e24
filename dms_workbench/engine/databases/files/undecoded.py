"""Text that holds lone surrogates, which stand for bytes that could not be decoded."""

from __future__ import annotations

import re


def encodes(text: str) -> bool:
    """Is it text without lone surrogates?"""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(text: str) -> str:
    r"""The raw text of a record, with bytes that could not be decoded as ``\\xff``."""
    return text.encode("utf-8", "surrogateescape" if surrogates_are_bytes(text) else "backslashreplace").decode(
        "utf-8", "backslashreplace"
    )


def surrogates_are_bytes(text: str) -> bool:
    """Are all lone surrogates of the kind that stands for a byte?"""
    return not re.search("[\ud800-\udc7f\udd00-\udfff]", text)
