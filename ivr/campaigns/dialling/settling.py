"""Draws the consequences of attempts that have ended, once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog

from ivr.campaigns.book import CampaignBook
from ivr.campaigns.dialling.fates import Over, fate_of
from ivr.campaigns.model import Campaign, Target
from ivr.campaigns.plans import Plans
from ivr.campaigns.ports import Sender
from ivr.campaigns.retries import Again
from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.store import StoreUnavailable

log = structlog.get_logger(__name__)

_AFTER_FAULT = timedelta(hours=1)

TargetEnded = Callable[[int], None]
"""Is told the campaign of each target that has ended."""


class Settling:
    """Puts targets where they belong after an attempt; a second time changes nothing."""

    def __init__(
        self, book: CampaignBook, plans: Plans, sender: Sender, clock: Clock, on_end: TargetEnded
    ) -> None:
        self._book = book
        self._plans = plans
        self._sender = sender
        self._clock = clock
        self._on_end = on_end

    async def settle(self, attempt_id: str) -> None:
        """Say what becomes of the target of an attempt that has ended. Raises StoreUnavailable."""
        found = await self._book.to_settle(attempt_id)
        if found is None:
            return
        campaign, target, attempts = found
        now = self._clock.now()
        try:
            plan = self._plans.of(campaign)
        except Fault:
            log.warning("campaigns.no-plan", campaign=campaign.campaign_id)
            await self._book.again(target.target_id, now + _AFTER_FAULT, after=attempt_id)
            return
        fate = fate_of(plan, target, attempts, now)
        if isinstance(fate, Again):
            await self._book.again(target.target_id, fate.at, after=attempt_id)
            return
        after = plan.messages.after(attempts[-1].outcome, attempts[-1].disposition)
        await self.end(campaign, target, fate, after)

    async def end(self, campaign: Campaign, target: Target, fate: Over, after: Iterable[str] = ()) -> None:
        """End a target, its messages first. Raises StoreUnavailable."""
        if fate.instead:
            await self.send(campaign, target, fate.instead, "instead")
        for channel in after:
            await self.send(campaign, target, channel, "after")
        if await self._book.over(target.target_id, fate.state, fate.outcome):
            self._on_end(campaign.campaign_id)

    async def send(self, campaign: Campaign, target: Target, channel: str, moment: str) -> datetime | None:
        """Write a message; one that can't be written holds nothing up.

        Returns:
            When it was written, the first time; None: it can't be.

        Raises:
            StoreUnavailable: It may be written later.
        """
        try:
            return await self._sender.send(campaign, target, channel, moment)
        except StoreUnavailable:
            raise
        except Fault as fault:
            log.warning("campaigns.no-message", channel=channel, moment=moment, reason=fault.where)
            return None
