"""What a migration would change or refuse, measured on the real data without writing.

`assess` is in its own module, which needs the copying engine: features that only name the results do not load that.
"""

from __future__ import annotations

from .model import Assessment, ColumnFit, TableFit

__all__ = ["Assessment", "ColumnFit", "TableFit"]
