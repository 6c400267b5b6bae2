"""Visits are offered in the office's hours, and no seat is given away twice."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from ivr.customers.service import NotIdentified
from ivr.requests.appointments import Booking, NotBooked
from ivr.requests.settings import AppointmentsSettings, RequestsSettings
from ivr.requests.tables import appointments
from ivr.store import Database, StoreSettings, StoreUnavailable
from tests.contract.requests.desk import HOUR, Desk, record, records
from tests.unit.customers.samples import facts


async def offered(desk: Desk, office: str = "kovrov") -> list[str]:
    told = await desk.do("appointments.slots", office=office)
    if told.outcome == "none":
        return []
    slots = records(told)
    assert all(each["day"] == each["time"].date() for each in slots)
    return [f"{each['time']:%d %H:%M}" for each in slots]


def slot(text: str) -> dict[str, str]:
    return {"id": f"2026-11-{text.replace(' ', 'T')}:00+03:00"}


async def test_a_few_visits_of_each_day_are_offered(desk: Desk) -> None:
    assert await offered(desk) == ["24 13:00", "24 13:30", "25 09:00", "25 09:30", "26 09:00"]
    desk.clock.pass_by(2 * HOUR)  # it is noon, and two hours are the shortest notice
    assert (await offered(desk))[0] == "25 09:00"
    desk.clock.pass_by(3 * 24 * HOUR)  # Friday
    assert (await offered(desk))[0] == "30 09:00"


async def test_nothing_is_offered_where_no_hours_are_published(desk: Desk) -> None:
    assert await offered(desk, "moscow") == []


async def test_a_visit_is_booked_and_no_longer_offered(desk: Desk) -> None:
    mine = await desk.identify()
    booked = await desk.do("appointments.book", office="kovrov", slot=slot("24 13:00"), account=mine)
    assert booked.outcome == "booked"
    assert record(booked)["number"] == "0001"
    assert record(booked)["time"].isoformat() == "2026-11-24T13:00:00+03:00"
    assert (await offered(desk))[0] == "24 13:30"
    (coming,) = await desk.requests.appointments.coming()
    assert (coming.account_number, coming.office) == ("320145678", "kovrov")


async def test_the_same_call_has_it_already(desk: Desk) -> None:
    mine = await desk.identify()
    asked: dict[str, Any] = {"office": "kovrov", "slot": slot("24 13:00"), "account": mine}
    first = await desk.do("appointments.book", **asked)
    assert await desk.do("appointments.book", **asked) == first
    desk.clock.pass_by(2 * HOUR)  # too late to book it anew
    assert await desk.do("appointments.book", **asked) == first
    assert len(await desk.requests.appointments.coming()) == 1


async def test_others_find_it_taken(desk: Desk) -> None:
    for call, expected in (("c1", "booked"), ("c2", "taken")):
        mine = await desk.identify(call)
        done = await desk.do(
            "appointments.book", facts(call), office="kovrov", slot=slot("24 13:00"), account=mine
        )
        assert done.outcome == expected


@pytest.mark.parametrize("at", ["24 09:00", "24 12:00", "24 13:10", "28 09:00"])
async def test_a_visit_outside_the_hours_is_not_booked(desk: Desk, at: str) -> None:
    mine = await desk.identify()
    done = await desk.do("appointments.book", office="kovrov", slot=slot(at), account=mine)
    assert done.outcome == "taken"


async def test_nothing_is_booked_for_a_stranger(desk: Desk) -> None:
    with pytest.raises(NotIdentified):
        await desk.do("appointments.book", office="kovrov", slot=slot("24 13:00"), account={"id": "678"})


async def test_many_at_once_get_as_many_seats_as_there_are(database: Database) -> None:
    settings = RequestsSettings(appointments=AppointmentsSettings(office_capacity={"kovrov": 3}))
    desk = Desk(database, settings)

    async def one(call: str) -> str:
        mine = await desk.identify(call)
        asked: dict[str, Any] = {"office": "kovrov", "slot": slot("24 13:00"), "account": mine}
        return (await desk.do("appointments.book", facts(call), **asked)).outcome

    done = await asyncio.gather(*(one(f"c{number}") for number in range(10)))
    assert sorted(done) == ["booked"] * 3 + ["taken"] * 7
    seats = select(func.count(appointments.c.seat.distinct()))
    assert await database.read(lambda connection: connection.execute(seats).scalar()) == 3


async def test_two_processes_do_not_give_one_seat_away_twice(
    database: Database,
    settings: StoreSettings,
) -> None:
    other = await Database.open(settings)
    try:
        desks = [Desk(each) for each in (database, other)]
        accounts = [await desk.identify(f"c{number}") for number, desk in enumerate(desks)]
        done = await asyncio.gather(
            *(
                desk.do(
                    "appointments.book",
                    facts(f"c{number}"),
                    office="kovrov",
                    slot=slot("24 13:00"),
                    account=mine,
                )
                for number, (desk, mine) in enumerate(zip(desks, accounts, strict=True))
            )
        )
        assert sorted(each.outcome for each in done) == ["booked", "taken"]
    finally:
        await other.close()


async def test_a_database_that_takes_nothing_books_nothing(desk: Desk) -> None:
    mine = await desk.identify()
    await desk.database.close()
    with pytest.raises(StoreUnavailable):
        await desk.do("appointments.book", office="kovrov", slot=slot("24 13:00"), account=mine)


async def test_what_is_no_slot_is_a_fault_of_the_scenario(desk: Desk) -> None:
    mine = await desk.identify()
    with pytest.raises(ValueError, match="isoformat"):
        await desk.do("appointments.book", office="kovrov", slot={"id": "завтра"}, account=mine)


async def book(desk: Desk, at: str, phone: str = "+74832000001") -> str:
    booking = Booking(
        office="kovrov",
        segment="private",
        starts_at=datetime.fromisoformat(slot(at)["id"]),
        account_number="",
        call_id="",
        client_name="Иванова Мария",
        phone=phone,
        by="anna",
    )
    booked = await desk.requests.appointments.book(booking)
    assert booked is not None
    return booked.number


async def test_an_operator_books_for_a_client_without_a_call(desk: Desk) -> None:
    settings = AppointmentsSettings(capacity=2)
    desk = Desk(desk.database, RequestsSettings(appointments=settings))
    first = await book(desk, "24 13:00")
    assert await book(desk, "24 13:00") == first  # the same client
    assert await book(desk, "24 13:00", "+74832000002") != first
    one, other = await desk.requests.appointments.of_day("kovrov", date(2026, 11, 24))
    assert (one.client_name, one.booked_by, other.phone) == ("Иванова Мария", "anna", "+74832000002")
    assert await desk.requests.appointments.of_day("moscow", date(2026, 11, 24)) == []
    assert len(await desk.requests.appointments.of_day(None, date(2026, 11, 24))) == 2


async def test_a_visit_is_moved_and_keeps_its_number(desk: Desk) -> None:
    visits = desk.requests.appointments
    mine, other = await book(desk, "24 13:00"), await book(desk, "24 13:30", "+74832000002")
    to = datetime.fromisoformat(slot("25 09:00")["id"])
    moved = await visits.move(mine, to, "private", "boss")
    assert moved is not None
    assert (moved.number, moved.starts_at) == (mine, to)
    assert (await offered(desk))[0] == "24 13:00"
    assert await visits.move(other, to, "private", "boss") is None  # taken
    assert await visits.move(other, to.replace(hour=3), "private", "boss") is None  # nobody receives then
    assert await visits.move(mine, to, "private", "boss") == moved


async def test_a_visit_is_cancelled_or_noted_and_then_no_longer_changed(desk: Desk) -> None:
    visits = desk.requests.appointments
    first, second = await book(desk, "24 13:00"), await book(desk, "24 13:30", "+74832000002")
    assert (await visits.cancel(first, "boss")).status == "cancelled"
    assert (await visits.cancel(first, "boss")).status == "cancelled"
    assert (await offered(desk))[0] == "24 13:00"
    assert (await visits.met(second, False, "boss")).status == "no-show"
    for changing in (
        visits.met(first, True, "boss"),
        visits.move(first, desk.clock.now(), "private", "boss"),
        visits.cancel(second, "boss"),
        visits.cancel("0000", "boss"),
        visits.cancel("номер", "boss"),
    ):
        with pytest.raises(NotBooked):
            await changing


async def test_all_times_of_a_day(desk: Desk) -> None:
    await book(desk, "25 09:00")
    free = await desk.requests.appointments.free_on("kovrov", "private", date(2026, 11, 25))
    assert [f"{at:%H:%M}" for at in free] == ["09:30", "13:00", "13:30"]
