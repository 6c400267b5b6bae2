"""The loop: what campaigns want, what lines are there, whom to call; until it is stopped."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

import structlog

from ivr.campaigns.book import CampaignBook
from ivr.campaigns.dialling.calls import Call, Calls, Stage
from ivr.campaigns.dialling.ear import Ear
from ivr.campaigns.dialling.guard import Guard
from ivr.campaigns.dialling.metrics import CampaignMetrics
from ivr.campaigns.dialling.overseers import Overseer, Overseers
from ivr.campaigns.dialling.pacer import Pacer
from ivr.campaigns.dialling.past import persons_reached
from ivr.campaigns.dialling.placing import Placing, Trunks, rate_of
from ivr.campaigns.dialling.preview import Previews
from ivr.campaigns.dialling.settings import DiallingSettings
from ivr.campaigns.dialling.stock import Stock
from ivr.campaigns.dialling.talks import CampaignTalks, Facts
from ivr.campaigns.dialling.writing import Writing
from ivr.campaigns.faults import NotNow
from ivr.campaigns.model import Campaign, CampaignState, Mode, Target
from ivr.campaigns.ports import Dialler, ExchangeAway, NotDialled, Operators, OutgoingCall
from ivr.campaigns.settings import PacingSettings
from ivr.dialogue.ports import Clock
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)

_LONGEST_RING = 120.0
_NOBODY_SECONDS = 2.0


class Dialling:
    """Dials for all campaigns that run, from `start` to `close`."""

    def __init__(
        self,
        *,
        book: CampaignBook,
        database: Database,
        calls: Calls,
        ear: Ear,
        stock: Stock,
        previews: Previews,
        talks: CampaignTalks,
        overseers: Overseers,
        writing: Writing,
        trunks: Trunks,
        placing: Placing,
        dialler: Dialler,
        operators: Operators,
        linked: Callable[[], bool],
        metrics: CampaignMetrics,
        clock: Clock,
        settings: DiallingSettings,
        pacing: PacingSettings,
        dialer: str,
    ) -> None:
        """Args: linked, whether the exchange takes orders and is being watched."""
        self._book = book
        self._database = database
        self._calls = calls
        self._ear = ear
        self._stock = stock
        self._previews = previews
        self._talks = talks
        self._overseers = overseers
        self._writing = writing
        self._trunks = trunks
        self._placing = placing
        self._dialler = dialler
        self._operators = operators
        self._linked = linked
        self._metrics = metrics
        self._clock = clock
        self._settings = settings
        self._pacing = pacing
        self._dialer = dialer
        self._running: dict[int, Campaign] = {}
        self._places: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._held = False
        self._stock_due = False
        self._swept = -settings.sweep_seconds
        self._ticking: asyncio.Task[None] | None = None
        metrics.watch(self._stages, lambda: len(self._running), lambda: writing.waiting)

    async def start(self) -> None:
        """Take up what an earlier life has left, and begin. Before the link to the exchange is started.

        Raises:
            StoreUnavailable: The database can't be read.
        """
        await self.take_up()
        self._ticking = asyncio.create_task(self._tick_forever(), name="campaign-dialling")

    async def take_up(self) -> None:
        """Take up what an earlier life has left; part of `start`. Raises StoreUnavailable."""
        await self._stock.take_up(_LONGEST_RING + self._settings.overdue_seconds)

    async def settled(self) -> None:
        """Wait until every call that was begun is ordered or given back, and all is written."""
        while self._places or self._writing.waiting:
            await asyncio.gather(*self._places, return_exceptions=True)
            await self._writing.idle()

    def hold(self) -> None:
        """Order nothing more from now on; what calls under way tell is still written."""
        self._held = True

    async def close(self) -> None:
        """Listen no longer; calls under way go on, and are taken up at the next start."""
        self.hold()
        if self._ticking is not None:
            self._ticking.cancel()
            await asyncio.gather(self._ticking, return_exceptions=True)
        with suppress(TimeoutError):
            await asyncio.wait_for(self.settled(), self._settings.close_seconds)
        for task in tuple(self._places):
            task.cancel()
        await asyncio.gather(*self._places, return_exceptions=True)
        await self._writing.close()

    # --- what others ask ------------------------------------------------------------------------------

    def runs(self, campaign_id: int) -> bool:
        """Whether a campaign dials now."""
        return not self._held and campaign_id in self._running

    def halt(self, campaign_id: int) -> None:
        """It was paused or stopped: no call of it is ordered from now on."""
        self._running.pop(campaign_id, None)
        self._wake.set()

    def store_away(self) -> None:
        """Nobody knows what is stopped: nothing is ordered until the book can be read and was compared."""
        self._stock_due = True
        self._running.clear()

    def wake(self) -> None:
        """Something has changed: look at once."""
        self._wake.set()

    def pace_of(self, campaign_id: int) -> float | None:
        """How many targets of it end in a second, as measured of late; None: not known."""
        overseer = self._overseers.of(campaign_id)
        return overseer.targets_per_second(self._clock.monotonic()) if overseer else None

    def target_ended(self, campaign_id: int) -> None:
        """A target of it has ended."""
        overseer = self._overseers.of(campaign_id)
        if overseer is not None:
            overseer.ended.append(self._clock.monotonic())

    async def rehearse(self, call: OutgoingCall, facts: Facts) -> None:
        """Make a call of which nothing is kept. Raises NotDialled, ExchangeAway."""
        self._talks.rehearse(facts)
        try:
            await self._dialler.dial(call)
        except NotDialled:
            self._talks.rehearsed(call.attempt_id)
            raise

    # --- the loop -------------------------------------------------------------------------------------

    async def _tick_forever(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self.tick()
            except StoreUnavailable:
                self.store_away()
                log.warning("campaigns.wait-for-store")
                await self._clock.sleep(self._settings.retry_seconds)
            except Exception:
                log.exception("campaigns.tick-failed")
                await self._clock.sleep(self._settings.retry_seconds)
            await self._pause()

    async def _pause(self) -> None:
        waits = [
            asyncio.ensure_future(self._wake.wait()),
            asyncio.ensure_future(self._clock.sleep(self._settings.tick_seconds)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    async def tick(self) -> None:
        """Look once. Raises StoreUnavailable."""
        every = await self._book.campaigns()
        self._running = {each.campaign_id: each for each in every if each.state is CampaignState.RUNNING}
        for campaign_id in self._overseers:
            if campaign_id not in self._running:
                self._overseers.drop(campaign_id)
        await self._keep_house()
        await self._end_calls({each.campaign_id for each in every if each.state is CampaignState.STOPPED})
        for campaign in sorted(self._running.values(), key=_urgency):
            if self.runs(campaign.campaign_id):
                await self._begin_calls(campaign)

    async def _keep_house(self) -> None:
        now = self._clock.monotonic()
        if not self._stock_due and now - self._swept < self._settings.sweep_seconds:
            return
        await self._book.alive(self._dialer)
        await self._previews.expire()
        await self._stock.compare()
        await self._stock.inherit(self._settings.gone_seconds)
        await self._book.sweep()
        self._stock_due = False
        self._swept = now

    # --- calls that begin -----------------------------------------------------------------------------

    async def _begin_calls(self, campaign: Campaign) -> None:
        overseer = await self._overseer(campaign)
        if overseer.guard.why:
            await self._pause_itself(campaign, overseer.guard.why)
            return
        wanted = self._wanted(campaign, overseer)
        if wanted <= 0 or not self._linked():
            return
        for target, operator in await self._targets(campaign, overseer, wanted):
            self._place(campaign, target, operator)

    async def _overseer(self, campaign: Campaign) -> Overseer:
        found = self._overseers.of(campaign.campaign_id)
        if found is not None:
            return found
        past = (
            await self._database.read(partial(persons_reached, campaign.campaign_id))
            if campaign.queue
            else ()
        )
        made = Overseer(
            Pacer(campaign, self._pacing, past), Guard(self._settings.guard), self._clock.monotonic()
        )
        self._overseers.put(campaign.campaign_id, made)
        return made

    def _wanted(self, campaign: Campaign, overseer: Overseer) -> int:
        paced = overseer.pacer.wants(
            campaign,
            self._calls.of_campaign(campaign.campaign_id),
            self._operators,
            self._clock.monotonic(),
            self._previews.chosen(campaign.campaign_id),
        )
        ahead = self._settings.tick_seconds
        rate = self._placing.turnstile.free(rate_of(campaign), campaign.calls_per_second, ahead)
        return min(paced, self._trunks.free(ahead), rate)

    async def _targets(
        self, campaign: Campaign, overseer: Overseer, wanted: int
    ) -> Sequence[tuple[Target, str]]:
        """Whom to call, each with the operator who has chosen him, or an empty text.

        A claim costs a write, so that none is made at once again when nobody is due.
        """
        if campaign.mode is Mode.PREVIEW:
            return await self._previews.take(campaign.campaign_id, wanted)
        now = self._clock.monotonic()
        if now < overseer.nobody_until:
            return ()
        found = await self._book.claim([campaign.campaign_id], self._clock.now(), wanted, self._dialer)
        if not found:
            overseer.nobody_until = now + _NOBODY_SECONDS
        return [(target, "") for target in found]

    def _place(self, campaign: Campaign, target: Target, operator: str) -> None:
        call = Call(campaign, target, self._clock.monotonic(), operator=operator)
        self._calls.add(call)
        task = asyncio.create_task(self._placed(call, campaign), name="campaign-call")
        self._places.add(task)
        task.add_done_callback(self._places.discard)

    async def _placed(self, call: Call, campaign: Campaign) -> None:
        if not await self._placing.place(call, campaign):
            self._stock_due = True
        if call.attempt is None:  # its line is free again: perhaps for the next one
            self._wake.set()

    async def _pause_itself(self, campaign: Campaign, why: str) -> None:
        self.halt(campaign.campaign_id)
        try:
            await self._book.set_state(campaign.campaign_id, CampaignState.PAUSED, why, "")
        except NotNow:
            return  # somebody was faster
        self._metrics.paused()
        self._overseers.drop(campaign.campaign_id)
        log.warning("campaigns.paused-itself", campaign=campaign.campaign_id)

    # --- calls that end -------------------------------------------------------------------------------

    async def _end_calls(self, stopped: set[int]) -> None:
        """Hang up what still rings for a stopped campaign, and give up what the exchange does not have."""
        if not self._linked():
            return
        now = self._clock.monotonic()
        for call in self._calls:
            if call.attempt is None:
                continue
            if call.missing_since is not None:
                if now - call.missing_since >= self._settings.missing_seconds:
                    self._ear.lost(call)
            elif self._overdue(call, now):
                call.missing_since = now
                await self._hang_up(call)
            elif call.stage is Stage.ORDERED and call.campaign_id in stopped and not call.hanging_up:
                await self._hang_up(call)

    def _overdue(self, call: Call, now: float) -> bool:
        """Whether its end should have been heard long ago."""
        if call.stage is Stage.ORDERED:
            return call.ends_by is not None and now >= call.ends_by
        return now >= call.began + self._settings.longest_seconds

    async def _hang_up(self, call: Call) -> None:
        if call.attempt is None:
            return
        call.hanging_up = True
        try:
            await self._dialler.hang_up(call.attempt.attempt_id)
        except ExchangeAway:
            call.hanging_up = False

    def _stages(self) -> Counter[str]:
        stages = Counter({each.value: 0 for each in Stage})
        stages.update(call.stage.value for call in self._calls)
        return stages


def _urgency(campaign: Campaign) -> tuple[object, ...]:
    """Whoever's window ends first goes first."""
    return campaign.last_day, campaign.closes is None, campaign.closes, campaign.campaign_id
