"""What a client has before him: visits of both kinds in one list."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count

from ivr.requests.appointments import Appointments, Booking
from ivr.requests.coming import ComingVisits
from ivr.requests.home_visits import HomeVisits
from ivr.requests.model import Appointment, HomeVisit
from ivr.requests.settings import AppointmentsSettings
from ivr.store import Database
from tests.contract.requests.desk import OneOffice
from tests.contract.requests.test_home_visits import CALENDAR, NEW, RULES, SETTINGS
from tests.unit.customers.samples import ClockByHand

MINE, PHONE = "320145678", "+74832000001"


class Days:
    """Books visits of both kinds; keeps what their listeners are told."""

    def __init__(self, database: Database) -> None:
        self.clock = ClockByHand()  # Tuesday, 24 November 2026, 10:00
        self.appointments = Appointments(database, AppointmentsSettings(), self.clock, OneOffice())
        self.home = HomeVisits(database, SETTINGS, self.clock, CALENDAR, rules=RULES)
        self.coming = ComingVisits(database, self.clock)
        self.told: list[Appointment | HomeVisit] = []
        self.appointments.subscribe(self.told.append)
        self.home.subscribe(self.told.append)
        self._calls = count(1)

    async def books(self, at: datetime, account: str = MINE, phone: str = "") -> Appointment:
        booking = Booking(
            office="kovrov",
            segment="private",
            starts_at=at,
            account_number=account,
            call_id=f"c{next(self._calls)}",
            phone=phone,
        )
        booked = await self.appointments.book(booking)
        assert booked is not None
        return booked

    def at(self, hour: int, days: int) -> datetime:
        return self.clock.now().replace(hour=hour, minute=0) + timedelta(days=days)

    async def of(self, *accounts: str, phone: str = "") -> list[tuple[str | None, str, str]]:
        found = await self.coming.of_client(accounts, phone)
        return [(each.office, f"{each.starts_at:%d %H}", each.window) for each in found]


async def test_both_kinds_are_told_the_soonest_first(database: Database) -> None:
    days = Days(database)
    await days.books(days.at(13, 3))
    await days.books(days.at(9, 1))
    await days.home.book(NEW)
    await days.books(days.at(9, 2), account="320140000", phone=PHONE)
    await days.books(days.at(13, 2), account="")
    home = (None, "26 09", "09:00-13:00")
    assert await days.of(MINE) == [("kovrov", "25 09", ""), home, ("kovrov", "27 13", "")]
    assert await days.of("", phone=PHONE) == [("kovrov", "26 09", ""), home]
    assert await days.of() == await days.of("", "320149999") == []


async def test_what_is_over_or_given_back_is_not_before_him(database: Database) -> None:
    days = Days(database)
    today = await days.books(days.at(13, 0))
    given_back = await days.books(days.at(9, 1))
    await days.appointments.cancel(given_back.number, "anna")
    at_home = await days.home.book(replace(NEW, day=date(2026, 11, 27)))
    days.clock.pass_by(10 * 3_600)  # the evening: who is late, asks about today
    assert [at for _, at, _ in await days.of(MINE)] == ["24 13", "27 09"]
    await days.home.cancel(at_home.number, "anna")
    days.clock.pass_by(12 * 3_600)
    assert await days.of(MINE) == []
    assert [each.number for each in days.told] == [
        today.number,
        given_back.number,
        given_back.number,
        at_home.number,
        at_home.number,
    ]
