"""The work is kept on every database that the store supports."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.store import Database, StoreSettings
from tests.contract.desk_work.bench import Bench
from tests.contract.store.conftest import POSTGRES, _empty_postgres, needs_postgres
from tests.databases import with_tables


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_postgres)])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    settings = StoreSettings(url=f"sqlite:///{tmp_path / 'ivr.db'}", busy_seconds=5)
    if request.param == "postgresql":
        await _empty_postgres()
        settings = StoreSettings(url=POSTGRES, busy_seconds=5)
    opened = await with_tables(settings)
    yield opened
    await opened.close()


@pytest.fixture
async def bench(database: Database) -> AsyncIterator[Bench]:
    started = await Bench(database).start()
    yield started
    await started.close()
