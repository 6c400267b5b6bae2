"""The visits that a client has before him, to an office and to his home, as one list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time
from functools import partial

from sqlalchemy import Connection

from ivr.dialogue.ports import Clock
from ivr.requests import appointment_rows, home_visit_rows
from ivr.requests.model import Appointment, HomeVisit
from ivr.store import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingVisit:
    """A visit that is booked.

    Attributes:
        number: What the client was told.
        office: Id of the office; None for a visit to his home.
        starts_at: Aware; of a visit to his home the beginning of the part of the day.
        window: That part, `09:00-13:00`; empty for a visit to an office.
        topic: Of `kb/`, or empty.
    """

    number: str
    office: str | None
    starts_at: datetime
    window: str
    topic: str


class ComingVisits:
    """Reads them. Days are of the company's calendar, which the clock's zone tells."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of_client(self, accounts: Collection[str], phone: str) -> list[ComingVisit]:
        """Those of today and later of a client known by his accounts or his telephone, the soonest first.

        Raises:
            StoreUnavailable: They can't be read.
        """
        return await self._database.read(partial(_coming, tuple(accounts), phone, self._clock.now()))


def _coming(
    accounts: Collection[str], phone: str, now: datetime, connection: Connection
) -> list[ComingVisit]:
    to_offices = appointment_rows.of_client(accounts, phone, now, connection)
    at_home = home_visit_rows.of_client(accounts, phone, now, connection)
    found = [*map(_to_office, to_offices), *(_at_home(each, now) for each in at_home)]
    return sorted(found, key=lambda visit: visit.starts_at)


def _to_office(booked: Appointment) -> ComingVisit:
    return ComingVisit(
        number=booked.number,
        office=booked.office,
        starts_at=booked.starts_at,
        window="",
        topic=booked.topic,
    )


def _at_home(booked: HomeVisit, now: datetime) -> ComingVisit:
    begins = time.fromisoformat(booked.window.partition("-")[0])
    return ComingVisit(
        number=booked.number,
        office=None,
        starts_at=datetime.combine(booked.day, begins, now.tzinfo),
        window=booked.window,
        topic=booked.topic,
    )
