"""Answers of a language model, kept by what was asked, so that the same question costs nothing and answers the same."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....platform import private_folder

LARGEST_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder with one small file for each question; None keeps nothing. A folder that cannot be written is no trouble."""

    folder: Path | None

    def get(self, question: Mapping[str, Any]) -> Any:
        """What was kept, or None; it is checked like any answer, since anybody may have written the file."""
        if self.folder is None:
            return None
        path = self.folder / name_of(question)
        try:
            return json.loads(path.read_bytes()) if path.stat().st_size <= LARGEST_BYTES else None
        except (OSError, ValueError, RecursionError):
            return None

    def keep(self, question: Mapping[str, Any], answer: Any) -> None:
        """Keep an answer: whole, or not at all."""
        if self.folder is None:
            return
        with suppress(OSError):
            path = private_folder(self.folder) / name_of(question)
            draft = path.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps(answer), encoding="utf-8")
            draft.replace(path)


def name_of(question: Mapping[str, Any]) -> str:
    """The file's name: a hash of all that the answer depends on."""
    return hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest() + ".json"
