"""Pages, API and live events, put together for the web server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from aiohttp import web

from ivr.access.model import User
from ivr.access.service import Access
from ivr.access.settings import AccessSettings
from ivr.dialogue.ports import Clock
from ivr.web import headers, openapi
from ivr.web.api import audit
from ivr.web.api.route import Route
from ivr.web.api.session import PhoneLost, SessionApi
from ivr.web.api.users import UsersApi
from ivr.web.frame import Direct, Frame
from ivr.web.gate import Gate
from ivr.web.hub import Hub
from ivr.web.live import LiveEvents
from ivr.web.settings import WebSettings
from ivr.web.static import Pages

PAGES = Path(__file__).with_name("pages")


async def nobody_to_tell(user: User) -> None:
    """A `PhoneLost` where there are no telephones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteParts:
    """What the site is made of.

    Attributes:
        access: Users and sessions.
        access_settings: Its settings.
        hub: Where live events come from.
        clock: Time.
        routes: The API of the rooms.
        direct: Calls of theirs that need no session.
        phone_lost: Told that a page with a browser telephone is about to vanish.
        phone_sockets: Addresses of the SIP WebSocket, `wss://host:port`, that pages may connect to.
        pages: Folder of the pages.
    """

    access: Access
    access_settings: AccessSettings
    hub: Hub
    clock: Clock
    routes: Sequence[Route] = ()
    direct: Sequence[Direct] = ()
    phone_lost: PhoneLost = field(default=nobody_to_tell)
    phone_sockets: Sequence[str] = ()
    pages: Path = PAGES


class Site:
    """Everything that needs a sign-in, and the pages to sign in at."""

    def __init__(self, settings: WebSettings, parts: SiteParts) -> None:
        """Put it together.

        Raises:
            ValueError: Two calls of the API are the same.
        """
        gate = Gate(parts.access, settings, parts.clock)
        self._gate = gate
        self._live = LiveEvents(parts.hub, gate, parts.access, settings.events, parts.clock)
        self._pages = Pages(parts.pages, headers.page_policy(parts.phone_sockets))
        self._frame = Frame(gate, settings.limits)
        least_length = parts.access_settings.passwords.least_length
        session = SessionApi(
            parts.access,
            gate,
            settings,
            session_hours=parts.access_settings.sessions.absolute_hours,
            least_length=least_length,
            phone_lost=parts.phone_lost,
        )
        self._routes = [
            *parts.routes,
            *UsersApi(parts.access, least_length).routes,
            *audit.routes(parts.access.audit),
        ]
        self._direct = [*session.calls, *parts.direct, *self._own_calls()]
        self._document = cache(partial(openapi.document, self._routes, self._direct))

    def install(self, application: web.Application) -> None:
        """Add API, events and pages to an application, after everything else: a page may have any path."""
        self._frame.register(application, self._routes, self._direct)
        application.router.add_get("/{path:.*}", self._pages.serve)
        application.on_startup.append(self._start)
        application.on_shutdown.append(self._stop)

    def _own_calls(self) -> list[Direct]:
        return [
            Direct(
                method="GET",
                path="/events",
                title="Live events (WebSocket); parameters after and epoch go on from there",
                run=self._live.serve,
                status=101,
            ),
            Direct(method="GET", path="/openapi.json", title="This document", run=self._tell_document),
        ]

    async def _tell_document(self, request: web.Request) -> web.StreamResponse:
        self._gate.require_origin(request)
        await self._gate.holder(request)
        document = await asyncio.to_thread(self._document)  # the first time it takes half a second
        return web.json_response(document, dumps=_dumps)

    async def _start(self, _application: web.Application) -> None:
        self._live.start()

    async def _stop(self, _application: web.Application) -> None:
        await self._live.stop()


def _dumps(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
