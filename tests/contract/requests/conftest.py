"""Requests are kept on every database that the store supports; the tables are made once."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.store import Database, StoreSettings
from tests.contract.access.conftest import store, template, with_tables  # noqa: F401  a fixture
from tests.contract.requests.desk import Desk
from tests.contract.store.conftest import POSTGRES, _empty_postgres, needs_postgres


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_postgres)])
async def settings(
    request: pytest.FixtureRequest,
    template: Path,  # noqa: F811
    tmp_path: Path,
) -> StoreSettings:
    if request.param == "sqlite":
        return store(Path(shutil.copy(template, tmp_path / "ivr.db")))
    await _empty_postgres()
    made = StoreSettings(url=POSTGRES, busy_seconds=5)
    await with_tables(made)
    return made


@pytest.fixture
async def database(settings: StoreSettings) -> AsyncIterator[Database]:
    opened = await Database.open(settings)
    yield opened
    await opened.close()


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)
