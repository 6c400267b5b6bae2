"""Call-backs: one open promise for each telephone number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from ivr.dialogue.ports import Clock
from ivr.requests.model import Callback, Wish
from ivr.requests.settings import CallbacksSettings
from ivr.requests.tables import callbacks
from ivr.requests.worktime import AtWork, next_working, wished
from ivr.store import Database

_log = structlog.get_logger(__name__)
OPEN = "open"


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
    """

    phone: str
    call_id: str
    when: str = ""
    topic: str = ""
    account_number: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """When the caller will be called.

    Attributes:
        due_from: Aware, in the company's time zone.
        renewed: Whether an earlier call had been promised one already, which this replaces.
    """

    due_from: datetime
    renewed: bool


class Callbacks:
    """Promises calls for the time when people are at work."""

    def __init__(
        self, database: Database, settings: CallbacksSettings, clock: Clock, at_work: AtWork
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._at_work = at_work

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
        given = {
            "wish": wish.value,
            "due_from": due_from,
            "call_id": plea.call_id,
            "changed_at": now,
        }
        known = {
            "topic": plea.topic,
            "account_number": plea.account_number,
            "said": plea.said[: settings.said_characters],
        }
        job = partial(_promise, plea.phone, given, known, now)
        try:
            renewed = await self._database.write(job)
        except IntegrityError:  # another process has promised to the same number meanwhile
            renewed = await self._database.write(job)
        _log.info("callbacks.promised", call_id=plea.call_id, wish=wish.value, renewed=renewed)
        return Promise(due_from, renewed)

    async def waiting(self) -> list[Callback]:
        """The promises to keep, the earliest first.

        Raises:
            StoreUnavailable: They cannot be read.
        """
        return await self._database.read(partial(_waiting, self._clock.now()))


def _promise(
    phone: str, given: Mapping[str, Any], known: Mapping[str, str], now: datetime, connection: Connection
) -> bool:
    """Write the promise; whether one of another call was open."""
    opened = (callbacks.c.phone == phone) & (callbacks.c.status == OPEN)
    before = connection.execute(select(callbacks.c.id, callbacks.c.call_id).where(opened)).first()
    if before is None:
        fresh = {"phone": phone, "asked_at": now, "status": OPEN}
        connection.execute(insert(callbacks).values({**given, **known, **fresh}))
        return False
    news = {name: value for name, value in known.items() if value}
    connection.execute(update(callbacks).where(callbacks.c.id == before.id).values({**given, **news}))
    return bool(before.call_id != given["call_id"])


def _waiting(now: datetime, connection: Connection) -> list[Callback]:
    query = select(callbacks).where(callbacks.c.status == OPEN).order_by(callbacks.c.due_from, callbacks.c.id)
    return [_callback(row, now) for row in connection.execute(query).mappings()]


def _callback(row: Mapping[Any, Any], now: datetime) -> Callback:
    return Callback(
        id=row["id"],
        phone=row["phone"],
        asked_at=row["asked_at"].astimezone(now.tzinfo),
        wish=Wish(row["wish"]),
        due_from=row["due_from"].astimezone(now.tzinfo),
        topic=row["topic"],
        account_number=row["account_number"],
        said=row["said"],
        status=row["status"],
        call_id=row["call_id"],
    )
