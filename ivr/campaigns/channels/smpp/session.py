"""One connection with a message centre, from the bind to its end."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from typing import Self

import structlog

from ivr.campaigns.channels.smpp import pdu
from ivr.campaigns.channels.smpp.pdu import Command, Pdu, ShortMessage, Status

log = structlog.get_logger(__name__)
_LAST_SEQUENCE = 0x7FFF_FFFF
_GOODBYE_SECONDS = 2.0
_DELIVERIES = 100
"""So many deliveries are taken at once; then the centre has to wait."""

Told = Callable[[ShortMessage], Awaitable[Status]]
"""Takes what the centre delivers; its status is the answer to the centre."""


class Cut(Exception):
    """The connection is gone, or the centre does not answer; the text tells how."""


class Refused(Exception):
    """The centre has answered with a status other than 0."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status 0x{status:02x}")
        self.status = status


class Session:
    """A bound connection.

    Several requests may be under way; each answer is known by its sequence number. What the centre delivers
    is answered after `told` has taken it, so that nothing is lost when this process ends in between: the
    centre tells it again.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        told: Told,
        *,
        answer_seconds: float,
        enquire_seconds: float,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._told = told
        self._answer_seconds = answer_seconds
        self._enquire_seconds = enquire_seconds
        self._sequence = 0
        self._asked: dict[int, asyncio.Future[Pdu]] = {}
        self._heard = asyncio.Event()
        self._room = asyncio.Semaphore(_DELIVERIES)
        self._delivering: set[asyncio.Task[None]] = set()
        self._cut = ""

    @classmethod
    async def open(
        cls, host: str, port: int, told: Told, *, tls: bool, answer_seconds: float, enquire_seconds: float
    ) -> Self:
        """Connect; `bind` and `run` come next. Raises Cut."""
        context = ssl.create_default_context() if tls else None
        try:
            async with asyncio.timeout(answer_seconds):
                reader, writer = await asyncio.open_connection(host, port, ssl=context)
        except (OSError, TimeoutError) as error:
            raise Cut(type(error).__name__) from error
        return cls(reader, writer, told, answer_seconds=answer_seconds, enquire_seconds=enquire_seconds)

    @property
    def is_open(self) -> bool:
        """Whether requests can be sent."""
        return not self._cut

    async def bind(self, system_id: str, password: str, system_type: str) -> None:
        """Sign in, while `run` runs. Raises Refused, Cut."""
        await self.ask(Command.BIND_TRANSCEIVER, pdu.bind_transceiver(system_id, password, system_type))

    async def submit(self, message: ShortMessage) -> str:
        """Hand over a message; gives the centre's id.

        Raises:
            Refused: It was not taken.
            Cut: Nobody can tell.
        """
        return pdu.message_id((await self.ask(Command.SUBMIT_SM, message.encoded())).body)

    async def ask(self, command: Command, body: bytes = b"") -> Pdu:
        """Send a request and wait for its answer. Raises Refused, Cut."""
        if self._cut:
            raise Cut(self._cut)
        self._sequence = self._sequence % _LAST_SEQUENCE + 1
        sequence = self._sequence
        answer: asyncio.Future[Pdu] = asyncio.get_running_loop().create_future()
        self._asked[sequence] = answer
        try:
            self._send(Pdu(command, 0, sequence, body))
            found = await asyncio.wait_for(answer, self._answer_seconds)
        except TimeoutError as error:
            self._end("no answer")
            raise Cut("no answer") from error
        finally:
            self._asked.pop(sequence, None)
        if found.status != Status.OK or found.command == Command.GENERIC_NACK:
            raise Refused(found.status or Status.INVALID_COMMAND)
        return found

    async def run(self) -> None:
        """Read until the connection ends. Always raises Cut, or is cancelled."""
        enquiring = asyncio.create_task(self._enquire(), name="smpp-enquire")
        try:
            while True:
                await self._take(await self._read())
        except (asyncio.IncompleteReadError, OSError, pdu.Malformed) as error:
            self._end(type(error).__name__)
        finally:
            self._end("closed")
            enquiring.cancel()
            await asyncio.gather(enquiring, *self._delivering, return_exceptions=True)
        raise Cut(self._cut)

    async def close(self) -> None:
        """Say goodbye (unbind) and close; whoever waits for an answer hears Cut."""
        if not self._cut:
            with contextlib.suppress(Cut, Refused, TimeoutError):
                async with asyncio.timeout(_GOODBYE_SECONDS):
                    await self.ask(Command.UNBIND)
        self._end("closed")
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def _read(self) -> Pdu:
        length, command, status, sequence = pdu.header(await self._reader.readexactly(pdu.HEADER.size))
        body = await self._reader.readexactly(length)
        self._heard.set()
        return Pdu(command, status, sequence, body)

    async def _take(self, found: Pdu) -> None:
        if found.command & pdu.RESPONSE:
            waiting = self._asked.get(found.sequence)
            if waiting is not None and not waiting.done():
                waiting.set_result(found)
        elif found.command in (Command.DELIVER_SM, Command.DATA_SM):
            await self._room.acquire()
            delivering = asyncio.create_task(self._deliver(found), name="smpp-deliver")
            self._delivering.add(delivering)
            delivering.add_done_callback(self._delivered)
        elif found.command in (Command.ENQUIRE_LINK, Command.UNBIND):
            self._send(Pdu(found.command | pdu.RESPONSE, 0, found.sequence))
            if found.command == Command.UNBIND:
                self._end("unbound")
        elif found.command != Command.ALERT_NOTIFICATION:
            self._send(Pdu(Command.GENERIC_NACK, Status.INVALID_COMMAND, found.sequence))

    async def _deliver(self, found: Pdu) -> None:
        """A data_sm is refused: it was not asked for, and has another body."""
        status = Status.INVALID_COMMAND
        if found.command == Command.DELIVER_SM:
            try:
                status = await self._told(ShortMessage.decoded(found.body))
            except pdu.Malformed:
                log.warning("smpp.delivery_unread")
                status = Status.SYSTEM_ERROR
        self._send(Pdu(found.command | pdu.RESPONSE, status, found.sequence, b"\0"))

    def _delivered(self, task: asyncio.Task[None]) -> None:
        self._delivering.discard(task)
        self._room.release()

    def _send(self, sent: Pdu) -> None:
        if not self._cut:
            self._writer.write(sent.encoded())

    async def _enquire(self) -> None:
        while not self._cut:
            self._heard.clear()
            try:
                async with asyncio.timeout(self._enquire_seconds):
                    await self._heard.wait()
            except TimeoutError:
                with contextlib.suppress(Refused):
                    await self.ask(Command.ENQUIRE_LINK)

    def _end(self, how: str) -> None:
        if self._cut:
            return
        self._cut = how
        self._writer.close()
        for waiting in self._asked.values():
            if not waiting.done():
                waiting.set_exception(Cut(how))
