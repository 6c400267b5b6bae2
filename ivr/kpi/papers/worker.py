"""Makes reports after their periods and sees that they arrive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Any, NoReturn, Protocol

import structlog

from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.kpi.cells import midnight
from ivr.kpi.papers import deliveries
from ivr.kpi.papers.book import Book
from ivr.kpi.papers.deliveries import Delivery
from ivr.kpi.papers.forms import Paper, paper
from ivr.kpi.papers.posting import EMAIL, FOLDER, NotDelivered
from ivr.kpi.papers.schedule import due
from ivr.kpi.papers.settings import DeliverySettings, Order
from ivr.kpi.papers.spans import Days
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)
_DAY = timedelta(days=1)
HELD_SECONDS = 600.0
"""How long no other engine tries what one is delivering; after a crash it is tried again then."""

_MOST_EXPONENT = 30  # beyond it the longest pause holds anyway


class Maker(Protocol):
    """Makes what a report consists of."""

    async def __call__(self, order: Order, days: Days) -> Book:
        """The book of an order. Raises `Fault` when its standard is not there."""


class Carrier(Protocol):
    """Takes papers to a destination."""

    async def deliver(self, destination: str, name: str, book: Book, papers: Sequence[Paper]) -> None:
        """Raises `NotDelivered`."""


_Made = dict[tuple[str, Days], tuple[Book, list[Paper]]]
"""Books and papers of one round: each is made once."""


class ReportDelivery:
    """Orders each report once, durably, and delivers it until it has arrived.

    A crash between delivering and noting it delivers once more: the same file, or the same Message-ID.

    Attributes:
        late: To how many destinations the last report has not come, though it was tried.
    """

    def __init__(
        self,
        database: Database,
        orders: Sequence[Order],
        settings: DeliverySettings,
        clock: Clock,
        zone: tzinfo,
        *,
        make: Maker,
        post: Carrier,
    ) -> None:
        """Put it together; `run` works."""
        self._database = database
        self._orders = {order.name: order for order in orders}
        self._settings = settings
        self._clock = clock
        self._zone = zone
        self._make = make
        self._post = post
        self.late = 0

    async def run(self) -> NoReturn:
        """Work until cancelled."""
        while True:
            try:
                await self.work()
            except StoreUnavailable:
                log.warning("reports.wait_for_store")
            except Exception:
                log.exception("reports.failed")
            await self._clock.sleep(self._settings.poll_seconds)

    async def work(self) -> int:
        """Order what has fallen due and try once what waits; tells how many have arrived.

        Raises:
            StoreUnavailable: The database can't be used now.
        """
        now = self._clock.now()
        await self._plan(now)
        found = await self._database.read(partial(deliveries.waiting, now=now))
        made: _Made = {}
        arrived = 0
        for each in found:
            order = self._orders.get(each.name)
            if order is not None and await self._is_counted(each.days) and await self._claim(each):
                arrived += await self._try(order, each, made)
        self.late = await self._database.read(deliveries.late)
        return arrived

    async def _plan(self, now: datetime) -> None:
        known = await self._database.read(deliveries.latest)
        planned = [
            Delivery(
                name=order.name,
                first=days.first,
                last=days.last,
                destination=destination,
                planned_at=now,
                due_at=now,
            )
            for order in self._orders.values()
            for destination in destinations(order)
            for days in due(
                order, known.get((order.name, destination)), now, self._zone, self._settings.catch_up
            )
        ]
        if planned:
            await self._database.write(partial(deliveries.plan, planned=planned))

    async def _is_counted(self, days: Days) -> bool:
        until = midnight(days.last + _DAY, self._zone)
        return await self._database.read(partial(deliveries.is_counted, until=until))

    async def _claim(self, delivery: Delivery) -> bool:
        until = self._clock.now() + timedelta(seconds=HELD_SECONDS)
        return await self._database.write(partial(deliveries.claim, delivery=delivery, until=until))

    async def _try(self, order: Order, delivery: Delivery, made: _Made) -> bool:
        try:
            book, papers = await self._papers(order, delivery.days, made)
            await self._post.deliver(delivery.destination, order.name, book, papers)
        except (NotDelivered, Fault) as failure:
            values = self._failed(delivery, str(failure))
        except StoreUnavailable:
            raise
        except Exception as error:
            log.exception("report.failed", report=order.name)
            values = self._failed(delivery, type(error).__name__)
        else:
            values = {"done_at": self._clock.now(), "due_at": None, "error": None}
            log.info("report.delivered", report=order.name, first=str(delivery.first))
        values["attempts"] = delivery.attempts + 1
        await self._database.write(partial(deliveries.settle, delivery=delivery, values=values))
        return values.get("done_at") is not None

    async def _papers(self, order: Order, days: Days, made: _Made) -> tuple[Book, list[Paper]]:
        key = (order.name, days)
        if key not in made:
            book = await self._make(order, days)
            papers = [await asyncio.to_thread(paper, book, form, order.name) for form in order.formats]
            made[key] = book, papers
        return made[key]

    def _failed(self, delivery: Delivery, failure: str) -> dict[str, Any]:
        attempt = delivery.attempts + 1
        given_up = attempt >= self._settings.attempts
        tell: Callable[..., object] = log.error if given_up else log.warning
        tell("report.not_delivered", report=delivery.name, attempt=attempt, error=failure)
        pause = timedelta(seconds=self._pause(attempt))
        return {"error": failure, "due_at": None if given_up else self._clock.now() + pause}

    def _pause(self, attempt: int) -> float:
        settings = self._settings
        doubled = settings.first_pause_seconds * 2.0 ** min(attempt - 1, _MOST_EXPONENT)
        return min(doubled, settings.longest_pause_seconds)


def destinations(order: Order) -> Iterator[str]:
    """Where a report goes."""
    if order.folder is not None:
        yield f"{FOLDER}{order.folder}"
    for address in order.email:
        yield f"{EMAIL}{address}"
