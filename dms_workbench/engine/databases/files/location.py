"""Where the files of a connection are, and which table each is."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ..errors import FileMissing
from ..schemes import FILE_KIND
from ..urls import ConnectionUrl, normalise
from .dialect import Wishes, wishes_from
from .errors import FileOptionInvalid

Format = Literal["csv", "parquet"]
SUFFIXES: dict[str, Format] = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".csv.gz": "csv", ".tsv.gz": "csv", ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
"""Suffixes that make a file of a folder a table."""
NAMED_SUFFIXES: dict[str, Format] = {**SUFFIXES, ".txt": "csv", ".txt.gz": "csv"}
"""Suffixes of files that are named one by one, or by ``csv:///``."""
SIDE_FILE = "dms-files.yaml"
HIDDEN = (".", "_")


@dataclass(frozen=True, slots=True)
class FileTable:
    """A table: its name, and its file or files in order."""

    name: str
    format: Format
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Location:
    """A place of files, as a URL names it."""

    path: str
    format: Format | None
    """None takes files of every format."""
    wishes: dict[str, Any] = field(default_factory=dict)

    @property
    def is_pattern(self) -> bool:
        """Does it name files by wildcards?"""
        return bool(glob.has_magic(self.path)) and not os.path.lexists(self.path)

    @property
    def is_folder(self) -> bool:
        """Is it a folder, or a name that may become one?"""
        return not self.is_pattern and not os.path.isfile(self.path) and suffix_of(Path(self.path)) is None

    @property
    def folder(self) -> Path:
        """The folder that holds the files."""
        if self.is_folder:
            return Path(self.path)
        parts = Path(self.path).parts
        return Path(*parts[: first_magic(parts)]) if self.is_pattern else Path(self.path).parent

    @property
    def identity(self) -> str:
        """Names the place whatever it is called; Parquet files of a folder have a ledger of their own."""
        return f"files:{os.path.realpath(self.path)}" + ("#parquet" if self.format == "parquet" else "")

    def tables(self) -> tuple[FileTable, ...]:
        """The tables, by name. Raises FileMissing if the place does not exist."""
        if self.is_pattern:
            paths = sorted(Path(found) for found in glob.glob(self.path, recursive=True))
            return named([(path.name, self.format_of(path), (path,)) for path in paths if path.is_file()])
        path = Path(self.path)
        if path.is_file():
            return named([(path.name, self.format_of(path) or "csv", (path,))])
        if not path.is_dir():
            raise FileMissing(path=self.path, database="files")
        return named([entry for child in sorted(path.iterdir()) if (entry := self.entry(child))])

    def entry(self, child: Path) -> tuple[str, Format | None, tuple[Path, ...]] | None:
        """An entry of the folder as a table: a file, or a folder of part files; None for anything else."""
        if child.name.startswith(HIDDEN):
            return None
        if child.is_file():
            return child.name, self.format_of(child), (child,)
        if not child.is_dir():
            return None
        parts = [part for part in sorted(child.iterdir()) if part.is_file() and not part.name.startswith(HIDDEN)]
        for format in ("csv", "parquet"):
            alike = tuple(part for part in parts if self.format_of(part) == format)
            if alike:
                return child.name, format, alike
        return None

    def format_of(self, path: Path) -> Format | None:
        """The format of a file, if it is one that is asked for."""
        known = NAMED_SUFFIXES if self.format or not self.is_folder else SUFFIXES
        found = known.get(suffix_of(path) or "")
        return found if self.format in (None, found) else None

    def wishes_for(self, path: Path, table: str) -> Wishes:
        """What is wished of a file: by the URL, and before that by ``dms-files.yaml`` beside it. Raises FileOptionInvalid."""
        said = side_wishes(self.folder) if path.parent == self.folder else side_wishes(path.parent.parent)
        said = said or side_wishes(path.parent)
        own = said.get(path.name) or said.get(table) or {}
        if not isinstance(own, dict):
            raise FileOptionInvalid(option=path.name, where=SIDE_FILE, allowed="a list of options, name: value")
        return wishes_from({**self.wishes, **own}, path.name if own else "the URL")


def first_magic(parts: tuple[str, ...]) -> int:
    """Where the first part with a wildcard stands."""
    return next((at for at, part in enumerate(parts) if glob.has_magic(part)), len(parts))


def side_wishes(folder: Path) -> Mapping[str, Any]:
    """What ``dms-files.yaml`` says of the files of its folder. Raises FileOptionInvalid."""
    import yaml

    try:
        read = yaml.safe_load((folder / SIDE_FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (yaml.YAMLError, UnicodeDecodeError):
        raise FileOptionInvalid(option="text", where=str(folder / SIDE_FILE), allowed="YAML only") from None
    if read is not None and not isinstance(read, dict):
        raise FileOptionInvalid(option="text", where=SIDE_FILE, allowed="file names with options under them")
    return read or {}


def suffix_of(path: Path) -> str | None:
    """The known suffix of a name."""
    name = path.name.lower()
    return max((suffix for suffix in NAMED_SUFFIXES if name.endswith(suffix)), key=len, default=None)


def named(entries: list[tuple[str, Format | None, tuple[Path, ...]]]) -> tuple[FileTable, ...]:
    """Tables named by the stem of their file, or by its whole name where another file has the stem already."""
    taken: set[str] = set()
    found = []
    for name, format, paths in entries:
        if format is None:
            continue
        stem = name[: -len(suffix)] if len(paths) == 1 and (suffix := suffix_of(Path(name))) else name
        table = stem if stem and stem not in taken else name
        taken.add(table)
        found.append(FileTable(table, format, paths))
    return tuple(sorted(found, key=lambda table: table.name))


def location_of(url: str | ConnectionUrl) -> Location:
    """The place that a URL names. Raises the errors of reading a URL."""
    parsed = normalise(url)
    options = dict(parsed.options)
    format = options.pop(FILE_KIND, None)
    return Location(parsed.path, format if format in ("csv", "parquet") else None, options)  # type: ignore[arg-type]
