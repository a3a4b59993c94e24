"""The folder of ``dms demo``: it replaces what it made itself, and nothing else."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...kernel.errors import Refused

MANIFEST = ".dms-demo.json"
FORMAT = "dms-demo/1"


class DemoFolderTaken(Refused, code="demo-folder-taken", next="dms demo --folder {other}"):
    """The folder {folder} holds {name}, which the demo did not make."""


class DemoFileChanged(Refused, code="demo-file-changed", next="dms demo --folder {other}"):
    """You have changed {name} in {folder} since the demo wrote it, so the demo does not replace it."""


class DemoFolderUnusable(Refused, code="demo-folder-unusable", next="dms demo --folder {other}"):
    """The demo cannot write to the folder {folder}: {reason}"""


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """Where the demo's files are."""

    path: Path

    @property
    def source(self) -> Path:
        """The old shop."""
        return self.path / "shop.sqlite"

    @property
    def target(self) -> Path:
        """The new shop."""
        return self.path / "shop.duckdb"

    @property
    def mapping(self) -> Path:
        """How one becomes the other."""
        return self.path / "demo-shop.yaml"

    @property
    def notebook(self) -> Path:
        """The executed notebook."""
        return self.path / "migration.ipynb"

    @property
    def report(self) -> Path:
        """Its HTML report."""
        return self.path / "migration.html"

    @property
    def texts(self) -> tuple[Path, ...]:
        """The files that people may edit."""
        return (self.mapping, self.notebook, self.report)

    @property
    def databases(self) -> tuple[Path, ...]:
        """The databases and what the products write beside them."""
        beside = [self.path / f"{self.source.name}-{suffix}" for suffix in ("journal", "wal", "shm")]
        return (self.source, self.target, *beside, self.path / f"{self.target.name}.wal")

    def check(self) -> None:
        """Raises DemoFolderTaken, DemoFileChanged, DemoFolderUnusable; nothing is touched."""
        try:
            names = sorted(item.name for item in self.path.iterdir()) if self.path.exists() else []
        except OSError as error:
            raise self.unusable(error) from None
        made = self.made_before()
        if names and made is None:
            raise DemoFolderTaken(folder=self.path, name=names[0], other=self.another())
        for file in self.texts:
            if file.is_file() and digest(file) != (made or {}).get(file.name):
                raise DemoFileChanged(folder=self.path, name=file.name, other=self.another())

    def made_before(self) -> dict[str, str] | None:
        """Names and hashes of the texts that an earlier demo wrote here; None if there was none."""
        try:
            content: dict[str, Any] = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
            return dict(content["files"]) if content["format"] == FORMAT else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def clear(self) -> None:
        """Make the folder, say in it whose it is, and remove what an earlier demo made. Raises DemoFolderUnusable."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for file in (*self.texts, *self.databases):
                file.unlink(missing_ok=True)
            self.sign()
        except OSError as error:
            raise self.unusable(error) from None

    def sign(self) -> None:
        """Write down what the demo has made so far."""
        files = {file.name: digest(file) for file in self.texts if file.is_file()}
        text = json.dumps({"format": FORMAT, "files": files}, indent=2)
        (self.path / MANIFEST).write_text(text + "\n", encoding="utf-8")

    def unusable(self, error: OSError) -> DemoFolderUnusable:
        """The error of a folder that cannot be read or written."""
        return DemoFolderUnusable(folder=self.path, reason=error.strerror or type(error).__name__, other=self.another())

    def another(self) -> str:
        """A folder name that is free."""
        number = 2
        while Path(f"{self.path.name}-{number}").exists():
            number += 1
        return f"{self.path.name}-{number}"


def digest(file: Path) -> str:
    """SHA-256 of a file's content."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
