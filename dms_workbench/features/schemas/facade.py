"""``wb.schemas``."""

from __future__ import annotations

from ...kernel.facade import Facade, operation
from .discover import DiscoverSchema, GetSnapshot, ListSnapshots


class Schemas(Facade):
    """Read catalogues and keep their history."""

    discover = operation(DiscoverSchema)
    get = operation(GetSnapshot)
    list = operation(ListSnapshots)
