"""What the robot did not understand: listed, heard, and marked with the topic that was meant."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from pydantic import AwareDatetime, BaseModel, Field

from ivr.access.audit import Action
from ivr.access.model import Right
from ivr.calls import review
from ivr.calls.review import Misunderstood
from ivr.dialogue.ports import Clock
from ivr.store import Database
from ivr.web.api.audited import entry_of
from ivr.web.api.cards import AuditTrail
from ivr.web.api.once import OnceAudited
from ivr.web.api.route import Asked, Ranged, Refused, Route

NO_SPEECH = "Такой фразы нет: её срок хранения прошёл, или номер неверен. Обновите список."
NO_SOUND = "Звука этой фразы нет: он не сохранялся, или его срок хранения прошёл."
NO_TOPIC = "Такой темы нет. Выберите из списка."
_LARGEST_ID = 2**63


class ClipFiles(Protocol):
    """Where the sound of speeches lies (`ivr.speech.recognition.clips.Clips`)."""

    def file(self, clip: str) -> Path | None:
        """The WAV file of a kept speech. Raises ValueError for what is no id."""


class ReviewQuery(BaseModel):
    """How many."""

    limit: int = Field(100, ge=1, le=500)


class SpeechTold(BaseModel):
    """A speech that was not understood; numbers in its text are masked."""

    id: int
    call_id: str
    at: AwareDatetime
    line: str | None
    flow: str
    state: str
    kind: str = Field(description="What was asked.")
    text: str | None = Field(repr=False, description="Null: no word was made out.")
    confidence: float | None
    sound: bool = Field(description="Whether it can be heard.")


class ReviewTold(BaseModel):
    """What nobody has looked at, newest first; `waiting`: all of them."""

    speeches: list[SpeechTold]
    waiting: int
    topics: dict[str, str]
    lines: dict[str, str]


class Seen(BaseModel):
    """What was found out."""

    topic: str | None = Field(None, max_length=64, description="The one that was meant.")
    note: str | None = Field(None, max_length=500)


class Left(BaseModel):
    """How many nobody has looked at."""

    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRoutes:
    """`/review`.

    Attributes:
        topics: What a speech may have been about: id → title.
        lines: Name of a line → its title.
    """

    database: Database
    clips: ClipFiles
    audit: AuditTrail
    views: OnceAudited
    clock: Clock
    topics: Callable[[], Mapping[str, str]]
    lines: Mapping[str, str]

    def routes(self) -> list[Route]:
        """All of them."""
        route: Callable[..., Route] = partial(Route, right=Right.QUALITY)
        return [
            route(
                method="GET",
                path="/review",
                title="What was not understood and nobody has looked at",
                run=self.waiting,
                query=ReviewQuery,
                answer=ReviewTold,
            ),
            route(
                method="GET",
                path="/review/{id}/sound",
                title="Hear a speech that was not understood",
                run=self.sound,
                media_type="audio/wav",
            ),
            route(
                method="POST",
                path="/review/{id}",
                title="Mark a speech as looked at",
                run=self.resolve,
                body=Seen,
                answer=Left,
            ),
        ]

    async def waiting(self, asked: Asked) -> ReviewTold:
        """`GET /review`."""
        await self.audit.record(entry_of(asked, Action.VIEWED, "review"))
        found = await self.database.read(partial(review.waiting, limit=asked.query.limit))
        there = await asyncio.to_thread(lambda: [self._file(each) is not None for each in found])
        return ReviewTold(
            speeches=[_told(each, sound) for each, sound in zip(found, there, strict=True)],
            waiting=await self.database.read(review.count_waiting),
            topics=dict(self.topics()),
            lines=dict(self.lines),
        )

    async def sound(self, asked: Asked) -> Ranged:
        """`GET /review/{id}/sound`."""
        found = await self._one(asked)
        file = await asyncio.to_thread(self._file, found)
        if file is None:
            raise Refused(404, "no-sound", NO_SOUND)
        await self.views.viewed(asked, f"review {found.id}", found.call_id)

        async def read(start: int, length: int) -> bytes:
            try:
                return await asyncio.to_thread(_read, file, start, length)
            except FileNotFoundError:
                raise Refused(404, "no-sound", NO_SOUND) from None

        size = await asyncio.to_thread(_size, file)
        return Ranged(media_type="audio/wav", size=size, tag=str(found.clip), read=read)

    async def resolve(self, asked: Asked) -> Left:
        """`POST /review/{id}`."""
        seen: Seen = asked.body
        topic, note = seen.topic or None, (seen.note or "").strip() or None
        if topic is not None and topic not in self.topics():
            raise Refused(422, "no-such-topic", NO_TOPIC, "topic")
        found = await self._one(asked)
        job = partial(review.resolve, ids=[found.id], at=self.clock.now(), topic=topic, note=note)
        if await self.database.write(job):
            raise Refused(404, "no-such-speech", NO_SPEECH)
        await self.audit.record(entry_of(asked, Action.CHANGED, f"review {found.id}", call_id=found.call_id))
        return Left(waiting=await self.database.read(review.count_waiting))

    async def _one(self, asked: Asked) -> Misunderstood:
        given = asked.path["id"]
        known = given.isascii() and given.isdigit() and int(given) < _LARGEST_ID
        found = await self.database.read(partial(review.one, turn_id=int(given))) if known else None
        if found is None:
            raise Refused(404, "no-such-speech", NO_SPEECH)
        return found

    def _file(self, speech: Misunderstood) -> Path | None:
        return self.clips.file(speech.clip) if speech.clip else None


def _read(file: Path, start: int, length: int) -> bytes:
    with file.open("rb") as opened:
        opened.seek(start)
        return opened.read(length)


def _size(file: Path) -> int:
    return file.stat().st_size


def _told(speech: Misunderstood, sound: bool) -> SpeechTold:
    names = set(SpeechTold.model_fields) - {"sound"}
    return SpeechTold(**{name: getattr(speech, name) for name in names}, sound=sound)
