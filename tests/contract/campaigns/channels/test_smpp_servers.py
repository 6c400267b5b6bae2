"""SMS by SMPP against servers that others have written: they read what we write, and we read theirs.

`smpp34` is a client and a server in Rust, `smpp` one in JavaScript; each test is left out where its server
is not installed.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ivr.campaigns.channels.model import MessageState
from ivr.campaigns.channels.settings import SmppSettings
from ivr.campaigns.channels.smpp.gateway import SmppGateway
from ivr.store import Database
from tests.contract.campaigns.channels.office import NUMBER, Office, RestlessClock
from tests.contract.campaigns.channels.test_smpp import LONG, MOSCOW, RECEIPT, until
from tests.real.instances import free_port

CENTRE_JS = Path(__file__).with_name("centre.mjs")
MODULES = os.environ.get("IVR_TEST_NODE_MODULES", "")
"""Folder in which `npm install smpp` was called."""


class Cable:
    """The line between both, which can be cut on the way back: requests arrive, answers do not."""

    def __init__(self, to: int) -> None:
        self._to = to
        self.drops = False
        self.port = 0
        self.dropped = asyncio.Event()
        self._writers: list[asyncio.StreamWriter] = []

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        self._writers += [writer, back]
        await asyncio.gather(self._copy(reader, back, False), self._copy(there, writer, True))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answers: bool) -> None:
        while octets := await reader.read(65_536):
            if answers and self.drops:
                self.drops = False
                self.cut()
                return
            writer.write(octets)
        writer.close()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()


@asynccontextmanager
async def cable(to: int) -> AsyncIterator[Cable]:
    made = Cable(to)
    server = await asyncio.start_server(made.carry, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made.cut()
        server.close()


@asynccontextmanager
async def sending(database: Database, clock: RestlessClock, port: int, **more: Any) -> AsyncIterator[Office]:
    told = {"name": "centre", "host": "127.0.0.1", "port": port, "system_id": "ivr", "password": "secret"}
    settings = SmppSettings(**{**told, "sender": "Energosbyt", "timeout_seconds": 20, **more})
    receipts = Office(database, clock, gateway=None).receipts  # type: ignore[arg-type]
    gateway = SmppGateway(settings, clock, zone=MOSCOW, take_receipt=receipts.take)
    keeping = asyncio.create_task(gateway.run())
    try:
        await until(lambda: gateway.is_up)
        yield Office(database, clock, gateway)
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


@pytest.fixture
def clock() -> RestlessClock:
    return RestlessClock()


class Rust:
    """The server of `smpp34`: keeps what it takes, answers as it is told."""

    def __init__(self, smpp34: Any, port: int) -> None:
        self._smpp34 = smpp34
        self._server = smpp34.Server(host="127.0.0.1", port=port, system_id="centre")
        self.statuses: list[int] = []
        self.taken: list[Any] = []
        self.session: Any = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._server.start()
        self._task = asyncio.create_task(self._serve())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._server.stop()

    async def _serve(self) -> None:
        while True:
            event = await self._server.next()
            if isinstance(event, self._smpp34.Esme):
                self.session = event
            elif isinstance(event, self._smpp34.SubmitSmEvent):
                if self.statuses:
                    event.reject(self.statuses.pop(0))
                else:
                    self.taken.append(event)
                    event.accept(f"r{len(self.taken)}")

    async def tell(self, id: str, stat: str) -> Any:
        return await self.session.deliver_sm(
            source_addr=NUMBER[1:],
            destination_addr="Energosbyt",
            esm_class=4,
            short_message=RECEIPT.format(id=id, stat=stat).encode(),
        )


@pytest.fixture
async def rust() -> AsyncIterator[tuple[Rust, int]]:
    smpp34 = pytest.importorskip("smpp34")
    port = free_port(socket.SOCK_STREAM)
    server = Rust(smpp34, port)
    await server.start()
    yield server, port
    await server.stop()


async def test_rust_reads_what_we_write_and_its_receipts_are_read(
    database: Database, clock: RestlessClock, rust: tuple[Rust, int]
) -> None:
    server, port = rust
    async with sending(database, clock, port) as office:
        await office.write(text=LONG)
        await office.work()
        assert "".join(each.short_message[6:].decode("utf-16-be") for each in server.taken) == LONG
        assert {each.destination_addr for each in server.taken} == {NUMBER[1:]}
        assert {each.data_coding for each in server.taken} == {8}
        assert {each.registered_delivery for each in server.taken} == {1}
        for number in (2, 1, 3, 1):
            assert (await server.tell(f"r{number}", "DELIVRD")).is_success
        assert await office.state() is MessageState.DELIVERED
        assert (await server.tell("nobody", "DELIVRD")).is_success


async def test_rust_throttles(database: Database, clock: RestlessClock, rust: tuple[Rust, int]) -> None:
    server, port = rust
    server.statuses = [0x58, 0x14]
    async with sending(database, clock, port) as office:
        for target in (1, 2, 3):
            await office.write(target)
        await office.work()
        clock.pass_by(5)
        await office.work()
        assert len(server.taken) == 3
        assert {each.state for each in await office.messages()} == {MessageState.SENT}


async def test_rust_has_taken_it_and_the_line_was_cut_before_its_answer(
    database: Database, clock: RestlessClock, rust: tuple[Rust, int]
) -> None:
    server, port = rust
    async with cable(port) as line, sending(database, clock, line.port) as office:
        line.drops = True
        await office.write()
        await office.work()
        assert await office.state() is MessageState.UNKNOWN
        clock.pass_by(10_000)
        await office.work()
        assert len(server.taken) == 1


async def test_rust_reads_a_payload(database: Database, clock: RestlessClock, rust: tuple[Rust, int]) -> None:
    server, port = rust
    async with sending(database, clock, port, long="payload") as office:
        await office.write(text=LONG)
        await office.work()
        (taken,) = server.taken
        (payload,) = [tlv.value for tlv in taken.tlvs if tlv.tag == 0x0424]
        assert payload.decode("utf-16-be") == LONG


@pytest.fixture
async def javascript() -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    node = shutil.which("node")
    if node is None or not (Path(MODULES) / "node_modules" / "smpp").is_dir():
        pytest.skip("no IVR_TEST_NODE_MODULES with smpp")
    port = free_port(socket.SOCK_STREAM)
    process = await asyncio.create_subprocess_exec(
        node, CENTRE_JS, str(port), MODULES, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    await asyncio.wait_for(process.stdout.readline(), 20)
    yield process, port
    process.kill()
    await process.wait()


async def test_javascript_reads_what_we_write_and_its_receipts_are_read(
    database: Database, clock: RestlessClock, javascript: tuple[asyncio.subprocess.Process, int]
) -> None:
    process, port = javascript
    assert process.stdout is not None
    async with sending(database, clock, port, long="payload") as office:
        await office.write(text=LONG)
        await office.work()
        told = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
        assert told == {"to": NUMBER[1:], "from": "Energosbyt", "text": LONG, "validity": ""}
        acknowledged = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
        assert acknowledged == {"receipt": 0}
        assert await office.state() is MessageState.DELIVERED
