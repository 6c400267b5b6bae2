"""A campaign about debt from the book to the subscribers: everybody once, and SIPp agrees with the report."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.campaigns.dialling.settings import GuardSettings
from ivr.campaigns.model import CampaignState, Disposition, TargetState
from tests.real.campaigns.exchange import said
from tests.real.campaigns.running import Dialling, dialling
from tests.real.campaigns.subscribers import SPEAKING, Temper, town

pytestmark = pytest.mark.real

TARGETS = 500 if os.environ.get("LOAD") == "full" else 60
REFUSED_IN_A_ROW = GuardSettings().refused_in_a_row
EXPECTED = {
    Temper.PERSON: Disposition.PERSON,
    Temper.BRIEF: Disposition.PERSON,
    Temper.BUSY: Disposition.BUSY,
    Temper.NO_ANSWER: Disposition.NO_ANSWER,
    Temper.REJECTS: Disposition.REJECTED,
    Temper.UNKNOWN: Disposition.UNKNOWN_NUMBER,
    Temper.MACHINE: Disposition.MESSAGE_LEFT,
    Temper.ANNOUNCEMENT: Disposition.ANNOUNCEMENT,
    Temper.FAX: Disposition.FAX,
    Temper.CONGESTED: Disposition.CONGESTION,
}


@pytest.fixture(scope="module")
def dials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dialling]:
    with dialling(tmp_path_factory.mktemp("dialling")) as made:
        yield made


def _sounds(folder: Path) -> dict[Temper, Path]:
    return {temper: said(folder / "sounds", temper) for temper in SPEAKING}


def _tempers(count: int) -> list[Temper]:
    return [list(Temper)[place % len(Temper)] for place in range(count)]


async def test_the_report_agrees_with_the_subscribers_own_count(dials: Dialling, tmp_path: Path) -> None:
    tempers = _tempers(TARGETS)
    targets = dials.debtors(tempers, first=1000)
    async with town(dials.place, tmp_path / "town", _sounds(tmp_path), talk_seconds=40) as people:
        campaign_id = await dials.campaign("долги", targets)
        progress = await dials.done(campaign_id, seconds=120 + TARGETS)
        count = people.count()
    assert count.called == Counter(target.numbers[0] for target in targets)
    assert not count.repeated
    assert progress.attempts == Counter(EXPECTED[temper] for temper in tempers)
    attempts = {attempt.number: attempt for attempt in await dials.attempts(campaign_id)}
    assert len(attempts) == TARGETS
    for (number, how), times in count.ended.items():
        assert times == 1
        assert attempts[number].disposition is EXPECTED[Temper(how)]
    campaign, _ = await dials.progress(campaign_id)
    assert campaign.state is CampaignState.DONE
    states = Counter(target.state for target in await dials.targets(campaign_id))
    assert TargetState.WAITING not in states
    assert TargetState.CALLING not in states


async def test_a_trunk_that_refuses_everything_pauses_the_campaign(dials: Dialling, tmp_path: Path) -> None:
    targets = dials.debtors([Temper.CONGESTED] * 80, first=8000)
    async with town(dials.place, tmp_path / "town", _sounds(tmp_path), talk_seconds=40) as people:
        campaign_id = await dials.campaign("отказы", targets)
        await dials.done(campaign_id, seconds=60)
        count = people.count()
    campaign, progress = await dials.progress(campaign_id)
    assert campaign.state is CampaignState.PAUSED
    assert "town" in campaign.why
    called = sum(progress.attempts.values())
    assert REFUSED_IN_A_ROW <= called < len(targets)
    assert progress.attempts.keys() == {Disposition.CONGESTION}
    assert called == count.called.total()
    assert not count.repeated
    waiting = [target for target in await dials.targets(campaign_id) if target.state is TargetState.WAITING]
    assert len(waiting) >= len(targets) - called
