"""What can go wrong with saved mappings."""

from __future__ import annotations

from ...kernel.errors import NotFound, WorkbenchError


class MappingNotFound(NotFound, code="mapping-not-found"):
    """There is no mapping {name} in this project."""


class MappingVersionNotFound(NotFound, code="mapping-version-not-found"):
    """The mapping {name} has no version {sha}."""


class MappingConflict(WorkbenchError, code="mapping-conflict", status=409, next="dms mappings get {project_id} {name}"):
    """The mapping {name} was changed meanwhile: your text is based on {based_on}, the latest version is {latest}."""
