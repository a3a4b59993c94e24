"""Notebooks: execute them with papermill, make reports of them, and show in them what became of a run."""

from .errors import (
    CellFailed,
    CellTooSlow,
    KernelEnded,
    MappingUnreadable,
    NotebookNotParametrised,
    NotebookUnreadable,
    ParameterNotPlain,
    RunNotAccepted,
    SecretInParameter,
    UnknownParameter,
    WrongParameterType,
)
from .execute import execute
from .follow import follow
from .found import accept, connection_of, read_mapping
from .model import CellDone, Execution
from .parameters import checked, declared
from .report import html_report, write_report
from .tables import asked, books, causes, objects, outcome, quarantine, started, verification

__all__ = [
    "CellDone",
    "CellFailed",
    "CellTooSlow",
    "Execution",
    "KernelEnded",
    "MappingUnreadable",
    "NotebookNotParametrised",
    "NotebookUnreadable",
    "ParameterNotPlain",
    "RunNotAccepted",
    "SecretInParameter",
    "UnknownParameter",
    "WrongParameterType",
    "accept",
    "asked",
    "books",
    "causes",
    "checked",
    "connection_of",
    "declared",
    "execute",
    "follow",
    "html_report",
    "objects",
    "outcome",
    "quarantine",
    "read_mapping",
    "started",
    "verification",
    "write_report",
]
