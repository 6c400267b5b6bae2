"""A stand-in of the server: the documented API, kept in memory, with faults on demand."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import mimetypes
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import WSCloseCode, web

from ivr.web.headers import page_policy
from tests.browser.stub import data, office
from tests.browser.stub.data import Json
from tests.browser.stub.sip import HOST, Exchange

PAGES = Path(__file__).parents[3] / "ivr" / "web" / "pages"
PASSWORD = "верный-пароль-1"
POLICY = page_policy(["ws://localhost:*"])


class Stub:
    """One operator's server.

    Attributes:
        taken: Every change that the page asked for: method, path, body.
        refusals: By method and path: status and error that the next such call gets.
        cut_off: Calls, by method and path, that are taken but whose next answer gets lost on its way.
        state: What `/workspace` tells.
        rights: Of the operator.
        asked_for: Every question: path and query.
        missed: Paths of what was asked while the server was away.
        request: The request that is opened.
        article: The one that every search finds.
        targets: To whom a call can be given.
        appointments: Those of the day.
        answers: What is told beside that, by method and path; a function is given query and body.
        after: What each step with a request changes of it, by the name of the step.
    """

    def __init__(self) -> None:
        self.signed_in = False
        self.rights = ["work"]
        self.must_change = False
        self.away = False
        self.taken: list[tuple[str, str, Any]] = []
        self.cut_off: list[tuple[str, str]] = []
        self.asked_for: list[str] = []
        self.missed: list[str] = []
        self.refusals: dict[tuple[str, str], tuple[int, Json]] = {}
        self.state: Json = {
            "me": data.agent(),
            "talk": None,
            "card": None,
            "time_zone": "Europe/Moscow",
            "dictionaries": data.dictionaries(),
            **data.lists(),
        }
        self.request = office.request()
        self.article = data.ARTICLE
        self.targets = data.TARGETS
        self.appointments = office.APPOINTMENTS
        self.after: dict[str, Json] = {}
        self.answers: dict[tuple[str, str], Any] = {}
        self.exchange: Exchange | None = None
        self.orders = 0
        self._sockets: set[web.WebSocketResponse] = set()
        self._seq = 0
        self._asked = asyncio.Event()
        self._connected = asyncio.Event()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/"

    # --- what a test does ---

    async def publish(self, type_: str, payload: Json) -> None:
        """Tell the open pages."""
        self._seq += 1
        for socket in list(self._sockets):
            await socket.send_str(self._frame(type_, payload))

    async def ring(self, card: Json, role: str = "queue", order_id: str | None = None) -> None:
        """A caller rings at the operator."""
        call_id, leg = card["call_id"], data.LEG
        talk = {"call_id": call_id, "leg_id": leg, "role": role, "queue": card["queue"], "order_id": order_id}
        self.state |= {"talk": {**talk, "stage": "ringing", "since": data.ago()}, "card": card}
        await self.set_agent("ringing", call_id=call_id, leg_id=leg)
        await self.publish("ring", {**talk, "card": card})

    async def talk(self, stage: str = "talking", **more: Any) -> None:
        """The talk goes on, or ends."""
        talk = {**self.state["talk"], "stage": stage, "since": data.ago(), **more}
        self.state["talk"] = None if stage == "ended" else talk
        after = "wrap-up" if stage == "ended" else "talking"
        await self.set_agent(after, call_id=talk["call_id"], until=data.ahead(seconds=60))
        await self.publish("talk", talk)

    async def set_agent(self, state: str, **more: Any) -> None:
        """The operator's state changed."""
        self.state["me"] = data.agent(
            state, **{"phone": self.state["me"]["phone"], "since": data.ago(), **more}
        )
        await self.publish("agent", self.state["me"])

    async def connected(self) -> None:
        """Some page listens to events."""
        await asyncio.wait_for(self._connected.wait(), 10)

    async def cut(self, code: int = WSCloseCode.GOING_AWAY) -> None:
        """Close the pages' sockets."""
        for socket in list(self._sockets):
            await socket.close(code=code)

    async def asked(self, method: str, path: str) -> Any:
        """The body of a call, once it has been asked."""
        async with asyncio.timeout(10):
            while True:
                for one in self.taken:
                    if one[:2] == (method, path):
                        return one[2]
                self._asked.clear()
                await self._asked.wait()

    async def asked_in_vain(self, path: str, times: int) -> None:
        """The page has asked so often while the server is away."""
        async with asyncio.timeout(10):
            while self.missed.count(path) < times:
                self._asked.clear()
                await self._asked.wait()

    # --- the server ---

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[Stub]:
        """Serve on a free port of the loopback."""
        app = web.Application()
        app.router.add_route("*", "/api/{path:.*}", self._api)
        app.router.add_get("/ws", self._sip)
        app.router.add_get("/{path:.*}", self._page)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            await self.cut()
            await runner.cleanup()

    async def _page(self, request: web.Request) -> web.StreamResponse:
        path = PAGES / (request.match_info["path"] or "index.html")
        if not path.is_file():
            raise web.HTTPNotFound
        return web.Response(
            body=content(path),
            content_type=mimetypes.guess_type(path)[0],
            charset="utf-8",
            headers={"Content-Security-Policy": POLICY, "Cache-Control": "max-age=3600"},
        )

    async def _api(self, request: web.Request) -> web.StreamResponse:
        path = "/" + request.match_info["path"]
        if self.away:
            self.missed.append(path)
            self._asked.set()
            return self._vanish(request)
        if path == "/session" and request.method == "POST":
            return self._sign_in(await request.json())
        if not self.signed_in:
            return refused(401, "signed-out", "Войдите")
        if path == "/events":
            return await self._events(request)
        return await self._call(request, path)

    async def _call(self, request: web.Request, path: str) -> web.StreamResponse:
        body = await _body(request)
        if request.method == "GET":
            self.asked_for.append(request.path_qs.removeprefix("/api"))
        else:
            self._note(request, path, body)
        if (refusal := self.refusals.pop((request.method, path), None)) is not None:
            return refused(refusal[0], **refusal[1])
        if (request.method, path) in self.cut_off:
            self.cut_off.remove((request.method, path))
            return self._vanish(request)
        if (request.method, path) in self.answers:
            answer = self.answers[request.method, path]
            told = answer(request.query, body) if callable(answer) else answer
            return web.Response(status=204) if told is None else web.json_response(told)
        is_step = request.method == "POST" and path.startswith("/requests/")
        was = self.state["me"]["state"]
        answer = self._step(path) if is_step else self._answer(request.method, path, body)
        if self.state["me"]["state"] != was:
            await self.publish("agent", self.state["me"])
        return web.Response(status=204) if answer is None else web.json_response(answer)

    def _vanish(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        raise web.HTTPServiceUnavailable

    def _note(self, request: web.Request, path: str, body: Any) -> None:
        if path != "/phone/lost":
            assert request.headers["X-CSRF-Token"] == data.session()["csrf"]
        self.taken.append((request.method, path, body))
        self._asked.set()

    def _sign_in(self, body: Json) -> web.Response:
        if body["password"] != PASSWORD:
            return refused(401, "wrong-password", "Логин или пароль не подходят. Проверьте раскладку.")
        self.signed_in = True
        return web.json_response(self._session())

    def _session(self) -> Json:
        return {**data.session(self.must_change), "rights": self.rights}

    def _answer(self, method: str, path: str, body: Any) -> Any:
        fixed: dict[tuple[str, str], Any] = {
            ("GET", "/session"): self._session(),
            ("GET", "/workspace"): self.state,
            ("GET", "/listening"): {"mine": None, "to_me": []},
            ("GET", "/previews"): {"campaigns": [], "mine": None},
            ("GET", "/kb/search"): {"articles": [self.article]},
            ("GET", f"/kb/articles/{data.ARTICLE['id']}"): self.article,
            ("GET", "/accounts"): {"accounts": data.FOUND, "more": True},
            ("GET", "/targets"): {"targets": self.targets},
            ("GET", "/requests"): {"requests": office.REQUESTS, "total": len(office.REQUESTS)},
            ("GET", "/bulletins/all"): {"bulletins": [office.BULLETIN]},
            ("GET", "/blocked"): {"blocked": [office.BLOCKED]},
            ("GET", "/shifts"): {"shifts": office.SHIFTS},
            ("GET", "/floor/people"): {"people": office.PEOPLE},
            ("GET", "/floor"): {"agents": [self.state["me"], *office.COLLEAGUES]},
            ("GET", "/requests/words"): office.WORDS,
            ("GET", "/clients/+79123456789/calls"): {"calls": office.EARLIER},
            ("GET", "/appointments"): {"appointments": self.appointments},
            ("GET", "/visits"): {"visits": office.VISITS},
            ("GET", "/visits/slots"): {
                "slots": [{"starts_at": data.ahead(hours=24), "window": "14:00-18:00"}]
            },
            ("POST", "/requests"): {"number": "2026-001190", "due_at": data.ahead(days=20)},
            ("POST", "/readings"): {"message": "Показания приняты за ноябрь."},
            ("GET", "/appointments/slots"): {"slots": [{"starts_at": data.ahead(hours=24)}]},
            ("GET", "/tasks/words"): {
                "channels": {"phone": "Телефон", "email": "Эл. почта"},
                "due_at": data.ahead(hours=20),
            },
        }
        if (method, path) in fixed:
            return fixed[method, path]
        if method == "GET":
            return self._tell(path)
        return self._do(path, body)

    def _tell(self, path: str) -> Any:
        if path.startswith("/requests/"):
            return self.request
        if path.startswith("/calls/"):
            return office.story(path.rpartition("/")[2])
        return {path[1:]: self.state[path[1:]]} if path[1:] in self.state else None

    def _step(self, path: str) -> Json:
        self.request = office.request(**self.after.get(path.rpartition("/")[2], {}))
        return self.request

    def _do(self, path: str, body: Any) -> Any:
        if path == "/session":
            self.signed_in = False
        elif path == "/password":
            self.must_change = False
        elif path == "/me/phone":
            self.state["me"] |= {"phone": {"kind": body["kind"], "extension": "201"}}
            return self._login(body["kind"])
        elif path == "/me/state":
            self.state["me"] = data.agent(
                body["state"], phone=self.state["me"]["phone"], reason=body.get("reason")
            )
            return self.state["me"]
        elif path.endswith(("/consult", "/call", "/calls")):
            self.orders += 1
            return {"order_id": f"order-{self.orders}", "call_id": f"call-{self.orders}"}
        elif path.endswith("/wrap-up"):
            self.state["me"] = data.agent("ready", phone=self.state["me"]["phone"])
        elif path.endswith("/identify"):
            self.state["card"]["identification"] = {"level": "identified"}
            return self.state["card"]
        return None

    def _login(self, kind: str) -> Json:
        websocket = f"ws://localhost:{self.port}/ws"
        login = {"uri": f"sip:op-201@{HOST}", "password": "p", "websocket": websocket, "realm": HOST}
        return {"kind": kind, "extension": "201", **(login if kind == "browser" else {})}

    async def _sip(self, request: web.Request) -> web.WebSocketResponse:
        assert self.exchange is not None
        return await self.exchange.serve(request)

    async def _events(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(self._frame("hello", {}))
        self._sockets.add(socket)
        self._connected.set()
        try:
            async for _ in socket:
                pass
        finally:
            self._sockets.discard(socket)
        return socket

    def _frame(self, type_: str, payload: Json) -> str:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        return json.dumps({"type": type_, "seq": self._seq, "epoch": "e1", "at": at, "data": payload})


async def _body(request: web.Request) -> Any:
    """JSON, or a file as it was sent."""
    if request.content_type == "application/octet-stream":
        return await request.read()
    raw = await request.text()
    return json.loads(raw) if raw else None


@functools.cache
def content(path: Path) -> bytes:
    """Files of the page, read once for all tests."""
    return path.read_bytes()


def refused(status: int, code: str, message: str, field: str | None = None) -> web.Response:
    """An error as the API tells it."""
    error = {"code": code, "message": message, "field": field}
    return web.json_response({"error": error}, status=status)
