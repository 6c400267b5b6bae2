"""The frame of the API: what happens to every request before and after the code that answers it.

Order: origin → session → limits of the user → token → right → form of the request → the handler, with a
limit of time → the answer. What goes wrong is an error as `ivr.web.wire` writes it; of an exception that
nobody expected the person gets a number that stands in the log, and nothing else.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog
from aiohttp import web
from pydantic import BaseModel

from ivr.access.sessions import Holder
from ivr.desk.ports import CallNotThere, ExchangeAway
from ivr.store import StoreUnavailable
from ivr.web import streaming, uploads, wording
from ivr.web.api.route import Answer, Asked, Flow, Ranged, Refused, Route
from ivr.web.gate import Gate
from ivr.web.settings import LimitSettings
from ivr.web.wire import answer, is_clean, read_body, read_query, refusal

log = structlog.get_logger(__name__)

BASE = "/api"
_LONGEST_PART = 200
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Direct:
    """A call of the API that works on the HTTP request itself: signing in, WebSocket, documents.

    Attributes:
        method, path, title, body, answer, status: As of a `Route`.
        run: Does everything by itself but turning a `Refused` into JSON.
        signed_in: Whether a session is needed, for the document.
    """

    method: str
    path: str
    title: str
    run: Handler
    body: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    signed_in: bool = True


class Frame:
    """Turns routes into handlers of aiohttp."""

    def __init__(self, gate: Gate, limits: LimitSettings) -> None:
        self._gate = gate
        self._limits = limits

    def register(
        self, application: web.Application, routes: Sequence[Route], direct: Sequence[Direct]
    ) -> None:
        """Add them to an application; of two paths that fit, the one with fewer variables is taken.

        Raises:
            ValueError: Two of them are the same.
        """
        handlers: list[tuple[str, str, Handler]] = [(each.method, each.path, each.run) for each in direct]
        handlers += [(each.method, each.path, self._handler(each)) for each in routes]
        places = [(method, path) for method, path, _ in handlers]
        doubled = {place for place in places if places.count(place) > 1}
        if doubled:
            raise ValueError(f"declared twice: {sorted(doubled)}")
        for method, path, handler in sorted(handlers, key=lambda each: (_variables(each[1]), each[1])):
            application.router.add_route(method, BASE + path, handler)

    def _handler(self, route: Route) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            self._gate.require_origin(request)
            holder = await self._gate.holder(request)
            if route.method in _UNSAFE:
                self._gate.require_token(request)
            await self._gate.require(request, holder, route.right)
            asked = await self._asked(route, request, holder)
            made = await self._made(route, request, asked)
            if isinstance(made, Ranged | Flow):
                return await streaming.send(request, made, self._limits.idle_seconds)
            return answer(made, route.status)

        return handle

    async def _asked(self, route: Route, request: web.Request, holder: Holder) -> Asked:
        return Asked(
            user=holder.user,
            session_id=holder.session.id,
            path=_parts(request.match_info),
            body=route.body and await read_body(request, route.body, self._limits),
            query=route.query and read_query(request, route.query),
        )

    async def _made(self, route: Route, request: web.Request, asked: Asked) -> Answer:
        if not route.upload:
            return await self._run(route, asked)
        async with uploads.received(request, route.upload, self._limits.read_seconds) as file:
            return await self._run(route, replace(asked, body=file))

    async def _run(self, route: Route, asked: Asked) -> Answer:
        limit = asyncio.timeout(self._limits.answer_seconds)
        try:
            async with limit:
                return await route.run(asked)
        except TimeoutError:
            if not limit.expired():
                raise
            log.error("api.slow", method=route.method, path=route.path)
            raise Refused(503, "slow", wording.NO_ANSWER) from None


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn everything that goes wrong below `/api` into one form."""
    try:
        return await handler(request)
    except Refused as refused:
        return refusal(refused)
    except web.HTTPException as error:
        if not request.path.startswith(f"{BASE}/") or error.status < web.HTTPBadRequest.status_code:
            raise
        return _of_aiohttp(error)
    except (StoreUnavailable, CallNotThere, ExchangeAway) as known:
        log.warning("api.unavailable", error=type(known).__name__)
        return refusal(_known(known))
    except Exception:
        incident = secrets.token_hex(4)
        resource = request.match_info.route.resource
        path = resource.canonical if resource is not None else "?"
        log.exception("api.failed", incident=incident, method=request.method, path=path)
        return refusal(Refused(500, "failed", wording.FAILED.format(incident=incident)))


def _known(error: Exception) -> Refused:
    if isinstance(error, CallNotThere):
        return Refused(409, "call-gone", wording.CALL_GONE)
    if isinstance(error, ExchangeAway):
        return Refused(503, "exchange-away", wording.EXCHANGE_AWAY)
    return Refused(503, "store-away", wording.STORE_AWAY)


def _of_aiohttp(error: web.HTTPException) -> web.Response:
    found = {404: ("not-found", wording.NOT_FOUND), 405: ("wrong-method", wording.WRONG_METHOD)}
    code, message = found.get(error.status, ("not-readable", wording.NOT_JSON))
    response = refusal(Refused(error.status, code, message))
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


def _parts(path: Mapping[str, str]) -> Mapping[str, str]:
    """The variable parts of a path.

    Raises:
        Refused: One is no name of anything.
    """
    if not all(len(part) <= _LONGEST_PART and is_clean(part) for part in path.values()):
        raise Refused(404, "not-found", wording.NOT_FOUND)
    return dict(path)


def _variables(path: str) -> tuple[bool, ...]:
    """Sorts paths: a fixed segment before a variable one."""
    return tuple(segment.startswith("{") for segment in path.split("/"))
