"""Two dialers at once on the same campaigns, each with its own connections to one PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from ivr.campaigns.model import CampaignState, Disposition
from ivr.store import Database, StoreSettings
from tests.contract.campaigns.exchange import BUSY, TALK, Life, World
from tests.contract.campaigns.samples import person, run
from tests.contract.campaigns.test_dialling import SETTINGS, number_of
from tests.contract.store.conftest import POSTGRES, _empty_postgres, needs_postgres
from tests.databases import with_tables

pytestmark = needs_postgres
PEOPLE = 30
LINES = 7


@pytest.fixture
async def worlds() -> AsyncIterator[tuple[World, World]]:
    await _empty_postgres()
    settings = StoreSettings(url=POSTGRES, busy_seconds=10)
    first = await with_tables(settings)
    second = await Database.open(settings)
    one, two = World(first, SETTINGS), World(second, SETTINGS)
    two.clock = two.exchange.clock = two.book._clock = one.clock
    one.exchange.others, two.exchange.others = [two.exchange], [one.exchange]
    two.exchange.talks = one.exchange.talks
    two.exchange.fates = one.exchange.fates
    yield one, two
    for database in (first, second):
        await database.close()


async def steps(life: Life) -> None:
    """Something happens to each call."""
    for attempt_id in list(life.exchange.channels):
        await life.exchange.step(attempt_id)
    await life.dialling.settled()


async def test_lines_limits_and_targets_hold_over_both(worlds: tuple[World, World]) -> None:
    one, two = worlds
    for world in worlds:
        world.exchange.lines = 2 * LINES
    for index in range(PEOPLE):
        one.exchange.fates[number_of(index)].extend((BUSY, TALK) if index % 3 else (TALK,))
    people = [person(each) for each in range(PEOPLE)]
    told = {"lines": LINES, "calls_per_second": 1000.0}
    campaigns = [await run(one.book, people, name, **told) for name in ("debts", "outage")]
    lives = [Life(one, "one"), Life(two, "two")]
    for life in lives:
        assert await life.begin()
    for _ in range(60):
        await asyncio.gather(*(life.tick() for life in lives))
        await asyncio.gather(*(steps(life) for life in lives))
        one.clock.pass_by(600)
    for campaign in campaigns:
        ended = await one.dispositions(campaign)
        assert ended[None] == 0
        assert Disposition.LOST not in ended
    assert all(len(talks) == 1 for talks in one.exchange.talks.values())
    assert len(one.exchange.talks) == PEOPLE
    assert one.exchange.orders, "the first one has dialled"
    assert two.exchange.orders, "and the second one"
    for life in lives:
        await life.kill()


async def test_a_stop_through_one_holds_for_the_other(worlds: tuple[World, World]) -> None:
    one, two = worlds
    campaign = await run(one.book, [person(each) for each in range(PEOPLE)], lines=5, calls_per_second=1000.0)
    lives = [Life(one, "one"), Life(two, "two")]
    for life in lives:
        assert await life.begin()
    await asyncio.gather(*(life.tick() for life in lives))
    await one.book.set_state(campaign.campaign_id, CampaignState.STOPPED, "", "anna")
    ordered = len(one.exchange.orders) + len(two.exchange.orders)
    await asyncio.gather(*(life.tick() for life in lives))
    assert len(one.exchange.orders) + len(two.exchange.orders) == ordered
    assert not one.exchange.channels
    assert not two.exchange.channels
    for life in lives:
        await life.kill()
