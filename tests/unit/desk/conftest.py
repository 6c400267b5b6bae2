"""A floor over an Asterisk and a database of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from ivr.desk.floor import Floor
from ivr.desk.settings import AgentsSettings, DeskSettings
from tests.unit.desk.exchange import HOUR, FakeExchange, HandClock, MemoryDatabase
from tests.unit.desk.talking import Scene

QUEUES = ("clients", "business")
GROUPED = ("clients", "clients.billing", "business")


class House:
    """Everything around a floor, and floors one after another."""

    def __init__(self, queues: tuple[str, ...] = QUEUES) -> None:
        self.queues = queues
        self.clock = HandClock()
        self.exchange = FakeExchange()
        self.database = MemoryDatabase()
        self.settings = DeskSettings(agents=AgentsSettings(tick_seconds=HOUR))
        self.floor: Floor

    async def open(self) -> Floor:
        self.floor = Floor(
            database=cast(Any, self.database),
            settings=self.settings,
            switchboard=cast(Any, self.exchange),
            clock=self.clock,
            queues=self.queues,
            wrap_up_norm=lambda call_id: 90 if call_id.startswith("omsk") else None,
        )
        await self.floor.start()
        return self.floor

    async def settle(self) -> None:
        await self.floor._keeper.all_settled()

    def pass_by(self, seconds: float) -> None:
        self.clock.pass_by(seconds)
        self.floor.tick()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with opened(House()) as made:
        yield made


@pytest.fixture
async def grouped() -> AsyncIterator[House]:
    """With a group of skills in the queue of the clients."""
    async with opened(House(GROUPED)) as made:
        yield made


@asynccontextmanager
async def opened(house: House) -> AsyncIterator[House]:
    await house.open()
    yield house
    await house.floor.close()
    house.database.close()


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    scene = Scene()
    yield scene
    await scene.pauses.close()
