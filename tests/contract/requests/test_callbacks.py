"""One open promise for each number, for the time when people are at work."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from ivr.dialogue.ports import Result
from ivr.requests.model import Wish
from tests.contract.requests.desk import HOUR, Desk, record
from tests.unit.customers.samples import MOSCOW, facts

NIGHT = 12 * HOUR  # from ten in the morning


async def ask(desk: Desk, call: str = "c1", caller: str = "+74832000001", **inputs: Any) -> Result:
    given = {"topic": None, "when": None, "said": None, **inputs}
    return await desk.do("callbacks.request", facts(call, caller=caller), **given)


async def test_while_people_are_there_they_call_soon(desk: Desk) -> None:
    promised = await ask(desk)
    assert promised.outcome == "promised"
    told = record(promised)
    assert (told["today"], told["soon"], told["from_time"]) == (True, True, desk.clock.now())


async def test_at_night_they_call_in_the_morning(desk: Desk) -> None:
    desk.clock.pass_by(NIGHT)
    told = record(await ask(desk, when="working_hours"))
    assert told["from_time"] == datetime(2026, 11, 25, 8, 0, tzinfo=MOSCOW)
    assert (told["today"], told["soon"]) == (False, False)


async def test_a_given_time_is_kept_within_working_hours(desk: Desk) -> None:
    assert record(await ask(desk, when="15:30"))["from_time"] == datetime(2026, 11, 24, 15, 30, tzinfo=MOSCOW)
    assert record(await ask(desk, when="21:00"))["from_time"] == datetime(2026, 11, 25, 8, 0, tzinfo=MOSCOW)


async def test_what_is_known_goes_with_the_promise(desk: Desk) -> None:
    await desk.identify()
    with capture_logs() as logs:
        await ask(desk, topic="bill.explain", said="по счёту " * 100)
    (waiting,) = await desk.requests.callbacks.waiting()
    assert (waiting.phone, waiting.topic, waiting.account_number) == (
        "+74832000001",
        "bill.explain",
        "320145678",
    )
    assert waiting.said == ("по счёту " * 100)[:500]
    assert not [each for each in logs if "+7483" in repr(each) or "счёт" in repr(each)]


async def test_a_second_call_changes_the_promise_and_adds_none(desk: Desk) -> None:
    await ask(desk, topic="bill.explain", said="про счёт")
    asked_at = desk.clock.now()
    desk.clock.pass_by(NIGHT)
    again = await ask(desk, "c2", when="2026-11-26", said="и ещё")
    assert again.outcome == "already"
    assert record(again)["from_time"] == datetime(2026, 11, 26, 8, 0, tzinfo=MOSCOW)
    (waiting,) = await desk.requests.callbacks.waiting()
    assert (waiting.topic, waiting.said, waiting.call_id) == ("bill.explain", "и ещё", "c2")
    assert (waiting.asked_at, waiting.wish) == (asked_at, Wish.TIME)


async def test_the_same_call_may_ask_again(desk: Desk) -> None:
    first = await ask(desk)
    assert await ask(desk) == first
    assert len(await desk.requests.callbacks.waiting()) == 1


async def test_a_withheld_number_cannot_be_called(desk: Desk) -> None:
    assert (await ask(desk, caller="")).outcome == "no_number"
    assert await desk.requests.callbacks.waiting() == []


@pytest.mark.parametrize("when", ["после дождичка", "2027-11-26"])
async def test_what_cannot_be_promised_is_not(desk: Desk, when: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        await ask(desk, when=when)
    assert await desk.requests.callbacks.waiting() == []


async def test_calls_of_one_number_at_once_make_one_promise(desk: Desk) -> None:
    done = await asyncio.gather(*(ask(desk, f"c{number}") for number in range(6)))
    assert sorted(each.outcome for each in done) == ["already"] * 5 + ["promised"]
    await ask(desk, "c7", caller="+74832000002")
    assert len(await desk.requests.callbacks.waiting()) == 2
