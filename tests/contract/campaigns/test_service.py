"""What supervisors do with campaigns, over a real book and the company's own kinds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from ivr.campaigns.book import CampaignBook, contacts
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.model import Attempt, Campaign, CampaignState, Mode, Target
from ivr.campaigns.plans import KindPlans
from ivr.campaigns.ports import NotDialled, OutgoingCall
from ivr.campaigns.rules.hours import CallingHours
from ivr.campaigns.rules.rules import Rules
from ivr.campaigns.service import Campaigns, NotReady
from ivr.campaigns.settings import CallerId, CampaignsSettings, TrunkSettings
from ivr.errors import Fault
from ivr.store import Database
from tests.contract.campaigns.exchange import ZONE, Clock, Workdays
from tests.contract.campaigns.samples import new, person

KINDS = Kinds.load(Path("scenarios"))
SETTINGS = CampaignsSettings(
    trunks={"north": TrunkSettings()},
    caller_ids={"main": CallerId(number="+74832000000", label="Энергосбыт")},
)
FIELDS = {"pay_by": "2026-12-10"}


class Engine:
    """What the engine is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.calls: list[tuple[OutgoingCall, tuple[Campaign, Target, Attempt]]] = []
        self.refuses = False
        self.pace: float | None = None

    def halt(self, campaign_id: int) -> None:
        self.told.append("halt")

    def wake(self) -> None:
        self.told.append("wake")

    def pace_of(self, campaign_id: int) -> float | None:
        return self.pace

    async def rehearse(self, call: OutgoingCall, facts: tuple[Campaign, Target, Attempt]) -> None:
        if self.refuses:
            raise NotDialled("no link")
        self.calls.append((call, facts))


class Room:
    def __init__(self, database: Database, settings: CampaignsSettings = SETTINGS) -> None:
        self.clock = Clock()
        self.book = CampaignBook(database, self.clock)
        self.engine = Engine()
        self.service = Campaigns(
            book=self.book,
            database=database,
            kinds=lambda: KINDS,
            plans=KindPlans(lambda: KINDS, settings),
            rules=Rules(settings.rules, Workdays(), ZONE, contacts),
            hours=CallingHours(settings.rules.hours, Workdays()),
            settings=settings,
            queues=("debts",),
            zone=ZONE,
            clock=self.clock,
            engine=self.engine,
        )

    async def campaign(self, people: int = 2, zones: tuple[str, ...] = (ZONE.key,), **changed: Any) -> int:
        campaign = await self.service.create(new(**({"fields": FIELDS} | changed)))
        targets = [person(each, zones=zones) for each in range(people)]
        await self.book.add_targets(campaign.campaign_id, targets)
        return campaign.campaign_id


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database)


async def test_a_campaign_is_started_paused_and_stopped(room: Room) -> None:
    campaign_id = await room.campaign()
    assert (await room.service.check(campaign_id)).ready
    assert (await room.service.start(campaign_id, "anna")).state is CampaignState.RUNNING
    paused = await room.service.pause(campaign_id, "обед", "anna")
    assert (paused.state, paused.why) == (CampaignState.PAUSED, "обед")
    assert (await room.service.stop(campaign_id, "", "anna")).state is CampaignState.STOPPED
    assert room.engine.told == ["wake", "halt", "halt", "halt", "halt"]
    with pytest.raises(Fault):
        await room.service.start(campaign_id, "anna")


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"mode": Mode.PROGRESSIVE}, "queue"),
        ({"mode": Mode.PROGRESSIVE, "queue": "nobody"}, "queue"),
        ({"first_day": date(2026, 11, 1), "last_day": date(2026, 11, 23)}, "last_day"),
        ({"opens": time(23), "closes": time(23, 30)}, "opens"),
        ({"people": 0}, "targets"),
        ({"fields": {}}, "fields.pay_by"),
        ({"caller_id": "other"}, "campaigns.caller_ids"),
        ({"overrides": {"retries": {"busy": {"times": -1}}}}, "overrides"),
    ],
)
async def test_what_stands_in_the_way_is_found_and_nothing_is_started(
    room: Room, changed: Mapping[str, Any], where: str
) -> None:
    campaign_id = await room.campaign(**changed)
    with pytest.raises(NotReady) as refused:
        await room.service.start(campaign_id, "anna")
    assert where in {each.where for each in refused.value.findings}
    found = await room.book.campaign(campaign_id)
    assert found is not None
    assert found.state is CampaignState.DRAFT


@pytest.mark.parametrize(
    ("named", "listed", "what", "fix"),
    [
        ("other", True, "«other» нет в списке", "Выберите"),
        ("", False, "Не выбран номер", "список разрешённых номеров пуст"),
    ],
)
async def test_a_caller_id_that_can_not_be_shown_is_told_in_russian(
    database: Database, named: str, listed: bool, what: str, fix: str
) -> None:
    settings = SETTINGS if listed else SETTINGS.model_copy(update={"caller_ids": {}})
    room = Room(database, settings)
    checkup = await room.service.check(await room.campaign(caller_id=named))
    (one,) = [each for each in checkup.findings if each.where == "campaigns.caller_ids"]
    assert what in one.what
    assert fix in one.fix


async def test_targets_that_can_not_be_called_are_a_warning_beside_those_that_can(room: Room) -> None:
    campaign_id = await room.campaign(opens=time(9), closes=time(10))
    far = person(99, zones=("Europe/Moscow", "Asia/Vladivostok"))
    await room.book.add_targets(campaign_id, [far])
    checkup = await room.service.check(campaign_id)
    assert checkup.ready
    assert [each.where for each in checkup.findings] == ["opens"]
    assert checkup.opens_at is not None
    assert checkup.opens_at.astimezone(ZONE).time() == time(9)


async def test_without_a_trunk_nobody_is_called(database: Database) -> None:
    room = Room(database, CampaignsSettings(caller_ids=SETTINGS.caller_ids))
    campaign_id = await room.campaign()
    checkup = await room.service.check(campaign_id)
    assert [each.where for each in checkup.findings] == ["campaigns.trunks"]


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "nothing"},
        {"first_day": date(2026, 12, 1), "last_day": date(2026, 11, 30)},
        {"opens": time(12), "closes": time(11)},
    ],
)
async def test_a_draft_has_its_form(room: Room, changed: Mapping[str, Any]) -> None:
    with pytest.raises(Fault):
        await room.service.create(new(**changed))


async def test_a_rehearsal_is_a_call_of_which_nothing_is_kept(room: Room) -> None:
    campaign_id = await room.campaign()
    call_id = await room.service.rehearse(campaign_id, "+79001234567", {"name": "Анна", "amount": "10"})
    ((call, (campaign, target, attempt)),) = room.engine.calls
    assert call.attempt_id == call_id == attempt.attempt_id
    assert (call.number, call.trunk, call.caller_id) == ("+79001234567", "north", "+74832000000")
    assert call.campaign == ""
    assert campaign.campaign_id == campaign_id
    assert target.fields["amount"] == "10"
    assert await room.book.open_attempts() == []
    room.engine.refuses = True
    with pytest.raises(Fault, match="not made"):
        await room.service.rehearse(campaign_id, "+79001234567", {})


async def test_the_end_is_told_by_the_pace(room: Room) -> None:
    campaign_id = await room.campaign(people=3)
    assert (await room.service.forecast(campaign_id, 3)).ends_at is None
    room.engine.pace = 3 / 3600
    told = await room.service.forecast(campaign_id, 3)
    assert told.ends_at == room.clock.now() + timedelta(hours=1)
    assert told.in_time
