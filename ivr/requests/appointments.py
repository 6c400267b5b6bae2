"""Appointments: what is free, booking it so that nobody else can, moving and cancelling it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import groupby, islice

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ivr.dialogue.ports import Clock
from ivr.requests import appointment_rows as rows
from ivr.requests.appointment_rows import Booking
from ivr.requests.model import Appointment, AppointmentStatus
from ivr.requests.settings import AppointmentsSettings
from ivr.requests.slots import Offices, starts
from ivr.store import Database

__all__ = ["Appointments", "Booking", "NotBooked"]
_log = structlog.get_logger(__name__)
_RACES = 5
Listener = Callable[[Appointment], None]


class NotBooked(Exception):
    """There is no appointment of this number that is still to come."""


class Appointments:
    """Offers and books visits. All days are of the company's calendar, which the clock's zone tells."""

    def __init__(
        self, database: Database, settings: AppointmentsSettings, clock: Clock, offices: Offices
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._offices = offices
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> None:
        """Be told of every visit that was booked or changed, after it is durable; must not wait."""
        self._listeners.append(listener)

    async def free(self, office: str, segment: str) -> list[datetime]:
        """The next visits that can be booked, a few of each day; none where no hours are published.

        Raises:
            StoreUnavailable: The bookings cannot be read.
        """
        capacity = self._settings.capacity_of(office)
        taken = await self._database.read(partial(rows.taken, office, self._clock.now()))
        open_to_all = (at for at in self._slots(office, segment) if taken[at] < capacity)
        few_a_day = (
            at
            for _, of_day in groupby(open_to_all, key=datetime.date)
            for at in islice(of_day, self._settings.offered_a_day)
        )
        return list(islice(few_a_day, self._settings.offered))

    async def free_on(self, office: str, segment: str, day: date) -> list[datetime]:
        """All visits of a day that can be booked.

        Raises:
            StoreUnavailable: The bookings cannot be read.
        """
        capacity = self._settings.capacity_of(office)
        taken = await self._database.read(partial(rows.taken, office, self._clock.now()))
        return [at for at in self._slots(office, segment) if at.date() == day and taken[at] < capacity]

    async def book(self, booking: Booking) -> Appointment | None:
        """Book a visit; durable on return. The same call booking the same visit again has it already.

        Returns:
            The appointment; None when others have taken it or the office does not receive then.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        if booking.starts_at not in self._slots(booking.office, booking.segment):
            return await self._database.read(partial(rows.same, booking, self._clock.now()))
        booked = await self._write(
            partial(rows.book, booking, self._settings.capacity_of(booking.office), self._clock.now())
        )
        _log.info("appointments.asked", call_id=booking.call_id, booked=booked is not None)
        return booked and self._told(booked)

    async def move(self, number: str, starts_at: datetime, segment: str, by: str) -> Appointment | None:
        """Put a visit to another time of the same office; it keeps its number. Durable on return.

        Returns:
            The appointment; None when others have taken that time or the office does not receive then.

        Raises:
            NotBooked: It is cancelled or over, or never was.
            StoreUnavailable: Nothing was written.
        """
        now = self._clock.now()
        booked = await self._booked(number)
        if starts_at not in self._slots(booked.office, segment):
            return None
        capacity = self._settings.capacity_of(booked.office)
        moved = await self._write(partial(rows.move, booked, starts_at, capacity, now, by))
        return moved and self._told(moved)

    async def cancel(self, number: str, by: str) -> Appointment:
        """Give a visit back; durable on return. One that is cancelled stays so.

        Raises:
            NotBooked: It is over, or never was.
            StoreUnavailable: Nothing was written.
        """
        return await self._end(number, AppointmentStatus.CANCELLED, by)

    async def met(self, number: str, came: bool, by: str) -> Appointment:
        """Note whether the client came; durable on return.

        Raises:
            NotBooked: It is cancelled, or never was.
            StoreUnavailable: Nothing was written.
        """
        return await self._end(number, AppointmentStatus.CAME if came else AppointmentStatus.NO_SHOW, by)

    async def of_day(self, office: str | None, day: date) -> list[Appointment]:
        """The visits of a day, of one office or all, whatever became of them, by office and time.

        Raises:
            StoreUnavailable: The bookings cannot be read.
        """
        midnight = datetime.combine(day, time.min, self._clock.now().tzinfo)
        return await self._database.read(partial(rows.of_day, office, midnight))

    async def _booked(self, number: str) -> Appointment:
        found = await self._database.read(partial(rows.find, number, self._clock.now()))
        if found is None or found.status != AppointmentStatus.BOOKED:
            raise NotBooked
        return found

    async def _end(self, number: str, status: AppointmentStatus, by: str) -> Appointment:
        ended = await self._database.write(partial(rows.end, number, status, self._clock.now(), by))
        if ended is None:
            raise NotBooked
        return self._told(ended)

    def _told(self, changed: Appointment) -> Appointment:
        for listener in self._listeners:
            listener(changed)
        return changed

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
        return await self._database.read(partial(rows.coming, midnight))

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
