"""A real database in a file, and a ledger whose clock is the test's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.store import Database, StoreSettings
from tests.contract.store.conftest import POSTGRES, _empty_postgres, needs_postgres
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


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_postgres)])
async def store_settings(request: pytest.FixtureRequest, tmp_path: Path) -> StoreSettings:
    if request.param == "postgresql":
        await _empty_postgres()
        return StoreSettings(url=POSTGRES, busy_seconds=5)
    return StoreSettings(url=f"sqlite:///{tmp_path / 'ivr.db'}", busy_seconds=0.2)


@pytest.fixture
def lockable(store_settings: StoreSettings) -> str:
    """The database's file; only SQLite is locked as a whole."""
    backend, _, file = store_settings.url.partition(":///")
    if backend != "sqlite":
        pytest.skip("is not locked as a whole")
    return file


@pytest.fixture
async def database(store_settings: StoreSettings) -> AsyncIterator[Database]:
    database = await with_tables(store_settings)
    yield database
    await database.close()
