"""What can be wrong with files, beyond what `engine.databases.errors` knows."""

from __future__ import annotations

from ....kernel.errors import Refused, WorkbenchError


class FileOptionInvalid(
    WorkbenchError, code="file-option-invalid", status=422, exit_code=2, next="Correct the option, or leave it out."
):
    """The option {option} of {where} may be {allowed}."""


class FileChanged(
    Refused,
    code="file-changed",
    next="Run again with --new-run to start from the first row of the file as it is now.",
):
    """The file {path} has changed since the run began to read it."""


class FileExists(Refused, code="file-exists", next="Name another folder, or move the file away."):
    """{path} is there already: a file is written as a whole, never added to or written over."""


class FilesDiffer(
    Refused, code="files-differ", next="Give the files one structure, or put them into folders of their own."
):
    """The files of the table {table} have different columns: {path} differs from the first one."""


class FileDamaged(Refused, code="file-damaged", next="Get the file again from where it came."):
    """The file {path} cannot be read as {format}: {reason}"""


class NotAFolder(Refused, code="not-a-folder", next="Name the folder, for example csv:///folder or parquet:///folder."):
    """{path} cannot be written to as a target: files are written into a folder, one file a table."""


class UnreadableRow(
    Refused,
    code="unreadable-row",
    safe="Nothing was made or written.",
    next="Correct the file, or run again with --on-reject quarantine.",
):
    """{path} holds rows that are no records, {count} in all; the first is in line {line}, byte {offset}: {reason}."""
