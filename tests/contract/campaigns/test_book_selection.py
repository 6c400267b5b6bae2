"""Who is called next, by whom, and what becomes of those whom nobody calls."""

from __future__ import annotations

import asyncio
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from ivr.campaigns import selection
from ivr.campaigns.book import CampaignBook, NotClaimed, Swept
from ivr.campaigns.model import CampaignState, Disposition, Target, TargetState
from ivr.store import Database, StoreSettings
from tests.contract.campaigns.samples import ClockByHand, attempted, claimed, new, person, run, yes

LEASE = 30
S = TargetState


def names(targets: list[Target]) -> list[int]:
    return [int(each.person.removeprefix("account:")) for each in targets]


async def test_whoever_has_been_due_for_longest_goes_first(book: CampaignBook, clock: ClockByHand) -> None:
    now = clock.now()
    due = {1: -10, 2: -30, 3: -20, 4: 10}
    people = [person(number, due_at=now + timedelta(seconds=after)) for number, after in due.items()]
    campaign = await run(book, people)
    first = await book.claim([campaign.campaign_id], now, 2, "one")
    assert names(first) == [2, 3]
    assert {each.state for each in first} == {S.CALLING}
    assert names(await book.claim([campaign.campaign_id], now, 9, "one")) == [1]
    assert names(await book.claim([campaign.campaign_id], now + timedelta(seconds=10), 9, "one")) == [4]


async def test_whoever_lives_where_the_day_ends_first_goes_first(
    book: CampaignBook, clock: ClockByHand
) -> None:
    zones = {
        1: ("Europe/Kaliningrad",),
        2: ("Asia/Kamchatka",),
        3: ("Europe/Moscow", "Asia/Omsk"),
        4: ("Europe/Moscow",),
    }
    people = [person(number, zones=names) for number, names in zones.items()]
    campaign = await run(book, people)
    assert names(await book.claim([campaign.campaign_id], clock.now(), 9, "one")) == [2, 3, 4, 1]


async def test_the_campaign_whose_window_ends_first_goes_first(
    book: CampaignBook, clock: ClockByHand
) -> None:
    windows: dict[int, dict[str, Any]] = {
        1: {"last_day": date(2026, 11, 30)},
        2: {"last_day": date(2026, 11, 25)},
        3: {"last_day": date(2026, 11, 25), "closes": time(18, 0)},
    }
    made = [await run(book, [person(number)], f"c{number}", **told) for number, told in windows.items()]
    ids = [each.campaign_id for each in made]
    assert names(await book.claim(ids, clock.now(), 9, "one")) == [3, 2, 1]


@pytest.mark.parametrize("state", [CampaignState.PAUSED, CampaignState.STOPPED])
async def test_nobody_is_claimed_for_a_campaign_that_does_not_run(
    book: CampaignBook, clock: ClockByHand, state: CampaignState
) -> None:
    campaign = await run(book, [person(1), person(2)])
    target = await claimed(book, clock, campaign)
    await book.set_state(campaign.campaign_id, state, "", "anna")
    assert await book.claim([campaign.campaign_id], clock.now(), 9, "one") == []
    waiting = (await book.targets(campaign.campaign_id, state=S.WAITING)).items[0]
    assert await book.claim_one(waiting.target_id, clock.now(), "one") is None
    with pytest.raises(NotClaimed):
        await book.write_attempt(target, target.numbers[0], "trunk", "one", yes)
    assert await book.attempts_of(target.target_id) == []


async def test_an_operator_takes_the_one_he_has_read(book: CampaignBook, clock: ClockByHand) -> None:
    later = clock.now() + timedelta(seconds=5)
    campaign = await run(book, [person(1), person(2), person(3, due_at=later)])
    ids = [each.target_id for each in (await book.targets(campaign.campaign_id)).items]
    taken = await book.claim_one(ids[1], clock.now(), "one")
    assert taken is not None
    assert (names([taken]), taken.state) == ([2], S.CALLING)
    assert await book.claim_one(ids[1], clock.now(), "two") is None
    assert await book.claim_one(ids[2], clock.now(), "two") is None, "it is not due"
    assert await book.claim_one(ids[2], later, "two") is not None
    assert await book.claim_one(99, later, "two") is None


async def test_dialers_that_claim_at_once_never_have_the_same(
    database: Database, settings: StoreSettings, clock: ClockByHand
) -> None:
    other = await Database.open(settings)
    books = {"one": CampaignBook(database, clock), "two": CampaignBook(other, clock)}
    campaign = await run(books["one"], [person(number) for number in range(300)])
    ids = [campaign.campaign_id]
    taken = await asyncio.gather(
        *(books[name].claim(ids, clock.now(), 7, name) for _ in range(20) for name in books)
    )
    every = [number for part in taken for number in names(part)]
    assert len(every) == len(set(every))
    while part := await books["two"].claim(ids, clock.now(), 50, "two"):  # what the other one had locked
        every += names(part)
    await other.close()
    assert sorted(every) == list(range(300))


async def test_what_a_dialer_that_is_gone_had_claimed_waits_again(
    book: CampaignBook, clock: ClockByHand
) -> None:
    campaign = await run(book, [person(1), person(2)])
    called, held = [await claimed(book, clock, campaign) for _ in range(2)]
    await attempted(book, called)
    clock.pass_by(LEASE)
    assert await book.gone() == []
    assert await book.give_back_lost() == 0
    clock.pass_by(1)
    await book.alive("two")
    assert await book.gone() == ["one"]
    assert await book.give_back_lost() == 1
    (again,) = await book.claim([campaign.campaign_id], clock.now(), 9, "two")
    assert again.target_id == held.target_id, "who is being called is not called by another"
    with pytest.raises(NotClaimed):
        await attempted(book, held)
    await attempted(book, again, "two")


async def test_a_dialer_that_lives_keeps_what_it_has(book: CampaignBook, clock: ClockByHand) -> None:
    campaign = await run(book, [person(1)])
    held = await claimed(book, clock, campaign)
    for _ in range(5):
        clock.pass_by(LEASE - 5)
        await book.alive("one")
        assert await book.give_back_lost() == 0
    await attempted(book, held)


async def test_a_dialer_started_anew_gives_its_old_claims_back(
    book: CampaignBook, clock: ClockByHand
) -> None:
    campaign = await run(book, [person(1), person(2)])
    called, _ = [await claimed(book, clock, campaign) for _ in range(2)]
    attempt = await attempted(book, called)
    assert await book.give_back_lost("one") == 1
    assert await book.open_attempts("one") == [attempt]
    assert await book.open_attempts("two") == []


async def test_claims_are_given_back(book: CampaignBook, clock: ClockByHand) -> None:
    campaign = await run(book, [person(number) for number in range(3)])
    held = await book.claim([campaign.campaign_id], clock.now(), 3, "one")
    await attempted(book, held[0])
    ids = [each.target_id for each in held]
    assert await book.give_back(ids, "two") == 0
    assert await book.give_back(ids, "one") == 2
    assert names(await book.claim([campaign.campaign_id], clock.now(), 9, "two")) == [1, 2]


async def test_targets_whose_window_is_over_expire(book: CampaignBook, clock: ClockByHand) -> None:
    campaign = await run(book, [person(1), person(2), person(3)], last_day=date(2026, 11, 24))
    called = await claimed(book, clock, campaign)
    attempt = await attempted(book, called)
    assert await book.sweep() == Swept(0, ())
    clock.pass_by(24 * 3600)
    assert await book.sweep() == Swept(2, ())
    await book.ended(attempt.attempt_id, Disposition.BUSY, 17, clock.now())
    await book.again(called.target_id, clock.now())
    assert await book.sweep() == Swept(1, (campaign.campaign_id,))
    ends = (await book.targets(campaign.campaign_id)).items
    assert {(each.state, each.outcome) for each in ends} == {(S.EXPIRED, "window-over")}
    done = await book.campaign(campaign.campaign_id)
    assert done is not None
    assert (done.state, done.why) == (CampaignState.DONE, "window-over")
    assert await book.sweep() == Swept(0, ())


async def test_a_campaign_is_done_when_its_targets_have_ended(book: CampaignBook, clock: ClockByHand) -> None:
    empty = await run(book, [], "empty")
    campaign = await run(book, [person(1)])
    target = await claimed(book, clock, campaign)
    assert await book.sweep() == Swept(0, ())
    await book.over(target.target_id, S.REFUSED, "refused")
    assert await book.sweep() == Swept(0, (campaign.campaign_id,))
    waits = await book.campaign(empty.campaign_id)
    assert waits is not None
    assert waits.state is CampaignState.RUNNING, "one without targets waits for them"
    await book.add_targets(campaign.campaign_id, [person(2)])
    again = await book.set_state(campaign.campaign_id, CampaignState.RUNNING, "", "anna")
    assert names([await claimed(book, clock, again)]) == [2]


async def test_those_who_wait_in_a_stopped_campaign_expire(book: CampaignBook) -> None:
    campaign = await run(book, [person(number) for number in range(2_100)])
    await book.set_state(campaign.campaign_id, CampaignState.STOPPED, "", "anna")
    assert await book.sweep() == Swept(2_100, ())
    stopped = await book.campaign(campaign.campaign_id)
    assert stopped is not None
    assert stopped.state is CampaignState.STOPPED
    page = await book.targets(campaign.campaign_id)
    assert {(each.state, each.outcome) for each in page.items} == {(S.EXPIRED, "stopped")}


async def test_a_draft_is_left_alone(book: CampaignBook) -> None:
    campaign = await book.create(new(last_day=date(2026, 11, 1)))
    await book.add_targets(campaign.campaign_id, [person(1)])
    assert await book.sweep() == Swept(0, ())


async def test_selection_asks_the_index_and_never_sorts(database: Database) -> None:
    """A sort or a scan would cost the more the more targets wait."""
    if not database.place.endswith("ivr.db"):
        pytest.skip("plans of PostgreSQL depend on its statistics; the bench measures them")
    asked = selection._due(1, 180, ClockByHand().now()).limit(10)
    said = asked.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    plan = await database.read(
        lambda connection: [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {said}"))]
    )
    assert len(plan) == 1
    assert "ix_campaign_targets_next (campaign_id=? AND state=? AND east=? AND due_at<?)" in plan[0]
