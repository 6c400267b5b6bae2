"""The link to Asterisk's manager alone fails in the middle of a campaign, in every way that a link can."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ivr.campaigns.model import Attempt, Disposition, TargetState
from tests.real.campaigns.exchange import said
from tests.real.campaigns.links import Links, links
from tests.real.campaigns.running import Dialling, dialling
from tests.real.campaigns.subscribers import SPEAKING, Temper, Town, town
from tests.real.instances import free_port

pytestmark = pytest.mark.real

PEOPLE = 36
PER_SECOND = 3.0
LINES = 30
IMPATIENT = {
    "ping_interval_seconds": 1,
    "pong_limit_seconds": 2,
    "action_timeout_seconds": 2,
    "reconnect_first_seconds": 0.2,
    "reconnect_most_seconds": 1,
}


@pytest.fixture(scope="module")
def ports() -> tuple[int, int]:
    return free_port(socket.SOCK_STREAM), free_port(socket.SOCK_STREAM)


@pytest.fixture(scope="module")
def link(ports: tuple[int, int]) -> Iterator[Links]:
    with links(*ports) as made:
        yield made


@pytest.fixture(scope="module")
def dials(
    tmp_path_factory: pytest.TempPathFactory, ports: tuple[int, int], link: Links
) -> Iterator[Dialling]:
    overrides = [f"asterisk.manager.port={ports[0]}", f"ami.port={ports[1]}"]
    overrides += [f"ami.{name}={json.dumps(value)}" for name, value in IMPATIENT.items()]
    with dialling(tmp_path_factory.mktemp("links"), overrides=overrides) as made:
        yield made


async def _campaign(dials: Dialling, name: str, first: int) -> int:
    tempers = [Temper.PERSON if place % 2 else Temper.NO_ANSWER for place in range(PEOPLE)]
    return await dials.campaign(name, dials.debtors(tempers, first=first), PER_SECOND)


async def _went_through(dials: Dialling, campaign_id: int, people: Town) -> list[Attempt]:
    """Each was called once, exactly: Asterisk has lived through it all and can tell whom it has called."""
    progress = await dials.done(campaign_id, seconds=400)
    count = people.count()
    attempts = await dials.attempts(campaign_id)
    made = [one for one in attempts if one.disposition is not Disposition.NOT_DIALLED]
    assert not count.repeated
    assert set(count.called) == {one.number for one in made}
    assert len(made) == PEOPLE
    assert not [one for one in made if one.disposition is Disposition.LOST]
    assert sum(progress.targets.values()) == PEOPLE
    assert not {TargetState.WAITING, TargetState.CALLING} & progress.targets.keys()
    assert _most_at_once(attempts) <= LINES
    return attempts


def _most_at_once(attempts: Sequence[Attempt]) -> int:
    begun = [(one.written_at, 1) for one in attempts]
    ended = [(one.ended_at, -1) for one in attempts if one.ended_at]
    under_way, most = 0, 0
    for _, change in sorted(begun + ended):
        under_way += change
        most = max(most, under_way)
    return most


def _sounds(folder: Path) -> dict[Temper, Path]:
    return {temper: said(folder / "sounds", temper) for temper in SPEAKING}


async def test_a_link_that_is_cut_again_and_again_calls_everybody_once(
    dials: Dialling, link: Links, tmp_path: Path
) -> None:
    async with town(dials.place, tmp_path / "town", _sounds(tmp_path), talk_seconds=8) as people:
        campaign_id = await _campaign(dials, "обрывы", 5000)
        for turn in range(10):
            await dials.until_dialled(campaign_id, 3 * turn + 2)
            (link.tear if turn % 2 else link.cut)()
        await _went_through(dials, campaign_id, people)


async def test_orders_that_arrive_late_are_not_carried_out(
    dials: Dialling, link: Links, tmp_path: Path
) -> None:
    async with town(dials.place, tmp_path / "town", _sounds(tmp_path), talk_seconds=8) as people:
        campaign_id = await _campaign(dials, "задержка", 6000)
        await dials.until_dialled(campaign_id, 10)
        link.hold()
        async with asyncio.timeout(60):
            while not (lost := await _taken_back(dials, campaign_id)):  # noqa: ASYNC110  # of another process
                await asyncio.sleep(0.2)
        before = people.count().called
        link.release()
        await asyncio.sleep(3)  # what has arrived would ring by now
        late = people.count().called - before
        assert not late.keys() & {one.number for one in lost}
        await _went_through(dials, campaign_id, people)


async def _taken_back(dials: Dialling, campaign_id: int) -> list[Attempt]:
    attempts = await dials.attempts(campaign_id)
    return [one for one in attempts if one.disposition is Disposition.NOT_DIALLED]


async def test_a_slow_link_costs_nobody_his_call(dials: Dialling, link: Links, tmp_path: Path) -> None:
    async with town(dials.place, tmp_path / "town", _sounds(tmp_path), talk_seconds=8) as people:
        link.delay(0.7)
        try:
            campaign_id = await _campaign(dials, "медленно", 7000)
            await _went_through(dials, campaign_id, people)
        finally:
            link.delay(0)
