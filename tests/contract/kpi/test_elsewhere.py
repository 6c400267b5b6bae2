"""Figures that are not sums over calls, from the rooms' own tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, func, insert, select

from ivr.desk.attendance import AgentStates
from ivr.desk.tables import agent_states
from ivr.kpi import cases
from ivr.kpi.attendance import days, occupancy, settle
from ivr.kpi.definitions import Value
from ivr.kpi.named import NAMES, Elsewhere, NoNetwork
from ivr.kpi.periods import Period
from ivr.kpi.profiles import load_profiles
from ivr.kpi.profiles.hours import Silence
from ivr.kpi.sums import Selection
from ivr.kpi.tables import kpi_staffed_days
from ivr.requests.tables import requests
from ivr.requests.workdays import Own, WorkCalendar
from ivr.satisfaction.opinions import SurveyOpinions
from ivr.store import Database
from tests.contract.kpi.conftest import counting

METRICS = Path(__file__).parents[3] / "metrics"
MOSCOW = ZoneInfo("Europe/Moscow")
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30), MOSCOW)
NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def request(number: int, registered: datetime, **told: Any) -> dict[str, Any]:
    blank: dict[str, Any] = {
        each.name: None if each.nullable else "" for each in requests.c if each.name != "id"
    }
    values = {
        "number": f"О-{number}",
        "kind": "question",
        "status": "registered",
        "registered_at": registered,
        "due_at": registered + 10 * DAY,
        "register_due_at": registered + DAY,
        "profile": "bryansk",
    }
    return {**blank, **values, **told}


async def figures(database: Database, *rows: dict[str, Any], **selected: Any) -> Mapping[str, Value]:
    if rows:
        await database.write(lambda connection: connection.execute(insert(requests), list(rows)).close())
    selection = Selection(period=NOVEMBER, **selected)
    return await database.read(partial(cases.figures, selection=selection, now=NOW, repeat_error_days=90))


def on(day: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, 10, 0, tzinfo=MOSCOW)


async def test_answers_in_time(database: Database) -> None:
    found = await figures(
        database,
        request(1, on(2), answered_at=on(5), status="answered"),
        request(2, on(3), answered_at=on(20), status="answered"),  # late
        request(3, on(4)),  # due on the 14th, never answered
        request(4, on(5), answered_at=on(6), status="withdrawn"),  # owed nobody an answer
        request(5, on(25)),  # due in December
        request(6, on(10, 10), due_at=on(30, 10), answered_at=on(2), status="answered"),  # due in October
        request(7, on(20), due_at=NOW + timedelta(hours=1)),  # due today, later
    )
    assert found["requests-in-time"] == Value(1 / 3, 3)
    assert found["requests-answer-days"].value == pytest.approx((3 + 17 + 23) / 3)


async def test_registered_in_time(database: Database) -> None:
    found = await figures(
        database,
        request(1, on(2)),
        request(2, on(3), register_due_at=on(2)),
        request(3, on(4), register_due_at=None),
        request(4, on(4, 10)),
    )
    assert found["requests-registered-in-time"] == Value(0.5, 2)


async def test_complaints(database: Database) -> None:
    complaint = {"kind": "complaint", "topic": "billing.wrong", "account_number": "77"}
    found = await figures(
        database,
        request(1, on(2), **complaint),
        request(2, on(20), **complaint),  # again
        request(3, on(21), **complaint | {"topic": "other"}),
        request(4, on(22), **complaint | {"account_number": ""}),  # nobody knows whose
        request(5, on(20, 10), **complaint | {"account_number": "88"}),
        request(6, on(1, 7), **complaint | {"account_number": "99"}),  # longer ago than counts
        request(7, on(3), **complaint | {"account_number": "99"}),
        request(8, on(4)),
    )
    assert found["complaints"] == Value(5, 5)
    assert found["complaints-change"] == Value(5.0, 5)  # one in October
    assert found["complaints-repeated"] == Value(1, 1)


async def test_requests_of_other_standards_are_left_out(database: Database) -> None:
    rows = [request(1, on(2)), request(2, on(2), profile="omsk", register_due_at=on(1))]
    await figures(database, *rows)
    found = await figures(database, profiles=("bryansk",))
    assert found["requests-registered-in-time"] == Value(1.0, 1)


async def test_nothing_is_known_of_an_empty_month(database: Database) -> None:
    found = await figures(database)
    assert found["requests-in-time"] == found["complaints-change"] == Value(None)
    assert found["complaints"] == Value(0, 0)


# --- operators ---


def spells(connection: Connection, *told: tuple[str, str, datetime, datetime | None]) -> None:
    rows = [{"login": a, "state": s, "since": since, "until": until} for a, s, since, until in told]
    connection.execute(insert(agent_states), rows)


def at(day: int, hour: float) -> datetime:
    return datetime(2026, 11, day, tzinfo=MOSCOW) + timedelta(hours=hour)


async def test_days_are_summed_up_once_they_are_over(database: Database) -> None:
    told = [
        ("anna", "ready", at(26, 8), at(26, 9)),
        ("anna", "talking", at(26, 9), at(26, 10)),
        ("anna", "ready", at(28, 8), at(28, 9)),
        ("anna", "talking", at(30, 8), None),
    ]
    await database.write(lambda connection: spells(connection, *told))
    job = partial(settle, zone=MOSCOW, now=NOW, states=AgentStates(), most=3)
    assert [await database.write(job) for _ in range(3)] == [3, 1, 0]  # 26th to 29th, not today
    kept = await database.read(
        lambda c: c.execute(select(func.count()).select_from(kpi_staffed_days)).scalar()
    )
    assert kept == 4
    found = await database.read(partial(days, period=NOVEMBER, now=NOW, states=AgentStates()))
    assert occupancy(found).value == pytest.approx(8 / 10)  # today's seven hours are read as they are
    await database.write(lambda connection: connection.execute(agent_states.delete()).close())
    again = await database.read(partial(days, period=NOVEMBER, now=NOW, states=AgentStates()))
    assert occupancy(again) == Value(0.3333333333333333, 1)


async def test_the_intake_sums_days_up(database: Database) -> None:
    await database.write(lambda connection: spells(connection, ("anna", "ready", at(26, 8), at(26, 9))))
    await counting(database, states=AgentStates()).work_off()
    days_kept = await database.read(
        lambda c: c.execute(select(func.count()).select_from(kpi_staffed_days)).scalar_one()
    )
    assert days_kept > 30  # until the day before that of the test's clock


async def test_all_names_are_counted(database: Database) -> None:
    elsewhere = Elsewhere(
        states=AgentStates(),
        calendar=WorkCalendar.load(METRICS / "calendars" / "ru.yaml", Own()),
        silence=Silence(),
        network=NoNetwork(),
        repeat_error_days=90,
        opinions=SurveyOpinions(),
    )
    profile = load_profiles(METRICS / "standards")["bryansk"]

    async def names(**selected: Any) -> set[str]:
        selection = Selection(period=NOVEMBER, **selected)
        job = partial(elsewhere.figures, selection=selection, profile=profile, now=NOW)
        return set(await database.read(job))

    assert await names() == set(NAMES)
    assert await names(agent="anna") == {"occupancy"}
    assert await names(topic="balance.debt") == set()
    asked = {name for name in NAMES if name.startswith(("survey-", "control-"))}
    assert await names(segment="private") == asked
