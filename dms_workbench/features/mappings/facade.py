"""``wb.mappings``."""

from __future__ import annotations

from ...kernel.facade import Facade, operation
from .check import CheckMapping, DefaultMapping
from .save import GetMapping, ListMappings, ListMappingVersions, SaveMapping


class Mappings(Facade):
    """Keep versions of mapping files and check them."""

    save = operation(SaveMapping)
    get = operation(GetMapping)
    list = operation(ListMappings)
    versions = operation(ListMappingVersions)
    check = operation(CheckMapping)
    default = operation(DefaultMapping)
