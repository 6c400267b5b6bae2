"""Counting from the outbox: whatever comes, in whatever order and however often, the figures are the same."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from ivr.archive import index
from ivr.archive.index import Absence
from ivr.calls import pending
from ivr.calls.followup_settings import SurveySettings
from ivr.calls.identifications import How, Identification, Identifications
from ivr.calls.legs import LegEnd
from ivr.calls.story import Story
from ivr.calls.surveys import Surveys
from ivr.calls.tables import kpi_pending
from ivr.calls.wrapups import WrapUp, WrapUps
from ivr.dialogue.ports import EndingKind
from ivr.kpi import counting as counting_of
from ivr.kpi import intake
from ivr.kpi.breakdown import By
from ivr.kpi.intake import all_anew
from ivr.kpi.periods import Period
from ivr.kpi.rows import read_calls, read_talks
from ivr.kpi.settings import KpiSettings
from ivr.kpi.sums import Selection, grouped, total
from ivr.requests import callback_rows
from ivr.requests.callback_model import CallbackEnd, CallbackSource, CallbackStatus
from ivr.requests.model import Wish
from ivr.store import Database, StoreSettings
from tests.contract.kpi.conftest import StillClock, contents, count_all, counting, put
from tests.databases import with_tables
from tests.unit.kpi.stories import CAME, RULES, Tale, answered, gave_up, served

MOSCOW = ZoneInfo("Europe/Moscow")
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30), MOSCOW)


async def fact(database: Database, call_id: str = "c1") -> dict[str, int]:
    found = await database.read(partial(read_calls, call_ids=[call_id]))
    return found[0].counted if found else {}


async def waiting(database: Database) -> int:
    return await database.read(
        lambda connection: connection.execute(select(func.count()).select_from(kpi_pending)).scalar_one()
    )


async def test_an_ended_call_is_counted_and_the_outbox_emptied(database: Database) -> None:
    await put(database, answered("c1"), gave_up("c2"))
    assert await count_all(database) == 2
    assert (await fact(database))["answered"] == 1
    assert await waiting(database) == 0
    sums = await database.read(partial(total, selection=Selection(period=NOVEMBER)))
    assert (sums["incoming"], sums["answered"], sums["lost"], sums["talks"]) == (2, 1, 1, 1)
    assert sums["longest_wait_us"] == 60_000_000


async def test_a_call_that_goes_on_is_not_counted(database: Database) -> None:
    await put(database, Tale("c1").robot(20, EndingKind.QUEUED).queued(20).story)
    assert await waiting(database) == 0
    assert await count_all(database) == 0


async def test_what_comes_late_corrects_what_was_counted(database: Database) -> None:
    story = Tale("c1").robot(20, EndingKind.QUEUED).queued(20).left_queue(500).ended(500)
    await put(database, story, gave_up("c2", wait=30))
    await count_all(database)
    tale = Tale("c1")
    tale.story = story
    tale.answered(50).leg_ended(500)  # its events were late
    await put(database, tale.story)
    await count_all(database)
    sums = await database.read(partial(total, selection=Selection(period=NOVEMBER)))
    assert (sums["lost"], sums["answered"]) == (1, 1)
    assert sums["longest_wait_us"] == 30_000_000  # the greatest value falls, too


async def test_a_call_that_is_taken_up_again_is_no_longer_counted_when_it_is_looked_at(
    database: Database,
) -> None:
    story = Tale("c1").lost_track(60)
    await put(database, story)
    await count_all(database)
    story.lost_track_at = None
    await put(database, story)
    await database.write(partial(pending.note, call_ids=["c1"]))
    await count_all(database)
    assert await contents(database) == {
        "kpi_calls": [],
        "kpi_talks": [],
        "kpi_call_cells": [],
        "kpi_talk_cells": [],
    }


async def test_a_change_during_a_count_is_counted_afterwards(database: Database) -> None:
    await put(database, answered("c1"))
    read = await database.read(partial(pending.read, limit=10))
    await database.write(partial(pending.note, call_ids=["c1"]))
    await database.write(partial(pending.settle, call_ids=read.call_ids, upto=read.upto))
    assert await waiting(database) == 1


async def test_a_call_that_cannot_be_counted_keeps_no_other_from_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = counting_of.count

    def fails_once(story: Story, *others: object) -> object:
        if story.call_id == "bad":
            raise ZeroDivisionError
        return counted(story, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(intake, "count", fails_once)
    await put(database, answered("bad"), answered("good"))
    assert await count_all(database) == 1
    assert await waiting(database) == 0


async def test_nothing_is_half_counted_when_a_count_is_broken_off(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(database, answered("c1"))

    def breaks(*_: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(pending, "settle", breaks)
    with pytest.raises(RuntimeError):
        await count_all(database)
    monkeypatch.undo()
    assert (await contents(database))["kpi_calls"] == []
    assert await count_all(database) == 1


# --- whoever changes something says so ---


async def test_a_finished_wrap_up_is_counted(database: Database) -> None:
    await put(database, answered())
    await count_all(database)
    wrapups = WrapUps(database, StillClock())
    draft = WrapUp(
        call_id="c1", agent="anna", topic="payment.missing", began_at=CAME + timedelta(seconds=135)
    )
    await wrapups.save(draft)
    assert await waiting(database) == 0  # a draft says nothing yet
    await wrapups.save(replace(draft, saved_at=CAME + timedelta(seconds=160)))
    await count_all(database)
    [talk] = await database.read(partial(read_talks, call_ids=["c1"]))
    assert (talk.topic, talk.counted["wrapup_us"]) == ("payment.missing", 25_000_000)


async def test_an_answer_to_the_survey_is_counted(database: Database) -> None:
    await put(database, answered())
    await count_all(database)
    await Surveys(database, SurveySettings(), StillClock()).save("c1", 5)
    await count_all(database)
    assert (await fact(database))["score"] == 5


async def test_an_identification_is_counted(database: Database) -> None:
    await put(database, answered())
    await count_all(database)
    at = CAME + timedelta(seconds=50)
    step = Identification(call_id="c1", account_number="77", how=How.NAME_AND_ACCOUNT, agent="anna", at=at)
    await Identifications(database).record(step)
    await count_all(database)
    [talk] = await database.read(partial(read_talks, call_ids=["c1"]))
    assert talk.counted["search_us"] == 15_000_000


async def test_a_reason_for_a_missing_recording_is_counted(database: Database) -> None:
    await put(database, answered())
    await count_all(database)
    assert (await fact(database))["recording_unexplained"] == 1
    absence = Absence("c1", "", "disk-full", CAME)
    await database.write(partial(index.add, found=[], absences=[absence]))
    await count_all(database)
    assert (await fact(database))["recording_excused"] == 1


def promise(connection: Connection, call_id: str, at: datetime) -> None:
    given = {
        "wish": Wish.SOON,
        "due_from": at,
        "next_at": None,
        "call_id": call_id,
        "source": CallbackSource.QUEUE,
    }
    known = {"topic": "", "account_number": "", "said": ""}
    callback_rows.promise(connection, "+79001234567", given, known, at)


async def test_a_promise_is_counted_and_so_is_its_end(database: Database) -> None:
    await put(database, gave_up("c1", wait=60))
    await database.write(partial(promise, call_id="c1", at=CAME + timedelta(seconds=70)))
    await count_all(database)
    assert (await fact(database))["callback_accepted"] == 1
    await database.write(
        lambda connection: callback_rows.close(
            connection, 1, CallbackStatus.EXPIRED, CallbackEnd.TOO_LATE, CAME + timedelta(days=1)
        )
    )
    await count_all(database)
    found = await fact(database)
    assert (found["lost"], found["callback_broken"]) == (1, 1)


async def test_a_promise_that_moved_on_to_a_later_call_still_holds_for_the_first(database: Database) -> None:
    later = CAME + timedelta(hours=1)
    await put(database, gave_up("c1", wait=60), gave_up("c2", came=later, wait=60))
    await database.write(partial(promise, call_id="c1", at=CAME + timedelta(seconds=70)))
    await database.write(partial(promise, call_id="c2", at=later + timedelta(seconds=70)))
    await count_all(database)
    assert [(await fact(database, each))["callback_accepted"] for each in ("c1", "c2")] == [1, 1]
    await database.write(
        lambda connection: callback_rows.close(
            connection, 1, CallbackStatus.FAILED, CallbackEnd.GAVE_UP, later + timedelta(hours=5)
        )
    )
    await count_all(database)
    assert [(await fact(database, each))["callback_broken"] for each in ("c1", "c2")] == [1, 1]


# --- repeated calls ---


@pytest.mark.parametrize(
    ("later", "repeated"),
    [(timedelta(days=7), True), (timedelta(days=7, milliseconds=1), False), (timedelta(minutes=5), True)],
)
async def test_a_later_call_on_the_topic_repeats_the_first(
    database: Database, later: timedelta, repeated: bool
) -> None:
    await put(database, served("c1"))
    await count_all(database)
    assert (await fact(database))["first_contact"] == 1
    await put(database, served("c2", came=CAME + later))
    await count_all(database)
    found = await fact(database)
    assert (found.get("repeated", 0), found.get("first_contact", 0)) == (int(repeated), int(not repeated))
    assert (await fact(database, "c2"))["first_contact"] == 1


async def test_another_client_or_topic_repeats_nothing(database: Database) -> None:
    other = served("c3", came=CAME + timedelta(hours=2))
    other.topic = "tariffs.current"
    another = served("c2", came=CAME + timedelta(hours=1), number="+79007654321")
    await put(database, served("c1"), another, other)
    await count_all(database)
    assert "repeated" not in await fact(database)


async def test_a_client_is_known_by_his_account_too(database: Database) -> None:
    later = CAME + timedelta(days=1)
    await put(database, served("c1", number="+79001112233"), served("c2", came=later, number="+79004445566"))
    steps = Identifications(database)
    for call_id, at in (("c1", CAME), ("c2", later)):
        step = Identification(call_id=call_id, account_number="77", how=How.ROBOT, agent="", at=at)
        await steps.record(step)
    await count_all(database)
    assert (await fact(database))["repeated"] == 1


async def test_a_repetition_that_turns_out_to_be_about_something_else_is_none(database: Database) -> None:
    second = served("c2", came=CAME + timedelta(days=1))
    await put(database, served("c1"), second)
    await count_all(database)
    assert (await fact(database))["repeated"] == 1
    second.topic = "tariffs.current"
    await put(database, second)
    await count_all(database)
    assert (await fact(database))["first_contact"] == 1


# --- the same whatever the order ---

_INSTANTS = st.integers(min_value=0, max_value=40 * 24 * 3600)
_WAITS = st.integers(min_value=0, max_value=700)


@st.composite
def stories(draw: st.DrawFn) -> list[Story]:
    """Calls of a month and more, some of the same clients on the same topics."""
    found = []
    for number in range(draw(st.integers(1, 12))):
        came = CAME + timedelta(seconds=draw(_INSTANTS), microseconds=draw(st.integers(0, 999_999)))
        caller = f"+7900000000{draw(st.integers(0, 2))}"
        tale = Tale(f"c{number}", came, caller).about(
            draw(st.sampled_from(["balance.debt", "tariffs.current"]))
        )
        found.append(
            _played(tale, draw(st.sampled_from(["served", "lost", "answered", "moved"])), draw(_WAITS))
        )
    return found


def _played(tale: Tale, how: str, wait: int) -> Story:
    if how == "served":
        return tale.robot(30, EndingKind.COMPLETED).ended(35)
    tale.robot(20, EndingKind.QUEUED).queued(20)
    if how == "lost":
        return tale.left_queue(20 + wait).ended(20 + wait)
    end = 20 + wait + 90
    if how == "answered":
        return tale.answered(20 + wait).leg_ended(end).ended(end)
    tale.answered(20 + wait).leg_ended(end, LegEnd.TRANSFERRED).answered(end, "boris")
    return tale.leg_ended(end + 30, agent="boris").ended(end + 30)


async def _counted_in_order(folder: Path, name: str, told: Sequence[Story], batch: int) -> Database:
    database = await with_tables(StoreSettings(url=f"sqlite:///{folder / name}", busy_seconds=1))
    counter = counting(database, settings=KpiSettings(batch_calls=batch))
    for story in told:
        await put(database, story)
        if batch == 1:
            await counter.work_off()
    await counter.work_off()
    return database


async def _same_in_any_order(told: list[Story], order: random.Random) -> None:
    shuffled = [*told, *told[: len(told) // 2]]
    order.shuffle(shuffled)
    with TemporaryDirectory() as folder:
        first = await _counted_in_order(Path(folder), "first.db", told, 500)
        second = await _counted_in_order(Path(folder), "second.db", shuffled, 1)
        try:
            assert await contents(first) == await contents(second)
            await second.write(all_anew)
            await counting(second).work_off()
            assert await contents(first) == await contents(second)
            await _sums_agree(first)
        finally:
            await first.close()
            await second.close()


async def _sums_agree(database: Database) -> None:
    """Half-hours add up to days, days to the period, and every axis to the same total."""
    period = Period(date(2026, 11, 1), date(2027, 1, 31), MOSCOW)
    selection = Selection(period=period)
    whole = await database.read(partial(total, selection=selection))
    for by in By:
        groups = await database.read(partial(grouped, selection=selection, by=by))
        for name in ("incoming", "lost", "wait_us", "repeated", "first_contact", "answered_in_sl"):
            assert sum(group.get(name, 0) for group in groups.values()) == whole[name], (by, name)
        assert max(group.get("longest_wait_us", 0) for group in groups.values()) == whole["longest_wait_us"]
    days = await database.read(partial(grouped, selection=selection, by=By.DAY))
    for key, sums in days.items():
        day = date.fromisoformat(key)
        one = Selection(period=Period(day, day, MOSCOW))
        assert (await database.read(partial(total, selection=one)))["incoming"] == sums["incoming"]


@settings(max_examples=6, deadline=None, phases=[Phase.generate])
@given(told=stories(), seed=st.integers(0, 10_000))
def test_order_and_repetition_change_nothing(told: list[Story], seed: int) -> None:
    asyncio.run(_same_in_any_order(told, random.Random(seed)))


# --- days of the company's zone ---


@pytest.mark.parametrize("zone", ["Europe/Moscow", "Asia/Krasnoyarsk", "Europe/Kaliningrad"])
async def test_a_call_belongs_to_the_companys_day(database: Database, zone: str) -> None:
    local = ZoneInfo(zone)
    before = datetime(2026, 11, 30, 23, 59, 59, tzinfo=local).astimezone(UTC)
    after = datetime(2026, 12, 1, 0, 0, 0, tzinfo=local).astimezone(UTC)
    await put(database, answered("c1", came=before), answered("c2", came=after))
    rules = type(RULES)(zone=local)
    await count_all(database, rules)
    for month, call_id in (
        (Period(date(2026, 11, 1), date(2026, 11, 30), local), "c1"),
        (Period(date(2026, 12, 1), date(2026, 12, 31), local), "c2"),
    ):
        for by in (None, By.TOPIC, By.HALF_HOUR):
            groups = await database.read(partial(grouped, selection=Selection(period=month), by=by))
            assert sum(each["incoming"] for each in groups.values()) == 1, (call_id, by)
            assert sum(each["talks"] for each in groups.values()) == 1
