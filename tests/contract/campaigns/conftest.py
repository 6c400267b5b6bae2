"""The book of campaigns is kept on every database that the store supports; the tables are made once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.campaigns.book import CampaignBook
from ivr.store import Database, StoreSettings
from tests.contract.campaigns.samples import ClockByHand
from tests.contract.store.conftest import POSTGRES, _empty_postgres, needs_postgres
from tests.databases import with_tables


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_postgres)])
async def settings(request: pytest.FixtureRequest, tmp_path: Path) -> StoreSettings:
    if request.param == "postgresql":
        await _empty_postgres()
        return StoreSettings(url=POSTGRES, busy_seconds=5)
    return StoreSettings(url=f"sqlite:///{tmp_path / 'ivr.db'}", busy_seconds=5)


@pytest.fixture
async def database(settings: StoreSettings) -> AsyncIterator[Database]:
    opened = await with_tables(settings)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand()


@pytest.fixture
def book(database: Database, clock: ClockByHand) -> CampaignBook:
    return CampaignBook(database, clock)
