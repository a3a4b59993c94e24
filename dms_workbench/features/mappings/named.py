"""A mapping as people name it: a file, a saved version, or the text itself."""

from __future__ import annotations

from pathlib import Path

from ...kernel.bus import Bus
from ...kernel.errors import UsageError
from ..projects import EnsureProject
from .model import MappingVersion
from .save import GetMapping


class NoSuchMappingFile(
    UsageError,
    code="mapping-file-missing",
    next="Give the path of a mapping file, or NAME@SHA of a saved version (dms mappings versions).",
):
    """There is no mapping file {path}: {reason}."""


def text_of(bus: Bus, given: object, project: str = "default") -> tuple[str, str]:
    """What a mapping is called, and its text. Raises NoSuchMappingFile, MappingNotFound, MappingVersionNotFound."""
    if isinstance(given, MappingVersion):
        version = given if given.text else bus.send(GetMapping(given.project_id, given.name, given.sha))
        return str(version), version.text
    named = str(given)
    if "\n" in named:
        return "the text", named
    if Path(named).is_file() or "@" not in named:
        return named, read(named)
    name, _, sha = named.rpartition("@")
    found = bus.send(GetMapping(bus.send(EnsureProject(project)).id, name, sha or None))
    return f"{name}@{found.sha.removeprefix('sha256:')[:12]}", found.text


def read(path: str) -> str:
    """A file's text."""
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise NoSuchMappingFile(path=path, reason=error.strerror or type(error).__name__) from None
    except UnicodeDecodeError as error:
        raise NoSuchMappingFile(path=path, reason=f"it is not UTF-8 text (byte {error.start})") from None
