"""A message centre over a real socket that answers, is silent and cuts the line as a test tells it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum

from ivr.campaigns.channels.smpp import pdu
from ivr.campaigns.channels.smpp.pdu import Address, Command, Pdu, ShortMessage, Status


class Does(Enum):
    """What it does with a submit_sm in place of an answer."""

    SILENCE = "silence"
    CUT = "cut"
    NACK = "nack"


class Centre:
    """Takes everything, unless `does` has something else for the next messages, in order."""

    def __init__(self) -> None:
        self.does: list[Does | Status | int] = []
        self.taken: list[ShortMessage] = []
        self.asked = 0
        self.binds = 0
        self.refuses_bind = False
        self.enquired = asyncio.Event()
        self.bound = asyncio.Event()
        self.unbound = asyncio.Event()
        self.port = 0
        self.gathers = 1
        """So many messages it takes before it answers them, the last one first."""
        self._gathered: list[tuple[asyncio.StreamWriter, Pdu, bytes]] = []
        self._writers: list[asyncio.StreamWriter] = []
        self._answers: dict[int, asyncio.Future[Pdu]] = {}
        self._sequence = 1000

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            while True:
                length, command, status, sequence = pdu.header(await reader.readexactly(pdu.HEADER.size))
                self._take(writer, Pdu(command, status, sequence, await reader.readexactly(length)))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _take(self, writer: asyncio.StreamWriter, found: Pdu) -> None:
        if found.command & pdu.RESPONSE:
            self._answers.pop(found.sequence).set_result(found)
        elif found.command == Command.BIND_TRANSCEIVER:
            self.binds += 1
            self._answer(writer, found, Status.SYSTEM_ERROR if self.refuses_bind else 0, b"centre\0")
            self.bound.set()
        elif found.command == Command.SUBMIT_SM:
            self._submitted(writer, found)
        else:
            (self.enquired if found.command == Command.ENQUIRE_LINK else self.unbound).set()
            self._answer(writer, found, 0)

    def _submitted(self, writer: asyncio.StreamWriter, found: Pdu) -> None:
        self.asked += 1
        does = self.does.pop(0) if self.does else Status.OK
        if does is Does.CUT:
            writer.transport.abort()
        elif does is Does.NACK:
            writer.write(Pdu(Command.GENERIC_NACK, Status.INVALID_COMMAND, found.sequence).encoded())
        elif isinstance(does, int) and does == Status.OK:
            self.taken.append(ShortMessage.decoded(found.body))
            self._gathered.append((writer, found, f"m{len(self.taken)}".encode() + b"\0"))
            if len(self._gathered) >= self.gathers:
                while self._gathered:
                    to, asked, body = self._gathered.pop()
                    self._answer(to, asked, 0, body)
        elif isinstance(does, int):
            self._answer(writer, found, does)

    def _answer(self, writer: asyncio.StreamWriter, found: Pdu, status: int, body: bytes = b"") -> None:
        writer.write(Pdu(found.command | pdu.RESPONSE, status, found.sequence, body).encoded())

    async def deliver(self, text: str, esm_class: int = 4, data_coding: int = 0) -> int:
        """Tell something; gives the status of the answer."""
        self._sequence += 1
        answer: asyncio.Future[Pdu] = asyncio.get_running_loop().create_future()
        self._answers[self._sequence] = answer
        content = text.encode("utf-16-be" if data_coding == 8 else "ascii")
        told = ShortMessage(
            Address.of_number("+79031234567"),
            Address.of_sender("Energo"),
            content,
            esm_class,
            data_coding=data_coding,
        )
        self._writers[-1].write(Pdu(Command.DELIVER_SM, 0, self._sequence, told.encoded()).encoded())
        return (await asyncio.wait_for(answer, 30)).status

    def cut(self) -> None:
        """Cut every line."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()
        self.bound.clear()

    def say(self, octets: bytes) -> None:
        """Write something as it is."""
        self._writers[-1].write(octets)


@asynccontextmanager
async def centre() -> AsyncIterator[Centre]:
    made = Centre()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made.cut()
        server.close()
