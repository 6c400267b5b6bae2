"""A database with all tables, and the means to put calls into it and count them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from ivr.calls import rows
from ivr.calls.rows import Batch
from ivr.calls.story import Story
from ivr.kpi.facts import Rules
from ivr.kpi.intake import Intake
from ivr.kpi.settings import KpiSettings
from ivr.kpi.tables import kpi_call_cells, kpi_calls, kpi_talk_cells, kpi_talks
from ivr.store import Database, StoreSettings
from tests.contract.store.conftest import POSTGRES, _empty_postgres, needs_postgres
from tests.databases import with_tables
from tests.unit.kpi.stories import RULES

NOW = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)


class StillClock:
    """Time stands still; a sleep lasts one turn of the loop."""

    def __init__(self, now: datetime = NOW) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0.001)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_postgres)])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    settings = StoreSettings(url=f"sqlite:///{tmp_path / 'ivr.db'}", busy_seconds=0.2)
    if request.param == "postgresql":
        await _empty_postgres()
        settings = StoreSettings(url=POSTGRES, busy_seconds=5)
    opened = await with_tables(settings)
    yield opened
    await opened.close()


def write_stories(connection: Connection, stories: Iterable[Story]) -> None:
    told = list(stories)
    legs = [leg for story in told for leg in story.legs.values()]
    rows.write(connection, Batch([rows.call_row(s) for s in told], [rows.leg_row(leg) for leg in legs]))


async def put(database: Database, *stories: Story) -> None:
    await database.write(partial(write_stories, stories=stories))


def counting(
    database: Database, rules: Rules = RULES, settings: KpiSettings | None = None, **told: Any
) -> Intake:
    return Intake(database, settings or KpiSettings(), StillClock(), rules, **told)


async def count_all(database: Database, rules: Rules = RULES) -> int:
    return await counting(database, rules).work_off()


Contents = dict[str, list[tuple[Any, ...]]]


def _contents(connection: Connection) -> Contents:
    tables = (kpi_calls, kpi_talks, kpi_call_cells, kpi_talk_cells)
    return {table.name: sorted(tuple(row) for row in connection.execute(select(table))) for table in tables}


async def contents(database: Database) -> Contents:
    """All that has been counted."""
    return await database.read(_contents)
