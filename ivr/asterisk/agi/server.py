"""The FastAGI server: takes Asterisk's connections, makes a session of each, and ends in good order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import cast

import structlog

from ivr.asterisk.agi.protocol import Decoder, Environment, Hangup, Limits, ProtocolError, Reply
from ivr.asterisk.agi.session import AgiSession, CommandObserver
from ivr.asterisk.agi.settings import AgiSettings
from ivr.dialogue.ports import CallerGone
from ivr.errors import Fault

log = structlog.get_logger(__name__)

Handler = Callable[[AgiSession], Awaitable[None]]
"""Conducts one call. When it returns the connection is closed and the dialplan goes on."""


def _unobserved(_verb: str, _seconds: float) -> None:
    """Take no notice."""


class AgiServer:
    """A FastAGI server.

    What is no request of Asterisk (a port probe, garbage, a header that does not end) costs one timer and no
    task, and is closed with one line of the debug log. At the limit of connections the oldest that has not
    made its request makes room, for Asterisk makes its own at once. Where all are calls, a further one is
    closed: the dialplan finds no result and takes the caller to people.
    """

    def __init__(
        self,
        settings: AgiSettings,
        handler: Handler,
        *,
        observe: CommandObserver = _unobserved,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Make a server that is not listening yet.

        Args:
            settings: Address and limits.
            handler: Called for each request, in a task of its own.
            observe: Told of each command: verb, and seconds of our turnaround.
            clock: Seconds, monotonic.
        """
        self.settings = settings
        self.limits = Limits(settings.header_bytes, settings.header_lines, settings.reply_bytes)
        self._handler = handler
        self._observe = observe
        self._clock = clock
        self._listener: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._silent: dict[_Connection, None] = {}
        self._calls: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen.

        Raises:
            Fault: The port is taken, or the address is not ours.
        """
        settings = self.settings
        try:
            self._listener = await asyncio.get_running_loop().create_server(
                lambda: _Connection(self), settings.host, settings.port, backlog=settings.max_connections
            )
        except OSError as error:
            raise Fault(
                f"The FastAGI server cannot listen: {error.strerror or error}.",
                f"{settings.host}:{settings.port}",
                "Stop the program that holds the port, or set another address or port for AGI.",
            ) from error

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that are listened on, for port 0 the one that was given."""
        if self._listener is None or not self._listener.sockets:
            raise RuntimeError("The FastAGI server is not listening.")
        host, port = self._listener.sockets[0].getsockname()[:2]
        return host, port

    @property
    def calls(self) -> int:
        """Calls that are being conducted."""
        return len(self._calls)

    @property
    def connections(self) -> int:
        """Open connections, those without a request yet included."""
        return len(self._connections)

    def stop_accepting(self) -> None:
        """Take no new calls; those that run go on. Asterisk then finds nobody and goes to people."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def drain(self, seconds: float) -> int:
        """Let the running calls end; cut those that last longer.

        Args:
            seconds: How long to wait.

        Returns:
            Calls that were cut.
        """
        if self._calls:
            await asyncio.wait(self._calls, timeout=seconds)
        cut = list(self._calls)
        for call in cut:
            call.cancel()
        for connection in list(self._connections):
            connection.close()
        if cut:
            log.warning("agi.calls-cut", calls=len(cut))
            await asyncio.wait(cut)
        return len(cut)

    async def close(self) -> None:
        """Stop at once."""
        self.stop_accepting()
        await self.drain(0)

    # --- for the connections ---------------------------------------------------------------------------

    def admit(self, connection: _Connection) -> bool:
        """Count a connection in; False when there are too many."""
        if len(self._connections) >= self.settings.max_connections and not self._make_room():
            return False
        self._connections.add(connection)
        self._silent[connection] = None
        return True

    def _make_room(self) -> bool:
        oldest = next(iter(self._silent), None)
        if oldest is None:
            return False
        self.forget(oldest)
        oldest.refuse("Too many connections, and this one had made no request yet.")
        return True

    def forget(self, connection: _Connection) -> None:
        """Count a connection out."""
        self._connections.discard(connection)
        self._silent.pop(connection, None)

    def begin(
        self, connection: _Connection, environment: Environment, transport: asyncio.WriteTransport
    ) -> AgiSession:
        """Start the call of a request."""
        self._silent.pop(connection, None)
        session = AgiSession(environment, transport, self.settings, self._observe, self._clock)
        call = asyncio.get_running_loop().create_task(self._conduct(session, transport))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        return session

    async def _conduct(self, session: AgiSession, transport: asyncio.WriteTransport) -> None:
        try:
            await self._handler(session)
        except CallerGone:
            log.debug("agi.caller-gone", hung_up=session.hung_up)
        except Exception:
            log.exception("agi.call-failed", route=session.environment.route)
        finally:
            transport.close()


class _Connection(asyncio.Protocol):
    """One TCP connection: from the header on to the session."""

    def __init__(self, server: AgiServer) -> None:
        self._server = server
        self._decoder = Decoder(server.limits)
        self._session: AgiSession | None = None
        self._transport: asyncio.Transport | None = None
        self._header_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if not self._server.admit(self):
            log.warning("agi.too-many-connections", limit=self._server.settings.max_connections)
            self._end()
            return
        self._header_timer = asyncio.get_running_loop().call_later(
            self._server.settings.header_seconds, self.refuse, "The request header took too long."
        )

    def data_received(self, data: bytes) -> None:
        if self._transport is None:
            return
        try:
            for event in self._decoder.feed(data):
                self._take(event, self._transport)
        except ProtocolError as error:
            self.refuse(str(error))

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_header_timer()
        self._server.forget(self)
        if self._session is not None:
            self._session.on_lost()
        elif self._transport is not None:
            log.debug("agi.no-request")
        self._transport = None

    def close(self) -> None:
        """Close the connection from our side."""
        if self._transport is not None:
            self._transport.close()

    def refuse(self, reason: str) -> None:
        """End a connection that is not as it should be."""
        report = log.debug if self._session is None else log.warning
        report("agi.refused", reason=reason)
        self._end()

    def _take(self, event: Environment | Reply | Hangup, transport: asyncio.Transport) -> None:
        if isinstance(event, Reply):
            if self._session is None or not self._session.on_reply(event):
                raise ProtocolError("A reply that nothing was asked for.")
        elif isinstance(event, Environment):
            self._stop_header_timer()
            self._session = self._server.begin(self, event, transport)
        elif self._session is not None:
            self._session.on_hangup()

    def _end(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()

    def _stop_header_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None
