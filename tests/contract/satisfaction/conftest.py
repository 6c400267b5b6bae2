"""Surveys are kept on every database that the store supports."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from ivr.kpi.profiles import load_profiles
from ivr.satisfaction.model import NewReply, marks_of
from ivr.satisfaction.questionnaires import load_questionnaires
from ivr.satisfaction.service import Satisfaction
from ivr.satisfaction.settings import SatisfactionSettings
from ivr.store import Database, StoreSettings
from tests.contract.store.conftest import POSTGRES, _empty_postgres, needs_postgres
from tests.databases import with_tables
from tests.unit.customers.samples import ClockByHand

METRICS = Path(__file__).parents[3] / "metrics"
PROFILES = load_profiles(METRICS / "standards")
FOUND = load_questionnaires(METRICS / "questionnaires", PROFILES)


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
def clock() -> ClockByHand:
    """Tuesday, 24 November 2026, 10:00."""
    return ClockByHand()


@pytest.fixture
def room(database: Database, clock: ClockByHand) -> Satisfaction:
    return Satisfaction(
        database,
        SatisfactionSettings(),
        clock,
        questionnaires=FOUND,
        profiles=PROFILES,
        kept={"vladimir"},
        chance=random.Random(7),
    )


def reply(
    key: str, at: datetime, questionnaire: str = "vladimir-private", client: str | None = None, **answers: str
) -> NewReply:
    """One filled-in questionnaire."""
    return NewReply(
        key=key,
        client=client,
        way="telephone",
        answered_at=at,
        taken_by="anna",
        marks=marks_of(FOUND[questionnaire], answers),
    )
