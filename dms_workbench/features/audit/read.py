"""Reading the audit and checking its chain."""

from __future__ import annotations

from dataclasses import replace

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Query
from ...kernel.paging import Limit, Offset, Page, page
from . import store
from .model import AuditEntry, AuditReport, check


class ListAuditEntries(Query[Page[AuditEntry]], route="GET /audit/entries", scope="audit:read"):
    """List audit entries, newest first.

    project_id: only those of one project, by id or name.
    user: only those of one user, by name.
    action: only those of one message, such as CreateProject.
    limit: entries on a page at most; offset: entries to leave out at the start.
    """

    project_id: str | None = None
    user: str | None = None
    action: str | None = None
    limit: Limit = 100
    offset: Offset = 0


@handles(ListAuditEntries)
def list_audit_entries(query: ListAuditEntries, ctx: Context) -> Page[AuditEntry]:
    chosen = store.Filter(ctx.caller.organisation_id, query.project_id, query.user, query.action)
    entries, total = store.listed(ctx.db, chosen, query.limit, query.offset)
    return page(entries, total=total, offset=query.offset, limit=query.limit)


class VerifyAudit(Query[AuditReport], route="GET /audit/verification", scope="audit:read"):
    """Check the organisation's whole audit chain: nothing changed, left out, inserted or cut off at the end."""


@handles(VerifyAudit)
def verify_audit(_query: VerifyAudit, ctx: Context) -> AuditReport:
    organisation_id = ctx.caller.organisation_id
    number, _ = store.head(ctx.db, organisation_id)
    report = check(organisation_id, store.chain(ctx.db, organisation_id))
    if report.intact and report.entries < number:
        return replace(report, intact=False, broken_at=report.entries + 1)
    return report
