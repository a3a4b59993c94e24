"""Proving that every row arrived, by a path independent of the copy: own reading, own conversion, own comparison."""

from .model import Finding, QuarantinedRow, ReplayedRows, TableVerification
from .since import Kept
from .verify import Past, Told, verify

__all__ = ["Finding", "Kept", "Past", "QuarantinedRow", "ReplayedRows", "TableVerification", "Told", "verify"]
