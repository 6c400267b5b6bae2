"""An operator with a telephone on the desk: a real session of the page over HTTP and WebSocket, and SIP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from ivr.asterisk.config import workplace_secret
from tests.real.company import Company
from tests.real.softphone import Softphone, TelephoneCall, softphone
from tests.real.workspace.workplace import PASSWORD

Event = Mapping[str, Any]
WRAP_UP = {"topic": "payment.missing", "result": "answered"}
ANSWER_SECONDS, TALK_SECONDS, TYPE_SECONDS = 0.3, 1.5, 0.5
"""What each step takes an operator who works call by call."""
FIRST_PACKET = 40_000
"""Number of the first RTP packet. What lies above 32767 counts as lower than the robot's: a recording of the
caller's channel that goes on from the robot, and what is mixed into it meanwhile, loses the operator."""


@dataclass
class PageSession:
    """What the page does on the wire: signs in, listens to live events, comes back when they break off.

    Attributes:
        events: All that came, in order.
        connections: How often the live events were connected.
        csrf: Token of the session.
    """

    http: aiohttp.ClientSession
    url: str
    login: str
    events: list[Event] = field(default_factory=list)
    connections: int = 0
    csrf: str = ""
    _place: dict[str, str] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def sign_in(self, password: str = PASSWORD) -> int:
        """The status of the answer."""
        status, told = await self.ask("POST", "/session", {"login": self.login, "password": password})
        self.csrf = told.get("csrf", "")
        return status

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        """One call of the API: status and answer."""
        headers = {"X-CSRF-Token": self.csrf, "Origin": self.url}
        async with self.http.request(method, f"{self.url}/api{path}", json=body, headers=headers) as answer:
            return answer.status, (await answer.json() if answer.content_type == "application/json" else {})

    async def done(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """One that has to be carried out."""
        status, told = await self.ask(method, path, body)
        assert status < 300, (status, told)
        return told

    async def state(self) -> dict[str, Any]:
        """The operator, as the server has him now."""
        return dict((await self.done("GET", "/me"))["agent"])

    async def listen(self) -> None:
        """Take live events for ever."""
        while True:
            with suppress(aiohttp.ClientError, OSError):
                await self._connected()
            await asyncio.sleep(0.2)

    async def _connected(self) -> None:
        url = f"{self.url}/api/events"
        async with self.http.ws_connect(url, params=self._place, headers={"Origin": self.url}) as socket:
            self.connections += 1
            async for message in socket:
                event = message.json()
                if event["type"] != "hello" or not self._place:
                    self._place = {"after": str(event["seq"]), "epoch": event["epoch"]}
                self.events.append(event)
                self._news.set()

    async def until(self, wanted: str, seconds: float = 20, **data: object) -> Event:
        """The first event of this type with these data, from the beginning on."""
        seen = 0
        async with asyncio.timeout(seconds):
            while True:
                for event in self.events[seen:]:
                    told = event.get("data") or {}
                    if event["type"] == wanted and all(told.get(key) == value for key, value in data.items()):
                        return event
                seen = len(self.events)
                self._news.clear()
                await self._news.wait()

    async def until_state(self, state: str, seconds: float = 20) -> dict[str, Any]:
        """Wait until the server has the operator in this state."""
        async with asyncio.timeout(seconds):
            while True:
                with suppress(aiohttp.ClientError, AssertionError):
                    agent = await self.state()
                    if agent["state"] == state:
                        return agent
                await asyncio.sleep(0.1)


@dataclass
class DeskWorker:
    """An operator with a session and a telephone."""

    page: PageSession
    phone: Softphone

    async def rung(self, seconds: float = 20) -> tuple[TelephoneCall, str]:
        """Wait until the telephone rings and the page tells of it; the call's id beside."""
        call = await self.phone.rung(seconds)
        call_id = call.invite["x-ivr-call"]
        await self.page.until("ring", call_id=call_id)
        return call, call_id

    async def taken(self, seconds: float = 20) -> tuple[TelephoneCall, str]:
        """Wait until it rings, and answer."""
        call, call_id = await self.rung(seconds)
        call.answer()
        return call, call_id

    async def ready(self) -> None:
        """Take the next call."""
        await self.page.done("PUT", "/me/state", {"state": "ready"})

    async def pause(self) -> None:
        """Take none."""
        await self.page.done("PUT", "/me/state", {"state": "paused", "reason": "break"})

    async def wrap_up(self, call_id: str) -> None:
        """After the talk: write down what it was about, and take no more calls."""
        agent = await self.page.until_state("wrap-up")
        assert agent["call_id"] == call_id
        await self.pause()
        await self.page.done("POST", f"/calls/{call_id}/wrap-up", WRAP_UP)


@dataclass
class Shift:
    """An operator who answers, talks and wraps up, call by call.

    Attributes:
        late: From the INVITE at the telephone to the event at the session, seconds, for each ring.
        talked: Ids of the calls that he talked in and wrapped up.
        faults: What should not have happened.
    """

    worker: DeskWorker
    late: list[float] = field(default_factory=list)
    talked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    async def work(self) -> None:
        """Until cancelled."""
        page = self.worker.page
        await self.worker.ready()
        while True:
            call = await self.worker.phone.rung(seconds=3600)
            rung_at, call_id = time.monotonic(), call.invite["x-ivr-call"]
            await page.until("ring", call_id=call_id)
            self.late.append(time.monotonic() - rung_at)
            await self._talk(call, call_id)
            await page.done("POST", f"/calls/{call_id}/wrap-up", WRAP_UP)
            self.talked.append(call_id)

    async def _talk(self, call: TelephoneCall, call_id: str) -> None:
        """From the answer until the wrap-up is typed; no other ring may come meanwhile."""
        known = len(self.worker.phone.calls)
        await asyncio.sleep(ANSWER_SECONDS)
        call.answer()
        await asyncio.sleep(TALK_SECONDS)
        call.hang_up()
        await self.worker.page.until("talk", call_id=call_id, stage="ended")
        await asyncio.sleep(TYPE_SECONDS)
        if len(self.worker.phone.calls) != known:
            self.faults.append(f"{self.worker.page.login} was rung in a talk or in wrap-up")


@asynccontextmanager
async def page_session(company: Company, login: str) -> AsyncIterator[PageSession]:
    """A session that is not signed in yet."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        yield PageSession(http, company.stack.url, login)


@asynccontextmanager
async def desk_worker(company: Company, login: str, extension: str, hertz: int) -> AsyncIterator[DeskWorker]:
    """Signed in with a telephone that is registered, in the pause that begins a shift."""
    user = f"desk-{extension}"
    async with AsyncExitStack() as open_:
        page = await open_.enter_async_context(page_session(company, login))
        sip = company.sip
        telephone = softphone((sip.host, sip.port), user, hertz, first_packet=FIRST_PACKET)
        phone = await open_.enter_async_context(telephone)
        secret = await asyncio.to_thread(workplace_secret, company.stack.settings.asterisk, user)
        await phone.register(user, secret.get_secret_value())
        assert await page.sign_in() == 200
        listening = asyncio.create_task(page.listen())
        open_.callback(listening.cancel)
        await page.done("POST", "/me/phone", {"kind": "desk"})
        await page.until("hello")
        yield DeskWorker(page, phone)


@asynccontextmanager
async def shift(company: Company, login: str, extension: str, hertz: int) -> AsyncIterator[Shift]:
    """An operator who takes calls while the block runs; what broke his work is raised at its end."""
    async with desk_worker(company, login, extension, hertz) as worker:
        worked = Shift(worker)
        working = asyncio.create_task(worked.work())
        yield worked
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
