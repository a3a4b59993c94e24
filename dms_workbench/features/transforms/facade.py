"""``wb.transforms``."""

from __future__ import annotations

from ...kernel.facade import Facade, operation
from .preview import PreviewMapping
from .propose import ProposeTransforms


class Transforms(Facade):
    """Propose what cleans a source, and preview a mapping on rows."""

    propose = operation(ProposeTransforms)
    preview = operation(PreviewMapping)
