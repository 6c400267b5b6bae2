"""The work is kept on every database that the store supports."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.store import Database, StoreSettings, upgrade
from tests.contract.desk_work.bench import Bench
from tests.contract.store.conftest import POSTGRES, _empty_postgres, needs_postgres


@pytest.fixture(scope="session")
def current_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables; making them takes longer than most tests."""
    file = tmp_path_factory.mktemp("desk-work") / "current.db"
    asyncio.run(_make_current(StoreSettings(url=f"sqlite:///{file}")))
    return file


async def _make_current(settings: StoreSettings) -> None:
    database = await Database.open(settings)
    await upgrade(database)
    await database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_postgres)])
async def database(
    request: pytest.FixtureRequest, tmp_path: Path, current_file: Path
) -> AsyncIterator[Database]:
    settings = StoreSettings(url=f"sqlite:///{tmp_path / 'ivr.db'}", busy_seconds=5)
    if request.param == "postgresql":
        await _empty_postgres()
        settings = StoreSettings(url=POSTGRES, busy_seconds=5)
        await _make_current(settings)
    else:
        shutil.copy(current_file, tmp_path / "ivr.db")
    opened = await Database.open(settings)
    yield opened
    await opened.close()


@pytest.fixture
async def bench(database: Database) -> AsyncIterator[Bench]:
    started = await Bench(database).start()
    yield started
    await started.close()
