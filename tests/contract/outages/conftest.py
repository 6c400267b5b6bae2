"""Outages are kept on every database that the store supports."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from ivr.store import Database, StoreSettings
from tests.contract.store.conftest import settings  # noqa: F401  a fixture
from tests.databases import with_tables


@pytest.fixture
async def database(settings: StoreSettings) -> AsyncIterator[Database]:  # noqa: F811
    opened = await with_tables(settings)
    yield opened
    await opened.close()
