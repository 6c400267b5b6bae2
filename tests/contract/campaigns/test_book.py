"""Campaigns and their targets, as the book keeps them."""

from __future__ import annotations

import asyncio
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import pytest

from ivr.campaigns.book import Added, CampaignBook
from ivr.campaigns.model import CampaignState, Disposition, Mode, TargetState
from ivr.errors import Fault
from ivr.store import Database, StoreSettings
from tests.contract.campaigns.samples import ClockByHand, attempted, claimed, new, person, run

S = CampaignState


async def test_a_campaign_comes_back_as_it_was_written(book: CampaignBook) -> None:
    told: dict[str, Any] = {
        "mode": Mode.PREDICTIVE,
        "opens": time(10, 0),
        "closes": time(18, 30),
        "lines": 7,
        "calls_per_second": 1.5,
        "queue": "clients",
        "caller_id": "main",
        "fields": {"ground": "задолженность", "date": "2026-12-01"},
        "overrides": {"retries": {"busy": {"count": 2}}},
    }
    made = await book.create(new(**told))
    assert made.state is S.DRAFT
    assert {name: getattr(made, name) for name in told} == told
    assert (made.first_day, made.last_day) == (date(2026, 11, 24), date(2026, 11, 30))
    assert await book.campaign(made.campaign_id) == made
    assert await book.by_name("debts") == made
    assert await book.campaigns() == [made]


async def test_what_is_not_there_is_none(book: CampaignBook) -> None:
    assert await book.campaign(7) is None
    assert await book.by_name("none") is None
    assert await book.target(7) is None
    assert await book.attempt("none") is None
    assert await book.facts("none") is None


async def test_a_name_is_given_once(book: CampaignBook) -> None:
    tries = await asyncio.gather(*(book.create(new()) for _ in range(3)), return_exceptions=True)
    faults = [each for each in tries if isinstance(each, Fault)]
    assert [fault.where for fault in faults] == ["name", "name"]
    assert len(await book.campaigns()) == 1


async def test_two_processes_give_a_name_once(
    database: Database, settings: StoreSettings, clock: ClockByHand
) -> None:
    other = await Database.open(settings)
    books = [CampaignBook(each, clock) for each in (database, other)]
    tries = await asyncio.gather(*(each.create(new()) for each in books), return_exceptions=True)
    await other.close()
    assert sorted(isinstance(each, Fault) for each in tries) == [False, True]


async def test_every_step_is_in_the_history(book: CampaignBook, clock: ClockByHand) -> None:
    campaign_id = (await book.create(new())).campaign_id
    steps = [(S.RUNNING, ""), (S.PAUSED, "обед"), (S.RUNNING, ""), (S.STOPPED, "ошибка в тексте")]
    for state, why in steps:
        clock.pass_by(60)
        made = await book.set_state(campaign_id, state, why, "boris")
        assert (made.state, made.why) == (state, why)
    history = await book.history(campaign_id)
    assert [(line.by, line.state, line.why) for line in history] == [
        ("anna", S.DRAFT, ""),
        *(("boris", state, why) for state, why in steps),
    ]
    assert history[-1].at == clock.now()
    assert history[-1].at - history[1].at == timedelta(minutes=3)


async def test_a_step_taken_twice_is_one_step(book: CampaignBook) -> None:
    campaign_id = (await book.create(new())).campaign_id
    first = await book.set_state(campaign_id, S.RUNNING, "", "anna")
    assert await book.set_state(campaign_id, S.RUNNING, "", "boris") == first
    assert len(await book.history(campaign_id)) == 2


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        ([], S.PAUSED),
        ([], S.DONE),
        ([S.STOPPED], S.RUNNING),
        ([S.RUNNING], S.DRAFT),
        ([S.RUNNING, S.DONE], S.PAUSED),
    ],
)
async def test_an_impossible_step_is_refused(
    book: CampaignBook, before: list[CampaignState], wanted: CampaignState
) -> None:
    campaign_id = (await book.create(new())).campaign_id
    for state in before:
        await book.set_state(campaign_id, state, "", "anna")
    stood = await book.campaign(campaign_id)
    with pytest.raises(Fault) as caught:
        await book.set_state(campaign_id, wanted, "", "anna")
    assert caught.value.where == "state"
    assert await book.campaign(campaign_id) == stood
    with pytest.raises(Fault):
        await book.set_state(campaign_id + 1, S.RUNNING, "", "anna")


async def test_only_what_does_not_run_is_changed(book: CampaignBook) -> None:
    await book.create(new("other"))
    campaign_id = (await book.create(new())).campaign_id
    revised = await book.revise(campaign_id, new(lines=3, by="boris"))
    assert (revised.lines, revised.state, revised.campaign_id) == (3, S.DRAFT, campaign_id)
    assert [line.by for line in await book.history(campaign_id)] == ["anna", "boris"]
    with pytest.raises(Fault, match="other"):
        await book.revise(campaign_id, new("other"))
    await book.set_state(campaign_id, S.RUNNING, "", "anna")
    with pytest.raises(Fault, match="running"):
        await book.revise(campaign_id, new(lines=4))


