"""Providers of further judgements, off by default: embeddings of a local model, and a language model behind an endpoint."""

from .base import Option, Provider, Question
from .embeddings import EmbeddingHint, Embeddings
from .llm import Endpoint, LanguageModel, Limits
from .rerank import reranked

__all__ = [
    "EmbeddingHint",
    "Embeddings",
    "Endpoint",
    "LanguageModel",
    "Limits",
    "Option",
    "Provider",
    "Question",
    "reranked",
]
