"""Callers at Asterisk's end of AEAP: each speaks in real time, turn after turn, and notes the times.

A frame holds 20 ms and is sent when the last of them is over: times are counted from what was said, not from
what was sent.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from ivr.asterisk.aeap.messages import CODEC, PROTOCOL
from ivr.bench.processes import cpu_seconds
from ivr.bench.speech_bare import Cost
from ivr.bench.speech_service import SECRET, Service
from ivr.bench.speech_sound import Spoken
from ivr.speech.recognition.ports import FRAME_BYTES, FRAME_MILLISECONDS, Slot, TurnOrder

_FRAME_SECONDS = FRAME_MILLISECONDS / 1000
_RESULT_SECONDS = 20.0
_PROMPT_MILLISECONDS = 60_000


@dataclass(frozen=True, slots=True)
class Times:
    """Of one turn, seconds; None where it did not happen.

    Attributes:
        barge_in: From the beginning of the speech until the prompt may stop.
        next_prompt: From the end of the speech until the next prompt may start.
    """

    barge_in: float | None
    next_prompt: float | None


@dataclass(slots=True)
class Load:
    """What streams came to.

    Attributes:
        turns: In the order in which they ended.
        cost: CPU of the service, and the sound that it was sent.
        failed: Turns that ended otherwise than with a result.
    """

    turns: list[Times] = field(default_factory=list)
    cost: Cost = field(default_factory=lambda: Cost(0.0, 0.0))
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """What the streams play.

    Attributes:
        kind: What is listened for, an `AnswerKind`.
        grammar: Its id, or None for free speech.
        streams: At once.
        seconds: Measured time, after all streams have begun.
    """

    spoken: Sequence[Spoken]
    slot: Slot
    kind: str
    grammar: str | None
    streams: int
    seconds: float

    @property
    def stagger_seconds(self) -> float:
        """Over which the streams begin; one alone is measured from its first word on, as the bare loop is."""
        return 2.0 if self.streams > 1 else 0.0


async def play(service: Service, what: Play) -> Load:
    """Play to a service that hears."""
    load = Load()
    async with ClientSession() as session, asyncio.TaskGroup() as group:
        streams = [_Stream(number, what, load) for number in range(what.streams)]
        tasks = [group.create_task(one.run(session, service.port)) for one in streams]
        await asyncio.sleep(what.stagger_seconds)
        cpu, sent = cpu_seconds([service.pid]), sum(one.sent for one in streams)
        load.turns.clear()
        await asyncio.sleep(what.seconds)
        frames = sum(one.sent for one in streams) - sent
        load.cost = Cost(cpu_seconds([service.pid]) - cpu, frames * _FRAME_SECONDS)
        for task in tasks:
            task.cancel()
    return load


class _Stream:
    """One call.

    Attributes:
        sent: Frames.
    """

    def __init__(self, number: int, what: Play, load: Load) -> None:
        self.sent = 0
        self._number = number
        self._what = what
        self._load = load
        self._requests = count()
        self._turn_number = ""
        self._told: dict[str, asyncio.Future[float]] = {}

    async def run(self, session: ClientSession, port: int) -> None:
        """Call and speak until cancelled."""
        await asyncio.sleep(self._what.stagger_seconds * self._number / self._what.streams)
        async with session.ws_connect(f"http://127.0.0.1:{port}/", protocols=(PROTOCOL,)) as socket:
            reading = asyncio.create_task(self._read(socket))
            try:
                await self._ask(socket, "setup", codecs=[{"name": CODEC}], params={"secret": SECRET})
                for turn in count(self._number):
                    await self._turn(socket, turn, self._what.spoken[turn % len(self._what.spoken)])
            finally:
                reading.cancel()

    async def _turn(self, socket: ClientWebSocketResponse, number: int, spoken: Spoken) -> None:
        order = TurnOrder(
            number=number,
            slot=self._what.slot,
            kind=self._what.kind,
            grammar=self._what.grammar,
            prompt_milliseconds=_PROMPT_MILLISECONDS,
        )
        loop = asyncio.get_running_loop()
        self._turn_number = str(number)
        self._told = told = {"barge-in": loop.create_future(), "end": loop.create_future()}
        await self._ask(socket, "set", params={"turn": order.to_json()})
        began = time.monotonic()
        await self._say(socket, spoken, began + _FRAME_SECONDS, told["end"])
        try:
            async with asyncio.timeout(_RESULT_SECONDS):
                ended = await told["end"]
        except TimeoutError:
            self._load.failed += 1
            return
        begun = told["barge-in"]
        self._load.turns.append(
            Times(
                barge_in=begun.result() - began - spoken.begins if begun.done() else None,
                next_prompt=ended - began - spoken.ends,
            )
        )

    async def _say(
        self, socket: ClientWebSocketResponse, spoken: Spoken, due: float, ended: asyncio.Future[float]
    ) -> None:
        """Send frames until the end is told: Asterisk sends no more then."""
        for place in range(0, len(spoken.pcm), FRAME_BYTES):
            await asyncio.sleep(due - time.monotonic())
            if ended.done():
                return
            await socket.send_bytes(spoken.pcm[place : place + FRAME_BYTES])
            self.sent += 1
            due += _FRAME_SECONDS

    async def _ask(self, socket: ClientWebSocketResponse, request: str, **fields: object) -> None:
        await socket.send_json({"request": request, "id": str(next(self._requests)), **fields})

    async def _read(self, socket: ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                return
            told = json.loads(message.data)
            if told.get("request") == "set":
                self._note(told["params"]["results"][-1]["grammar"], time.monotonic())
                await socket.send_json({"response": "set", "id": told["id"]})

    def _note(self, grammar: str, now: float) -> None:
        number, fact, *_ = grammar.split(":")
        if number != self._turn_number:
            return
        what = fact.partition("=")[0]
        if what == "failed":
            self._load.failed += 1
            what = "end"
        future = self._told.get(what)
        if future and not future.done():
            future.set_result(now)
