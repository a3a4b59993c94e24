"""What can go wrong with providers of further judgements."""

from __future__ import annotations

from ...kernel.errors import UsageError


class EmbeddingModelUnusable(
    UsageError,
    code="embedding-model-unusable",
    next="Name a folder with model.safetensors, config.json and vocab.txt of a BERT encoder, or leave --provider out.",
):
    """The folder {folder} is not a model that embeddings can be made with: {reason}."""


class EndpointUnusable(
    UsageError, code="endpoint-unusable", next="Correct DMS_MATCHING_LLM_URL, or leave --provider out."
):
    """The address of the language model cannot be used: {reason}."""
