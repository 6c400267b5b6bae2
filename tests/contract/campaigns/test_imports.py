"""Imports in the background: watched, broken off, and known after a restart; every fault has its words."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from string import Formatter

import pytest

from ivr.campaigns.book import CampaignBook
from ivr.campaigns.importing.faults import ImportFault, ListProblem, in_russian
from ivr.campaigns.importing.importing import Heard, Importing
from ivr.campaigns.importing.imports import Imports
from ivr.campaigns.importing.journal import LOST_AFTER, Failure, Import, ImportRuns, ImportState, Order, Stage
from ivr.campaigns.importing.reasons import ImportReport, Reason
from ivr.campaigns.model import CampaignState
from ivr.campaigns.settings import CampaignsSettings
from ivr.customers.settings import AccountNumberSettings
from ivr.store import Database, StoreUnavailable
from tests.contract.campaigns.samples import ClockByHand, new
from tests.contract.campaigns.test_importing import NAME
from tests.unit.customers.samples import MOSCOW

ROWS = [
    {"account": f"{320145000 + each}", "phone": f"+7916{each:07d}", "name": "Анна"} for each in range(1_200)
]
BROKEN = {"account": "12", "phone": "+79161234567", "name": "Анна"}


@dataclass
class Gate:
    """Takes rows over, and waits after the first part until it is let through."""

    importing: Importing
    campaign: int
    rows: list[dict[str, str]] = field(default_factory=lambda: ROWS)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, heard: Heard) -> ImportReport:
        part = ROWS[:500]
        first = await self.importing.rows(self.campaign, part, [NAME])
        heard(first)
        self.reached.set()
        await self.opened.wait()
        return await self.importing.rows(self.campaign, self.rows, [NAME], heard)


@dataclass
class Hall:
    book: CampaignBook
    database: Database
    clock: ClockByHand
    campaign: int
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def importing(self) -> Importing:
        return Importing(self.book, self.database, CampaignsSettings(), AccountNumberSettings(), MOSCOW)

    def imports(self) -> Imports:
        """As an engine has them that has just been started."""
        return Imports(self.database, self.clock, self.ended.set)

    def order(self, key: str = "key-0001") -> Order:
        return Order(campaign_id=self.campaign, key=key, name="долги.csv", by="anna")

    async def all_in(self) -> int:
        return sum((await self.book.progress(self.campaign)).targets.values())

    async def over(self, imports: Imports, key: str = "key-0001") -> Import:
        async with asyncio.timeout(20):
            await self.ended.wait()
        self.ended.clear()
        found = await imports.find(self.campaign, key)
        assert found is not None
        return found


@pytest.fixture
async def hall(book: CampaignBook, database: Database, clock: ClockByHand) -> Hall:
    return Hall(book, database, clock, (await book.create(new())).campaign_id)


async def test_what_became_of_a_list_is_known_after_a_restart(hall: Hall) -> None:
    imports = hall.imports()

    async def take(heard: Heard) -> ImportReport:
        return await hall.importing.rows(hall.campaign, [*ROWS[:3], BROKEN], [NAME], heard)

    begun, fresh = await imports.begin(hall.order(), take)
    assert (fresh, begun.stage.state) == (True, ImportState.RUNNING)
    done = await hall.over(imports)
    assert (done.stage, done.report.read, done.report.new, done.report.refused) == (
        Stage(ImportState.DONE),
        4,
        3,
        1,
    )
    again = hall.imports()
    assert await again.find(hall.campaign, "key-0001") == done
    assert await again.latest(hall.campaign, 5) == [done]
    assert [each.reason for each in done.report.complaints] == [Reason.ACCOUNT]
    assert await again.begin(hall.order(), take) == (done, False), "the same key is the same list"


async def test_a_list_that_is_broken_off_ends_between_two_parts_and_what_is_in_stays(hall: Hall) -> None:
    imports, gate = hall.imports(), Gate(hall.importing, hall.campaign)
    begun, _ = await imports.begin(hall.order(), gate.take)
    await gate.reached.wait()
    assert imports.stop(begun.import_id)
    gate.opened.set()
    stopped = await hall.over(imports)
    assert stopped.stage == Stage(ImportState.STOPPED)
    assert (stopped.report.read, stopped.report.known) == (500, 500)
    assert await hall.all_in() == 500
    assert not imports.stop(begun.import_id), "it is over"


async def test_one_list_at_a_time_is_taken_into_a_campaign(hall: Hall) -> None:
    imports, gate = hall.imports(), Gate(hall.importing, hall.campaign)
    await imports.begin(hall.order(), gate.take)
    with pytest.raises(ImportRuns):
        await imports.begin(hall.order("key-0002"), gate.take)
    with pytest.raises(ImportRuns):
        await hall.imports().begin(hall.order("key-0002"), gate.take)  # another engine
    gate.opened.set()
    assert (await hall.over(imports)).stage.state is ImportState.DONE
    _, fresh = await imports.begin(hall.order("key-0002"), gate.take)
    assert fresh
    assert (await hall.over(imports, "key-0002")).report.known == 1_200


async def test_an_engine_that_is_stopped_says_so_and_the_list_may_be_sent_again(hall: Hall) -> None:
    imports, gate = hall.imports(), Gate(hall.importing, hall.campaign)
    await imports.begin(hall.order(), gate.take)
    await gate.reached.wait()
    await imports.close()
    lost = await hall.over(hall.imports())
    assert lost.stage.state is ImportState.LOST
    assert lost.report.new == 500
    again, gate = hall.imports(), Gate(hall.importing, hall.campaign)
    gate.opened.set()
    _, fresh = await again.begin(hall.order(), gate.take)
    assert fresh
    assert (await hall.over(again)).report.new == 700
    assert await hall.all_in() == 1_200


async def test_an_engine_that_was_killed_is_noticed_by_its_silence(hall: Hall) -> None:
    imports, gate = hall.imports(), Gate(hall.importing, hall.campaign)
    await imports.begin(hall.order(), gate.take)
    await gate.reached.wait()
    next_life = hall.imports()
    found = await next_life.find(hall.campaign, "key-0001")
    assert found is not None
    assert found.stage.state is ImportState.RUNNING
    hall.clock.pass_by((LOST_AFTER + timedelta(seconds=1)).total_seconds())
    found = await next_life.find(hall.campaign, "key-0001")
    assert found is not None
    assert found.stage.state is ImportState.LOST
    _, fresh = await next_life.begin(hall.order("key-0002"), gate.take)
    assert fresh, "a lost one stands in nobody's way"
    await next_life.close()
    await imports.close()


@pytest.mark.parametrize(
    ("error", "stage"),
    [
        (StoreUnavailable("Away.", "", ""), Stage(ImportState.FAILED, Failure.DATABASE)),
        (RuntimeError("?"), Stage(ImportState.FAILED, Failure.UNKNOWN)),
        (
            ImportFault("?", "", "", ListProblem.ENCODING, {"encoding": "KOI8-R"}),
            Stage(ImportState.FAILED, ListProblem.ENCODING, {"encoding": "KOI8-R"}),
        ),
    ],
)
async def test_why_a_list_failed_is_kept_and_it_may_be_sent_again(
    hall: Hall, error: Exception, stage: Stage
) -> None:
    imports = hall.imports()

    async def fail(heard: Heard) -> ImportReport:
        raise error

    await imports.begin(hall.order(), fail)
    assert (await hall.over(imports)).stage == stage
    found = await hall.imports().find(hall.campaign, "key-0001")
    assert found is not None
    assert found.stage == stage
    assert (await imports.begin(hall.order(), fail))[1]
    await hall.over(imports)


async def test_a_campaign_that_is_stopped_meanwhile_takes_no_more(hall: Hall) -> None:
    await hall.book.set_state(hall.campaign, CampaignState.STOPPED, "", "anna")
    with pytest.raises(ImportFault) as caught:
        await hall.importing.rows(hall.campaign, ROWS[:1], [NAME])
    assert caught.value.problem is ListProblem.OVER


@pytest.mark.parametrize("problem", ListProblem)
def test_every_problem_has_words(problem: ListProblem) -> None:
    class Any(dict[str, str]):
        def __missing__(self, key: str) -> str:
            return "значение"

    what, fix = in_russian(problem, Any())
    for text in (what, fix):
        assert text.endswith(".")
        assert not [name for _, name, _, _ in Formatter().parse(text) if name]
