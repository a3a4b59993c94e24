"""``wb.audit``."""

from __future__ import annotations

from ...kernel.facade import Facade, operation
from .read import ListAuditEntries, VerifyAudit


class Audit(Facade):
    """See who did what, and check that the record was not changed."""

    entries = operation(ListAuditEntries)
    verify = operation(VerifyAudit)
