"""The WebSocket server that Asterisk's AEAP client connects to, once for each call that is heard."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import cast

import structlog
from aiohttp import WSCloseCode, WSMessage, WSMsgType, web
from pydantic import SecretStr

from ivr.asterisk.aeap.messages import PROTOCOL
from ivr.asterisk.aeap.observer import ListeningObserver, Unobserved
from ivr.asterisk.aeap.session import Refused, Session
from ivr.asterisk.aeap.settings import AeapSettings
from ivr.errors import Fault
from ivr.speech.recognition.ports import Hearing

log = structlog.get_logger(__name__)


class AeapServer:
    """Listens for Asterisk. Whatever a peer sends, it harms no session but its own."""

    def __init__(
        self,
        settings: AeapSettings,
        hearing: Hearing,
        secret: SecretStr,
        *,
        observer: ListeningObserver | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make a server that is not listening yet.

        Args:
            settings: Address and limits.
            hearing: Listens to the turns.
            secret: What a peer must show in the custom field `secret` of aeap.conf.
            observer: Told of what metrics count.
            clock: Seconds, monotonic.
        """
        self._settings = settings
        self._hearing = hearing
        self._secret = secret
        self._observer = observer or Unobserved()
        self._clock = clock
        self._sessions: dict[Session, web.WebSocketResponse] = {}
        self._empty = asyncio.Event()
        self._empty.set()
        application = web.Application()
        application.router.add_get("/", self._connect)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5, handle_signals=False)

    async def start(self) -> None:
        """Listen.

        Raises:
            Fault: The port is taken, or the address is not ours.
        """
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._settings.host, self._settings.port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise Fault(
                f"The recogniser can't listen there: {error.strerror or error}.",
                f"{self._settings.host}:{self._settings.port}",
                "Stop the program that holds the port, or set aeap.port to another.",
            ) from error

    @property
    def port(self) -> int:
        """The port listened on."""
        port: int = self._runner.addresses[0][1]
        return port

    @property
    def sessions(self) -> int:
        """Calls that are connected."""
        return len(self._sessions)

    async def give_up_turns(self) -> None:
        """End every turn that is listened to: the engine that waits for them has died."""
        await asyncio.gather(*(session.give_up() for session in list(self._sessions)), return_exceptions=True)

    async def drain(self, seconds: float) -> None:
        """Wait until no call is connected, at most so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._empty.wait()

    async def stop(self) -> None:
        """Close every connection and listen no more."""
        sockets = list(self._sessions.values())
        await asyncio.gather(*(one.close(code=WSCloseCode.GOING_AWAY) for one in sockets))
        await self._runner.cleanup()

    # --- a connection ----------------------------------------------------------------------------------

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        if len(self._sessions) >= self._settings.max_sessions:
            self._observer.session_refused("full")
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(
            protocols=(PROTOCOL,),
            heartbeat=self._settings.ping_seconds,
            max_msg_size=self._settings.message_bytes,
            timeout=0.5,
            compress=False,
        )
        await socket.prepare(request)
        await self._serve(socket)
        return socket

    async def _serve(self, socket: web.WebSocketResponse) -> None:
        session = Session(
            self._hearing,
            self._settings,
            self._secret,
            socket.send_str,
            observer=self._observer,
            clock=self._clock,
        )
        self._add(session, socket)
        try:
            await self._set_up(session, socket)
            await self._receive(session, socket)
        except Refused as refusal:
            self._observer.session_refused(str(refusal))
            log.warning("aeap.refused", reason=str(refusal))
            await socket.close(code=WSCloseCode.POLICY_VIOLATION)
        except ConnectionError:
            log.debug("aeap.link-lost")
        finally:
            self._remove(session)
            session.close()

    async def _set_up(self, session: Session, socket: web.WebSocketResponse) -> None:
        """Take the first message, which must show the secret."""
        try:
            async with asyncio.timeout(self._settings.setup_seconds):
                await _take(session, await socket.receive())
        except TimeoutError:
            raise Refused("setup") from None

    async def _receive(self, session: Session, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            await _take(session, message)

    def _add(self, session: Session, socket: web.WebSocketResponse) -> None:
        self._sessions[session] = socket
        self._empty.clear()
        self._observer.session_opened()

    def _remove(self, session: Session) -> None:
        del self._sessions[session]
        if not self._sessions:
            self._empty.set()
        self._observer.session_closed()


async def _take(session: Session, message: WSMessage) -> None:
    if message.type is WSMsgType.BINARY:
        await session.take_sound(cast(bytes, message.data))
    elif message.type is WSMsgType.TEXT:
        await session.take_text(cast(str, message.data))
