"""Listening to a recording: any range of its content, its outline; who listened is on record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from ivr.archive import index
from ivr.archive.chain import Entry, What, append
from ivr.archive.crypt import Tampered
from ivr.archive.decoding import RATE, NotDecoded, Outline, outline
from ivr.archive.index import Recording
from ivr.archive.keyring import KeyMissing
from ivr.archive.storage import NotStored, StorageAway
from ivr.archive.vault import Content, Vault
from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.store import Database

MEDIA_TYPES: Final = {"opus": "audio/ogg; codecs=opus", "mp3": "audio/mpeg", "wav": "audio/wav"}
_ONE_LISTENING_SECONDS: Final = 1800.0
UNREADABLE: Final = (NotStored, StorageAway, KeyMissing, Tampered, NotDecoded, Fault)
T = TypeVar("T")


class NotHeard(Exception):
    """The recording can't be heard.

    Attributes:
        reason: `unknown`: there is none of that id; `missing`: its file; `storage`: it does not answer;
            `locked`: its key is not in the ring; `changed`: it is not what was recorded.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Opened:
    """A recording that somebody listens to.

    Attributes:
        recording: Its row.
        media_type: For the browser.
        size: Length of the content, bytes.
    """

    recording: Recording
    media_type: str
    size: int
    _content: Content

    async def read(self, start: int, length: int) -> bytes:
        """Part of the content, fewer bytes at its end. Raises NotHeard."""
        return await _read(lambda: self._content.read(start, length))


class Listening:
    """Opens recordings for people."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._noted: dict[tuple[str, str], float] = {}
        self._noting = asyncio.Lock()

    async def open(self, recording_id: str, who: str) -> Opened:
        """Open a recording; the first time in half an hour is noted in the log before anything is heard.

        Args:
            recording_id: Its id.
            who: Login of who listens.

        Raises:
            NotHeard: It can't be heard.
            StoreUnavailable: It can't be noted.
        """
        recording = await self._find(recording_id)
        content = await _read(lambda: self._opened(recording))
        async with self._noting:
            await self._note(recording, who)
        return Opened(recording, MEDIA_TYPES[recording.format], content.size, content)

    async def outline(self, recording_id: str, stretches: int = 1000) -> Outline:
        """What a player draws of a recording; nothing is heard by it.

        Raises:
            NotHeard: It can't be read.
            StoreUnavailable: The database can't be read.
        """
        recording = await self._find(recording_id)
        return await _read(lambda: self._outline(recording, stretches))

    async def _find(self, recording_id: str) -> Recording:
        recording = await self._database.read(partial(index.one, recording_id=recording_id))
        if recording is None or recording.purge_begun_at:
            raise NotHeard("unknown")
        return recording

    def _opened(self, recording: Recording) -> Content:
        """Its content, of which the beginning can be read."""
        content = self._vault.open(recording)
        content.read(0, 1)
        return content

    def _outline(self, recording: Recording, stretches: int) -> Outline:
        content = self._vault.open(recording)
        return outline(content.parts(), recording.channels, round(recording.seconds * RATE), stretches)

    async def _note(self, recording: Recording, who: str) -> None:
        key, now = (recording.id, who), self._clock.monotonic()
        fresh = {one: at for one, at in self._noted.items() if now - at < _ONE_LISTENING_SECONDS}
        if key not in fresh:
            entry = Entry(What.LISTENED, recording.id, who=who, sha256=recording.sha256)
            await self._database.write(partial(append, entries=[entry], now=self._clock.now()))
            fresh[key] = now
        self._noted = fresh


async def _read(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except UNREADABLE as error:
        raise NotHeard(reason_of(error)) from error


def reason_of(error: Exception) -> str:
    """The reason of a `NotHeard`, for one of `UNREADABLE`."""
    known: dict[type[Exception], str] = {
        NotStored: "missing",
        StorageAway: "storage",
        KeyMissing: "locked",
        Fault: "locked",
    }
    return known.get(type(error), "changed")
