"""The work is kept on every database that the store supports."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.store import Database, StoreSettings, upgrade
from tests.contract.desk_work.bench import Bench
from tests.contract.store.conftest import POSTGRES, _empty_postgres, needs_postgres


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_postgres)])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    if request.param == "postgresql":
        await _empty_postgres()
    url = POSTGRES if request.param == "postgresql" else f"sqlite:///{tmp_path / 'ivr.db'}"
    opened = await Database.open(StoreSettings(url=url, busy_seconds=5))
    await upgrade(opened)
    yield opened
    await opened.close()


@pytest.fixture
async def bench(database: Database) -> AsyncIterator[Bench]:
    started = await Bench(database).start()
    yield started
    await started.close()
