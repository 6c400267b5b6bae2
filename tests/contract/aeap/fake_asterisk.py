"""Asterisk's end of an AEAP connection, played by a script, with the faults of strangers and networks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from ivr.asterisk.aeap.messages import CODEC, PROTOCOL
from ivr.speech.recognition.ports import Slot, TurnOrder
from tests.contract.aeap.scripted import SILENCE, frame

SECRET = "s3cret"


class FakeChannel:
    """One connection, as res_speech_aeap.c and app_speech_utils.c of Asterisk 22.10.1 use it.

    Attributes:
        results: What was pushed, as sent.
    """

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.results: asyncio.Queue[list[dict[str, Any]]] = asyncio.Queue()
        self._responses: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._next_id = 0
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self.socket:
            assert message.type is WSMsgType.TEXT
            document = json.loads(message.data)
            if document.get("request") == "set":
                await self.socket.send_json({"response": "set", "id": document["id"]})
                self.results.put_nowait(document["params"]["results"])
            else:
                self._responses.put_nowait(document)

    async def ask(self, request: str, **fields: Any) -> dict[str, Any]:
        """Send a request and wait for its response, for as long as Asterisk would."""
        self._next_id += 1
        await self.socket.send_json({"request": request, "id": str(self._next_id), **fields})
        async with asyncio.timeout(1):
            response = await self._responses.get()
        assert (response["response"], response["id"]) == (request, str(self._next_id))
        return response

    async def set_up(self, secret: str = SECRET, codec: str = CODEC) -> dict[str, Any]:
        """The first request."""
        return await self.ask("setup", codecs=[{"name": codec}], params={"secret": secret}, version="0.1.0")

    async def order(self, number: int, **fields: Any) -> dict[str, Any]:
        """Begin a turn."""
        order = TurnOrder(number=number, slot=Slot.CLOSED, **fields)
        return await self.ask("set", params={"turn": order.to_json()})

    async def state(self) -> str:
        """What `SPEECH_ENGINE(turn)` reads."""
        return str((await self.ask("get", params=["turn"]))["params"]["turn"])

    async def heard(self) -> str:
        """What `SPEECH_ENGINE(heard)` reads."""
        return str((await self.ask("get", params=["heard"]))["params"]["heard"])

    async def speak(self, level: int, frames: int = 10) -> None:
        """Send sound of one level."""
        for _ in range(frames):
            await self.socket.send_bytes(frame(level))

    async def pause(self, frames: int) -> None:
        """Send silence."""
        for _ in range(frames):
            await self.socket.send_bytes(SILENCE)

    async def pushed(self) -> list[dict[str, Any]]:
        """The next results."""
        async with asyncio.timeout(2):
            return await self.results.get()

    async def ended(self) -> int | None:
        """Wait until the server has closed the connection; its code."""
        async with asyncio.timeout(3):
            await self._reading
        return self.socket.close_code

    async def close(self) -> None:
        """Hang up."""
        await self.socket.close()
        self._reading.cancel()


@asynccontextmanager
async def channel(port: int, **options: Any) -> AsyncIterator[FakeChannel]:
    """A connection, not set up yet."""
    async with ClientSession() as session:
        socket = await session.ws_connect(f"http://127.0.0.1:{port}/", protocols=(PROTOCOL,), **options)
        one = FakeChannel(socket)
        try:
            yield one
        finally:
            await one.close()


@asynccontextmanager
async def call(port: int) -> AsyncIterator[FakeChannel]:
    """A connection of a call, set up and bound."""
    async with channel(port) as one:
        await one.set_up()
        await one.ask("set", params={"call": "c-1"})
        yield one