async def test_a_repeat_of_an_import_changes_nothing(book: CampaignBook, clock: ClockByHand) -> None:
    campaign = await run(book, [])
    people = [person(1), person(2), person(1, numbers=("+79990000000",))]
    assert await book.add_targets(campaign.campaign_id, people) == Added(2, 1)
    before = (await book.targets(campaign.campaign_id)).items
    assert before[0].numbers == ("+79000000001",), "of two for one person the first one is kept"
    clock.pass_by(5)
    target = await claimed(book, clock, campaign)
    assert await book.add_targets(campaign.campaign_id, [*people, person(3)]) == Added(1, 3)
    after = (await book.targets(campaign.campaign_id)).items
    assert [each.person for each in after] == [f"account:{number:09d}" for number in (1, 2, 3)]
    assert next(each for each in after if each.target_id == target.target_id).state is TargetState.CALLING


async def test_a_target_comes_back_as_it_was_written(book: CampaignBook, clock: ClockByHand) -> None:
    campaign = await run(book, [])
    later = clock.now() + timedelta(hours=3)
    written = person(
        1, numbers=("+79000000001", "+74830000001"), zones=("Asia/Omsk", "Asia/Tomsk"), due_at=later
    )
    await book.add_targets(campaign.campaign_id, [written])
    (found,) = (await book.targets(campaign.campaign_id)).items
    assert (found.numbers, found.zones, found.account) == (written.numbers, written.zones, written.account)
    assert (found.fields, found.due_at, found.tries) == (written.fields, later, 0)
    assert found.state is TargetState.WAITING
    assert await book.target(found.target_id) == found


async def test_a_person_may_be_in_two_campaigns(book: CampaignBook) -> None:
    for name in ("debts", "outages"):
        campaign = await book.create(new(name))
        assert await book.add_targets(campaign.campaign_id, [person(1)]) == Added(1, 0)


async def test_many_are_added_and_paged_through(book: CampaignBook) -> None:
    campaign = await book.create(new())
    assert await book.add_targets(campaign.campaign_id, [person(n) for n in range(2_500)]) == Added(2_500, 0)
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = await book.targets(campaign.campaign_id, after=after, limit=700)
        seen += [each.target_id for each in page.items]
        after = page.next
    assert len(seen) == len(set(seen)) == 2_500


async def test_targets_that_cannot_be_are_refused(book: CampaignBook) -> None:
    campaign = await book.create(new())
    with pytest.raises(Fault, match="99"):
        await book.add_targets(99, [person(1)])
    with pytest.raises(ZoneInfoNotFoundError):
        await book.add_targets(campaign.campaign_id, [person(1), person(2, zones=("Europe/Atlantis",))])
    assert (await book.progress(campaign.campaign_id)).total == 0
    await book.set_state(campaign.campaign_id, S.STOPPED, "", "anna")
    with pytest.raises(Fault, match="stopped"):
        await book.add_targets(campaign.campaign_id, [person(1)])


async def test_two_imports_at_once_add_each_person_once(
    database: Database, settings: StoreSettings, clock: ClockByHand
) -> None:
    other = await Database.open(settings)
    books = [CampaignBook(each, clock) for each in (database, other)]
    campaign = await books[0].create(new())
    people = [person(number) for number in range(400)]
    added = await asyncio.gather(
        books[0].add_targets(campaign.campaign_id, people),
        books[1].add_targets(campaign.campaign_id, people[::-1]),
    )
    await other.close()
    assert sum(each.new for each in added) == 400
    assert (await books[0].progress(campaign.campaign_id)).total == 400


async def test_progress_counts_what_there_is(book: CampaignBook, clock: ClockByHand) -> None:
    campaign = await run(book, [person(number) for number in range(6)])
    other = await run(book, [person(0)], "other")
    ends = [Disposition.PERSON, Disposition.ABANDONED, Disposition.BUSY, Disposition.BUSY, None]
    for end in ends:
        target = await claimed(book, clock, campaign)
        attempt = await attempted(book, target)
        if end in (Disposition.PERSON, Disposition.ABANDONED):
            await book.answered(attempt.attempt_id, clock.now())
        if end is None:
            continue
        await book.ended(attempt.attempt_id, end, 16, clock.now())
        await book.over(target.target_id, TargetState.DONE, end)
    progress = await book.progress(campaign.campaign_id)
    assert progress.total == 6
    assert progress.targets == {TargetState.DONE: 4, TargetState.CALLING: 1, TargetState.WAITING: 1}
    assert progress.attempts == {Disposition.PERSON: 1, Disposition.ABANDONED: 1, Disposition.BUSY: 2}
    assert (progress.open, progress.answered, progress.abandoned) == (1, 2, 1)
    assert (await book.progress(other.campaign_id)).attempts == {}
    waiting = await book.targets(campaign.campaign_id, state=TargetState.WAITING)
    assert [each.state for each in waiting.items] == [TargetState.WAITING]
