"""What a migration would change or refuse, measured on the real data without writing."""

from __future__ import annotations

from .assess import assess
from .model import Assessment, ColumnFit, TableFit

__all__ = ["Assessment", "ColumnFit", "TableFit", "assess"]
