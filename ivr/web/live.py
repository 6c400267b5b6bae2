"""The WebSocket `/api/events`: brings the hub's frames to a page and sees that its session still holds."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import structlog
from aiohttp import ClientConnectionError, WSMessage, WSMsgType, web
from pydantic import BaseModel, Field

from ivr.access.service import Access
from ivr.dialogue.ports import Clock
from ivr.store import StoreUnavailable
from ivr.web.gate import Gate
from ivr.web.hub import SESSION_ENDED, Feed, FeedEnd, Hub
from ivr.web.settings import EventSettings
from ivr.web.wire import read_query

log = structlog.get_logger(__name__)

_LONGEST_MESSAGE = 1_024
_MOST_MESSAGES = 100
_CHATTERING = FeedEnd(1008, "nothing is asked here")
_STALLED = FeedEnd(1013, "stalled")


class EventsQuery(BaseModel):
    """Where a page goes on."""

    after: int | None = Field(None, ge=0, description="The last seq that the page has seen.")
    epoch: str = Field("", max_length=32, description="The epoch that came with it.")


class LiveEvents:
    """Serves the hub's events."""

    def __init__(self, hub: Hub, gate: Gate, access: Access, settings: EventSettings, clock: Clock) -> None:
        self._hub = hub
        self._gate = gate
        self._access = access
        self._settings = settings
        self._clock = clock
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to beat and to check sessions."""
        self._access.sessions.subscribe(self._hub.end_session)
        self._spawn(self._beat(), "events-beat")
        self._spawn(self._check(), "events-check")

    async def stop(self) -> None:
        """Cut all pages."""
        self._hub.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One page, from its opening to its end.

        Raises:
            Refused: No session that holds, another site's page, or a malformed place to go on from.
        """
        self._gate.require_origin(request, stated=True)
        holder = await self._gate.holder(request)
        query = read_query(request, EventsQuery)
        socket = web.WebSocketResponse(
            heartbeat=self._settings.beat_seconds, max_msg_size=_LONGEST_MESSAGE, compress=False
        )
        await socket.prepare(request)
        feed = self._hub.open(holder, query.after, query.epoch)
        sending = asyncio.create_task(self._send(socket, feed), name="events-page")
        try:
            await _listen(socket)
        finally:
            self._hub.close_feed(feed)
            if feed.ended is None:  # else it is just telling the page why
                sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending
        return socket

    async def _send(self, socket: web.WebSocketResponse, feed: Feed) -> None:
        try:
            while (frame := await feed.take()) is not None:
                async with asyncio.timeout(self._settings.stall_seconds):
                    await socket.send_str(frame)
        except TimeoutError:
            log.warning("events.stalled-page", session_id=feed.holder.session.id)
            feed.end(_STALLED)
        except ClientConnectionError:
            return
        end = feed.ended or _STALLED
        await socket.close(code=end.code, message=end.name.encode(), drain=end is not _STALLED)

    async def _beat(self) -> None:
        while True:
            await self._clock.sleep(self._settings.beat_seconds)
            self._hub.beat()

    async def _check(self) -> None:
        while True:
            await self._clock.sleep(self._settings.check_seconds)
            try:
                await self.check()
            except StoreUnavailable:
                log.warning("events.not-checked")

    async def check(self) -> None:
        """Cut pages whose session no longer holds; renew what is known of the users of the others.

        An open page counts as someone being there.

        Raises:
            StoreUnavailable: Nothing is known about the sessions.
        """
        feeds = self._hub.feeds
        holding = await self._access.sessions.holding({feed.holder.session.id for feed in feeds})
        for feed in feeds:
            holder = holding.get(feed.holder.session.id)
            if holder is None:
                feed.end(SESSION_ENDED)
            else:
                feed.holder = holder
        await self._access.sessions.seen(holder.session for holder in holding.values())

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))


async def _listen(socket: web.WebSocketResponse) -> None:
    """Read until the page is gone; it has nothing to say."""
    messages = 0
    async for message in socket:
        messages += _is_talk(message)
        if messages > _MOST_MESSAGES:
            await socket.close(code=_CHATTERING.code, message=_CHATTERING.name.encode())


def _is_talk(message: WSMessage) -> bool:
    return message.type in {WSMsgType.TEXT, WSMsgType.BINARY}
