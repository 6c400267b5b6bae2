"""After a talk: the survey for those who agreed, the head of the queue for those whose operator was lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ivr.calls.followup_settings import Ask, SurveySettings
from ivr.calls.legs import LegEnd
from ivr.desk.ports_calls import End, Return, Slice, Survey
from ivr.desk.settings_work import WorkSettings
from ivr.desk.work_actions import actions
from ivr.store import Database
from tests.contract.desk_work.bench import Bench
from tests.unit.customers.samples import facts


@pytest.fixture
async def asking(database: Database) -> AsyncIterator[Bench]:
    """A desk that asks everybody."""
    settings = WorkSettings(survey=SurveySettings(ask=Ask.ALWAYS))
    started = await Bench(database, settings).start()
    yield started
    await started.close()


def talked(bench: Bench, end: LegEnd | None, call: str = "c1") -> None:
    bench.comes(call)
    bench.is_answered(call, end=end)


async def next_of(bench: Bench, call: str = "c1") -> Survey | Return | End:
    return await bench.work.after_talk.next(call)


async def test_a_lost_telephone_takes_the_caller_to_the_head_of_his_queue(bench: Bench) -> None:
    talked(bench, LegEnd.LOST)
    settings = bench.settings.after_talk
    head = Slice(queue="clients", seconds=settings.slice_seconds, priority=settings.priority, position=1)
    assert await next_of(bench) == Return(head)


@pytest.mark.parametrize("end", [LegEnd.CALLER, LegEnd.TRANSFERRED, LegEnd.UNKNOWN])
async def test_every_other_end_is_the_end(asking: Bench, end: LegEnd) -> None:
    talked(asking, end)
    assert await next_of(asking) == End()


async def test_who_agreed_is_asked_and_only_once(bench: Bench) -> None:
    talked(bench, LegEnd.AGENT)
    assert await next_of(bench) == End()
    await bench.work.surveys.agree("c1", "anna", True)
    assert await next_of(bench) == Survey("survey")
    assert await next_of(bench) == End()


async def test_who_declined_is_never_asked(asking: Bench) -> None:
    talked(asking, LegEnd.AGENT)
    await asking.work.surveys.agree("c1", "anna", False)
    assert await next_of(asking) == End()
    talked(asking, LegEnd.AGENT, "c2")
    assert await next_of(asking, "c2") == Survey()


async def test_a_share_of_nothing_asks_nobody(database: Database) -> None:
    bench = await Bench(database, WorkSettings(survey=SurveySettings(ask=Ask.ALWAYS, share=0))).start()
    talked(bench, LegEnd.AGENT)
    assert await next_of(bench) == End()
    await bench.close()


async def test_the_event_that_tells_how_it_ended_may_come_late(bench: Bench) -> None:
    talked(bench, None)
    asked = asyncio.create_task(next_of(bench))
    await bench.settle()
    assert not asked.done()
    bench.talk_ends("c1", LegEnd.LOST)
    assert isinstance(await asked, Return)


async def test_an_event_that_never_comes_holds_nobody_up(bench: Bench) -> None:
    talked(bench, None)
    asked = asyncio.create_task(next_of(bench))
    await bench.settle()
    bench.clock.pass_by(bench.settings.after_talk.settle_seconds)
    assert await asked == End()
    unknown = asyncio.create_task(next_of(bench, "c9"))
    await bench.settle()
    bench.clock.pass_by(bench.settings.after_talk.settle_seconds)
    assert await unknown == End()


async def test_the_last_of_several_talks_counts(bench: Bench) -> None:
    talked(bench, LegEnd.LOST)
    bench.clock.pass_by(30)
    bench.is_answered("c1", "boris", LegEnd.CALLER)
    assert await next_of(bench) == End()


async def save(bench: Bench, score: Any, why: str | None) -> str:
    (action,) = actions(bench.work.surveys)
    return (await action.run(facts("c1"), score=score, why=why)).outcome


async def test_the_first_score_stands_and_a_word_may_follow(bench: Bench) -> None:
    assert await save(bench, 4, None) == "saved"
    assert await save(bench, 4, "долго ждала") == "saved"
    assert await save(bench, 1, "другое") == "saved"
    survey = await bench.work.surveys.of_call("c1")
    assert survey is not None
    assert (survey.score, survey.why, survey.answered_at is not None) == (4, "долго ждала", True)


@pytest.mark.parametrize("score", [0, 6])
async def test_scores_are_from_one_to_five(bench: Bench, score: int) -> None:
    with pytest.raises(ValueError, match="score"):
        await save(bench, score, None)
    assert await bench.work.surveys.of_call("c1") is None
