"""Readings are taken once, durably, and can be corrected."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Row, select

from ivr.customers.service import Customers, NotIdentified
from ivr.customers.settings import CustomersSettings
from ivr.readings.actions import actions
from ivr.readings.outbox import count
from ivr.readings.service import Acceptance, Decision, Readings, Submission
from ivr.readings.settings import HookSettings, LatePolicy, ReadingsSettings, WindowSettings
from ivr.readings.tables import readings
from ivr.store import Database, StoreSettings, StoreUnavailable
from tests.unit.customers.samples import MOSCOW, BillingInMemory, ClockByHand, account, facts, zone

WINDOW = WindowSettings(from_day=23, to_day=25)
SETTINGS = ReadingsSettings(window=WINDOW, hook=HookSettings(url="http://billing.example/readings"))


def rows(connection: Connection) -> list[Row[Any]]:
    return list(connection.execute(select(readings).order_by(readings.c.id)))


def submission(value: int = 12_345, **changes: Any) -> Submission:
    mine = account()
    given = Submission(
        account=mine,
        meter=mine.meters[0],
        zone=mine.meters[0].zones[0],
        value=value,
        captured_at=datetime(2026, 11, 24, 7, 0, tzinfo=UTC),
        profile="bryansk",
        call_id="c1",
    )
    return replace(given, **changes)


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand()


@pytest.fixture
def service(database: Database, clock: ClockByHand) -> Readings:
    return Readings(database, SETTINGS, clock)


async def test_a_reading_is_kept_with_all_that_billing_needs(service: Readings, database: Database) -> None:
    acceptance = await service.accept(submission())
    captured_at = datetime(2026, 11, 24, 10, 0, tzinfo=MOSCOW)
    assert acceptance == Acceptance(Decision.ACCEPTED, period=date(2026, 11, 1), captured_at=captured_at)
    (row,) = await database.read(rows)
    assert (row.account_number, row.meter_serial, row.zone) == ("320145678", "04512873", "single")
    assert (row.value, row.consumption, row.period) == (12_345, 395, date(2026, 11, 1))
    assert (row.captured_at, row.late, row.mark, row.source) == (captured_at, False, None, "ivr")
    assert await database.read(count) == {"csv": {"waiting": 1}, "http": {"waiting": 1}}


async def test_a_repeated_delivery_is_answered_as_the_first(
    service: Readings, database: Database, clock: ClockByHand
) -> None:
    first = await service.accept(submission())
    clock.pass_by(30)
    again = await service.accept(submission(captured_at=clock.now()))
    assert again == replace(first, repeated=True)
    assert len(await database.read(rows)) == 1


@pytest.mark.parametrize("key", [None, "sender-1"])
async def test_deliveries_at_the_same_time_write_one_row(
    settings: StoreSettings, clock: ClockByHand, key: str | None, database: Database
) -> None:
    others = [await Database.open(settings) for _ in range(2)]
    services = [Readings(each, SETTINGS, clock) for each in (database, *others)]
    answers = await asyncio.gather(
        *(service.accept(submission(key=key)) for service in services for _ in range(5))
    )
    assert sum(not answer.repeated for answer in answers) == 1
    assert len({(answer.decision, answer.captured_at) for answer in answers}) == 1
    assert len(await database.read(rows)) == 1
    for each in others:
        await each.close()


async def test_different_corrections_at_the_same_time_leave_one_in_force(
    settings: StoreSettings, clock: ClockByHand, database: Database
) -> None:
    others = [await Database.open(settings) for _ in range(2)]
    services = [Readings(each, SETTINGS, clock) for each in (database, *others)]
    await asyncio.gather(*(service.accept(submission(12_300 + n)) for n, service in enumerate(services)))
    kept = await database.read(rows)
    assert len(kept) == 3
    assert sum(row.superseded_at is None for row in kept) == 1
    for each in others:
        await each.close()


async def test_a_correction_supersedes_and_keeps_the_history(service: Readings, database: Database) -> None:
    await service.accept(submission(12_345))
    await service.accept(submission(12_350, call_id="c2"))
    old, new = await database.read(rows)
    assert (old.value, new.value) == (12_345, 12_350)
    assert old.superseded_at is not None
    assert new.superseded_at is None
    assert (await database.read(count))["http"] == {"superseded": 1, "waiting": 1}


async def test_a_caller_may_come_back_to_the_first_value(service: Readings, database: Database) -> None:
    for value in (12_345, 12_350, 12_345, 12_345):
        await service.accept(submission(value))
    kept = await database.read(rows)
    assert [row.value for row in kept] == [12_345, 12_350, 12_345]
    assert [row.superseded_at is None for row in kept] == [False, False, True]


async def test_the_confirmation_counts_not_the_writing(
    service: Readings, clock: ClockByHand, database: Database
) -> None:
    confirmed = datetime(2026, 11, 25, 23, 58, tzinfo=MOSCOW)
    clock.moment = confirmed + timedelta(minutes=4)
    acceptance = await service.accept(submission(captured_at=confirmed))
    assert (acceptance.decision, acceptance.period) == (Decision.ACCEPTED, date(2026, 11, 1))
    late = await service.accept(submission(12_346, captured_at=clock.now()))
    assert (late.decision, late.period) == (Decision.LATE, date(2026, 12, 1))
    assert [row.late for row in await database.read(rows)] == [False, True]


async def test_a_late_reading_may_be_refused(database: Database, clock: ClockByHand) -> None:
    refusing = WINDOW.model_copy(update={"late": LatePolicy.REFUSE})
    service = Readings(database, ReadingsSettings(profiles={"bryansk": refusing}), clock)
    answer = await service.accept(submission(captured_at=datetime(2026, 11, 26, tzinfo=MOSCOW)))
    assert answer == Acceptance(Decision.REFUSED, "window")
    other = await service.accept(
        submission(captured_at=datetime(2026, 11, 26, tzinfo=MOSCOW), profile="omsk")
    )
    assert other.decision is Decision.ACCEPTED
    assert len(await database.read(rows)) == 1


@pytest.mark.parametrize(
    ("value", "doubtful", "decision", "said"),
    [
        (20_000, True, Decision.ACCEPTED, "too_high"),
        (20_000, False, Decision.ACCEPTED, "too_high"),
        (12_000, True, Decision.ACCEPTED, "doubtful"),
        (11_000, True, Decision.REFUSED, "below_last"),
        (100_000, True, Decision.REFUSED, "too_long"),
    ],
)
async def test_what_is_doubtful_is_marked_and_what_cannot_be_is_refused(
    service: Readings, database: Database, value: int, doubtful: bool, decision: Decision, said: str
) -> None:
    answer = await service.accept(submission(value, doubtful=doubtful))
    assert answer.decision is decision
    assert said in {answer.mark, answer.reason}
    assert len(await database.read(rows)) == (decision is Decision.ACCEPTED)


async def test_our_own_later_reading_is_the_last_one(service: Readings, clock: ClockByHand) -> None:
    meter = account().meters[0]
    await service.accept(submission(12_345))
    same_period, _ = await service.check(meter, zone(), 12_100, "bryansk")
    assert same_period.verdict == "plausible"  # a correction is compared with the month before
    clock.moment = datetime(2026, 12, 24, 7, 0, tzinfo=UTC)
    checked, previous = await service.check(meter, zone(), 12_344, "bryansk")
    assert checked.verdict == "below_last"
    assert previous is not None
    assert (previous.value, previous.day) == (12_345, date(2026, 11, 24))
    billed = replace(zone(last=12_200), last_date=date(2026, 12, 1))
    _, newer = await service.check(meter, billed, 12_344, "bryansk")
    assert newer is not None
    assert newer.value == 12_200


async def test_nothing_is_accepted_that_is_not_durable(database: Database, clock: ClockByHand) -> None:
    service = Readings(database, SETTINGS, clock)
    await database.close()
    with pytest.raises(StoreUnavailable):
        await service.accept(submission())


async def test_the_actions_of_a_call(service: Readings, clock: ClockByHand, database: Database) -> None:
    customers = Customers(BillingInMemory((account(),)), CustomersSettings())
    taken: list[Acceptance] = []
    by_name = {each.name: each.run for each in actions(service, customers, clock, taken.append)}
    meter = {"id": "m678", "account_id": "678"}
    reading = {"meter": meter, "zone": {"code": "single"}, "value": 12_345}
    for name, more in (("readings.check", {}), ("readings.accept", {"doubtful": False})):
        with pytest.raises(NotIdentified):
            await by_name[name](facts(), **reading, **more)
    await customers.identify("c1", "678")
    window = await by_name["readings.window"](facts(), account={"id": "678"})
    assert window.outcome == "open"
    assert window.data == {"from_day": 23, "to_day": 25, "period": date(2026, 11, 1)}
    checked = await by_name["readings.check"](facts(), **reading)
    assert (checked.outcome, checked.data) == ("plausible", {"consumption": 395, "last": 11_950})
    accepted = await by_name["readings.accept"](facts(), **reading, doubtful=False)
    assert accepted.outcome == "accepted"
    assert accepted.data == {"period": date(2026, 11, 1), "accepted_at": clock.now()}
    assert [each.decision for each in taken] == [Decision.ACCEPTED]
    refused = await by_name["readings.accept"](facts(), **{**reading, "value": 5}, doubtful=False)
    assert (refused.outcome, refused.data) == ("refused", {"reason": "below_last"})
    with pytest.raises(LookupError):
        await by_name["readings.check"](facts(), **{**reading, "zone": {"code": "night"}})
    assert len(await database.read(rows)) == 1
