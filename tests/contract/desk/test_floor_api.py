"""The operator's day over the API, on a real database and real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import ClientWebSocketResponse
from structlog.testing import capture_logs

from ivr.access.audit import Action, Audit, Selection
from ivr.access.model import Role, User
from ivr.access.settings import AuditSettings
from ivr.calls.legs import Leg, LegEnd, LegRole
from ivr.desk.floor import Floor
from ivr.desk.ports import Phone
from ivr.desk.settings import AgentsSettings, DeskSettings
from ivr.store import Database
from ivr.web.api.floor import FloorRoutes
from ivr.web.api.me import Me, SipLogin
from tests.contract.access.conftest import template  # noqa: F401  a fixture
from tests.contract.web.conftest import database, pages, with_users  # noqa: F401  fixtures
from tests.contract.web.site import PATIENT, USERS, Browser, Running, running
from tests.unit.desk.exchange import HOUR, FakeExchange, HandClock

SETTINGS = DeskSettings(agents=AgentsSettings(tick_seconds=HOUR))
QUEUES = {"clients": "Клиенты", "business": ""}
DEVICE = "PJSIP/op-201"


def sip_login(phone: Phone) -> SipLogin:
    name = phone.device.removeprefix("PJSIP/")
    return SipLogin(
        uri=f"sip:{name}@127.0.0.1", password="secret", websocket="ws://127.0.0.1/ws", realm="ivr"
    )


@dataclass
class Desk:
    """A floor with its API."""

    floor: Floor
    exchange: FakeExchange
    clock: HandClock
    site: Running

    async def settle(self) -> None:
        await self.floor._keeper.all_settled()

    def rings(self) -> Leg:
        leg = Leg(
            call_id="call", leg_id="leg", role=LegRole.QUEUE, device=DEVICE, agent="ivanova", queue="clients"
        )
        leg.rang_at = self.clock.now()
        self.floor.leg_changed(leg)
        return leg


async def opened(database: Database, exchange: FakeExchange, clock: HandClock) -> Floor:  # noqa: F811
    floor = Floor(
        database=database,
        settings=SETTINGS,
        switchboard=cast(Any, exchange),
        clock=clock,
        queues=QUEUES,
        wrap_up_norm=lambda call_id: None,
    )
    await floor.start()
    return floor


@pytest.fixture
async def desk(database: Database, pages: Path) -> AsyncIterator[Desk]:  # noqa: F811
    exchange, clock = FakeExchange(), HandClock()
    floor = await opened(database, exchange, clock)

    async def users() -> list[User]:
        return [*USERS, User(login="gone", name="Ушёл", role=Role.OPERATOR, active=False)]

    audit = Audit(database, AuditSettings(), clock)
    colleagues = FloorRoutes(floor, SETTINGS.agents, QUEUES, users, audit)
    routes = [*Me(floor, SETTINGS.agents, sip_login).routes(), *colleagues.routes()]
    async with running(database, pages, settings=PATIENT, routes=routes) as site:
        colleagues.publish(site.hub)
        yield Desk(floor, exchange, clock, site)
    await floor.close()


async def begun(desk: Desk) -> Browser:
    browser = await desk.site.signed_in("ivanova")
    await browser.ask("POST", "/api/me/phone", json={"kind": "browser"})
    desk.floor.phone_reachable(DEVICE, True)
    await browser.ask("PUT", "/api/me/state", json={"state": "ready"})
    return browser


async def event(socket: ClientWebSocketResponse, kind: str) -> Any:
    while True:
        told = await socket.receive_json(timeout=5)
        if told["type"] == kind:
            return told["data"]


async def test_before_work_he_is_absent_and_sees_what_he_may_choose(desk: Desk) -> None:
    browser = await desk.site.signed_in("ivanova")
    status, me = await browser.ask("GET", "/api/me")
    assert status == 200
    assert (me["agent"]["state"], me["agent"]["since"], me["phones"]) == (
        "offline",
        None,
        ["browser", "desk"],
    )
    assert {"id": "lunch", "title": "Обед"} in me["reasons"]
    status, told = await browser.ask("PUT", "/api/me/state", json={"state": "ready"})
    assert (status, told["error"]["code"]) == (409, "no-phone")


async def test_a_telephone_in_the_browser_learns_how_to_register(desk: Desk) -> None:
    browser = await desk.site.signed_in("ivanova")
    status, given = await browser.ask("POST", "/api/me/phone", json={"kind": "browser"})
    assert (status, given) == (
        200,
        {
            "kind": "browser",
            "extension": "201",
            "uri": "sip:op-201@127.0.0.1",
            "password": "secret",
            "websocket": "ws://127.0.0.1/ws",
            "realm": "ivr",
        },
    )
    _, given = await browser.ask("POST", "/api/me/phone", json={"kind": "desk"})
    assert (given["extension"], given["password"], given["uri"]) == ("201", "", "")


async def test_a_day(desk: Desk) -> None:
    browser = await begun(desk)
    await desk.settle()
    assert desk.exchange.members == {("clients", DEVICE): None}
    leg = desk.rings()
    leg.answered_at = desk.clock.pass_by(5)
    desk.floor.leg_changed(leg)
    leg.ended_at, leg.end = desk.clock.pass_by(60), LegEnd.CALLER
    desk.floor.leg_changed(leg)
    _, agent = await browser.ask("POST", "/api/me/wrap-up/prolong")
    assert (agent["state"], agent["call_id"], agent["prolongations"]) == ("wrap-up", "call", 1)
    _, agent = await browser.ask("PUT", "/api/me/state", json={"state": "paused", "reason": "lunch"})
    assert (agent["state"], agent["reason"], agent["reason_title"]) == ("paused", "lunch", "Обед")
    _, agent = await browser.ask("PUT", "/api/me/state", json={"state": "offline"})
    assert agent["state"] == "offline"
    await desk.settle()
    assert desk.exchange.members == {}


@pytest.mark.parametrize("reason", [None, "", "missed", "x" * 65])
async def test_a_pause_needs_a_reason_of_the_list(desk: Desk, reason: str | None) -> None:
    browser = await begun(desk)
    status, told = await browser.ask("PUT", "/api/me/state", json={"state": "paused", "reason": reason})
    assert (status, told["error"]["field"]) == (422, "reason")


async def test_who_has_no_workplace_takes_no_calls(desk: Desk) -> None:
    browser = await desk.site.signed_in("senior")
    status, told = await browser.ask("POST", "/api/me/phone", json={"kind": "browser"})
    assert (status, told["error"]["code"]) == (409, "no-workplace")


async def test_in_a_talk_the_telephone_stays(desk: Desk) -> None:
    browser = await begun(desk)
    desk.rings()
    status, told = await browser.ask("POST", "/api/me/phone", json={"kind": "desk"})
    assert (status, told["error"]["code"]) == (409, "in-talk")


async def test_colleagues_see_the_state_and_the_supervisor_the_call(desk: Desk) -> None:
    await begun(desk)
    desk.rings()
    _, seen = await (await desk.site.signed_in("petrova")).ask("GET", "/api/floor")
    assert [(each["login"], each["state"], each["call_id"]) for each in seen["agents"]] == [
        ("ivanova", "ringing", None)
    ]
    _, seen = await (await desk.site.signed_in("senior")).ask("GET", "/api/floor")
    assert seen["agents"][0]["call_id"] == "call"


async def test_a_supervisor_moves_a_colleague_and_an_operator_may_not(desk: Desk) -> None:
    await begun(desk)
    senior, colleague = await desk.site.signed_in("senior"), await desk.site.signed_in("petrova")
    state, pause = "/api/floor/ivanova/state", {"state": "paused", "reason": "lunch"}
    assert (await colleague.ask("PUT", state, json=pause))[0] == 403
    async with senior.events() as told:
        assert (await senior.ask("PUT", state, json=pause))[0] == 204
        agent = await event(told, "agent")
        assert (agent["login"], agent["state"], agent["reason_title"]) == ("ivanova", "paused", "Обед")
        assert (await senior.ask("PUT", state, json={"state": "ready"}))[0] == 204
        assert (await event(told, "agent"))["state"] == "ready"
        for _ in range(2):  # pressed twice
            assert (await senior.ask("PUT", state, json={"state": "offline"}))[0] == 204
        assert (await event(told, "agent"))["state"] == "offline"
    await desk.settle()
    assert desk.exchange.members == {}
    status, refused = await senior.ask("PUT", state, json={"state": "ready"})
    assert (status, refused["error"]["code"]) == (409, "not-signed-in")


async def test_what_a_supervisor_does_on_the_floor_is_put_down(desk: Desk) -> None:
    await begun(desk)
    senior = await desk.site.signed_in("senior")
    state = "/api/floor/ivanova/state"
    with capture_logs() as logs:
        await senior.ask("PUT", state, json={"state": "paused", "reason": "lunch"})
        await senior.ask("PUT", state, json={"state": "paused", "reason": "because"})  # refused
        await senior.ask("PUT", state, json={"state": "offline"})
        await senior.ask("GET", "/api/floor/people")
    found = await desk.site.access.audit.find(Selection(login="senior"))
    assert [(each.action, each.subject, each.what) for each in reversed(found)][1:] == [
        (Action.LED, "ivanova", "state paused lunch"),
        (Action.LED, "ivanova", "state offline"),
        (Action.VIEWED, "", "people"),
    ]
    led = [(line["by"], line["what"], line["whom"]) for line in logs if line["event"] == "desk.led"]
    assert led == [("senior", "state paused lunch", "ivanova"), ("senior", "state offline", "ivanova")]


async def test_a_colleague_is_paused_for_a_reason_of_the_list_and_after_his_talk(desk: Desk) -> None:
    own, senior = await begun(desk), await desk.site.signed_in("senior")
    leg = desk.rings()
    leg.answered_at = desk.clock.pass_by(5)
    desk.floor.leg_changed(leg)
    state = "/api/floor/ivanova/state"
    status, refused = await senior.ask("PUT", state, json={"state": "paused", "reason": "because"})
    assert (status, refused["error"]["field"]) == (422, "reason")
    assert (await senior.ask("PUT", state, json={"state": "paused", "reason": "lunch"}))[0] == 204
    assert (await own.ask("GET", "/api/me"))[1]["agent"]["state"] == "talking"
    leg.ended_at, leg.end = desk.clock.pass_by(60), LegEnd.CALLER
    desk.floor.leg_changed(leg)
    assert (await own.ask("GET", "/api/me"))[1]["agent"]["state"] == "wrap-up"


async def test_who_can_be_planned_is_told_signed_in_or_not(desk: Desk) -> None:
    senior = await desk.site.signed_in("senior")
    _, told = await senior.ask("GET", "/api/floor/people")
    assert [each["login"] for each in told["people"]] == ["ivanova", "petrova", "senior"]
    own = await desk.site.signed_in("ivanova")
    assert (await own.ask("GET", "/api/floor/people"))[0] == 403


async def test_an_administrator_is_no_operator(desk: Desk) -> None:
    boss = await desk.site.signed_in("boss")
    for method, path in (("GET", "/api/me"), ("POST", "/api/me/phone"), ("GET", "/api/floor")):
        assert (await boss.ask(method, path, json={"kind": "browser"}))[0] == 403


async def test_states_are_told_to_himself_and_the_supervisor_and_to_nobody_else(desk: Desk) -> None:
    own = await begun(desk)
    colleague, senior = await desk.site.signed_in("petrova"), await desk.site.signed_in("senior")
    async with own.events() as mine, colleague.events() as others, senior.events() as all_of_them:
        desk.rings()
        desk.floor.tick()
        assert (await event(mine, "agent"))["state"] == "ringing"
        assert (await event(all_of_them, "agent"))["state"] == "ringing"
        told = [await others.receive_json(timeout=5) for _ in range(2)]
        assert "agent" not in {each["type"] for each in told}


async def test_queues_are_told_when_they_change(desk: Desk) -> None:
    browser = await begun(desk)
    _, told = await browser.ask("GET", "/api/queues")
    assert [(each["queue"], each["title"], each["serving"]) for each in told["queues"]] == [
        ("clients", "Клиенты", 1),
        ("business", "business", 0),
    ]
    async with browser.events() as socket:
        desk.floor.caller_joined("clients", "call", desk.clock.now())
        desk.floor.tick()
        queues = (await event(socket, "queues"))["queues"]
        assert (queues[0]["waiting"], queues[0]["estimate_seconds"]) == (1, 180)


async def test_the_engine_starts_again_and_everything_is_as_it_was(
    desk: Desk,
    database: Database,  # noqa: F811
) -> None:
    await begun(desk)
    leg = desk.rings()
    leg.answered_at = desk.clock.pass_by(5)
    desk.floor.leg_changed(leg)
    before = desk.floor.agents()
    await desk.floor.close()
    again = await opened(database, desk.exchange, desk.clock)
    assert again.agents() == before
    await again.close()
