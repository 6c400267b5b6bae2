"""Talks through the API: who may, what is refused in which words, what the page is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ivr.access.model import Role, User
from ivr.desk.model import AgentState
from ivr.desk.ports import Target, TargetKind
from ivr.desk.talks import Why
from ivr.store import Database
from ivr.web.api import talks
from tests.contract.access.conftest import template  # noqa: F401  a fixture
from tests.contract.web.conftest import database, pages, with_users  # noqa: F401  fixtures
from tests.contract.web.site import Browser, Running, running
from tests.unit.desk.talking import CALL, Scene, agent

ANNA = User(login="ivanova", name="Анна Иванова", role=Role.OPERATOR, extension="201")
VERA = User(login="petrova", name="Вера Петрова", role=Role.OPERATOR, extension="202")


@dataclass
class Desk:
    """A server with talks behind it, Anna signed in and in a talk."""

    scene: Scene
    site: Running
    anna: Browser


@pytest.fixture
async def desk(database: Database, pages: Path) -> AsyncIterator[Desk]:  # noqa: F811
    scene = Scene()
    scene.floor.agents = {one.login: agent(one) for one in (ANNA, VERA)}
    async with running(database, pages, routes=talks.routes(scene.talks)) as site:
        scene.leg("ivanova")
        yield Desk(scene, site, await site.signed_in("ivanova"))
    await scene.pauses.close()


async def test_a_consultation_tells_its_order(desk: Desk) -> None:
    status, told = await desk.anna.ask(
        "POST", f"/api/calls/{CALL}/consult", json={"target": {"kind": "colleague", "value": "petrova"}}
    )
    assert status == 200
    [asked] = desk.scene.board.asked
    assert asked[3] == told["order_id"]
    assert asked[4] == Target(TargetKind.COLLEAGUE, "petrova")


@pytest.mark.parametrize("name", ["withdraw", "hang-up", "silent"])
async def test_deeds_without_details(desk: Desk, name: str) -> None:
    status, _told = await desk.anna.ask("POST", f"/api/calls/{CALL}/{name}", json={})
    assert status == 204
    assert len(desk.scene.board.asked) == 1


async def test_another_operator_can_do_nothing_with_the_call(desk: Desk) -> None:
    vera = await desk.site.signed_in("petrova")
    for name, body in (
        ("hang-up", {}),
        ("complete", {}),
        ("conference", {}),
        ("recording", {"on": False}),
        ("abusive", {"step": "end"}),
        ("transfer", {"target": {"kind": "queue", "value": "clients"}}),
    ):
        status, told = await vera.ask("POST", f"/api/calls/{CALL}/{name}", json=body)
        assert (status, told["error"]["code"]) == (403, "not-in-talk")
    assert desk.scene.board.asked == []


async def test_who_takes_no_calls_is_refused_before_anything_is_looked_at(desk: Desk) -> None:
    boss = await desk.site.signed_in("boss")
    status, _told = await boss.ask("POST", f"/api/calls/{CALL}/hang-up", json={})
    assert status == 403
    assert desk.scene.board.asked == []


async def test_a_refusal_names_the_field_and_says_how_to_go_on(desk: Desk) -> None:
    body = {"target": {"kind": "outside", "value": "+1 202 555 0123"}}
    status, told = await desk.anna.ask("POST", f"/api/calls/{CALL}/transfer", json=body)
    assert status == 422
    assert told["error"]["code"] == "number-refused"
    assert told["error"]["field"] == "target"
    assert "номер" in told["error"]["message"]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("consult", {}),
        ("consult", {"target": {"kind": "moon", "value": "x"}}),
        ("transfer", {"target": {"kind": "queue", "value": ""}}),
        ("recording", {"on": "perhaps"}),
        ("abusive", {"step": "shout"}),
        ("hang-up", {"leg_id": "n-1.9"}),
    ],
)
async def test_malformed_deeds_are_refused(desk: Desk, name: str, body: dict[str, object]) -> None:
    status, _told = await desk.anna.ask("POST", f"/api/calls/{CALL}/{name}", json=body)
    assert status == 422
    assert desk.scene.board.asked == []


async def test_calling_out_tells_order_and_call(desk: Desk) -> None:
    body = {"number": "8 (483) 262-22-22", "about": {"kind": "card", "id": CALL}, "key": "press-0001"}
    status, told = await desk.anna.ask("POST", "/api/calls", json=body)
    assert status == 200
    [order] = desk.scene.paper.orders
    assert told == {"order_id": order.order_id, "call_id": order.call_id}
    _, again = await desk.anna.ask("POST", "/api/calls", json=body)
    assert again == told
    assert len(desk.scene.board.asked) == 1


async def test_targets_are_told_with_who_is_free(desk: Desk) -> None:
    desk.scene.floor.agents["petrova"] = agent(VERA, AgentState.TALKING)
    _status, told = await desk.anna.ask("GET", "/api/targets?q=вера")
    assert told == {
        "targets": [{"kind": "colleague", "value": "petrova", "title": "Вера Петрова", "free": False}]
    }


def test_every_refusal_has_words() -> None:
    assert set(talks._WORDS) == set(Why)
