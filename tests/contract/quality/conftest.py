"""A real archive with recordings, and an ear that hears what it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text, update

from ivr.archive.index import Recording, one
from ivr.archive.tables import recordings
from ivr.calls.legs import LegAnswered, LegEnd, LegEnded, LegRang, LegRole
from ivr.calls.rows import Batch, call_row, leg_row, write
from ivr.calls.story import Origin, Story
from ivr.dialogue.schema.files import ForbiddenPhrase
from ivr.knowledge.words import Dictionary
from ivr.quality.hearing import Allow, Heard, Sounding
from ivr.quality.marking import Rules, forbidden
from ivr.quality.model import Side, Span, Utterance
from ivr.quality.settings import TranscriptSettings
from ivr.quality.texts import Texts
from ivr.quality.transcribing import Transcribing
from ivr.store import Database
from tests.contract.archive.conftest import Place
from tests.contract.archive.conftest import place as place
from tests.contract.archive.test_archive import running

MORPHOLOGY = Dictionary()
RARE = "абракадабра"
SAID = (
    Utterance(Side.PERSON, 500, 900, "не могли бы вы назвать адрес", 0.9),
    Utterance(Side.CLIENT, 1000, 1500, f"хочу передать показания счётчика {RARE}", 0.8),
    Utterance(Side.PERSON, 1600, 1700, "", 0.0),
)
PHRASES = forbidden([ForbiddenPhrase(phrase="не могли бы вы", clause="п. 116 в")])


@dataclass
class Ear:
    """Hears the same in every recording, or fails; nothing is as slow as a model."""

    said: Sequence[Utterance] = SAID
    faults: list[Exception] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)
    people: list[Sequence[Span]] = field(default_factory=list)
    rested: int = 0
    before: Callable[[], Any] | None = None

    async def hear(self, content: Sounding, channels: int, people: Sequence[Span], allow: Allow) -> Heard:
        self.heard.append(b"".join(content.parts()))
        self.people.append(people)
        if self.before:
            await self.before()
        await allow()
        if self.faults:
            raise self.faults.pop(0)
        return Heard(tuple(self.said), 1.5)

    async def rest(self) -> None:
        self.rested += 1


@dataclass
class Work:
    """Transcribing over a place."""

    place: Place
    ear: Ear = field(default_factory=Ear)
    words: Texts = field(default_factory=lambda: Texts(MORPHOLOGY))
    settings: TranscriptSettings = field(default_factory=lambda: TranscriptSettings(settle_seconds=0))
    calls: int = 0

    def transcribing(self, **settings: Any) -> Transcribing:
        async def rules(profile: str | None, outgoing: bool) -> Rules:
            return Rules(forbidden=PHRASES)

        return Transcribing(
            self.place.database,
            self.settings.model_copy(update=settings),
            self.place.clock,
            vault=self.place.vault,
            ear=self.ear,
            words=self.words,
            rules=rules,
            calls=lambda: self.calls,
        )

    async def recorded(self, count: int = 1, seconds: float = 2.0) -> list[str]:
        """Recordings with both sides apart of calls that an operator answered."""
        found = [await self.place.call() for _ in range(count)]
        for call_id in found:
            sound = b"\x10\x00" * round(8000 * seconds)
            async with running(self.place) as archive:
                archive.take_over(call_id, "", self.place.record_apart(call_id, sound, sound))
                await archive.idle()
            recording = await self.place.database.read(partial(one, recording_id=call_id))
            assert recording is not None
            await talked(self.place.database, recording)
        return found


async def talked(database: Database, recording: Recording, agent: str = "anna") -> None:
    """An operator answered where the recording began, and talked to its end."""
    began = recording.started_at
    story = Story(call_id=recording.call_id, origin=Origin.ENGINE, came_at=began, profile="bryansk")
    told: dict[str, Any] = {"call_id": story.call_id, "leg_id": f"{story.call_id}-1"}
    story.apply_leg(
        LegRang(at=began, **told, role=LegRole.QUEUE, device="PJSIP/op-201", agent=agent, queue="clients")
    )
    story.apply_leg(LegAnswered(at=began, **told))
    story.apply_leg(LegEnded(at=began + timedelta(seconds=recording.seconds), **told, end=LegEnd.CALLER))

    def job(connection: Connection) -> None:
        write(connection, Batch([call_row(story)], [leg_row(leg) for leg in story.legs.values()]))

    await database.write(job)


async def expire(database: Database, now: datetime, *call_ids: str) -> None:
    """Their term is over."""

    def job(connection: Connection) -> None:
        mine = recordings.c.call_id.in_(call_ids) if call_ids else recordings.c.id != ""
        connection.execute(update(recordings).where(mine).values(expires_at=now - timedelta(seconds=1)))

    await database.write(job)


def stored(folder: Path, word: str) -> bool:
    """Whether a word is anywhere in the database's files."""
    return any(word.encode() in file.read_bytes() for file in folder.glob("ivr.db*"))


async def checkpoint(database: Database) -> None:
    """Everything into the main file."""
    await database.read(lambda connection: connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).all())


@pytest.fixture
def work(place: Place) -> Work:
    return Work(place)
