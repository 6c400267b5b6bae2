"""Bringing readings from the outbox to billing's hook, again and again until it takes them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any, Protocol

import structlog

from ivr.dialogue.ports import Clock
from ivr.readings.hook import NotTaken
from ivr.readings.outbox import Channel, Delivery, DeliveryState, claim, has_due, settle
from ivr.readings.settings import HookSettings
from ivr.store import Database, StoreUnavailable

_log = structlog.get_logger(__name__)
_CLAIMED_AT_ONCE = 50


class Sender(Protocol):
    """Takes a reading to billing."""

    async def send(self, delivery: Delivery) -> None:
        """Send it. Raises `NotTaken`."""


class ReadingHandover:
    """The worker of the HTTP channel. Several may run; each reading is claimed by one at a time.

    A crash between sending and noting it sends the reading again, under the same idempotency key.
    """

    def __init__(
        self,
        database: Database,
        settings: HookSettings,
        clock: Clock,
        sender: Sender,
        *,
        random: Random,
        settled: Callable[[DeliveryState], None] = lambda state: None,
    ) -> None:
        """Put the worker together.

        Args:
            database: Holds the outbox.
            settings: Delays and limits.
            clock: Tells when a reading is due, and waits.
            sender: Takes a reading to billing.
            random: Spreads the delays.
            settled: Told the state after each attempt, for metrics.
        """
        self._database = database
        self._settings = settings
        self._clock = clock
        self._sender = sender
        self._random = random
        self._settled = settled
        self._at_once = asyncio.Semaphore(settings.at_once)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                handled = await self.deliver_due()
            except StoreUnavailable:
                handled = 0
            if not handled:
                await self._clock.sleep(self._settings.poll_seconds)

    async def deliver_due(self) -> int:
        """Try what is due once; tells how many readings that were.

        Raises:
            StoreUnavailable: The database cannot be used; what was sent meanwhile is sent again later.
        """
        now = self._clock.now()
        if not await self._database.read(partial(has_due, channel=Channel.HTTP, now=now)):
            return 0
        limit = _CLAIMED_AT_ONCE
        rounds = -(-limit // self._settings.at_once)
        lease = timedelta(seconds=self._settings.attempt_seconds * rounds + 60)
        due = await self._database.write(
            partial(claim, channel=Channel.HTTP, now=now, lease=lease, limit=limit)
        )
        results = await asyncio.gather(*(self._deliver(delivery) for delivery in due), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return len(due)

    async def _deliver(self, delivery: Delivery) -> None:
        async with self._at_once:
            try:
                await self._sender.send(delivery)
            except NotTaken as failure:
                values = self._failed(delivery, failure)
            else:
                values = {"state": DeliveryState.DONE, "done_at": self._clock.now(), "error": None}
        await self._database.write(partial(settle, delivery_id=delivery.id, values=values))
        self._settled(values["state"])

    def _failed(self, delivery: Delivery, failure: NotTaken) -> dict[str, Any]:
        if failure.final or delivery.attempt >= self._settings.attempts:
            _log.error("reading.dead", delivery=delivery.id, attempts=delivery.attempt, error=str(failure))
            return {"state": DeliveryState.DEAD, "error": str(failure)}
        delay = self._delay(delivery.attempt)
        _log.warning("reading.not_taken", delivery=delivery.id, attempt=delivery.attempt, error=str(failure))
        return {
            "state": DeliveryState.WAITING,
            "due_at": self._clock.now() + timedelta(seconds=delay),
            "error": str(failure),
        }

    def _delay(self, attempt: int) -> float:
        """Seconds until the next attempt: doubled each time, between half and all of it."""
        exponent = min(attempt - 1, 30)  # beyond it the longest delay holds anyway
        full = min(self._settings.first_delay_seconds * 2.0**exponent, self._settings.longest_delay_seconds)
        return full * self._random.uniform(0.5, 1.0)
