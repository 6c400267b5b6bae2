"""Home visits: once in six months, within thirty days, elsewhere when the place is hard to reach."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ivr.kpi.profiles import load_profiles, visit_rules
from ivr.requests.home_visits import HomeVisits, NewVisit, VisitRefusal, VisitRefused, months_later
from ivr.requests.model import AppointmentStatus
from ivr.requests.settings import CalendarSettings, HomeVisitsSettings
from ivr.requests.workdays import Own, WorkCalendar
from ivr.store import Database, StoreSettings
from tests.unit.customers.samples import ClockByHand

RULES = visit_rules(load_profiles(Path(__file__).parents[3] / "metrics" / "standards"))
CALENDAR = WorkCalendar.load(CalendarSettings().file, Own())
SETTINGS = HomeVisitsSettings(
    windows={"09:00-13:00": 1, "13:00-17:00": 2}, remote=frozenset({"посёлок Дальний"})
)
DAY = 24 * 3_600.0
NEW = NewVisit(
    account_number="320145678",
    client_name="Иванова Мария",
    phone="+74832000001",
    address="Заречье, ул. Пушкина, 5",
    day=date(2026, 11, 26),
    window="09:00-13:00",
    profile="krasnoyarsk",
    by="anna",
    note="не выходит из дома",
)


class Office:
    def __init__(self, database: Database, settings: HomeVisitsSettings = SETTINGS) -> None:
        self.clock = ClockByHand()  # Tuesday, 24 November 2026, 10:00
        self.visits = HomeVisits(database, settings, self.clock, CALENDAR, rules=RULES)

    async def free(self, account: str = "320145678", **other: object) -> list[str]:
        address = str(other.get("address", ""))
        day = other.get("day")
        assert day is None or isinstance(day, date)
        rooms = await self.visits.free("krasnoyarsk", account, address, day)
        return [f"{each.day:%m-%d} {each.window[:2]}" for each in rooms]

    async def refusal(self, new: NewVisit) -> tuple[VisitRefusal, date | None]:
        with pytest.raises(VisitRefused) as refused:
            await self.visits.book(new)
        return refused.value.why, refused.value.from_day


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


async def test_working_days_from_tomorrow_are_offered(office: Office) -> None:
    assert await office.free() == ["11-25 09", "11-25 13", "11-26 09", "11-26 13", "11-27 09", "11-27 13"]
    assert await office.free(day=date(2026, 11, 28)) == []  # a Saturday
    assert await office.free(day=date(2026, 12, 24)) == ["12-24 09", "12-24 13"]
    assert await office.free(day=date(2026, 12, 25)) == []  # the 31st day


async def test_hard_to_reach_places_are_excepted_from_the_term(office: Office) -> None:
    late = replace(NEW, day=date(2027, 1, 20))
    assert (await office.refusal(late))[0] is VisitRefusal.OUTSIDE
    far = replace(late, address="пос. Мирный; ПОСЕЛОК  Дальний, д. 1")
    assert (await office.visits.book(far)).remote
    assert not office.visits.is_remote("посёлок Дальнийский")


async def test_a_visit_is_booked_once(office: Office) -> None:
    booked = await office.visits.book(NEW)
    assert (booked.number, booked.status, booked.remote) == ("В0001", AppointmentStatus.BOOKED, False)
    assert await office.visits.book(NEW) == booked
    again = replace(NEW, day=date(2026, 11, 27))
    assert await office.refusal(again) == (VisitRefusal.BOOKED_ALREADY, NEW.day)
    assert await office.visits.of_days(NEW.day, NEW.day) == [booked]
    assert "11-26 09" not in await office.free("320145679")


async def test_the_next_one_is_six_months_later(office: Office) -> None:
    booked = await office.visits.book(NEW)
    office.clock.pass_by(3 * DAY)
    await office.visits.met(booked.number, True, "anna")
    soon = replace(NEW, day=date(2026, 12, 10))
    assert await office.refusal(soon) == (VisitRefusal.TOO_OFTEN, date(2027, 5, 26))
    with pytest.raises(VisitRefused):
        await office.free()
    office.clock.pass_by(160 * DAY)  # 6 May 2027
    assert await office.free(day=date(2027, 5, 25)) == []
    assert await office.free(day=date(2027, 5, 26)) == ["05-26 09", "05-26 13"]
    assert await office.visits.book(replace(NEW, day=date(2027, 5, 26)))


async def test_a_visit_that_nobody_noted_counts(office: Office) -> None:
    await office.visits.book(NEW)
    office.clock.pass_by(10 * DAY)
    assert (await office.refusal(replace(NEW, day=date(2026, 12, 10))))[0] is VisitRefusal.TOO_OFTEN


@pytest.mark.parametrize("ending", ["cancel", "no-show"])
async def test_what_did_not_take_place_does_not_count(office: Office, ending: str) -> None:
    booked = await office.visits.book(NEW)
    if ending == "cancel":
        await office.visits.cancel(booked.number.lower(), "anna")
        await office.visits.cancel(booked.number, "anna")  # stays so
    else:
        await office.visits.met(booked.number, False, "anna")
    with pytest.raises(VisitRefused) as refused:
        await office.visits.met(booked.number, True, "anna")
    assert refused.value.why is VisitRefusal.NOT_BOOKED
    assert (await office.visits.book(replace(NEW, day=date(2026, 11, 27)))).number == "В0002"


async def test_others_find_it_taken(database: Database, settings: StoreSettings) -> None:
    other = await Database.open(settings)
    try:
        offices = [Office(database), Office(other)]
        done = await asyncio.gather(
            *(
                each.visits.book(replace(NEW, account_number=f"32014567{number}"))
                for number, each in enumerate(offices * 2)
            ),
            return_exceptions=True,
        )
        refused = [each for each in done if isinstance(each, VisitRefused)]
        assert [each.why for each in refused] == [VisitRefusal.TAKEN] * 3
        assert len(await offices[0].visits.of_days(NEW.day, NEW.day)) == 1
    finally:
        await other.close()


async def test_where_no_standard_offers_any_the_company_may(database: Database) -> None:
    office = Office(database)
    omsk = replace(NEW, profile="omsk")
    assert (await office.refusal(omsk))[0] is VisitRefusal.NOT_OFFERED
    own = Office(database, SETTINGS.model_copy(update={"rule": RULES["krasnoyarsk"]}))
    assert await own.visits.book(omsk)


@pytest.mark.parametrize("window", ["", "10:00-11:00"])
async def test_what_was_not_offered_is_not_booked(office: Office, window: str) -> None:
    assert (await office.refusal(replace(NEW, window=window)))[0] is VisitRefusal.OUTSIDE
    assert (await office.refusal(replace(NEW, day=date(2026, 11, 24))))[0] is VisitRefusal.OUTSIDE


def test_months_end_with_their_last_day() -> None:
    assert months_later(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_later(date(2026, 11, 30), 1) == date(2026, 12, 30)
