"""Operators who read before they call: the call is theirs, and what comes to nothing goes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from ivr.campaigns.dialling.preview import CallGoesOn, CannotCall, Previews, Skip, Stage
from ivr.campaigns.model import Campaign, CampaignState, Disposition, Mode, TargetState
from ivr.campaigns.settings import CampaignsSettings, TrunkSettings
from ivr.store import Database, StoreUnavailable
from tests.contract.campaigns.exchange import BUSY, Life, World
from tests.contract.campaigns.samples import person, run

WAITING, CALLING, DONE = TargetState.WAITING, TargetState.CALLING, TargetState.DONE


@pytest.fixture
def world(database: Database) -> World:
    trunk = TrunkSettings(lines=30, calls_per_second=1000)
    return World(database, CampaignsSettings(trunks={"north": trunk}))


@pytest.fixture
async def life(world: World) -> AsyncIterator[Life]:
    one = Life(world)
    await one.begin()
    yield one
    await one.kill()


@pytest.fixture
def previews(life: Life) -> Previews:
    return life.outgoing.previews


async def started(world: World, people: int = 3, **changed: Any) -> Campaign:
    told = {"calls_per_second": 1000.0, "mode": Mode.PREVIEW, "queue": "debts"} | changed
    return await run(world.book, [person(number) for number in range(people)], "debts", **told)


async def reads(previews: Previews, campaign: Campaign, login: str = "anna") -> int:
    read = await previews.next(campaign.campaign_id, login)
    assert read is not None
    assert read.stage is Stage.READING
    return read.target.target_id


def stage(previews: Previews, login: str = "anna") -> Stage | None:
    mine = previews.of(login)
    return mine.stage if mine else None


async def test_whom_an_operator_has_read_is_called_for_him_alone(
    world: World, life: Life, previews: Previews
) -> None:
    campaign = await started(world)
    await life.tick()
    first = await reads(previews, campaign)
    assert await reads(previews, campaign) == first
    assert await reads(previews, campaign, "boris") != first
    assert await previews.call("anna")
    assert world.choosers.kept == {"anna"}
    assert not await previews.call("anna")
    await life.tick()
    assert [(each.operator, each.queue) for each in world.exchange.orders] == [("anna", "debts")]
    assert stage(previews) is Stage.CALLING
    with pytest.raises(CallGoesOn):
        await previews.next(campaign.campaign_id, "anna")
    (attempt,) = world.exchange.channels
    life.outgoing.ear.connected(attempt, world.clock.now())
    world.exchange.end(attempt, BUSY)
    await life.dialling.settled()
    assert previews.of("anna") is None
    assert world.choosers.kept == set()
    assert await world.states(campaign) == {DONE: 1, CALLING: 1, WAITING: 1}


async def test_a_call_that_nobody_took_is_told_and_the_operator_is_free(
    world: World, life: Life, previews: Previews
) -> None:
    campaign = await started(world)
    await reads(previews, campaign)
    await previews.call("anna")
    await life.tick()
    (attempt,) = world.exchange.channels
    world.exchange.end(attempt, BUSY)
    mine = previews.of("anna")
    assert mine is not None
    assert (mine.stage, mine.called, mine.disposition) == (Stage.OVER, True, Disposition.BUSY)
    assert world.choosers.kept == set()
    await life.dialling.settled()
    await reads(previews, campaign)


async def test_who_can_not_be_rung_calls_nobody_and_reads_on(
    world: World, life: Life, previews: Previews
) -> None:
    campaign = await started(world)
    await reads(previews, campaign)
    world.choosers.here.clear()
    with pytest.raises(CannotCall):
        await previews.call("anna")
    await life.tick()
    assert world.exchange.orders == []


async def test_an_operator_who_goes_away_calls_nobody_and_what_he_had_goes_back(
    world: World, life: Life, previews: Previews
) -> None:
    campaign = await started(world)
    await reads(previews, campaign)
    await previews.call("anna")
    await reads(previews, campaign, "boris")
    world.choosers.here.clear()
    await life.tick()
    assert world.exchange.orders == []
    assert world.choosers.kept == set()
    mine = previews.of("anna")
    assert mine is not None
    assert (mine.stage, mine.called) == (Stage.OVER, False)
    await previews.expire()
    assert previews.of("boris") is None
    assert await world.states(campaign) == {WAITING: 3}


async def test_what_is_read_for_too_long_goes_back(world: World, life: Life, previews: Previews) -> None:
    campaign = await started(world)
    await reads(previews, campaign)
    world.clock.pass_by(601)
    await life.tick()
    assert previews.of("anna") is None
    assert not await previews.call("anna")
    assert await world.states(campaign) == {WAITING: 3}


async def test_a_campaign_that_is_paused_holds_nobody(world: World, life: Life, previews: Previews) -> None:
    campaign = await started(world)
    await reads(previews, campaign)
    await previews.call("anna")
    await world.book.set_state(campaign.campaign_id, CampaignState.PAUSED, "", "vera")
    world.clock.pass_by(31)
    await life.tick()
    assert stage(previews) is Stage.OVER
    assert world.choosers.kept == set()
    assert world.exchange.orders == []
    assert await world.states(campaign) == {WAITING: 3}


async def test_what_the_rules_forbid_by_now_is_not_called(
    world: World, life: Life, previews: Previews
) -> None:
    campaign = await started(world)
    await reads(previews, campaign)
    await previews.call("anna")
    world.clock.moment += timedelta(hours=14)  # the people's night
    await life.tick()
    mine = previews.of("anna")
    assert mine is not None
    assert (mine.stage, mine.called) == (Stage.OVER, False)
    assert world.choosers.kept == set()
    assert world.exchange.orders == []
    assert await world.states(campaign) == {WAITING: 3}


async def test_who_is_put_off_waits_and_of_whom_no_call_is_needed_is_done(
    world: World, life: Life, previews: Previews
) -> None:
    campaign = await started(world, 2)
    first = await reads(previews, campaign)
    assert await previews.skip("anna", Skip.LATER)
    assert not await previews.skip("anna", Skip.LATER)
    second = await reads(previews, campaign)
    assert second != first
    assert await previews.skip("anna", Skip.NEEDLESS)
    assert await previews.next(campaign.campaign_id, "anna") is None
    assert await world.states(campaign) == {WAITING: 1, DONE: 1}
    world.clock.pass_by(3601)
    assert await reads(previews, campaign) == first


async def test_without_the_database_nothing_is_skipped(world: World, life: Life, previews: Previews) -> None:
    campaign = await started(world)
    await reads(previews, campaign)
    life.book.away = True
    with pytest.raises(StoreUnavailable):
        await previews.skip("anna", Skip.NEEDLESS)
    life.book.away = False
    assert stage(previews) is Stage.READING
    assert await world.states(campaign) == {CALLING: 1, WAITING: 2}


async def test_the_next_life_of_the_engine_finds_nobody_read(
    world: World, life: Life, previews: Previews
) -> None:
    campaign = await started(world)
    await reads(previews, campaign)
    await reads(previews, campaign, "boris")
    await previews.call("boris")
    await life.kill()
    again = Life(world)
    await again.begin()
    assert await world.states(campaign) == {WAITING: 3}
    assert world.exchange.orders == []
    await again.kill()
