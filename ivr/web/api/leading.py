"""What those do who lead the desk is put down: who, what, to whom."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from ivr.access.audit import Action
from ivr.web.api.audited import entry_of
from ivr.web.api.cards import AuditTrail
from ivr.web.api.route import Asked

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Leading:
    """Writes it into the audit, and a line without names into the log."""

    audit: AuditTrail

    async def did(self, asked: Asked, *deeds: tuple[str, str]) -> None:
        """Put down what who asks has done: to whom (a login, or empty), and what.

        Raises:
            StoreUnavailable: It was not put down; what was done stands, and may be done again.
        """
        await self.audit.record(*(entry_of(asked, Action.LED, what, subject=login) for login, what in deeds))
        for login, what in deeds:
            log.info("desk.led", by=asked.user.login, what=what, whom=login)

    async def saw(self, asked: Asked, what: str) -> None:
        """Put down that who asks was shown something of the people who work here."""
        await self.audit.record(entry_of(asked, Action.VIEWED, what))
