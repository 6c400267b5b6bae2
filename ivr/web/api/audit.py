"""The audit, for those who may read it."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, Field

from ivr.access.audit import Action, Audit, Recorded, Selection
from ivr.access.model import Right
from ivr.web.api.route import Asked, Route


class AuditQuery(BaseModel):
    """Which entries."""

    login: str | None = Field(None, max_length=32)
    action: Action | None = None
    subject: str | None = Field(None, max_length=64)
    call_id: str | None = Field(None, max_length=64)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    before: int = Field(0, ge=0, lt=2**63, description="Only entries with a lower id, for the next page.")
    limit: int = Field(100, ge=1, le=500)


class EntryTold(BaseModel):
    """An entry."""

    id: int
    at: AwareDatetime
    login: str
    action: Action
    subject: str
    call_id: str
    what: str
    session_id: str
    address: str


class AuditTold(BaseModel):
    """The newest first."""

    entries: list[EntryTold]


def routes(audit: Audit) -> list[Route]:
    """`/audit`."""

    async def find(asked: Asked) -> AuditTold:
        query: AuditQuery = asked.query
        found = await audit.find(Selection(**query.model_dump()))
        return AuditTold(entries=list(map(_told, found)))

    return [
        Route(
            method="GET",
            path="/audit",
            title="Who did and saw what",
            right=Right.AUDIT,
            run=find,
            query=AuditQuery,
            answer=AuditTold,
        )
    ]


def _told(entry: Recorded) -> EntryTold:
    return EntryTold(
        id=entry.id,
        at=entry.at,
        login=entry.login,
        action=entry.action,
        subject=entry.subject,
        call_id=entry.call_id,
        what=entry.what,
        session_id=entry.session_id,
        address=entry.address,
    )
