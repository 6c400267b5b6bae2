"""Many operators: each with a session of his own, its live events, and a telephone on the desk."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from ivr.asterisk.config.secret import workplace_secret
from ivr.settings import Settings
from tests.real.softphone import Softphone, TelephoneCall, softphone
from tests.real.workspace.conftest import DeskCompany
from tests.real.workspace.staff import employ, operator
from tests.real.workspace.workplace import PASSWORD

ANSWER_SECONDS, TALK_SECONDS, TYPE_SECONDS = 0.3, 1.5, 0.5
WRAP_UP = {"topic": "payment.missing", "result": "answered"}


@dataclass(frozen=True, slots=True)
class Ring:
    """A session was told that the operator's telephone rings.

    Attributes:
        at: When, by the monotonic clock.
    """

    call_id: str
    leg_id: str
    at: float


@dataclass
class DeskOperator:
    """An operator whose page is played, with a telephone on the desk.

    Attributes:
        rings: All that his session was told of.
        late: From the INVITE at the telephone to the event at the session, seconds, for each ring.
        talked: Ids of the calls that he talked in and wrapped up.
        faults: What should not have happened.
    """

    login: str
    url: str
    phone: Softphone
    http: aiohttp.ClientSession
    rings: list[Ring] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    talked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _new: asyncio.Queue[Ring] = field(default_factory=asyncio.Queue)
    _ended: defaultdict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    _csrf: str = ""

    async def sign_in(self) -> None:
        """With the password, and at the telephone on the desk."""
        told = await self._ask("POST", "/session", {"login": self.login, "password": PASSWORD})
        self._csrf = told["csrf"]
        await self._ask("POST", "/me/phone", {"kind": "desk"})

    async def ready(self) -> None:
        """Take the next call."""
        await self._ask("PUT", "/me/state", {"state": "ready"})

    async def hear(self) -> None:
        """Note the live events until cancelled."""
        async with self.http.ws_connect(f"{self.url}/api/events", headers={"Origin": self.url}) as socket:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._note(json.loads(message.data))

    async def work(self) -> None:
        """Answer, talk and wrap up, call by call, until cancelled."""
        while True:
            call = await self.phone.rung(seconds=3600)
            rung_at = time.monotonic()
            async with asyncio.timeout(10):
                ring = await self._new.get()
            self.late.append(ring.at - rung_at)
            await self._talk(call, ring.call_id)
            await self._ask("POST", f"/calls/{ring.call_id}/wrap-up", WRAP_UP)
            self.talked.append(ring.call_id)

    async def _talk(self, call: TelephoneCall, call_id: str) -> None:
        """From the answer until the wrap-up is typed; no other ring may come meanwhile."""
        known = len(self.phone.calls)
        await asyncio.sleep(ANSWER_SECONDS)
        call.answer()
        await asyncio.sleep(TALK_SECONDS)
        call.hang_up()
        async with asyncio.timeout(20):
            await self._ended[call_id].wait()
        await asyncio.sleep(TYPE_SECONDS)
        if len(self.phone.calls) != known:
            self.faults.append(f"{self.login} was rung in a talk or in wrap-up")

    def _note(self, event: dict[str, Any]) -> None:
        data = event["data"]
        if event["type"] == "ring":
            ring = Ring(data["call_id"], data["leg_id"], time.monotonic())
            self.rings.append(ring)
            self._new.put_nowait(ring)
        elif event["type"] == "talk" and data["stage"] == "ended":
            self._ended[data["call_id"]].set()

    async def _ask(self, method: str, path: str, body: object) -> dict[str, Any]:
        headers = {"X-CSRF-Token": self._csrf}
        async with self.http.request(method, f"{self.url}/api{path}", json=body, headers=headers) as answer:
            assert answer.status < 300, (self.login, path, await answer.text())
            told: dict[str, Any] = await answer.json()
            return told


async def hire(settings: Settings, extensions: Iterable[str]) -> None:
    """Make an operator `op<extension>` for each workplace."""
    await employ(
        settings,
        [operator(f"op{extension}", f"Оператор {extension}", extension) for extension in extensions],
    )


@asynccontextmanager
async def at_work(company: DeskCompany, extension: str) -> AsyncIterator[DeskOperator]:
    """An operator who takes calls while the block runs; what broke his work is raised at its end."""
    settings = company.stack.settings.asterisk
    name = f"desk-{extension}"
    async with (
        softphone((company.sip.host, company.sip.port), name, 500) as phone,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http,
    ):
        await phone.register(name, workplace_secret(settings, name).get_secret_value())
        operator = DeskOperator(f"op{extension}", company.stack.url, phone, http)
        await operator.sign_in()
        tasks = [asyncio.create_task(operator.hear()), asyncio.create_task(operator.work())]
        await operator.ready()
        yield operator
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended
