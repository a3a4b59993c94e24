"""Proving that every row arrived, by a path independent of the copy: own reading, own conversion, own comparison."""

from .model import Finding, QuarantinedRow, ReplayedRows, TableVerification
from .verify import Told, verify

__all__ = ["Finding", "QuarantinedRow", "ReplayedRows", "TableVerification", "Told", "verify"]
