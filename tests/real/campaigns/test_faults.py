"""What breaks in the middle of a campaign: nobody is called twice, nobody is forgotten."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.campaigns.model import Disposition, TargetState
from tests.real.campaigns.exchange import said
from tests.real.campaigns.running import Dialling, dialling
from tests.real.campaigns.subscribers import SPEAKING, Temper, Town, town

pytestmark = pytest.mark.real

long = pytest.mark.skipif(os.environ.get("LOAD") != "full", reason="takes minutes: LOAD=full")


@pytest.fixture(scope="module")
def dials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dialling]:
    with dialling(tmp_path_factory.mktemp("dialling")) as made:
        yield made


def _sounds(folder: Path) -> dict[Temper, Path]:
    return {temper: said(folder / "sounds", temper) for temper in SPEAKING}


FAULTY = 40
"""Targets of a campaign in whose middle something breaks: persons, and those who don't answer."""


def _of_faults() -> list[Temper]:
    return [Temper.PERSON if place % 2 else Temper.NO_ANSWER for place in range(FAULTY)]


async def _went_through(dials: Dialling, campaign_id: int, people: Town) -> None:
    """Everybody was called once at most, nobody is forgotten, and the book knows of every call there was.

    Who was not called has an attempt that is lost: written down when the engine died, perhaps ordered.
    """
    progress = await dials.done(campaign_id, seconds=150)
    count = people.count()
    assert not count.repeated, "somebody was called twice"
    attempts = await dials.attempts(campaign_id)
    made = [one for one in attempts if one.disposition is not Disposition.NOT_DIALLED]
    assert set(count.called) <= {one.number for one in made}, "a call that the book does not know"
    assert sum(progress.targets.values()) == FAULTY
    assert not progress.targets.get(TargetState.WAITING)
    assert not progress.targets.get(TargetState.CALLING)
    not_called = {one.number for one in made} - set(count.called)
    lost = {one.number for one in made if one.disposition is Disposition.LOST}
    assert not_called <= lost | {one.number for one in made if one.disposition is Disposition.FAULT}


async def test_an_engine_that_is_killed_calls_nobody_twice(dials: Dialling, tmp_path: Path) -> None:
    targets = dials.debtors(_of_faults(), first=2000)
    async with town(dials.place, tmp_path / "town", _sounds(tmp_path), talk_seconds=10) as people:
        campaign_id = await dials.campaign("убитый", targets)
        await dials.until_dialled(campaign_id, 12)
        dials.kill_engine()
        await dials.until_dialled(campaign_id, 20)
        dials.kill_engine()
        await _went_through(dials, campaign_id, people)


@long
async def test_an_asterisk_that_hangs_calls_nobody_twice(dials: Dialling, tmp_path: Path) -> None:
    targets = dials.debtors(_of_faults(), first=3000)
    async with town(dials.place, tmp_path / "town", _sounds(tmp_path), talk_seconds=10) as people:
        campaign_id = await dials.campaign("замер", targets)
        await dials.until_dialled(campaign_id, 12)
        dials.freeze_asterisk(True)
        await asyncio.sleep(8)
        dials.freeze_asterisk(False)
        await _went_through(dials, campaign_id, people)


@long
async def test_an_asterisk_that_is_started_anew_calls_nobody_twice(dials: Dialling, tmp_path: Path) -> None:
    targets = dials.debtors(_of_faults(), first=4000)
    async with town(dials.place, tmp_path / "town", _sounds(tmp_path), talk_seconds=10) as people:
        campaign_id = await dials.campaign("заново", targets)
        await dials.until_dialled(campaign_id, 12)
        await asyncio.to_thread(dials.company.stack.asterisk.down)
        await asyncio.to_thread(dials.company.stack.asterisk.up)
        await _went_through(dials, campaign_id, people)
