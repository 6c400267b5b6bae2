from __future__ import annotations

import asyncio
from datetime import timedelta

from ivr.knowledge.misses import Misses
from ivr.knowledge.words import Dictionary
from ivr.store import Database
from tests.unit.knowledge.support import MONDAY_MORNING, facts

MORPHOLOGY = Dictionary()


def misses(database: Database) -> Misses:
    return Misses(database, MORPHOLOGY, similar_percent=75)


async def test_misses_are_kept_once_a_call_and_listed_as_questions(database: Database) -> None:
    kept = misses(database)
    later = MONDAY_MORNING + timedelta(hours=1)
    assert await kept.note(facts(), "солнечные панели на даче", None, MONDAY_MORNING)
    assert not await kept.note(facts(), "солнечные панели на даче", None, later)
    assert await kept.note(facts(call_id="call-2"), "на даче солнечная панель", None, later)
    assert await kept.note(facts(), "солнечные панели на даче", "services.paid", later)
    most, other = await kept.questions()
    assert (most.count, most.topic, most.last) == (2, None, later)
    assert (other.count, other.topic) == (1, "services.paid")


async def test_the_same_miss_at_once_is_kept_once(database: Database) -> None:
    kept = misses(database)
    noted = await asyncio.gather(
        *(kept.note(facts(), "зарядка", None, MONDAY_MORNING) for _ in range(5)), return_exceptions=True
    )
    assert noted.count(True) == 1
    assert [question.count for question in await kept.questions()] == [1]


async def test_no_personal_data_reach_the_database(database: Database) -> None:
    kept = misses(database)
    await kept.note(facts(), "Анна Петровна Иванова счёт 320145678", None, MONDAY_MORNING)
    (question,) = await kept.questions()
    assert question.text == "… счёт …"


async def test_long_speech_is_cut_and_silence_is_no_question(database: Database) -> None:
    kept = misses(database)
    await kept.note(facts(), "свет " * 1000, None, MONDAY_MORNING)
    assert not await kept.note(facts(), "  ", None, MONDAY_MORNING)
    (question,) = await kept.questions()
    assert len(question.text) <= 500
