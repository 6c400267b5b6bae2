"""A web server with a site, its users, and browsers that behave well or badly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar
from pydantic import BaseModel, Field

from ivr.access.model import Right, Role, User
from ivr.access.service import Access
from ivr.desk.ports import CallNotThere, ExchangeAway
from ivr.store import Database, StoreUnavailable
from ivr.web.api.route import Asked, Refused, Route
from ivr.web.hub import Hub
from ivr.web.server import WebServer
from ivr.web.settings import EventSettings, LimitSettings, WebSettings
from ivr.web.site import Site, SiteParts
from tests.contract.access.conftest import CHEAP
from tests.unit.customers.samples import ClockByHand

PASSWORD = "синий трамвай у реки"
USERS = (
    User(login="ivanova", name="Анна Иванова", role=Role.OPERATOR, extension="201", skills=("clients",)),
    User(login="petrova", name="Вера Петрова", role=Role.OPERATOR, extension="202"),
    User(login="senior", name="Семён Старший", role=Role.SUPERVISOR),
    User(login="boss", name="Борис Петрович", role=Role.ADMINISTRATOR),
)
SETTINGS = WebSettings(
    port=0,
    limits=LimitSettings(body_bytes=4_096),
    events=EventSettings(beat_seconds=0.05, check_seconds=0.05, kept=50, queue=20),
    stop_seconds=0.5,
)
PATIENT = SETTINGS.model_copy(
    update={
        "limits": SETTINGS.limits.model_copy(update={"answer_seconds": 10.0, "body_bytes": 65_536}),
        "events": SETTINGS.events.model_copy(update={"beat_seconds": 10.0}),
    }
)
IMPATIENT = SETTINGS.model_copy(
    update={"limits": LimitSettings(read_seconds=0.2, answer_seconds=0.2, idle_seconds=1.0)}
)


class StillClock(ClockByHand):
    """Time stands unless it is moved on; who sleeps sleeps a moment of real time."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.05))


class Noted(BaseModel):
    text: str = Field(min_length=1, max_length=100)
    count: int = Field(1, ge=0, le=9)


class Wanted(BaseModel):
    q: str = ""
    tag: list[str] = []
    limit: int = Field(10, ge=1, le=100)


class Told(BaseModel):
    login: str
    path: dict[str, str]
    body: Noted | None = None
    query: Wanted | None = None


async def tell(asked: Asked) -> Told:
    return Told(login=asked.user.login, path=dict(asked.path), body=asked.body, query=asked.query)


async def fail(asked: Asked) -> None:
    match asked.path["how"]:
        case "refused":
            raise Refused(409, "slot-taken", "Это время уже занято.", "slot")
        case "gone":
            raise CallNotThere
        case "away":
            raise ExchangeAway
        case "store":
            raise StoreUnavailable("Locked.")
        case "slow":
            await asyncio.Event().wait()
        case "own-timeout":
            raise TimeoutError
        case _:
            raise ValueError("+74832000001")


ROUTES = (
    Route(method="GET", path="/things", title="All", right=Right.WORK, run=tell, query=Wanted, answer=Told),
    Route(
        method="POST",
        path="/things",
        title="Note",
        right=Right.WORK,
        run=tell,
        body=Noted,
        answer=Told,
        status=201,
    ),
    Route(method="GET", path="/things/{id}", title="One", right=Right.WORK, run=tell, answer=Told),
    Route(method="GET", path="/things/best", title="The best", right=Right.WORK, run=tell, answer=Told),
    Route(method="GET", path="/cards/{call_id}", title="A card", right=Right.CARDS, run=tell, answer=Told),
    Route(method="POST", path="/fail/{how}", title="Fail", right=Right.WORK, run=fail),
)


@dataclass
class Browser:
    """A browser with its cookies, at the pages of the server."""

    http: ClientSession
    url: str
    token: str = ""
    own: dict[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        return {"Origin": self.url, "Sec-Fetch-Site": "same-origin", "X-CSRF-Token": self.token} | self.own

    async def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **given: Any
    ) -> tuple[int, Any]:
        """Status and JSON of the answer; a header that is given as empty is not sent."""
        sent = {name: value for name, value in {**self.headers, **(headers or {})}.items() if value}
        async with self.http.request(method, f"{self.url}{path}", headers=sent, **given) as answer:
            text = await answer.text()
            is_json = answer.content_type == "application/json"
            return answer.status, (await answer.json()) if is_json and text else text

    async def sign_in(self, login: str, password: str = PASSWORD) -> Any:
        status, told = await self.ask("POST", "/api/session", json={"login": login, "password": password})
        assert status == 200, told
        self.token = told["csrf"]
        return told

    @asynccontextmanager
    async def events(self, query: str = "", **headers: str) -> AsyncIterator[ClientWebSocketResponse]:
        sent = {"Origin": self.url} | headers
        url = f"{self.url}/api/events{query}"
        async with self.http.ws_connect(url, headers=sent, heartbeat=None) as socket:
            yield socket

    @property
    def secret(self) -> str:
        return next(each.value for each in self.http.cookie_jar if each.key == "ivr_session")


@dataclass
class Running:
    """A server that runs."""

    web: WebServer
    access: Access
    hub: Hub
    clock: StillClock
    lost: list[str]
    scheme: str = "http"
    browsers: list[ClientSession] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.web.port}"

    def browser(self) -> Browser:
        http = ClientSession(cookie_jar=CookieJar(unsafe=True))
        self.browsers.append(http)
        return Browser(http, self.url)

    async def signed_in(self, login: str) -> Browser:
        made = self.browser()
        await made.sign_in(login)
        return made


async def add_users(database: Database) -> None:
    access = Access(database, CHEAP, StillClock())
    for user in USERS:
        await access.add(user, PASSWORD, by="setup", must_change=False)
    access.close()


@asynccontextmanager
async def running(
    database: Database,
    pages: Path,
    *,
    settings: WebSettings = SETTINGS,
    routes: Sequence[Route] = ROUTES,
) -> AsyncIterator[Running]:
    clock = StillClock()
    access = Access(database, CHEAP, clock)
    hub = Hub(settings.events, clock)
    lost: list[str] = []

    async def phone_lost(user: User) -> None:
        lost.append(user.login)

    parts = SiteParts(
        access=access,
        access_settings=CHEAP,
        hub=hub,
        clock=clock,
        routes=routes,
        phone_lost=phone_lost,
        phone_sockets=("ws://127.0.0.1:8088",),
        pages=pages,
    )
    server = WebServer(settings, exposition=lambda: b"x 1\n", checks={}, site=Site(settings, parts))
    scheme = "https" if settings.tls else "http"
    async with server as web:
        run = Running(web, access, hub, clock, lost, scheme)
        try:
            yield run
        finally:
            for browser in run.browsers:
                await browser.close()
    access.close()
