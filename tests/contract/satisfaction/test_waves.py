"""Waves: who is asked, who has answered, and nobody twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert

from ivr.calls.tables import calls
from ivr.customers.tables import accounts, phones
from ivr.desk.task_rows import TaskFilter, TaskKind, listed
from ivr.satisfaction import results, rows
from ivr.satisfaction.asking import AskedByOperators
from ivr.satisfaction.model import BadAnswer, Saved
from ivr.satisfaction.results import Wanted
from ivr.satisfaction.service import Among, Closed, NoSuch, Satisfaction
from ivr.satisfaction.waves import Standing
from ivr.store import Database
from tests.contract.satisfaction.conftest import FOUND, reply
from tests.unit.customers.samples import ClockByHand


def call(number: int, caller: str, **told: Any) -> dict[str, Any]:
    came = datetime(2026, 11, 20, 9, tzinfo=UTC)
    plain = {
        "call_id": f"c-{number}",
        "kind": "inbound",
        "origin": "engine",
        "came_at": came,
        "caller_number": caller,
        "segment": "private",
        "data": {},
        "stage": "ended",
        "disposition": "answered",
    }
    return {**plain, **told}


async def put(database: Database, table: Any, *values: dict[str, Any]) -> None:
    await database.write(lambda connection: connection.execute(insert(table), list(values)).close())


async def clients(database: Database, wave: int) -> list[str]:
    return [each.client for each in await database.read(partial(rows.unasked, wave_id=wave))]


async def test_a_wave_is_opened_for_its_period_once(room: Satisfaction) -> None:
    (private, corporate) = sorted(await room.planned(), key=lambda each: each.questionnaire.id, reverse=True)
    assert private.standing is corporate.standing is Standing.DUE
    wave = await room.open("vladimir-private", "anna")
    assert (wave.first_day, wave.last_day) == (date(2026, 7, 1), date(2026, 12, 31))
    assert (await room.open("vladimir-private", "boris")).id == wave.id
    stands = {each.questionnaire.id: each.standing for each in await room.planned()}
    assert stands == {"vladimir-private": Standing.RUNNING, "vladimir-corporate": Standing.DUE}
    with pytest.raises(NoSuch):
        await room.open("nothing", "anna")


async def test_callers_of_the_segment_are_drawn_each_once(room: Satisfaction, database: Database) -> None:
    await put(
        database,
        calls,
        *(call(number, f"+7900000000{number % 5}") for number in range(10)),  # five callers, two calls each
        call(10, "+79000000010", segment="corporate"),
        call(11, "+79000000011", disposition="lost"),
        call(12, "+79000000012", came_at=datetime(2025, 1, 1, tzinfo=UTC)),
        call(13, "+79000000013", segment="any"),
        call(14, ""),
    )
    wave = await room.open("vladimir-private", "anna")
    assert await room.draw(wave.id, Among.CALLERS, 4) == 4
    assert await room.draw(wave.id, Among.CALLERS, 10) == 2
    drawn = await clients(database, wave.id)
    assert set(drawn) == {*(f"+7900000000{number}" for number in range(5)), "+79000000013"}
    assert await room.draw(wave.id, Among.CALLERS) == 0


async def test_who_refused_or_answered_is_not_drawn(room: Satisfaction, database: Database) -> None:
    await put(database, calls, *(call(number, f"+7900000000{number}") for number in range(3)))
    wave = await room.open("vladimir-private", "anna")
    await room.refuse("+79000000000")
    at = datetime(2026, 11, 24, tzinfo=UTC)
    await room.save(wave.id, [reply("1", at, client="+79000000001", overall="5")])
    assert await room.draw(wave.id, Among.CALLERS) == 1
    assert await clients(database, wave.id) == ["+79000000002"]


async def test_an_owner_of_two_accounts_is_asked_once(room: Satisfaction, database: Database) -> None:
    blank = {each.name: "" for each in accounts.c if not each.nullable and each.name != "id"}
    people = [
        {**blank, "id": number, "number": f"32014567{number}", "kind": "person", "segment": "private"}
        for number in range(3)
    ]
    await put(database, accounts, *people)
    shared = [
        {"account_id": 0, "number": "+79001"},
        {"account_id": 1, "number": "+79001"},
        {"account_id": 2, "number": "+79002"},
    ]
    await put(database, phones, *shared)
    wave = await room.open("vladimir-private", "anna")
    assert await room.draw(wave.id, Among.ACCOUNTS) == 2
    assert await room.draw(wave.id, Among.ACCOUNTS, 5) == 0


async def test_operators_get_a_task_for_each_client_once(
    room: Satisfaction, database: Database, clock: ClockByHand
) -> None:
    await put(database, calls, *(call(number, f"+7900000000{number}") for number in range(3)))
    wave = await room.open("vladimir-private", "anna")
    await room.draw(wave.id, Among.CALLERS)
    zone = clock.now().tzinfo
    assert zone is not None
    by_operators = AskedByOperators(database, clock, zone)
    assert await room.ask(wave.id, by_operators) == 3
    assert await room.ask(wave.id, by_operators) == 0
    wanted = TaskFilter(kind=TaskKind.SURVEY)
    tasks = await database.read(partial(listed, wanted=wanted, now=clock.now()))
    assert sorted(task.phone for task in tasks) == [f"+7900000000{number}" for number in range(3)]
    assert {task.due_at.date() for task in tasks} == {wave.last_day}


async def test_a_reply_is_kept_once_and_corrected_by_its_key(room: Satisfaction, database: Database) -> None:
    wave = await room.open("vladimir-private", "anna")
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    first = reply("1", at, client="320145678", overall="2", wishes="Отвечайте быстрее")
    assert await room.save(wave.id, [first]) == [Saved.ADDED]
    assert await room.save(wave.id, [first]) == [Saved.UNCHANGED]
    better = reply("1", at, client="320145678", overall="4")
    assert await room.save(wave.id, [better]) == [Saved.CHANGED]
    assert await room.save(wave.id, [reply("2", at, client="320145678", overall="1")]) == [Saved.TWICE]
    found = await database.read(partial(results.replies, wanted=Wanted()))
    assert [[mark.score for mark in each.marks] for each in found] == [[4]]


async def test_who_has_refused_is_not_heard(room: Satisfaction) -> None:
    wave = await room.open("vladimir-private", "anna")
    await room.refuse("320145678")
    await room.refuse("320145678")
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert await room.save(wave.id, [reply("1", at, client="320145678", overall="2")]) == [Saved.REFUSED]


async def test_a_closed_wave_takes_nothing_and_can_be_opened_again(room: Satisfaction) -> None:
    wave = await room.open("vladimir-private", "anna")
    assert (await room.close(wave.id)).closed_at is not None
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    with pytest.raises(Closed):
        await room.save(wave.id, [reply("1", at, overall="5")])
    with pytest.raises(Closed):
        await room.draw(wave.id, Among.CALLERS)
    assert (await room.open("vladimir-private", "anna")).closed_at is None
    assert await room.save(wave.id, [reply("1", at, overall="5")]) == [Saved.ADDED]


async def test_the_figures_are_of_the_period_the_standard_and_the_segment(
    room: Satisfaction, database: Database
) -> None:
    private = await room.open("vladimir-private", "anna")
    corporate = await room.open("vladimir-corporate", "anna")
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    told = [(5, 10), (4, 9), (2, 3), (5, 8)]
    await room.save(
        private.id,
        [
            reply(str(place), at, overall=str(one), recommend=str(nps))
            for place, (one, nps) in enumerate(told)
        ],
    )
    await room.save(corporate.id, [reply("1", at, "vladimir-corporate", overall="1")])
    await room.save(private.id, [reply("old", at - timedelta(days=90), overall="1")])

    async def summary(**wanted: Any) -> results.Summary:
        period = {"since": datetime(2026, 11, 1, tzinfo=UTC), "until": datetime(2026, 12, 1, tzinfo=UTC)}
        found = await database.read(partial(results.replies, wanted=Wanted(**{**period, **wanted})))
        return results.summary(found)

    of_private = await summary(segment="private")
    assert (of_private.answers, of_private.csat.value, of_private.score.value) == (4, 0.75, 4.0)
    assert of_private.nps.value == 0.25
    assert of_private.csi.value is None
    assert (await summary()).answers == 5
    assert (await summary(profiles=["omsk"])).answers == 0
    assert (await summary(questionnaire="vladimir-corporate")).csat.value == 0
    found = await database.read(partial(results.replies, wanted=Wanted(questionnaire="vladimir-private")))
    (overall, *others) = results.by_question(FOUND["vladimir-private"], found)
    assert overall.counts == {"5": 2, "4": 1, "2": 1, "1": 1}
    assert [each.figure.answers for each in others if each.question == "recommend"] == [4]


def test_answers_that_do_not_fit_are_refused() -> None:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    for wrong in (
        {"overall": "6"},
        {"recommend": "11"},
        {"solved": "может"},
        {"nothing": "1"},
        {"overall": " "},
    ):
        with pytest.raises(BadAnswer):
            reply("1", at, **wrong)
    with pytest.raises(BadAnswer, match="one of bills"):
        reply("1", at, "omsk-office", purpose="pleasure")
    assert reply("1", at, "omsk-office", purpose="Договор").marks[0].choice == "contract"


async def test_words_come_newest_first_with_the_overall_score(room: Satisfaction, database: Database) -> None:
    wave = await room.open("vladimir-private", "anna")
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    said = [
        reply(str(place), at + timedelta(hours=place), overall="3", wishes=words)
        for place, words in enumerate(("первое", "второе"))
    ]
    await room.save(wave.id, said)
    found = await database.read(partial(results.comments, wanted=Wanted(), limit=10))
    assert [(each.words, each.score, each.question) for each in found] == [
        ("второе", 3, "wishes"),
        ("первое", 3, "wishes"),
    ]
    assert len(await database.read(partial(results.comments, wanted=Wanted(), limit=1))) == 1
