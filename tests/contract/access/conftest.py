"""Access with cheap passwords and a clock by hand, on databases whose tables are made once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ivr.access.service import Access
from ivr.access.settings import AccessSettings, AttemptSettings, PasswordSettings
from ivr.store import Database, StoreSettings
from tests.contract.store.conftest import POSTGRES, _empty_postgres, needs_postgres
from tests.databases import sqlite_file, with_tables
from tests.unit.customers.samples import ClockByHand

CHEAP = AccessSettings(
    passwords=PasswordSettings(memory_kib=19_456, passes=1), attempts=AttemptSettings(free_of_address=20)
)


def store(file: Path) -> StoreSettings:
    return StoreSettings(url=f"sqlite:///{file}", busy_seconds=5)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with all tables."""
    file = tmp_path_factory.mktemp("template") / "ivr.db"
    file.write_bytes(sqlite_file())
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_postgres)])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    settings = store(tmp_path / "ivr.db")
    if request.param == "postgresql":
        await _empty_postgres()
        settings = StoreSettings(url=POSTGRES, busy_seconds=5)
    opened = await with_tables(settings)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand()


@pytest.fixture
def access(database: Database, clock: ClockByHand) -> Iterator[Access]:
    made = Access(database, CHEAP, clock)
    yield made
    made.close()
