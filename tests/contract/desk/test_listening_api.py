"""Listening to talks over the API: who may, whom he is told of, and who is told of him."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from ivr.desk.ports_listening import ListenMode
from ivr.store import Database
from ivr.web.api.events import Audience
from ivr.web.api.listening import ListeningRoutes
from tests.contract.access.conftest import template  # noqa: F401  a fixture
from tests.contract.desk.test_floor_api import event
from tests.contract.web.conftest import database, pages, with_users  # noqa: F401  fixtures
from tests.contract.web.site import PATIENT, Running, running
from tests.unit.desk.test_listening import ANNA, CHIEF, Office

LISTEN = "/api/floor/ivanova/listen"


class Nothing(BaseModel):
    """A mark in the stream of events."""


NAMES = {"ivanova": "Анна Иванова", "senior": "Семён Старший"}


@dataclass
class Room:
    """The supervisor `senior` has a telephone, the operator `ivanova` talks."""

    office: Office
    site: Running


Opened = Callable[[bool], AbstractAsyncContextManager[Room]]


@pytest.fixture
def opened(database: Database, pages: Path) -> Opened:  # noqa: F811
    @asynccontextmanager
    async def opened(tell_operator: bool) -> AsyncIterator[Room]:
        office = Office()
        office.people = {
            "senior": replace(office.people[CHIEF], login="senior"),
            "ivanova": replace(office.people[ANNA], login="ivanova"),
        }
        office.known[0].agent = "ivanova"
        routes = ListeningRoutes(
            listening=office.listening, name=lambda login: NAMES[login], tell_operator=tell_operator
        )
        async with running(database, pages, settings=PATIENT, routes=routes.routes()) as site:
            routes.publish(site.hub)
            yield Room(office, site)
        await office.listening.close()
        office.store.engine.dispose()

    return opened


async def _told(room: Room, login: str) -> Any:
    browser = await room.site.signed_in(login)
    return (await browser.ask("GET", "/api/listening"))[1]


async def test_supervisor_and_operator_are_told(opened: Opened) -> None:
    async with opened(True) as room:
        chief, operator = await room.site.signed_in("senior"), await room.site.signed_in("ivanova")
        async with operator.events() as socket:
            status, made = await chief.ask("POST", LISTEN, json={"mode": "whisper"})
            assert (status, made["stage"], made["agent_name"]) == (201, "ringing", "Анна Иванова")
            told = await event(socket, "listening")
            assert (told["listener_name"], told["mode"], told["over"]) == ("Семён Старший", "whisper", False)
        room.office.listening.began(made["order_id"])
        status, changed = await chief.ask("PUT", LISTEN, json={"mode": "join"})
        assert (status, changed["mode"], changed["stage"]) == (200, "join", "hearing")
        assert (await _told(room, "senior"))["mine"]["order_id"] == made["order_id"]
        assert [one["listener"] for one in (await _told(room, "ivanova"))["to_me"]] == ["senior"]
        assert (await chief.ask("DELETE", LISTEN))[0] == 204
        assert room.office.post.done[-1] == ("stop", made["order_id"])
        assert room.office.store.audited()[0] == ("senior", "ivanova", "talk whisper")


async def test_where_the_company_does_not_tell_the_operator_he_is_not_told(opened: Opened) -> None:
    async with opened(False) as room:
        chief, operator = await room.site.signed_in("senior"), await room.site.signed_in("ivanova")
        async with operator.events() as socket, chief.events() as own:
            await chief.ask("POST", LISTEN, json={})
            assert (await event(own, "listening"))["mode"] == ListenMode.LISTEN
            room.site.hub.publish("mark", Nothing(), Audience())
            seen: list[str] = []
            while "mark" not in seen:
                seen.append((await socket.receive_json(timeout=5))["type"])
            assert "listening" not in seen
        assert await _told(room, "ivanova") == {"mine": None, "to_me": []}


async def test_who_may_not_and_what_is_refused(opened: Opened) -> None:
    async with opened(True) as room:
        operator, chief = await room.site.signed_in("ivanova"), await room.site.signed_in("senior")
        assert (await operator.ask("POST", "/api/floor/petrova/listen", json={}))[0] == 403
        status, told = await chief.ask("PUT", LISTEN, json={"mode": "join"})
        assert (status, told["error"]["code"]) == (409, "not-listening")
        status, told = await chief.ask("POST", "/api/floor/senior/listen", json={})
        assert (status, told["error"]["code"]) == (422, "own-talk")
        status, told = await chief.ask("POST", LISTEN, json={"mode": "shout"})
        assert status == 422
        del room.office.people["senior"]
        status, told = await chief.ask("POST", LISTEN, json={})
        assert (status, told["error"]["code"]) == (409, "no-telephone")
        assert "начните смену" in told["error"]["message"]
