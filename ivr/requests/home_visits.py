"""Visits to the homes of clients with limited mobility: how often, how soon, and when there is room.

The only standard that speaks of them says: at most once in six months, within 30 calendar days of the
request, hard-to-reach places excepted from the term (krasnoyarsk 4.9, 4.10).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from functools import partial
from itertools import islice

import structlog
from sqlalchemy.exc import IntegrityError

from ivr.dialogue.ports import Clock
from ivr.requests import home_visit_rows as rows
from ivr.requests.model import AppointmentStatus, HomeVisit
from ivr.requests.settings import HomeVisitsSettings
from ivr.requests.terms import HomeVisitRule
from ivr.requests.workdays import WorkCalendar
from ivr.store import Database

_log = structlog.get_logger(__name__)
_RACES = 5
_MONTHS_A_YEAR = 12
Listener = Callable[[HomeVisit], None]
_WORDS = re.compile(r"\w+")


class VisitRefusal(StrEnum):
    """Why there is no visit."""

    NOT_OFFERED = "not-offered"  # neither the standard nor the company offers any
    BOOKED_ALREADY = "booked-already"
    TOO_OFTEN = "too-often"  # the last one was too short a time ago
    OUTSIDE = "outside"  # not a working day, or not within the term
    TAKEN = "taken"  # others have taken it
    NOT_BOOKED = "not-booked"  # cancelled, over or never booked


class VisitRefused(Exception):
    """There is no such visit.

    Attributes:
        why: The reason.
        from_day: First day on which there may be one; None where that is not the question.
    """

    def __init__(self, why: VisitRefusal, from_day: date | None = None) -> None:
        super().__init__(why.value)
        self.why = why
        self.from_day = from_day


@dataclass(frozen=True, slots=True)
class Room:
    """A part of a day at which a visit can be booked."""

    day: date
    window: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVisit:
    """What a client with limited mobility asks for. Texts are empty where nothing is known.

    Attributes:
        profile: Standard that is kept.
        by: Login of who books it.
    """

    account_number: str = field(repr=False)
    client_name: str = field(repr=False)
    phone: str = field(repr=False)
    address: str = field(repr=False)
    day: date
    window: str
    profile: str
    by: str
    topic: str = ""
    note: str = field(default="", repr=False)
    call_id: str = ""


class HomeVisits:
    """Offers, books, cancels. All days are of the company's calendar, which the clock's zone tells."""

    def __init__(
        self,
        database: Database,
        settings: HomeVisitsSettings,
        clock: Clock,
        calendar: WorkCalendar,
        *,
        rules: Mapping[str, HomeVisitRule],
    ) -> None:
        """Build it; `rules` are those of the standards, by profile."""
        self._database = database
        self._settings = settings
        self._clock = clock
        self._calendar = calendar
        self._rules = rules
        self._listeners: list[Listener] = []
        self._remote = {_plain(each) for each in settings.remote}

    def subscribe(self, listener: Listener) -> None:
        """Be told of every visit that was booked or changed, after it is durable; must not wait."""
        self._listeners.append(listener)

    def is_remote(self, address: str) -> bool:
        """Whether an address is in a place that is hard to reach."""
        return any(place in _plain(address) for place in self._remote)

    def window_at(self, begins: time) -> str | None:
        """The part of a day that begins at a time."""
        start = f"{begins:%H:%M}-"
        return next((window for window in self._settings.windows if window.startswith(start)), None)

    async def free(
        self, profile: str, account_number: str, address: str, day: date | None = None
    ) -> list[Room]:
        """The next visits that a client can have, the soonest first, or those of a day; none: all are taken.

        Args:
            profile: Standard that is kept.
            account_number: Of the client; empty while it is not known, so that only room is looked for.
            address: Where he lives, as far as it is known.
            day: The only day that is wanted.

        Raises:
            VisitRefused: He can have none now.
            StoreUnavailable: The bookings can't be read.
        """
        first, last = await self._range(profile, account_number, address)
        if day is not None:
            first, last = max(first, day), min(last, day)
        taken = await self._database.read(partial(rows.taken, first))
        rooms = (
            each for each in self._rooms(first, last) if taken[each.day, each.window] < self._places(each)
        )
        return list(islice(rooms, self._settings.offered))

    async def book(self, new: NewVisit) -> HomeVisit:
        """Book one; durable on return. The same client booking the same visit again has it already.

        Raises:
            VisitRefused: He can't have it.
            StoreUnavailable: Nothing was written.
        """
        known = await self._database.read(partial(rows.booked, new.account_number, self._clock.now()))
        if known is not None:
            return _same(known, new)
        first, last = await self._range(new.profile, new.account_number, new.address)
        room = Room(new.day, new.window)
        if room not in self._rooms(first, last):
            raise VisitRefused(VisitRefusal.OUTSIDE, first)
        booked = await self._write(new, self._places(room))
        _log.info("home_visits.booked", call_id=booked.call_id)
        return self._told(booked)

    async def cancel(self, number: str, by: str) -> HomeVisit:
        """Give one back; durable on return.

        Raises:
            VisitRefused: It is over, or never was.
            StoreUnavailable: Nothing was written.
        """
        return await self._end(number, AppointmentStatus.CANCELLED, by)

    async def met(self, number: str, took_place: bool, by: str) -> HomeVisit:
        """Note whether it took place; durable on return.

        Raises:
            VisitRefused: It is cancelled, or never was.
            StoreUnavailable: Nothing was written.
        """
        status = AppointmentStatus.CAME if took_place else AppointmentStatus.NO_SHOW
        return await self._end(number, status, by)

    async def of_days(self, first: date, last: date) -> list[HomeVisit]:
        """All visits from one day to another, by time, whatever became of them.

        Raises:
            StoreUnavailable: The bookings can't be read.
        """
        return await self._database.read(partial(rows.of_days, first, last, self._clock.now()))

    async def _range(self, profile: str, account_number: str, address: str) -> tuple[date, date]:
        """The first and the last day on which a client may be visited."""
        rule = self._rules.get(profile, self._settings.rule)
        if rule is None:
            raise VisitRefused(VisitRefusal.NOT_OFFERED)
        now = self._clock.now()
        earlier = await self._database.read(partial(rows.latest, account_number, now))
        if earlier is not None and earlier.is_ahead(now.date()):
            raise VisitRefused(VisitRefusal.BOOKED_ALREADY, earlier.day)
        first = self._calendar.add_working_days(now.date(), self._settings.notice_working_days)
        again = months_later(earlier.day, rule.months_between) if earlier else first
        last = now.date() + timedelta(days=self._term(rule, address))
        if again > last:
            raise VisitRefused(VisitRefusal.TOO_OFTEN, again)
        return max(first, again), last

    def _term(self, rule: HomeVisitRule, address: str) -> int:
        excepted = rule.remote_excepted and self.is_remote(address)
        return max(rule.within_days, self._settings.remote_within_days) if excepted else rule.within_days

    def _rooms(self, first: date, last: date) -> Iterator[Room]:
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            if self._calendar.is_working(day):
                yield from (Room(day, window) for window in sorted(self._settings.windows))

    def _places(self, room: Room) -> int:
        return self._settings.windows[room.window]

    async def _write(self, new: NewVisit, places: int) -> HomeVisit:
        now = self._clock.now()
        remote = self.is_remote(new.address)
        values = {name: getattr(new, name) for name in NewVisit.__slots__ if name not in {"profile", "by"}}
        job = partial(rows.book, {**values, "booked_by": new.by, "remote": remote}, places, now)
        for _ in range(_RACES):
            try:
                booked = await self._database.write(job)
            except IntegrityError:  # another process has taken the place meanwhile
                continue
            if booked is not None:
                return _same(booked, new)
            break
        raise VisitRefused(VisitRefusal.TAKEN)

    async def _end(self, number: str, status: AppointmentStatus, by: str) -> HomeVisit:
        ended = await self._database.write(partial(rows.end, number, status, self._clock.now(), by))
        if ended is None:
            raise VisitRefused(VisitRefusal.NOT_BOOKED)
        return self._told(ended)

    def _told(self, changed: HomeVisit) -> HomeVisit:
        for listener in self._listeners:
            listener(changed)
        return changed


def months_later(day: date, months: int) -> date:
    """The same day so many months later; the last of a month that has no such day."""
    years, month = divmod(day.month - 1 + months, _MONTHS_A_YEAR)
    last = monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


def _same(booked: HomeVisit, new: NewVisit) -> HomeVisit:
    if (booked.day, booked.window) != (new.day, new.window):
        raise VisitRefused(VisitRefusal.BOOKED_ALREADY, booked.day)
    return booked


def _plain(place: str) -> str:
    """In a form that is found in an address whatever the letters and signs: ` пос мирный `."""
    return f" {' '.join(_WORDS.findall(place.casefold().replace('ё', 'е')))} "
