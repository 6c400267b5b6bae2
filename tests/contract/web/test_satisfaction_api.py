"""Surveys and control calls through the API: figures, waves, answers by file and by operators."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ivr.access.audit import Selection
from ivr.requests.workdays import Own, WorkCalendar
from ivr.satisfaction.asking import AskedByOperators
from ivr.satisfaction.control import ControlResults
from ivr.satisfaction.service import Satisfaction
from ivr.satisfaction.settings import SatisfactionSettings
from ivr.store import Database
from ivr.web.api import control_calls
from ivr.web.api.leading import Leading
from ivr.web.api.satisfaction import SatisfactionRoutes
from tests.contract.satisfaction.conftest import FOUND, METRICS, PROFILES
from tests.contract.satisfaction.test_control import House
from tests.contract.web.site import PATIENT, Browser, Running, StillClock, running
from tests.unit.customers.samples import MOSCOW

PERIOD = "?from=2026-11-01&to=2026-11-30"
SHEET = """key;answered_at;client;overall;recommend;wishes
1;2026-11-20 14:30;320145678;5;10;Мой номер 89101234567, перезвоните
2;2026-11-20 14:31;;2;3;
3;2026-11-20 14:32;;9;3;
"""


@dataclass
class Room:
    site: Running
    house: House


@pytest.fixture
async def room(database: Database, pages: Path) -> AsyncIterator[Room]:
    clock = StillClock()
    house = House(database, clock)
    settings = SatisfactionSettings()
    async with running(database, pages, settings=PATIENT) as bare:
        audit = bare.access.audit
    routes = SatisfactionRoutes(
        room=Satisfaction(
            database,
            settings,
            clock,
            questionnaires=FOUND,
            profiles=PROFILES,
            kept={"omsk", "vladimir"},
            chance=random.Random(1),
        ),
        by_operators=AskedByOperators(database, clock, MOSCOW),
        database=database,
        settings=settings,
        calendar=WorkCalendar.load(METRICS / "calendars" / "ru.yaml", Own()),
        leading=Leading(audit),
        clock=clock,
    ).routes()
    control = ControlResults(database, settings, clock, house.requests.cases)
    routes += control_calls.routes(control)
    async with running(database, pages, settings=PATIENT, routes=routes) as run:
        yield Room(run, house)


@pytest.fixture
async def senior(room: Room) -> Browser:
    return await room.site.signed_in("senior")


async def opened(browser: Browser, questionnaire: str = "vladimir-private") -> int:
    status, wave = await browser.ask("POST", "/api/satisfaction/waves", json={"questionnaire": questionnaire})
    assert status == 201
    return int(wave["id"])


async def test_what_is_due_comes_with_its_clause(senior: Browser) -> None:
    status, told = await senior.ask("GET", "/api/satisfaction/waves")
    assert status == 200
    due = {
        each["questionnaire"]: (each["standing"], each["clause"], each["last_day"])
        for each in told["planned"]
    }
    assert due["omsk-web"] == ("due", "5.2", "2026-11-30")
    assert due["vladimir-private"] == ("due", "гл. 6", "2026-12-31")
    wave = await opened(senior, "omsk-web")
    await senior.ask(
        "POST", f"/api/satisfaction/waves/{wave}/replies", json={"key": "1", "answers": {"overall": "5"}}
    )
    await senior.ask("POST", f"/api/satisfaction/waves/{wave}/close")
    _, told = await senior.ask("GET", "/api/satisfaction/waves")
    (web,) = [each for each in told["planned"] if each["questionnaire"] == "omsk-web"]
    assert (web["standing"], web["wave"]["answers"]) == ("done", 1)
    assert web["act_until"] == "2026-12-23"  # 21 working days after 24 November


async def test_a_file_becomes_figures_and_words_without_numbers(room: Room, senior: Browser) -> None:
    wave = await opened(senior)
    status, done = await senior.ask("POST", f"/api/satisfaction/waves/{wave}/import", json={"csv": SHEET})
    assert (status, done["added"], done["bad"]) == (200, 2, [{"line": 4, "column": "overall"}])
    _, again = await senior.ask("POST", f"/api/satisfaction/waves/{wave}/import", json={"csv": SHEET})
    assert (again["added"], again["unchanged"]) == (0, 2)
    status, told = await senior.ask("GET", f"/api/satisfaction/results{PERIOD}")
    assert status == 200
    (group,) = told["groups"]
    assert (group["source"], group["segment"], group["answers"]) == ("vladimir-private", "private", 2)
    assert (group["csat"]["value"], group["csat"]["few"], group["nps"]["value"]) == (0.5, True, 0)
    (comment,) = told["comments"]
    assert comment["score"] == 5
    assert "89101234567" not in comment["words"]
    assert "перезвоните" in comment["words"]
    found = await room.site.access.audit.find(Selection(login="senior"))
    assert "comments of clients" in {each.what for each in found}
    _, one = await senior.ask("GET", f"/api/satisfaction/questionnaires/vladimir-private{PERIOD}")
    counts = {each["id"]: each["counts"] for each in one["questions"]}
    assert counts["recommend"] == {"10": 1, "3": 1}
    assert [(each["first_day"], each["answers"]) for each in one["history"]] == [("2026-07-01", 2)]
    _, none = await senior.ask("GET", f"/api/satisfaction/results{PERIOD}&segment=corporate")
    assert none["groups"] == none["comments"] == []


async def test_an_operator_takes_answers_and_closes_control_calls(room: Room, senior: Browser) -> None:
    wave = await opened(senior)
    anna = await room.site.signed_in("ivanova")
    answers = {"key": "c-1", "client": "320145678", "answers": {"overall": "4", "solved": "да"}}
    path = f"/api/satisfaction/waves/{wave}/replies"
    assert (await anna.ask("POST", path, json=answers))[1] == {"saved": "added"}
    assert (await anna.ask("POST", path, json={**answers, "key": "c-2"}))[1] == {"saved": "twice"}
    status, fault = await anna.ask("POST", path, json={"key": "c-3", "answers": {"overall": "7"}})
    assert (status, fault["error"]["code"]) == (422, "bad-answer")
    assert (await anna.ask("GET", "/api/satisfaction/waves"))[0] == 403

    number, task = await room.house.complaint("1")
    status, fault = await senior.ask("POST", f"/api/tasks/{task}/control", json={"reached": True})
    assert (status, fault["error"]["code"]) == (422, "no-answer")
    result: dict[str, Any] = {"reached": True, "satisfied": "no", "score": 1, "words": "Не исправили"}
    assert (await anna.ask("POST", f"/api/tasks/{task}/control", json=result))[0] == 403  # not hers
    status, done = await senior.ask("POST", f"/api/tasks/{task}/control", json=result)
    assert status == 200
    assert done["continued_as"] not in (None, number)
    assert (await senior.ask("POST", f"/api/tasks/{task}/control", json=result))[0] == 409
    _, told = await senior.ask("GET", f"/api/satisfaction/results{PERIOD}")
    assert told["control"]["continued"] == 1
    assert told["control_calls"][0]["continued_as"] == done["continued_as"]


async def test_what_is_not_there_or_closed_is_told_in_words(senior: Browser) -> None:
    status, fault = await senior.ask("POST", "/api/satisfaction/waves", json={"questionnaire": "nothing"})
    assert (status, fault["error"]["code"]) == (404, "not-there")
    wave = await opened(senior)
    await senior.ask("POST", f"/api/satisfaction/waves/{wave}/close")
    status, fault = await senior.ask(
        "POST", f"/api/satisfaction/waves/{wave}/draw", json={"among": "callers"}
    )
    assert (status, fault["error"]["code"]) == (409, "closed")
    status, fault = await senior.ask("GET", "/api/satisfaction/results?from=2026-11-30&to=2026-11-01")
    assert (status, fault["error"]["code"]) == (422, "bad-period")
