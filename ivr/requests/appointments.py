"""Appointments: what is free, and booking it so that nobody else can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby, islice
from typing import Any

import structlog
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from ivr.dialogue.ports import Clock
from ivr.requests.model import Appointment
from ivr.requests.settings import AppointmentsSettings
from ivr.requests.slots import Offices, starts
from ivr.requests.tables import appointments
from ivr.store import Database

_log = structlog.get_logger(__name__)
_RACES = 5
BOOKED = "booked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What a caller has chosen.

    Attributes:
        office: Id of the office.
        segment: Whose hours count.
        starts_at: Beginning of the slot, aware.
        account_number: Whose visit it is.
        call_id: Of the call.
        topic: Of `kb/`, or empty.
    """

    office: str
    segment: str
    starts_at: datetime
    account_number: str
    call_id: str
    topic: str = ""


class Appointments:
    """Offers and books visits. All days are of the company's calendar, which the clock's zone tells."""

    def __init__(
        self, database: Database, settings: AppointmentsSettings, clock: Clock, offices: Offices
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._offices = offices

    async def free(self, office: str, segment: str) -> list[datetime]:
        """The next visits that can be booked, a few of each day; none where no hours are published.

        Raises:
            StoreUnavailable: The bookings cannot be read.
        """
        capacity = self._settings.capacity_of(office)
        taken = await self._database.read(partial(_taken, office, self._clock.now()))
        open_to_all = (at for at in self._slots(office, segment) if taken[at] < capacity)
        few_a_day = (
            at
            for _, of_day in groupby(open_to_all, key=datetime.date)
            for at in islice(of_day, self._settings.offered_a_day)
        )
        return list(islice(few_a_day, self._settings.offered))

    async def book(self, booking: Booking) -> Appointment | None:
        """Book a visit; durable on return. The same call booking the same visit again has it already.

        Returns:
            The appointment; None when others have taken it or the office does not receive then.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        if booking.starts_at not in self._slots(booking.office, booking.segment):
            return await self._database.read(partial(_of_call, booking, self._clock.now()))
        booked = await self._write(
            partial(_book, booking, self._settings.capacity_of(booking.office), self._clock.now())
        )
        _log.info("appointments.asked", call_id=booking.call_id, booked=booked is not None)
        return booked

    async def _write(self, job: Callable[[Connection], Appointment | None]) -> Appointment | None:
        for _ in range(_RACES):
            try:
                return await self._database.write(job)
            except IntegrityError:  # another process has taken the seat meanwhile
                continue
        return await self._database.write(job)

    async def coming(self) -> list[Appointment]:
        """The visits that are booked from today on, by office and time.

        Raises:
            StoreUnavailable: The bookings cannot be read.
        """
        now = self._clock.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return await self._database.read(partial(_coming, midnight))

    def _slots(self, office: str, segment: str) -> Iterator[datetime]:
        """All visits from the shortest notice on, as far ahead as is offered, booked or not."""
        now, settings = self._clock.now(), self._settings
        earliest = now + timedelta(minutes=settings.notice_minutes)
        for day in _days(now.date(), settings.ahead_days):
            opening = self._offices.opening(office, segment, day) or ()
            for at in starts(day, opening, settings.slot_minutes, now.tzinfo):
                if at >= earliest:
                    yield at


def _days(first: date, count: int) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range(count + 1))


def _taken(office: str, now: datetime, connection: Connection) -> Counter[datetime]:
    """How many clients come at each beginning; instants are equal whatever their zone."""
    mine = (appointments.c.office == office) & (appointments.c.status == BOOKED)
    query = (
        select(appointments.c.starts_at, func.count())
        .where(mine, appointments.c.starts_at >= now)
        .group_by(appointments.c.starts_at)
    )
    return Counter({row[0]: int(row[1]) for row in connection.execute(query)})


def _slot(booking: Booking) -> Any:
    return (
        (appointments.c.office == booking.office)
        & (appointments.c.starts_at == booking.starts_at)
        & (appointments.c.status == BOOKED)
    )


def _of_call(booking: Booking, now: datetime, connection: Connection) -> Appointment | None:
    mine = _slot(booking) & (appointments.c.call_id == booking.call_id)
    row = connection.execute(select(appointments).where(mine)).mappings().first()
    return None if row is None else _appointment(row, now)


def _book(booking: Booking, capacity: int, now: datetime, connection: Connection) -> Appointment | None:
    known = _of_call(booking, now, connection)
    if known is not None:
        return known
    taken = set(connection.scalars(select(appointments.c.seat).where(_slot(booking))))
    seat = next((number for number in range(capacity) if number not in taken), None)
    if seat is None:
        return None
    values = {
        "office": booking.office,
        "starts_at": booking.starts_at,
        "seat": seat,
        "account_number": booking.account_number,
        "topic": booking.topic,
        "status": BOOKED,
        "call_id": booking.call_id,
        "booked_at": now,
    }
    row = connection.execute(insert(appointments).values(values).returning(appointments)).mappings().one()
    return _appointment(row, now)


def _coming(midnight: datetime, connection: Connection) -> list[Appointment]:
    query = (
        select(appointments)
        .where(appointments.c.status == BOOKED, appointments.c.starts_at >= midnight)
        .order_by(appointments.c.office, appointments.c.starts_at, appointments.c.seat)
    )
    return [_appointment(row, midnight) for row in connection.execute(query).mappings()]


def _appointment(row: Mapping[Any, Any], now: datetime) -> Appointment:
    return Appointment(
        id=row["id"],
        office=row["office"],
        starts_at=row["starts_at"].astimezone(now.tzinfo),
        account_number=row["account_number"],
        topic=row["topic"],
        status=row["status"],
        booked_at=row["booked_at"].astimezone(now.tzinfo),
    )
