"""A real database in a file, and a ledger whose clock is the test's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.store import Database, StoreSettings
from tests.databases import with_tables

T0 = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


class TestClock:
    """A clock that the test moves; a sleep lasts one turn of the loop."""

    __test__ = False

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return T0 + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0.001)


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def store_settings(tmp_path: Path) -> StoreSettings:
    return StoreSettings(url=f"sqlite:///{tmp_path / 'ivr.db'}", busy_seconds=0.2)


@pytest.fixture
async def database(store_settings: StoreSettings) -> AsyncIterator[Database]:
    database = await with_tables(store_settings)
    yield database
    await database.close()
