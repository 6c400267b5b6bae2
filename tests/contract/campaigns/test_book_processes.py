"""Two processes dial from one campaign, and one is killed in the middle of it."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter

from ivr.campaigns.book import CampaignBook
from ivr.campaigns.model import TargetState
from ivr.store import StoreSettings
from tests.contract.campaigns.samples import person, run

PEOPLE = 120


async def _started(settings: StoreSettings, name: str, campaign_id: int) -> Process:
    module = "tests.contract.campaigns.dialer_process"
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, settings.url, name, str(campaign_id), stdout=PIPE
    )


async def _called(process: Process) -> list[str]:
    said, _ = await process.communicate()
    return said.decode().split()


async def test_nobody_is_called_twice_and_nobody_forgotten(
    book: CampaignBook, settings: StoreSettings
) -> None:
    campaign = await run(book, [person(number) for number in range(PEOPLE)])
    one, two = [await _started(settings, name, campaign.campaign_id) for name in ("one", "two")]
    assert one.stdout is not None
    called = [(await one.stdout.readline()).decode().strip() for _ in range(10)]
    one.kill()
    called += await _called(one)
    again = await _started(settings, "one", campaign.campaign_id)
    called += await _called(two)
    called += await _called(again)
    assert (two.returncode, again.returncode) == (0, 0)
    assert set(Counter(called).values()) == {1}
    progress = await book.progress(campaign.campaign_id)
    assert progress.targets == {TargetState.DONE: PEOPLE}
    assert progress.open == 0
    assert len(called) >= PEOPLE - 4, "who was being ordered when it was killed counts as called"
