"""A selection of recordings as one ZIP, made while it is sent: nothing of it lies on a disk on the way.

Recordings are compressed already, so they are stored as they are. The manifest is the last file: a ZIP that
was broken off has none, and no directory either, so no program takes it for whole.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import IO, cast
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from ivr.archive.chain import Entry, What, append
from ivr.archive.crypt import Tampered
from ivr.archive.exporting import described_for_others, file_name
from ivr.archive.index import Recording
from ivr.archive.listening import UNREADABLE, NotHeard, reason_of
from ivr.archive.vault import Vault
from ivr.store import Database

MANIFEST = "manifest.json"


class _Sink:
    """A file that can only be written; what has been written is taken away."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        taken, self._held = bytes(self._held), bytearray()
        return taken


class NotExported(Exception):
    """One of the recordings can't be read.

    Attributes:
        recording_id: Which.
        reason: As of `NotHeard`.
    """

    def __init__(self, recording_id: str, reason: str) -> None:
        super().__init__(reason)
        self.recording_id = recording_id
        self.reason = reason


async def zipped(
    database: Database, vault: Vault, chosen: Sequence[Recording], *, who: str, why: str, now: datetime
) -> AsyncGenerator[bytes, None]:
    """Note in the log that recordings leave, and make their ZIP.

    Args:
        database: Holds the log.
        vault: Holds the recordings.
        chosen: Which; each is opened first.
        who: Login of who takes them.
        why: The reason given.
        now: The moment.

    Returns:
        The parts of the ZIP; `NotHeard` comes out of it where a recording turns out to be changed.

    Raises:
        NotExported: One can't be read; nothing is noted.
        StoreUnavailable: It can't be noted.
    """
    await asyncio.to_thread(_try_all, vault, chosen)
    entries = [Entry(What.EXPORTED, row.id, who=who, why=why, sha256=row.sha256) for row in chosen]
    await database.write(partial(append, entries=entries, now=now))
    about = {"who": who, "why": why, "at": now.isoformat()}
    return _off_the_loop(_parts(vault, chosen, about, now))


def _try_all(vault: Vault, chosen: Sequence[Recording]) -> None:
    for recording in chosen:
        try:
            vault.open(recording).read(0, 1)
        except UNREADABLE as error:
            raise NotExported(recording.id, reason_of(error)) from error


async def _off_the_loop(parts: Iterator[bytes]) -> AsyncGenerator[bytes, None]:
    while (part := await asyncio.to_thread(next, parts, None)) is not None:
        if part:
            yield part


def _parts(
    vault: Vault, chosen: Sequence[Recording], about: dict[str, str], now: datetime
) -> Iterator[bytes]:
    sink = _Sink()
    with ZipFile(cast("IO[bytes]", sink), "w", ZIP_STORED) as packed:
        for recording in chosen:
            for _ in _written(vault, recording, packed, now):
                yield sink.take()
        files = [described_for_others(recording) for recording in chosen]
        manifest = json.dumps({"exported": about, "recordings": files}, ensure_ascii=False, indent=2)
        packed.writestr(_entry(MANIFEST, now), manifest + "\n")
    yield sink.take()


def _written(vault: Vault, recording: Recording, packed: ZipFile, now: datetime) -> Iterator[None]:
    """Write a recording, a part at a time, and compare it with the index. Raises NotHeard."""
    digest = hashlib.sha256()
    try:
        with packed.open(_entry(file_name(recording), now), "w") as file:
            for part in vault.open(recording).parts():
                digest.update(part)
                file.write(part)
                yield
        if digest.hexdigest() != recording.sha256:
            raise Tampered
    except UNREADABLE as error:
        raise NotHeard(reason_of(error)) from error


def _entry(name: str, now: datetime) -> ZipInfo:
    return ZipInfo(name, now.timetuple()[:6])
