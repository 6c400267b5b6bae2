"""The loop that dials, over a real book and a scripted exchange."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from ivr.campaigns.channels.plan import Plan as Messages
from ivr.campaigns.dialling.settings import DiallingSettings, GuardSettings
from ivr.campaigns.kinds import MessageRule
from ivr.campaigns.model import Campaign, CampaignState, Disposition, Mode, TargetState, Who
from ivr.campaigns.settings import CampaignsSettings, TrunkSettings
from ivr.store import Database
from tests.contract.campaigns.exchange import (
    BUSY,
    CONGESTION,
    DEAD,
    NO_ANSWER,
    TALK,
    Exchange,
    Fate,
    Life,
    World,
)
from tests.contract.campaigns.samples import person, run

SETTINGS = CampaignsSettings(
    trunks={"north": TrunkSettings(lines=30, calls_per_second=1000)},
    dialling=DiallingSettings(guard=GuardSettings(billing_away_seconds=60, billing_away_questions=3)),
)
WAITING, CALLING, DONE, FAILED = (
    TargetState.WAITING,
    TargetState.CALLING,
    TargetState.DONE,
    TargetState.FAILED,
)


@pytest.fixture
def world(database: Database) -> World:
    return World(database, SETTINGS)


@pytest.fixture
async def life(world: World) -> AsyncIterator[Life]:
    one = Life(world)
    await one.begin()
    yield one
    await one.kill()


async def started(world: World, people: int, **changed: Any) -> Campaign:
    told = {"calls_per_second": 1000.0} | changed
    return await run(world.book, [person(number) for number in range(people)], "debts", **told)


def number_of(index: int) -> str:
    return f"+7900{index:07d}"


async def test_who_was_told_is_done_and_who_was_not_is_called_again(world: World, life: Life) -> None:
    world.exchange.fates[number_of(0)].append(TALK)
    world.exchange.fates[number_of(1)].extend((BUSY, TALK))
    campaign = await started(world, 2)
    await life.tick()
    await world.exchange.play_out()
    await life.dialling.settled()
    assert await world.states(campaign) == {DONE: 1, WAITING: 1}
    world.clock.pass_by(20 * 60)
    await life.tick()
    await world.exchange.play_out()
    await life.dialling.settled()
    assert await world.states(campaign) == {DONE: 2}
    assert len(world.exchange.orders) == 3
    assert await world.dispositions(campaign) == {Disposition.PERSON: 2, Disposition.BUSY: 1}
    world.clock.pass_by(20)
    await life.tick()
    assert (await world.book.campaigns())[0].state is CampaignState.DONE


async def test_lines_of_campaign_and_trunk_are_kept(world: World, life: Life) -> None:
    await started(world, 20, lines=7)
    world.exchange.lines = 7
    for _ in range(4):
        await life.tick()
    assert world.exchange.most == 7
    await world.exchange.step(next(iter(world.exchange.channels)))
    await life.dialling.settled()
    await life.tick()
    assert len(world.exchange.channels) == 7


async def test_two_dialers_share_the_lines_and_the_targets(world: World, life: Life) -> None:
    there = Exchange(world.clock)
    other = Life(world, "two", there)
    await other.begin()
    campaign = await started(world, 20, lines=7)
    for _ in range(4):
        await life.tick()
        await other.tick()
    here = {each.call.number for each in world.exchange.channels.values()}
    assert len(here) + len(there.channels) == 7
    assert not here & {each.call.number for each in there.channels.values()}
    for _ in range(12):
        for exchange, engine in ((world.exchange, life), (there, other)):
            await exchange.play_out()
            await engine.dialling.settled()
            world.clock.pass_by(2)
            await engine.tick()
    assert (await world.dispositions(campaign))[Disposition.NO_ANSWER] == 20
    assert len({*world.exchange.ends, *there.ends}) == 20


@pytest.mark.parametrize("way", ["pause", "stop"])
async def test_nothing_is_ordered_once_it_is_halted(world: World, life: Life, way: str) -> None:
    campaign = await started(world, 20, lines=5)
    await life.tick()
    state = CampaignState.PAUSED if way == "pause" else CampaignState.STOPPED
    await world.book.set_state(campaign.campaign_id, state, "", "anna")
    await world.exchange.step(next(iter(world.exchange.channels)))
    await life.tick()
    assert len(world.exchange.orders) == 5
    assert len(world.exchange.hung_up) == (0 if way == "pause" else 4)
    assert CALLING not in await world.states(campaign) or way == "pause"


async def test_a_stop_reaches_calls_that_are_about_to_be_ordered(world: World, life: Life) -> None:
    campaign = await started(world, 5, lines=5, calls_per_second=1.0)
    world.clock.on_sleep = _halts(life, campaign, at=30)
    for _ in range(5):
        await life.tick()
    assert len(world.exchange.orders) < 5
    assert (await world.states(campaign))[CALLING] == len(world.exchange.channels)


def _halts(life: Life, campaign: Campaign, at: int) -> Callable[[], None]:
    slept = iter(range(1, 10_000))

    def on_sleep() -> None:
        if next(slept) == at:
            life.dialling.halt(campaign.campaign_id)

    return on_sleep


async def test_calls_a_second_are_kept(world: World, life: Life) -> None:
    await started(world, 12, lines=12, calls_per_second=2.0)
    for _ in range(8):
        await life.tick()
        assert len(world.exchange.orders) <= 2 * (1 + int(world.clock.seconds - 1_000))
        world.clock.pass_by(0.5)
    assert len(world.exchange.orders) >= 7


async def test_who_has_paid_is_not_called_and_who_may_have_is_called_later(world: World, life: Life) -> None:
    world.debt = True
    world.debts.of = {f"{0:09d}": Decimal(0), f"{1:09d}": None}
    campaign = await started(world, 3)
    await life.tick()
    assert [each.number for each in world.exchange.orders] == [number_of(2)]
    facts = await life.outgoing.talks.facts_of(world.exchange.orders[0].attempt_id)
    assert facts is not None
    assert facts[1].fields["amount"] == "100"
    page = await world.book.targets(campaign.campaign_id)
    assert [(each.state, each.outcome) for each in page.items[:2]] == [(DONE, "paid"), (WAITING, "")]
    world.debts.of[f"{1:09d}"] = Decimal("10.5")
    world.clock.pass_by(16 * 60)
    await life.tick()
    assert world.exchange.orders[-1].number == number_of(1)


async def test_a_campaign_without_billing_pauses_itself(world: World, life: Life) -> None:
    world.debt = True
    world.debts.of = {f"{index:09d}": None for index in range(3)}
    campaign = await started(world, 3)
    for _ in range(3):
        await life.tick()
        world.clock.pass_by(16 * 60)
    paused = await world.book.campaign(campaign.campaign_id)
    assert paused is not None
    assert paused.state is CampaignState.PAUSED
    assert "Биллинг" in paused.why
    assert await world.states(campaign) == {WAITING: 3}
    assert not world.exchange.orders


async def test_a_trunk_that_refuses_everything_pauses_the_campaign(world: World, life: Life) -> None:
    for index in range(40):
        world.exchange.fates[number_of(index)].append(CONGESTION)
    campaign = await started(world, 40, lines=5)
    for _ in range(10):
        await life.tick()
        await world.exchange.play_out()
        await life.dialling.settled()
    paused = await world.book.campaign(campaign.campaign_id)
    assert paused is not None
    assert paused.state is CampaignState.PAUSED
    assert "north" in paused.why
    assert len(world.exchange.orders) == 20
    await world.book.set_state(campaign.campaign_id, CampaignState.RUNNING, "", "anna")
    await life.tick()
    assert len(world.exchange.orders) == 25


async def test_a_campaign_whose_rules_are_broken_pauses_itself(world: World, life: Life) -> None:
    campaign = await started(world, 2)
    world.broken = "Такого вида нет."
    for _ in range(2):
        await life.tick()
    paused = await world.book.campaign(campaign.campaign_id)
    assert paused is not None
    assert paused.state is CampaignState.PAUSED
    assert "Такого вида нет." in paused.why
    assert await world.states(campaign) == {WAITING: 2}


async def test_a_message_that_can_not_be_written_holds_no_call_up(world: World, life: Life) -> None:
    world.messages = Messages((MessageRule(channel="sms", moment="before", hours=1, text="Текст"),))
    world.sender.refuses = True
    await started(world, 1)
    await life.tick()
    assert len(world.exchange.orders) == 1


async def test_a_dead_number_gives_way_to_the_next_one_at_once(world: World, life: Life) -> None:
    numbers = (number_of(1), number_of(2))
    world.exchange.fates[numbers[0]].append(DEAD)
    world.exchange.fates[numbers[1]].append(TALK)
    campaign = await run(world.book, [person(1, numbers=numbers)])
    for _ in range(2):
        await life.tick()
        await world.exchange.play_out()
        await life.dialling.settled()
    assert [each.number for each in world.exchange.orders] == list(numbers)
    assert await world.states(campaign) == {DONE: 1}


async def test_a_link_that_is_down_costs_nobody_his_attempt(world: World, life: Life) -> None:
    campaign = await started(world, 3)
    world.exchange.linked = False
    await life.tick()
    assert await world.states(campaign) == {WAITING: 3}
    world.exchange.link_up()
    await life.tick()
    assert len(world.exchange.channels) == 3


@pytest.mark.parametrize("made", [True, False])
async def test_an_order_in_doubt_is_never_given_again(world: World, life: Life, made: bool) -> None:
    campaign = await started(world, 1)
    world.exchange.fates[number_of(0)].append(TALK)
    world.exchange.faults.append("lost-after" if made else "lost-before")
    await life.tick()
    assert await world.states(campaign) == {CALLING: 1}
    world.exchange.link_up()
    await life.tick()
    if made:
        await world.exchange.play_out()
        await life.dialling.settled()
        assert await world.states(campaign) == {DONE: 1}
        return
    world.clock.pass_by(11)
    await life.tick()
    await life.tick()
    assert not world.exchange.orders
    assert await world.dispositions(campaign) == {Disposition.NOT_DIALLED: 1}
    assert await world.states(campaign) == {WAITING: 1}


async def test_a_call_that_ended_while_nobody_listened_is_read_from_the_log(world: World, life: Life) -> None:
    campaign = await started(world, 2)
    world.exchange.fates[number_of(0)].append(BUSY)
    await life.tick()
    world.exchange.linked = False
    busy = next(each for each in world.exchange.orders if each.number == number_of(0))
    await world.exchange.step(busy.attempt_id)
    world.clock.pass_by(6)
    world.exchange.link_up()
    world.clock.pass_by(11)
    await life.tick()
    assert await world.dispositions(campaign) == {Disposition.BUSY: 1, None: 1}


async def test_news_may_come_twice_late_and_in_another_order(world: World, life: Life) -> None:
    world.exchange.fates[number_of(0)].append(TALK)
    campaign = await started(world, 1)
    await life.tick()
    ear, (attempt_id,) = life.outgoing.ear, world.exchange.channels
    for _ in range(2):
        ear.connected(attempt_id, world.clock.now())
        ear.reached(attempt_id, world.clock.now())
        ear.answered(attempt_id, world.clock.now())
    await world.exchange.play_out()
    ear.ended(attempt_id, world.exchange.ends[attempt_id])
    ear.answered(attempt_id, world.clock.now())
    ear.ended("unknown", world.exchange.ends[attempt_id])
    await life.dialling.settled()
    assert await world.states(campaign) == {DONE: 1}
    assert await world.dispositions(campaign) == {Disposition.PERSON: 1}


async def test_a_call_that_never_ends_is_given_up(world: World, life: Life) -> None:
    campaign = await started(world, 1)
    await life.tick()
    world.exchange.restart()
    world.exchange.linked = True  # without a word
    world.clock.pass_by(71)
    await life.tick()
    world.clock.pass_by(11)
    await life.tick()
    assert await world.dispositions(campaign) == {Disposition.LOST: 1}


async def test_a_call_that_was_answered_just_before_asterisk_died_is_given_up(
    world: World, life: Life
) -> None:
    world.exchange.fates[number_of(0)].append(TALK)
    campaign = await started(world, 1)
    await life.tick()
    await world.exchange.step(next(iter(world.exchange.channels)))
    world.exchange.restart()
    world.exchange.link_up()
    await life.tick()
    assert await world.dispositions(campaign) == {None: 1}
    world.clock.pass_by(90)
    await life.tick()
    assert await world.dispositions(campaign) == {Disposition.LOST: 1}
    assert await world.states(campaign) == {DONE: 1}, "its result is known"


async def test_a_talk_of_which_nobody_hears_any_more_ends(world: World, life: Life) -> None:
    world.exchange.fates[number_of(0)].append(Fate(who=Who.PERSON))
    campaign = await started(world, 1)
    await life.tick()
    await world.exchange.step(next(iter(world.exchange.channels)))
    world.clock.pass_by(3600)
    await life.tick()
    assert await world.states(campaign) == {CALLING: 1}
    world.clock.pass_by(4 * 3600)
    await life.tick()
    assert await world.states(campaign) == {WAITING: 1}


async def test_whoever_asks_to_be_called_later_is_called_then(world: World, life: Life) -> None:
    later = world.clock.now() + timedelta(days=1, hours=2)
    data = {"again_at": later.isoformat()}
    world.exchange.fates[number_of(0)].append(Fate(who=Who.PERSON, outcome="later", data=data))
    campaign = await started(world, 1)
    await life.tick()
    await world.exchange.play_out()
    await life.dialling.settled()
    (target,) = (await world.book.targets(campaign.campaign_id)).items
    assert (target.state, target.due_at) == (WAITING, later)


async def test_messages_go_before_and_after(world: World, life: Life) -> None:
    before = MessageRule(channel="sms", moment="before", hours=1, text="Текст")
    world.messages = Messages((before, MessageRule(channel="sms", moment="after", text="Текст")))
    world.exchange.fates[number_of(0)].append(TALK)
    campaign = await started(world, 1)
    await life.tick()
    assert not world.exchange.orders
    world.clock.pass_by(3600)
    await life.tick()
    await world.exchange.play_out()
    await life.dialling.settled()
    assert [moment for _, _, moment in world.sender.sent] == ["before", "after"]
    assert await world.states(campaign) == {DONE: 1}


async def test_progressive_dials_for_operators_who_wait_and_counts_the_abandoned(
    world: World, life: Life
) -> None:
    campaign = await started(world, 5, mode=Mode.PROGRESSIVE, queue="debts")
    for index in range(5):
        world.exchange.fates[number_of(index)].append(Fate(who=Who.PERSON))
    await life.tick()
    assert not world.exchange.orders
    world.operators.free = 2
    await life.tick()
    await life.tick()
    assert len(world.exchange.orders) == 2
    first, second = world.exchange.channels
    for attempt_id in (first, second):
        await world.exchange.step(attempt_id)
        life.outgoing.ear.reached(attempt_id, world.clock.now())
    life.outgoing.ear.connected(first, world.clock.now())
    world.operators.free = 0
    await world.exchange.play_out()
    await life.dialling.settled()
    assert await world.dispositions(campaign) == {Disposition.PERSON: 1, Disposition.ABANDONED: 1}
    assert (await world.states(campaign))[DONE] == 1


async def test_no_answer_is_tried_at_another_time(world: World, life: Life) -> None:
    world.exchange.fates[number_of(0)].append(NO_ANSWER)
    campaign = await started(world, 1)
    called = world.clock.now()
    await life.tick()
    await world.exchange.play_out()
    await life.dialling.settled()
    (target,) = (await world.book.targets(campaign.campaign_id)).items
    assert target.due_at >= called + timedelta(hours=2)
