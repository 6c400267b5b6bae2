"""What a campaign has come to is counted truly, seldom enough, and each target once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from ivr.campaigns.book import CampaignBook
from ivr.campaigns.model import Campaign, Disposition, TargetState
from ivr.campaigns.report.course import LATELY, course
from ivr.campaigns.report.courses import Courses, Size
from ivr.campaigns.report.evidence import Evidence, Wanted, evidence
from ivr.campaigns.report.sheets import Paper, as_csv, summary
from ivr.campaigns.report.words import outcomes_of, title, words
from ivr.store import Database
from tests.contract.campaigns.samples import ClockByHand, attempted, claimed, person, run

ANSWERED = {Disposition.PERSON, Disposition.ABANDONED, Disposition.MACHINE}


async def ended(
    book: CampaignBook, clock: ClockByHand, campaign: Campaign, disposition: Disposition, *, over: bool
) -> None:
    """The next target is called, and that is how it ends."""
    target = await claimed(book, clock, campaign)
    attempt = await attempted(book, target)
    await book.dialled(attempt.attempt_id)
    if disposition in ANSWERED:
        await book.answered(attempt.attempt_id, clock.now())
    await book.ended(attempt.attempt_id, disposition, 16, clock.now())
    if over:
        await book.over(target.target_id, TargetState.DONE, "told")
    else:
        await book.again(target.target_id, clock.now() - timedelta(days=1))


async def test_each_target_counts_once_in_the_funnel_and_each_attempt_in_its_ends(
    book: CampaignBook, database: Database, clock: ClockByHand
) -> None:
    campaign = await run(book, [person(number) for number in range(1, 6)])
    for disposition, over in (
        (Disposition.NO_ANSWER, False),
        (Disposition.MACHINE, False),
        (Disposition.ABANDONED, False),
        (Disposition.PERSON, True),
        (Disposition.PERSON, True),
    ):
        await ended(book, clock, campaign, disposition, over=over)
    target = await claimed(book, clock, campaign)
    await attempted(book, target)
    found = await database.read(partial(course, campaign_id=campaign.campaign_id, now=clock.now()))
    tried = {each.target_id for each in await _all(database, campaign)}
    with_person = {
        each.target_id
        for each in await _all(database, campaign)
        if each.disposition in {Disposition.PERSON, Disposition.ABANDONED}
    }
    assert (found.total, found.left, found.open) == (5, 3, 1)
    assert found.tried == len(tried)
    assert found.reached == len(with_person)
    assert found.answered >= found.reached
    assert found.dispositions == {
        Disposition.NO_ANSWER: 1,
        Disposition.MACHINE: 1,
        Disposition.ABANDONED: 1,
        Disposition.PERSON: 2,
    }
    assert found.outcomes == {"told": 2}
    assert (found.persons, found.abandoned) == (3, 1 / 3)
    assert found.lately == 5
    later = clock.now() + LATELY + timedelta(seconds=1)
    found = await database.read(partial(course, campaign_id=campaign.campaign_id, now=later))
    assert found.lately == 0


async def _all(database: Database, campaign: Campaign) -> list[Evidence]:
    return await database.read(partial(evidence, wanted=Wanted(campaign_id=campaign.campaign_id)))


async def test_an_empty_campaign_has_no_shares(
    book: CampaignBook, database: Database, clock: ClockByHand
) -> None:
    campaign = await run(book, [])
    found = await database.read(partial(course, campaign_id=campaign.campaign_id, now=clock.now()))
    assert (found.total, found.left, found.abandoned) == (0, 0, None)


async def test_what_was_just_counted_is_told_again_until_something_changes(
    book: CampaignBook, database: Database, clock: ClockByHand
) -> None:
    campaign = await run(book, [person(1)])
    courses = Courses(database, clock)
    first, other = await asyncio.gather(*(courses.of(campaign.campaign_id) for _ in range(2)))
    assert first is other, "who asks at once is told the same count"
    assert (await courses.sizes())[campaign.campaign_id] == Size(1, 0)
    await book.add_targets(campaign.campaign_id, [person(2)])
    assert await courses.of(campaign.campaign_id) is first
    courses.forget()
    assert (await courses.of(campaign.campaign_id)).total == 2
    await book.add_targets(campaign.campaign_id, [person(3)])
    clock.pass_by(60)
    assert (await courses.sizes())[campaign.campaign_id] == Size(3, 0)


async def test_a_report_of_many_parts_has_every_attempt_once(
    book: CampaignBook, database: Database, clock: ClockByHand
) -> None:
    campaign = await run(book, [person(number) for number in range(1, 131)])
    for _ in range(130):
        await ended(book, clock, campaign, Disposition.PERSON, over=True)
    found = await database.read(partial(course, campaign_id=campaign.campaign_id, now=clock.now()))
    paper = Paper(
        campaign=replace(campaign, why="all-ended"),
        kind="Задолженность",
        course=found,
        made_at=clock.now(),
        zone=ZoneInfo("Europe/Moscow"),
        outcome=outcomes_of({"told": "Сообщение прослушано"}),
        results={},
    )
    parts = [part async for part in as_csv(paper, database)]
    lines = b"".join(parts).decode("utf-8-sig").splitlines()
    assert len(parts) == 3  # the heading, a hundred, the rest
    assert len({line.rpartition(";")[2] for line in lines[1:]}) == 130
    assert all("Сообщение прослушано" in line for line in lines[1:])
    told = dict(summary(paper))
    assert told["Сообщение прослушано"] == told["ответил человек"] == 130
    assert told[words()["state"]] == "идёт: все адресаты обзвонены"


def test_every_state_and_end_has_a_name() -> None:
    assert set(words()["dispositions"]) == set(Disposition)
    assert set(words()["target_states"]) == set(TargetState)
    assert title("outcomes", "unheard-of") == "unheard-of"
