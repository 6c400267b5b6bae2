"""Call-backs: one promise is owed to a telephone number at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ivr.dialogue.ports import Clock
from ivr.requests import callback_rows
from ivr.requests.callback_model import Callback, CallbackSource, CallbackStatus, Place
from ivr.requests.settings import CallbacksSettings
from ivr.requests.worktime import AtWork, next_working, wished
from ivr.store import Database

_log = structlog.get_logger(__name__)

Places = Callable[[str], Place | None]
"""The place in a queue that the caller of a call has, by our id of the call; None when he has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plea:
    """What a caller asks for.

    Attributes:
        phone: In E.164.
        call_id: Of the call.
        when: As `wished` reads it.
        topic: Of `kb/`, or empty.
        account_number: Or empty.
        said: What the caller said, or empty.
        by_operator: Whether an operator has promised it.
    """

    phone: str
    call_id: str
    when: str = ""
    topic: str = ""
    account_number: str = ""
    said: str = ""
    by_operator: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """When the caller will be called.

    Attributes:
        due_from: Aware, in the company's time zone.
        renewed: Whether an earlier call had been promised one already, which this replaces.
    """

    due_from: datetime
    renewed: bool


def _nowhere(call_id: str) -> Place | None:
    return None


class Callbacks:
    """Promises calls for the time when people are at work."""

    def __init__(
        self,
        database: Database,
        settings: CallbacksSettings,
        clock: Clock,
        at_work: AtWork,
        places: Places = _nowhere,
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._at_work = at_work
        self._places = places
        self._told: list[Callable[[], None]] = []

    def keep_places(self, places: Places) -> None:
        """Learn who waits where: a promise given in a queue keeps the place."""
        self._places = places

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call this, on the loop, whenever a promise has been given."""
        self._told.append(listener)

    async def ask(self, plea: Plea) -> Promise:
        """Promise a call; durable on return. A second plea of the same number changes its open promise.

        Raises:
            ValueError: `when` cannot be read, or is too far ahead.
            NobodyWorks: Nobody is at work as far ahead as a call may be promised.
            StoreUnavailable: Nothing was written.
        """
        now, settings = self._clock.now(), self._settings
        wish, earliest = wished(plea.when, now)
        if earliest > now + timedelta(days=settings.ahead_days):
            raise ValueError("too far ahead to be promised")
        due_from = next_working(earliest, self._at_work, settings.step_minutes, settings.ahead_days)
        place = self._places(plea.call_id)
        given = {
            "wish": wish,
            "due_from": due_from,
            "next_at": None,
            "call_id": plea.call_id,
            "source": _source(plea, place),
        }
        known = {
            "topic": plea.topic,
            "account_number": plea.account_number,
            "said": plea.said[: settings.said_characters],
            "queue": place.queue if place else "",
            "queued_at": place.since if place else None,
        }
        renewed = await self._write(plea.phone, given, known, now)
        _log.info("callbacks.promised", call_id=plea.call_id, wish=wish.value, renewed=renewed)
        for listener in self._told:
            listener()
        return Promise(due_from, renewed)

    async def waiting(self) -> list[Callback]:
        """The promises to keep, the earliest first.

        Raises:
            StoreUnavailable: They cannot be read.
        """
        now = self._clock.now()
        return await self._database.read(lambda connection: callback_rows.owed(connection, now))

    async def listed(self, statuses: Sequence[CallbackStatus], limit: int) -> list[Callback]:
        """Promises that stand so, those that were changed last first.

        Raises:
            StoreUnavailable: They cannot be read.
        """
        now = self._clock.now()
        return await self._database.read(
            lambda connection: callback_rows.of_status(connection, statuses, limit, now)
        )

    async def find(self, id: int) -> Callback | None:
        """A promise by its id.

        Raises:
            StoreUnavailable: It cannot be read.
        """
        now = self._clock.now()
        return await self._database.read(lambda connection: callback_rows.one(connection, id, now))

    async def of_client(self, phone: str, account_numbers: Sequence[str] = ()) -> list[Callback]:
        """What is owed to a number, or about one of these accounts.

        Raises:
            StoreUnavailable: It cannot be read.
        """
        now = self._clock.now()
        return await self._database.read(
            lambda connection: callback_rows.of_client(connection, phone, account_numbers, now)
        )

    async def _write(self, phone: str, given: dict[str, Any], known: dict[str, Any], now: datetime) -> bool:
        job = partial(_promise, phone, given, known, now)
        try:
            return await self._database.write(job)
        except IntegrityError:  # another process has promised to the same number meanwhile
            return await self._database.write(job)


def _promise(
    phone: str, given: dict[str, Any], known: dict[str, Any], now: datetime, connection: Connection
) -> bool:
    return callback_rows.promise(connection, phone, given, known, now)


def _source(plea: Plea, place: Place | None) -> CallbackSource:
    if plea.by_operator:
        return CallbackSource.OPERATOR
    return CallbackSource.QUEUE if place else CallbackSource.ROBOT
