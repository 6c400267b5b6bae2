"""What clients say in surveys and control calls of campaigns comes to the figures of satisfaction, once."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ivr.app.campaign_opinions import TalkOpinions
from ivr.campaigns.book import CampaignBook
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.model import Attempt, Campaign, Disposition, Target
from ivr.campaigns.opinions import GIVEN, GivingOn, OpinionTalks
from ivr.campaigns.ports import Opinion
from ivr.kpi.profiles import load_profiles
from ivr.requests.model import RequestStatus
from ivr.satisfaction import rows
from ivr.satisfaction.outcomes import ControlResult, Satisfied
from ivr.satisfaction.questionnaires import load_questionnaires
from ivr.satisfaction.results import Wanted, replies, summary
from ivr.satisfaction.service import Satisfaction
from ivr.satisfaction.settings import SatisfactionSettings
from ivr.store import Database, StoreUnavailable
from tests.contract.campaigns.samples import ClockByHand, attempted, claimed, person, run
from tests.contract.satisfaction.test_control import House, find
from tests.unit.campaigns.rules.samples import MOSCOW

ROOT = Path(__file__).parents[3]
KINDS = Kinds.load(ROOT / "scenarios")
NOON = datetime(2026, 11, 24, 12, tzinfo=MOSCOW)


class Talks:
    """Implements `Talks` as the loop does: what was kept during the talk stays."""

    def __init__(self, book: CampaignBook) -> None:
        self._book = book

    async def facts_of(self, attempt_id: str) -> tuple[Campaign, Target, Attempt] | None:
        return await self._book.facts(attempt_id)

    async def result(self, attempt_id: str, outcome: str, data: Mapping[str, Any]) -> None:
        attempt = await self._book.attempt(attempt_id)
        assert attempt is not None
        await self._book.result(attempt_id, outcome, {**attempt.result, **data})


class Company:
    """A company that asks its clients by campaigns."""

    def __init__(self, database: Database, book: CampaignBook, clock: ClockByHand) -> None:
        self.database, self.book, self.clock = database, book, clock
        self.house = House(database, clock)
        profiles = load_profiles(ROOT / "metrics" / "standards")
        self.surveys = Satisfaction(
            database,
            SatisfactionSettings(),
            clock,
            questionnaires=load_questionnaires(ROOT / "metrics" / "questionnaires", profiles),
            profiles=profiles,
            kept={"bryansk"},
            chance=random.Random(1),
        )
        self.giving = GivingOn(database, lambda: KINDS, clock)
        self.giving.give_to(TalkOpinions(self.surveys, self.house.control))
        self.talks = OpinionTalks(Talks(book), self.giving)

    async def called(self, kind: str, answers: Mapping[str, str], **fields: str) -> Attempt:
        """A talk in which these answers were kept, one after another."""
        number = len(await self.book.campaigns()) + 1
        request = fields.pop("request", "")
        who = person(number, fields={"name": "Анна Ивановна", "request": request})
        campaign = await run(self.book, [who], f"{kind}-{number}", kind=kind, fields=fields)
        attempt = await attempted(self.book, await claimed(self.book, self.clock, campaign))
        await self.book.answered(attempt.attempt_id, self.clock.now())
        await self.book.result(attempt.attempt_id, "", answers)
        return attempt

    async def ended(self, attempt: Attempt) -> None:
        await self.book.ended(attempt.attempt_id, Disposition.PERSON, 16, self.clock.now())

    async def told(self) -> tuple[int, float | None]:
        """Replies, and CSAT."""
        found = await self.database.read(lambda connection: replies(connection, Wanted()))
        return len(found), summary(found).csat.value


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand(NOON)


@pytest.fixture
def company(database: Database, book: CampaignBook, clock: ClockByHand) -> Company:
    return Company(database, book, clock)


async def test_a_survey_is_counted_once_however_often_its_end_is_told(company: Company) -> None:
    for score in ("5", "2"):
        attempt = await company.called(
            "survey", {"score": score, "words": "долго ждал"}, questionnaire="bryansk-clients"
        )
        for _ in range(2):
            await company.talks.result(attempt.attempt_id, "answered", {"score": score})
        await company.ended(attempt)
    assert await company.told() == (2, 0.5)
    assert await company.giving.catch_up() == 0
    (wave,) = await company.surveys.waves("bryansk-clients")
    assert wave.answers == 2


async def test_what_a_crash_has_left_is_given_on_at_the_next_start(company: Company) -> None:
    attempt = await company.called("survey", {"score": "4"}, questionnaire="bryansk-clients")
    await company.ended(attempt)
    assert await company.told() == (0, None)
    assert await company.giving.catch_up() == 1
    assert await company.giving.catch_up() == 0
    assert await company.told() == (1, 1.0)


async def test_while_the_room_is_away_a_talk_ends_all_the_same(company: Company) -> None:
    class Away:
        async def take(self, opinion: Opinion) -> None:
            raise StoreUnavailable("away", "test", "")

    attempt = await company.called("survey", {"score": "4"}, questionnaire="bryansk-clients")
    company.giving.give_to(Away())
    await company.talks.result(attempt.attempt_id, "answered", {})
    await company.ended(attempt)
    company.giving.give_to(TalkOpinions(company.surveys, company.house.control))
    assert await company.giving.catch_up() == 1
    assert await company.told() == (1, 1.0)


async def test_a_survey_without_a_questionnaire_stays_with_its_attempt(company: Company) -> None:
    attempt = await company.called("survey", {"score": "4"})
    await company.talks.result(attempt.attempt_id, "answered", {})
    kept = await company.book.attempt(attempt.attempt_id)
    assert kept is not None
    assert kept.result == {"score": "4", GIVEN: True}
    assert await company.told() == (0, None)


async def test_who_refuses_is_drawn_for_no_survey(company: Company) -> None:
    attempt = await company.called("survey", {"refused": "True"}, questionnaire="bryansk-clients")
    await company.talks.result(attempt.attempt_id, "refused", {})
    wave = await company.surveys.open("bryansk-clients", "vera")
    refused = await company.database.read(lambda connection: rows.not_to_ask(connection, wave.id))
    assert refused == {"000000001"}


async def test_a_control_call_closes_the_operators_task(company: Company) -> None:
    number, task_id = await company.house.complaint("one")
    attempt = await company.called("control-call", {"satisfied": "wholly", "score": "5"}, request=number)
    for _ in range(2):
        await company.talks.result(attempt.attempt_id, "answered", {})
    figures = await company.house.figures()
    assert (figures.satisfied.value, figures.score.value, figures.continued) == (1.0, 5.0, 0)
    assert (await company.house.control.task(task_id)).status == "done"


@pytest.mark.parametrize("said", ["", "declined", "made"])
async def test_who_is_not_satisfied_has_one_complaint_more_or_none(company: Company, said: str) -> None:
    number, _ = await company.house.complaint("one")
    answers = {"satisfied": "not"}
    if said == "declined":
        answers["declined"] = "да"
    if said == "made":
        answers["request_number"], _ = await company.house.complaint("two")
    attempt = await company.called("control-call", answers, request=number)
    for _ in range(2):
        await company.talks.result(attempt.attempt_id, "answered", {})
    await company.house.control.catch_up()
    follows = (await company.house.figures()).continued
    assert follows == (0 if said == "declined" else 1)
    before, changes = await find(company.house, number)
    assert before.status is RequestStatus.ANSWERED
    noted = [change for change in changes if "не удовлетворён" in change]
    assert len(noted) == follows


async def test_an_operator_who_was_faster_has_the_word(company: Company) -> None:
    number, task_id = await company.house.complaint("one")
    attempt = await company.called("control-call", {"satisfied": "not"}, request=number)
    result = ControlResult(reached=True, satisfied=Satisfied.YES)
    await company.house.control.finish(task_id, "anna", result)
    await company.talks.result(attempt.attempt_id, "answered", {})
    figures = await company.house.figures()
    assert (figures.satisfied.value, figures.continued) == (1.0, 0)


async def test_who_did_not_say_stays_with_the_operators(company: Company) -> None:
    number, task_id = await company.house.complaint("one")
    attempt = await company.called("control-call", {}, request=number)
    await company.talks.result(attempt.attempt_id, "silent", {})
    assert (await company.house.control.task(task_id)).status == "open"
