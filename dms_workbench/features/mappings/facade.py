"""``wb.mappings``."""

from __future__ import annotations

from typing import Any

from ...kernel.facade import Facade, operation
from ..schemas import connection_of
from .check import CheckMapping, DefaultMapping
from .save import GetMapping, ListMappings, ListMappingVersions, SaveMapping
from .suggest import SuggestedMapping, SuggestMapping


class Mappings(Facade):
    """Keep versions of mapping files, check them, and suggest them."""

    save = operation(SaveMapping)
    get = operation(GetMapping)
    list = operation(ListMappings)
    versions = operation(ListMappingVersions)
    check = operation(CheckMapping)
    default = operation(DefaultMapping)
    propose = operation(SuggestMapping)

    def suggest(self, source: object, target: object, *, project: str = "default", **options: Any) -> SuggestedMapping:
        """Suggest what each column of the target is made of; no row is read, nothing is written.

        source, target: each a URL or path, ``@connection`` or a connection.
        options: those of `propose`: ``min_confidence``, ``source_schema``, ``target_schema``.

            found = wb.mappings.suggest("legacy.sqlite", "@new")
            found.open_columns
        """
        places = connection_of(self.bus, source, project), connection_of(self.bus, target, project)
        return self.propose(*places, **options)
