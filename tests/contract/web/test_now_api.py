"""What those who lead watch: read once, then told as it changes, and to nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import ClientWebSocketResponse
from pydantic import BaseModel

from ivr.app.kpi import Reporting, open_reporting
from ivr.app.now import open_live_figures
from ivr.app.papers import Bookmaking
from ivr.desk.model import Agent, AgentState, QueueState
from ivr.desk.ports import Phone, PhoneKind
from ivr.dialogue.ports import EndingKind
from ivr.kpi.live import LiveCounters
from ivr.kpi.profiles import load_profiles
from ivr.settings import load
from ivr.store import Database
from ivr.web.api.events import Audience
from ivr.web.hub import Feed, Hub
from tests.contract.web.site import PATIENT, Running, StillClock, running
from tests.unit.kpi.stories import RULES, Tale

ROOT = Path(__file__).parents[3]
QUEUES = {"clients": "Общая"}


class People:
    """One operator, one queue."""

    def __init__(self, clock: StillClock) -> None:
        self._clock = clock
        self.told: list[Any] = []

    def agents(self) -> list[Agent]:
        return [
            Agent(
                login="ivanova",
                name="Анна Иванова",
                extension="201",
                skills=("clients",),
                phone=Phone(kind=PhoneKind.DESK, extension="201"),
                state=AgentState.PAUSED,
                reason="lunch",
                since=self._clock.now(),
            )
        ]

    def queues(self) -> list[QueueState]:
        return [
            QueueState(
                queue="clients",
                waiting=1,
                longest_since=self._clock.now(),
                ready=0,
                serving=1,
                widened=False,
                estimate_seconds=None,
            )
        ]

    def subscribe_queues(self, listener: Any) -> None:
        self.told.append(listener)


class Relay:
    """Stands for the hub of a site that is made later."""

    hub: Hub

    @property
    def feeds(self) -> list[Feed]:
        return self.hub.feeds

    def publish(self, type: str, data: BaseModel, audience: Audience) -> None:
        self.hub.publish(type, data, audience)


@cache
def company() -> Reporting:
    settings = load(ROOT / "ivr.yaml")
    return open_reporting(settings, load_profiles(settings.standards_folder))


@dataclass
class Wall:
    site: Running
    counters: LiveCounters
    people: People
    clock: StillClock

    def came(self, call_id: str) -> Tale:
        tale = Tale(call_id, self.clock.now())
        self.counters.story_changed(tale.story)
        return tale


@pytest.fixture
async def wall(database: Database, pages: Path) -> AsyncIterator[Wall]:
    clock = StillClock()
    counters = LiveCounters(RULES, clock)
    people = People(clock)
    books = Bookmaking(reporting=company(), database=database, clock=clock, topic_titles=dict)
    relay = Relay()
    live = open_live_figures(
        company().settings,
        cast(Any, SimpleNamespace(floor=people, queue_titles=QUEUES)),
        books,
        counters,
        cast(Any, relay),
    )
    async with running(database, pages, settings=PATIENT, routes=live.routes()) as site:
        relay.hub = site.hub
        yield Wall(site, counters, people, clock)
    await live.close()


async def next_now(socket: ClientWebSocketResponse) -> Any:
    while True:
        told = await socket.receive_json(timeout=5)
        if told["type"] == "now":
            return told["data"]


@pytest.mark.parametrize("login", ["senior", "boss"])
async def test_leaders_read_all_that_is_watched(wall: Wall, login: str) -> None:
    wall.came("c1").queued(20)
    browser = await wall.site.signed_in(login)
    status, told = await browser.ask("GET", "/api/now")
    assert status == 200
    assert told["agents"][0]["reason_title"] == "Обед"
    figures = {each["id"]: each for each in told["figures"]}
    assert figures["lost-calls"]["target_text"] == "не более 15\N{NO-BREAK SPACE}%"
    assert "talk-average" not in figures  # today's counters know nothing of talks
    moment = told["moment"]
    assert (moment["in_robot"], moment["queues"][0]["title"]) == (1, "Общая")
    assert {each["id"] for each in moment["kpis"]} == set(figures)
    status, leading = await browser.ask("GET", "/api/leading")
    assert (status, leading["standard"], leading["time_zone"]) == (200, "bryansk", "Europe/Moscow")
    assert {"id": "lunch", "title": "Обед"} in leading["pause_reasons"]
    assert leading["queues"] == [{"id": "clients", "title": "Общая"}]


async def test_operators_are_told_nothing_of_it(wall: Wall) -> None:
    browser = await wall.site.signed_in("ivanova")
    assert (await browser.ask("GET", "/api/now"))[0] == 403
    assert (await browser.ask("GET", "/api/leading"))[0] == 403
    leader = await wall.site.signed_in("senior")
    async with browser.events() as theirs, leader.events() as his:
        await his.receive_json()
        wall.came("c1")
        await next_now(his)
        wall.site.hub.beat()
        assert [(await theirs.receive_json(timeout=5))["type"] for _ in range(2)] == ["hello", "beat"]


async def test_a_change_is_told_and_many_at_once_are_told_together(wall: Wall) -> None:
    leader = await wall.site.signed_in("senior")
    async with leader.events() as socket:
        await socket.receive_json()
        tales = [wall.came(f"c{number}") for number in range(40)]
        told = await next_now(socket)
        assert told["in_robot"] == 40
        assert next(each["value"] for each in told["kpis"] if each["id"] == "incoming") == 40
        for tale in tales:
            wall.counters.story_changed(tale.robot(40, EndingKind.COMPLETED).ended(45))
        assert (await next_now(socket))["in_robot"] == 0
        wall.people.told[0]([])
        assert (await next_now(socket))["in_robot"] == 0
        assert wall.site.hub._seq == 3


async def test_where_nobody_watches_nothing_is_made(wall: Wall) -> None:
    wall.came("c1")
    await asyncio.sleep(0.01)
    assert wall.site.hub._seq == 0
