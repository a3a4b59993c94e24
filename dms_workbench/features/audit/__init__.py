"""The audit: who did what and when, chained so that a change of the past shows."""

# ruff: noqa: E402  lazily() comes before the modules that use the lazy store
from ...kernel.lazy import lazily

lazily(__name__, "store")

from .model import AuditEntry, AuditReport
from .read import ListAuditEntries, VerifyAudit
from .record import record

__all__ = ["AuditEntry", "AuditReport", "ListAuditEntries", "VerifyAudit", "record"]
