"""Views that a page asks for piece by piece are put down once, not once a piece."""

from __future__ import annotations

import asyncio
from typing import Final

from ivr.access.audit import Action
from ivr.dialogue.ports import Clock
from ivr.web.api.audited import entry_of
from ivr.web.api.cards import AuditTrail
from ivr.web.api.route import Asked

_ONE_VIEW_SECONDS: Final = 1_800.0


class OnceAudited:
    """Puts down that somebody hears something, the first time in half an hour of a session."""

    def __init__(self, audit: AuditTrail, clock: Clock) -> None:
        self._audit = audit
        self._clock = clock
        self._noted: dict[tuple[str, str], float] = {}
        self._noting = asyncio.Lock()

    async def viewed(self, asked: Asked, what: str, call_id: str, subject: str = "") -> None:
        """Return once it is on record.

        Args:
            asked: Who.
            what: Which thing, by its id.
            call_id: Its call.
            subject: Whose data.

        Raises:
            StoreUnavailable: It is not; nothing may be shown.
        """
        async with self._noting:
            key, now = (asked.session_id, what), self._clock.monotonic()
            self._noted = {one: at for one, at in self._noted.items() if now - at < _ONE_VIEW_SECONDS}
            if key not in self._noted:
                entry = entry_of(asked, Action.VIEWED, what, subject=subject, call_id=call_id)
                await self._audit.record(entry)
                self._noted[key] = now
