"""Alarms through the API: who may, what is told, and the live event."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import BaseModel

from ivr.access.model import Right
from ivr.kpi.alarm_book import AlarmBook
from ivr.kpi.alarm_settings import AlarmSettings
from ivr.kpi.alarms import Finding, Name, at_most
from ivr.store import Database
from ivr.web.api import alarms
from ivr.web.api.events import Audience
from tests.contract.web.site import Running, StillClock, running


@dataclass
class Desk:
    site: Running
    book: AlarmBook
    told: list[tuple[str, BaseModel, Audience]]

    def publish(self, type: str, data: BaseModel, audience: Audience) -> None:
        self.told.append((type, data, audience))


@pytest.fixture
async def desk(database: Database, pages: Path) -> AsyncIterator[Desk]:
    clock = StillClock()
    book = AlarmBook(database, AlarmSettings(raise_seconds=0), clock)

    async def queue() -> Collection[Finding]:
        return [at_most(Name.QUEUE, "clients", 12.0, 10.0, 0.8)]

    book.watch("queue", queue)
    async with running(database, pages, routes=alarms.routes(book, clock)) as site:
        desk = Desk(site, book, [])
        alarms.publish(book, desk)
        await book.look()
        yield desk


async def test_a_supervisor_reads_and_has_seen_it(desk: Desk) -> None:
    senior = await desk.site.signed_in("senior")
    status, told = await senior.ask("GET", "/api/alarms")
    assert status == 200
    [alarm] = told["alarms"]
    assert (alarm["name"], alarm["about"], alarm["state"]) == ("queue", "clients", "raised")
    assert (alarm["value"], alarm["limit"], alarm["seen_by"]) == (12, 10, None)
    status, seen = await senior.ask("POST", f"/api/alarms/{alarm['id']}/seen")
    assert (status, seen["state"], seen["seen_by"]) == (200, "seen", "senior")
    status, refused = await senior.ask("POST", "/api/alarms/nothing/seen")
    assert (status, refused["error"]["code"]) == (404, "not-there")


async def test_operators_are_kept_away(desk: Desk) -> None:
    operator = await desk.site.signed_in("ivanova")
    [alarm] = desk.book.open
    assert (await operator.ask("GET", "/api/alarms"))[0] == 403
    assert (await operator.ask("POST", f"/api/alarms/{alarm.id}/seen"))[0] == 403


async def test_pages_of_those_who_lead_hear_of_it(desk: Desk) -> None:
    [alarm] = desk.book.open
    await desk.book.see(alarm.id, "senior")
    assert [type for type, _, _ in desk.told] == ["alarm", "alarm"]
    assert [data.model_dump()["state"] for _, data, _ in desk.told] == ["raised", "seen"]
    assert {audience.right for _, _, audience in desk.told} == {Right.DESK}
