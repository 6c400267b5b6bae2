"""The engine's end of the process that turns recordings into words."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from ivr.quality.model import Side, Span, Utterance
from ivr.quality.transcriber import Ears, Order, line_of

_LIMIT = 1024 * 1024


class NotHeard(Exception):
    """A recording could not be transcribed.

    Attributes:
        reason: `changed`: it is shorter or longer than it was; `not-decoded`; `failed`: the model; `died`,
            `slow`: the process.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said in order of time, noises as empty texts; `work_seconds` of a processor."""

    utterances: tuple[Utterance, ...]
    work_seconds: float


class Sounding(Protocol):
    """A recording's content; it blocks."""

    @property
    def size(self) -> int:
        """Bytes."""

    def parts(self) -> Iterator[bytes]:
        """All of it."""


Allow = Callable[[], Awaitable[None]]
"""Returns when work may go on."""


class Ear(Protocol):
    """Turns recordings into words, one at a time."""

    async def hear(self, content: Sounding, channels: int, people: Sequence[Span], allow: Allow) -> Heard:
        """Transcribe one recording.

        Args:
            content: Of the recording.
            channels: 1, or 2 for sides apart.
            people: Where people of the company are listened to.
            allow: Awaited before each further stretch.

        Raises:
            NotHeard: It can't be.
            Exception: What `content` raises.
        """

    async def rest(self) -> None:
        """Nothing more comes soon: free what is held."""


class EarProcess:
    """Starts the process when it is needed, and anew when it has died."""

    def __init__(self, ears: Ears, piece_seconds: float) -> None:
        """Args: piece_seconds, most that one utterance may take."""
        self._ears = ears
        self._piece_seconds = piece_seconds
        self._process: Process | None = None

    async def hear(self, content: Sounding, channels: int, people: Sequence[Span], allow: Allow) -> Heard:
        """See `Ear.hear`."""
        order = Order(content.size, channels, [(span.begin, span.end) for span in people])
        try:
            return await self._heard(order, content, allow)
        except BaseException as error:
            await self.rest()
            if isinstance(error, OSError | ValueError):  # no process, a broken pipe, no answer of ours
                raise NotHeard("died") from error
            raise

    async def rest(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await asyncio.shield(process.wait())

    async def _heard(self, order: Order, content: Sounding, allow: Allow) -> Heard:
        process = await self._running()
        await self._send(process, line_of(order))
        parts, sent = content.parts(), 0
        while part := await asyncio.to_thread(next, parts, b""):
            sent += len(part)
            await self._send(process, part)
        if sent != order.size:
            raise NotHeard("changed")
        found: list[Utterance] = []
        while True:
            answer = await self._answer(process)
            if "error" in answer:
                raise NotHeard(str(answer["error"]))
            if "done" in answer:
                return Heard(tuple(found), float(answer["work"]))
            found.append(_utterance(answer))
            await allow()
            await self._send(process, b"\n")

    async def _running(self) -> Process:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-W", "ignore", "-m", "ivr.quality.transcriber"),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                limit=_LIMIT,
                start_new_session=True,
            )
            await self._send(self._process, line_of(self._ears))
        return self._process

    async def _send(self, process: Process, data: bytes) -> None:
        assert process.stdin is not None  # noqa: S101  # narrows the type
        process.stdin.write(data)
        await process.stdin.drain()

    async def _answer(self, process: Process) -> dict[str, Any]:
        assert process.stdout is not None  # noqa: S101  # narrows the type
        try:
            line = await asyncio.wait_for(process.stdout.readline(), self._piece_seconds)
        except TimeoutError as error:
            raise NotHeard("slow") from error
        if not line:
            raise NotHeard("died")
        answer: dict[str, Any] = json.loads(line)
        return answer


def _utterance(answer: dict[str, Any]) -> Utterance:
    text, confidence = str(answer["text"]), float(answer["confidence"])
    return Utterance(Side(answer["side"]), int(answer["begin"]), int(answer["end"]), text, confidence)
