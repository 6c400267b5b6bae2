"""Each test of the store runs on every database that it supports."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from ivr.store import Database, StoreSettings

POSTGRES = os.environ.get("IVR_TEST_POSTGRES", "")
needs_postgres = pytest.mark.skipif(not POSTGRES, reason="IVR_TEST_POSTGRES names no database")
DRIVERS = ["sqlite", "sqlite+aiosqlite", pytest.param("postgresql", marks=needs_postgres)]


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> StoreSettings:
    return StoreSettings(url=f"sqlite:///{tmp_path / 'ivr.db'}", busy_seconds=5)


@pytest.fixture(params=DRIVERS)
async def settings(request: pytest.FixtureRequest, tmp_path: Path) -> StoreSettings:
    if request.param == "postgresql":
        await _empty_postgres()
        return StoreSettings(url=POSTGRES, busy_seconds=5)
    return StoreSettings(url=f"{request.param}:///{tmp_path / 'ivr.db'}", busy_seconds=5)


async def _empty_postgres() -> None:
    database = await Database.open(StoreSettings(url=POSTGRES))
    try:
        await database.write(lambda c: c.execute(text("DROP SCHEMA public CASCADE")).close())
        await database.write(lambda c: c.execute(text("CREATE SCHEMA public")).close())
    finally:
        await database.close()


@pytest.fixture
async def database(settings: StoreSettings) -> AsyncIterator[Database]:
    opened = await Database.open(settings)
    yield opened
    await opened.close()


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
