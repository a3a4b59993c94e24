"""Transforms: cleansing proposed for a source, written into mapping files, and mappings previewed on rows."""

from .preview import PreviewMapping, TransformedRow, TransformPreview
from .propose import ProposedCleansing, ProposedTransforms, ProposeTransforms, UncleansedColumn

__all__ = [
    "PreviewMapping",
    "ProposeTransforms",
    "ProposedCleansing",
    "ProposedTransforms",
    "TransformPreview",
    "TransformedRow",
    "UncleansedColumn",
]
