"""Every row that a verification finds different, as lines of JSON in a private file: keys and columns, no other values."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING

from ..planning.plan import PlannedTable

if TYPE_CHECKING:
    from ..verifying import Finding


class Listing:
    """One file, made anew; only its owner may read it."""

    def __init__(self, path: Path) -> None:
        """path: in a folder that is there."""
        self.path = path
        self.rows = 0
        self.file: IO[str] | None = None

    def __enter__(self) -> Listing:
        self.path.unlink(missing_ok=True)
        made = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self.file = os.fdopen(made, "w", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self.file is not None:
            self.file.close()

    def told(self, planned: PlannedTable, found: Finding) -> None:
        """Write one row down."""
        line = {
            "table": planned.target_label,
            "kind": found.kind,
            "key": dict(found.key) if found.key is not None else None,
            "columns": list(found.columns),
        } | ({"since": found.since} if found.since else {})
        if self.file is not None:
            self.file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self.rows += 1
