"""Whatever fails, and whenever: nobody is dialled twice for one attempt, and no target is forgotten.

The exchange itself looks at every order: the same attempt twice, two calls at once to one number, more
calls than lines, or a second talk within a day fail the test there and then.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.campaigns.model import Campaign, CampaignState, Disposition, TargetState, Who
from ivr.store import StoreSettings
from tests.contract.campaigns.exchange import BUSY, DEAD, NO_ANSWER, TALK, Fate, Life, World
from tests.contract.campaigns.samples import person, run
from tests.contract.campaigns.test_dialling import SETTINGS, number_of
from tests.databases import with_tables

_FULL = os.environ.get("LOAD") == "full"
_STRIDE = 1 if _FULL else 3
"""Of the steps of a call each one is tried, or every third one."""

_BEGUN = 3
"""Uses of the book until what an earlier life has left is taken up."""

_REFUSED = Fate(who=Who.PERSON, outcome="refused")
_HUNG_UP = Fate(who=Who.PERSON)
_MACHINE = Fate(who=Who.MACHINE)
_FATES = (TALK, BUSY, NO_ANSWER, DEAD, _REFUSED, _HUNG_UP, _MACHINE)


@asynccontextmanager
async def a_world(folder: Path) -> AsyncIterator[World]:
    database = await with_tables(StoreSettings(url=f"sqlite:///{folder / 'ivr.db'}", busy_seconds=5))
    try:
        yield World(database, SETTINGS)
    finally:
        await database.close()


async def campaign_of(world: World, people: int, lines: int = 10) -> Campaign:
    world.exchange.lines = lines
    return await run(
        world.book, [person(each) for each in range(people)], lines=lines, calls_per_second=1000.0
    )


async def one_call(life: Life) -> None:
    """A call from its claim to its end, as far as this life lasts."""
    if await life.begin() and await life.tick():
        for attempt_id in tuple(life.exchange.channels):
            while attempt_id in life.exchange.channels:
                await life.exchange.step(attempt_id)
        await life._unless_dead(life.dialling.settled())


async def to_the_end(world: World, campaign: Campaign, life: Life) -> None:
    """Nothing fails any more: the campaign goes on until its window is over."""
    world.exchange.link_up()
    for _ in range(8 * 8):
        for _ in range(2):
            assert await life.tick()
            await world.exchange.play_out()
            await life.dialling.settled()
            world.clock.pass_by(15)
        found = await world.book.campaign(campaign.campaign_id)
        assert found is not None
        if found.state is CampaignState.DONE:
            return
        world.clock.pass_by(3 * 3600)
    raise AssertionError("the campaign does not end")


async def check_books(world: World, campaign: Campaign) -> None:
    """What stands in the book is what the exchange has seen."""
    targets = (await world.book.targets(campaign.campaign_id, limit=1000)).items
    assert not {each.state for each in targets} & {TargetState.WAITING, TargetState.CALLING}
    attempts = (await world.book.attempts(campaign.campaign_id, limit=1000)).items
    known = {each.attempt_id: each for each in attempts}
    ordered = {each.attempt_id for each in world.exchange.orders}
    assert ordered <= known.keys()
    for attempt in attempts:
        assert attempt.disposition is not None
        if attempt.attempt_id not in ordered:
            assert attempt.disposition in {Disposition.NOT_DIALLED, Disposition.LOST}
        elif attempt.disposition is not Disposition.LOST:
            assert attempt.disposition is not Disposition.NOT_DIALLED


async def steps_of_a_call(folder: Path) -> int:
    """Uses of the book from the start of the engine to the end of a call."""
    async with a_world(folder) as world:
        await campaign_of(world, 1)
        world.exchange.fates[number_of(0)].append(TALK)
        life = Life(world)
        await one_call(life)
        await life.kill()
        return life.book.uses


async def test_the_engine_may_be_killed_at_any_step(tmp_path: Path) -> None:
    steps = await steps_of_a_call(tmp_path)
    for step in range(2, steps + 1, _STRIDE):
        folder = tmp_path / str(step)
        folder.mkdir()
        when = "after" if step % 2 else "before"  # what is done between two steps is done, or not
        async with a_world(folder) as world:
            campaign = await campaign_of(world, 1)
            world.exchange.fates[number_of(0)].extend((TALK, TALK))
            first = Life(world)
            first.book.at[step] = f"die-{when}"
            await one_call(first)
            assert first.book.dead.is_set()
            await first.kill()
            await world.exchange.play_out()
            world.clock.pass_by(60)
            second = Life(world)
            assert await second.begin()
            await to_the_end(world, campaign, second)
            await check_books(world, campaign)
            assert len(world.exchange.talks[number_of(0)]) <= 2
            await second.kill()


@pytest.mark.parametrize("when", ["before", "after"])
async def test_the_database_may_go_away_at_any_step(tmp_path: Path, when: str) -> None:
    steps = await steps_of_a_call(tmp_path)
    for step in range(_BEGUN + 1, steps + 1, _STRIDE):
        folder = tmp_path / str(step)
        folder.mkdir()
        async with a_world(folder) as world:
            campaign = await campaign_of(world, 1)
            world.exchange.fates[number_of(0)].extend((TALK, TALK))
            life = Life(world)
            life.book.at[step] = f"away-{when}"
            await one_call(life)
            assert not life.book.at
            await to_the_end(world, campaign, life)
            await check_books(world, campaign)
            assert len(world.exchange.talks[number_of(0)]) == 1
            (target,) = (await world.book.targets(campaign.campaign_id)).items
            assert (target.state, target.outcome) == (TargetState.DONE, "told")
            await life.kill()


async def test_news_are_written_when_the_database_is_back(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        campaign = await campaign_of(world, 5)
        life = Life(world)
        await life.begin()
        await life.tick()
        life.book.away = life.database.away = True
        await world.exchange.play_out()
        for _ in range(20):
            await asyncio.sleep(0)
        assert (await world.dispositions(campaign)) == {None: 5}
        life.book.away = life.database.away = False
        await life.dialling.settled()
        assert (await world.dispositions(campaign)) == {Disposition.NO_ANSWER: 5}
        await life.kill()


async def test_calls_that_outlive_the_engine_go_on(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        campaign = await campaign_of(world, 3)
        for index in range(3):
            world.exchange.fates[number_of(index)].append(TALK)
        first = Life(world)
        await first.begin()
        await first.tick()
        await first.kill()
        second = Life(world)
        await second.begin()
        world.exchange.link_up()
        await second.tick()
        await world.exchange.play_out()
        await second.dialling.settled()
        assert await world.states(campaign) == {TargetState.DONE: 3}
        assert len(world.exchange.orders) == 3
        await second.kill()


async def test_calls_of_a_dialer_that_is_gone_for_good_are_given_up(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        campaign = await campaign_of(world, 3)
        first = Life(world)
        await first.begin()
        await first.tick()
        await first.kill()
        world.exchange.restart()
        world.exchange.linked = True
        other = Life(world, "two")
        await other.begin()
        for _ in range(3):
            await other.tick()
            world.clock.pass_by(30 * 60)
        assert await world.dispositions(campaign) == {None: 3}, "it may come back"
        for _ in range(2):
            await other.tick()
            world.clock.pass_by(60)
        assert (await world.dispositions(campaign))[Disposition.LOST] == 3
        assert (await world.states(campaign))[TargetState.CALLING] == 0
        await other.kill()


@pytest.mark.parametrize("when", ["died", "cut"])
@pytest.mark.parametrize("fault", ["lost-before", "lost-late"])
async def test_an_order_that_the_exchange_never_had_is_given_soon(
    tmp_path: Path, fault: str, when: str
) -> None:
    async with a_world(tmp_path) as world:
        campaign = await campaign_of(world, 1)
        world.exchange.fates[number_of(0)].append(TALK)
        world.exchange.faults.append(fault)
        life = Life(world)
        await life.begin()
        await life.tick()
        if when == "died":
            await life.kill()
            world.clock.pass_by(1)
            life = Life(world)
            await life.begin()
        world.exchange.link_up()
        for _ in range(10):
            await life.tick()
            if world.exchange.withdrawn:
                world.exchange.arrive()
            await world.exchange.play_out()
            await life.dialling.settled()
            world.clock.pass_by(12)
        assert await world.dispositions(campaign) == {Disposition.NOT_DIALLED: 1, Disposition.PERSON: 1}
        assert await world.states(campaign) == {TargetState.DONE: 1}
        await check_books(world, campaign)
        await life.kill()


async def test_an_order_given_before_the_exchange_was_started_anew_counts_as_a_call(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        campaign = await campaign_of(world, 1)
        world.exchange.faults.append("lost-before")
        life = Life(world)
        await life.begin()
        await life.tick()
        world.clock.pass_by(1)
        world.exchange.restart()
        world.exchange.link_up()
        for _ in range(3):
            await life.tick()
            world.clock.pass_by(12)
        assert await world.dispositions(campaign) == {Disposition.LOST: 1}
        await life.kill()


@pytest.mark.parametrize("hours", [-30, -2, 3, 30])
async def test_a_clock_that_is_moved_calls_nobody_twice(tmp_path: Path, hours: int) -> None:
    async with a_world(tmp_path) as world:
        campaign = await campaign_of(world, 6, lines=3)
        for index in range(6):
            world.exchange.fates[number_of(index)].append(TALK)
        life, other = Life(world), Life(world, "two")
        for each in (life, other):
            await each.begin()
        await life.tick()
        world.clock.moment += timedelta(hours=hours)
        for _ in range(3):
            await other.tick()
            await life.tick()
        assert (await world.states(campaign))[TargetState.CALLING] == 3
        await world.exchange.play_out()
        world.clock.moment -= timedelta(hours=hours)
        world.exchange.ear = life.outgoing.ear
        for _ in range(4):
            await life.tick()
            await world.exchange.play_out()
            await life.dialling.settled()
        assert len({each.number for each in world.exchange.orders}) == len(world.exchange.orders)
        await life.kill()


class Storm:
    """Faults by chance, and one life after another."""

    def __init__(self, world: World, chance: Random) -> None:
        self.world = world
        self.chance = chance
        self.life = Life(world)

    async def blow(self, turns: int) -> None:
        await self._reborn()
        for _ in range(turns):
            await self.chance.choice(
                (
                    self._tick,
                    self._tick,
                    self._hear,
                    self._hear,
                    self._fault,
                    self._wait,
                    self._repeat,
                    self._late,
                )
            )()
            if self.life.book.dead.is_set():
                await self._reborn()

    async def _reborn(self) -> None:
        await self.life.kill()
        self.life = Life(self.world)
        while not await self.life.begin():
            pass

    async def _tick(self) -> None:
        if self.chance.random() < 0.3:
            self.world.exchange.link_up()
        await self.life.tick()

    async def _hear(self) -> None:
        channels = list(self.world.exchange.channels)
        if channels:
            await self.world.exchange.step(self.chance.choice(channels))

    async def _repeat(self) -> None:
        """Old news come again, late."""
        for attempt_id, end in list(self.world.exchange.ends.items())[-3:]:
            if ear := self.world.exchange.news():
                ear.ended(attempt_id, end)
                ear.answered(attempt_id, end.at)

    async def _late(self) -> None:
        self.world.exchange.arrive()

    async def _wait(self) -> None:
        self.world.clock.pass_by(self.chance.choice((1, 5, 12, 60, 900)))

    async def _fault(self) -> None:
        kind = self.chance.choice(("die", "away", "order", "link", "asterisk", "log"))
        if kind in ("die", "away"):
            step = self.life.book.uses + self.chance.randint(1, 12)
            self.life.book.at[step] = f"{kind}-{self.chance.choice(('before', 'after'))}"
        elif kind == "order":
            self.world.exchange.faults.append(
                self.chance.choice(("refused", "lost-before", "lost-after", "lost-late"))
            )
        elif kind == "link":
            self.world.exchange.linked = False
        elif kind == "asterisk":
            self.world.exchange.restart()
        else:
            self.world.exchange.remembers = not self.world.exchange.remembers


@given(seed=st.integers(0, 2**32))
@settings(max_examples=100 if _FULL else 3, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_storm_of_faults_loses_nobody_and_calls_nobody_twice(seed: int) -> None:
    asyncio.run(_storm(seed))


async def _storm(seed: int) -> None:
    chance = Random(seed)
    with TemporaryDirectory() as folder:
        async with a_world(Path(folder)) as world:
            people = 6
            campaign = await campaign_of(world, people, lines=3)
            for index in range(people):
                world.exchange.fates[number_of(index)].extend(chance.choices(_FATES, k=12))
            storm = Storm(world, chance)
            await storm.blow(60)
            storm.life.book.at.clear()
            world.exchange.faults.clear()
            await to_the_end(world, campaign, storm.life)
            await check_books(world, campaign)
            await storm.life.kill()
