"""A real database, a spool and an archive on the disk, WAV files as Asterisk leaves them."""

from __future__ import annotations

import asyncio
import audioop
import os
import uuid
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from ivr.archive.archive import Archive
from ivr.archive.encoder import Order, encode
from ivr.archive.index import Recording
from ivr.archive.settings import ArchiveSettings, SoundFormat
from ivr.archive.storage import Storage
from ivr.archive.vault import Vault
from ivr.calls.events import HungUp
from ivr.calls.rows import Batch, call_row, write
from ivr.calls.story import Origin, Story
from ivr.store import Database, StoreSettings
from tests.databases import with_tables

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=MOSCOW)


class TestClock:
    """Wall time is the test's; the monotonic clock is moved by hand."""

    __test__ = False

    def __init__(self) -> None:
        self.at = NOW
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


@dataclass
class Seen:
    taken: int = 0
    failed: list[str] = field(default_factory=list)

    def recording_taken(self) -> None:
        self.taken += 1

    def recording_failed(self, reason: str) -> None:
        self.failed.append(reason)


class Here:
    """Compresses in this process; what `wrong` holds is raised first."""

    def __init__(self) -> None:
        self.wrong: list[Exception] = []

    def compress(self, order: Order) -> None:
        if self.wrong:
            raise self.wrong.pop(0)
        encode(order)

    def close(self) -> None:
        pass


@dataclass
class Place:
    """All that an archive needs."""

    database: Database
    spool: Path
    settings: ArchiveSettings
    clock: TestClock
    seen: Seen
    compressor: Here = field(default_factory=Here)
    storage: Storage | None = None

    @property
    def vault(self) -> Vault:
        return Vault(self.settings, self.storage)

    def content(self, recording: Recording) -> bytes:
        return b"".join(self.vault.open(recording).parts())

    def archive(self) -> Archive:
        return Archive(
            self.database,
            self.settings,
            self.clock,
            self.seen,
            spool=self.spool,
            zone=MOSCOW,
            retention_days={"krasnoyarsk": 60, "bryansk": None, "strict": 90},
            vault=self.vault,
            compressor=self.compressor,
        )

    def record(self, call_id: str, seconds: float = 1.0, part: str = "") -> Path:
        name = f"{call_id}-{part}.wav" if part else f"{call_id}.wav"
        path = self.spool / name
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(call_id.encode()[:2] * round(8000 * seconds))
        stamp = NOW.timestamp()
        os.utime(path, (stamp, stamp))
        return path

    def record_apart(self, call_id: str, left: bytes, right: bytes, part: str = "") -> Path:
        """Bare samples of both directions, as Asterisk writes them."""
        path = self.spool / (f"{call_id}-{part}.raw" if part else f"{call_id}.raw")
        path.write_bytes(audioop.add(audioop.tostereo(left, 2, 1, 0), audioop.tostereo(right, 2, 0, 1), 2))
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
        return path

    async def call(self, *, profile: str = "bryansk", ended: bool = True, answered: bool = True) -> str:
        story = Story(
            call_id=str(uuid.uuid4()),
            origin=Origin.ENGINE,
            came_at=NOW - timedelta(minutes=5),
            profile=profile,
            answered_at=NOW - timedelta(minutes=4) if answered else None,
        )
        if ended:
            story.apply(HungUp(NOW - timedelta(minutes=2)))

        def job(connection: Connection) -> None:
            write(connection, Batch([call_row(story)]))

        await self.database.write(job)
        return story.call_id


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    database = await with_tables(StoreSettings(url=f"sqlite:///{tmp_path / 'ivr.db'}", busy_seconds=0.2))
    settings = ArchiveSettings(
        folder=tmp_path / "recordings",
        keys=tmp_path / "keys",
        format=SoundFormat.WAV,
        settle_seconds=2,
        retry_seconds=10,
    )
    spool = tmp_path / "spool"
    spool.mkdir()
    Vault(settings).ready(used=False)
    yield Place(database, spool, settings, TestClock(), Seen())
    await database.close()
