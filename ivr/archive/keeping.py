"""Keeping the archive: is everything there and unchanged, deletion after the term, copies for others."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from ivr.archive import index
from ivr.archive.files import digest_of
from ivr.archive.index import Absence, Recording, Selection
from ivr.errors import Fault
from ivr.store import Database

log = structlog.get_logger(__name__)

_PAGE = 200


@dataclass(slots=True)
class Verified:
    """What a check of the archive found.

    Attributes:
        recordings: All that were checked.
        missing: Ids of recordings whose file is not there.
        changed: Ids of recordings whose file is not what was taken over.
        orphaned: Files of the archive that the index does not know, relative to its folder.
        absences: Conversations without a recording, and why.
    """

    recordings: list[Recording] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    orphaned: list[str] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything is in order; an absence that has its reason is."""
        return not (self.missing or self.changed or self.orphaned)


async def select(database: Database, selection: Selection) -> AsyncIterator[list[Recording]]:
    """The recordings meant, a page at a time, by id.

    Raises:
        StoreUnavailable: The database can't be read.
    """
    after = ""
    while page := await database.read(partial(selection.page, after=after, limit=_PAGE)):
        yield page
        after = page[-1].id


async def verify(database: Database, folder: Path, selection: Selection) -> Verified:
    """Compare the files with the index.

    Raises:
        StoreUnavailable: The database can't be read.
    """
    result = Verified()
    async for page in select(database, selection):
        for recording, state in await asyncio.to_thread(_examine, folder, page):
            result.recordings.append(recording)
            if state:
                getattr(result, state).append(recording.id)
    for paths in _pages(folder):
        known = await database.read(partial(index.known_paths, paths=paths))
        result.orphaned += [path for path in paths if path not in known]
    result.absences = await database.read(index.absences)
    return result


def _examine(folder: Path, page: list[Recording]) -> list[tuple[Recording, str]]:
    return [(recording, _state(folder / recording.path, recording)) for recording in page]


def _state(path: Path, recording: Recording) -> str:
    if not path.is_file():
        return "missing"
    same = path.stat().st_size == recording.bytes and digest_of(path) == recording.sha256
    return "" if same else "changed"


def _pages(folder: Path) -> Iterator[list[str]]:
    """Paths of the files of the archive, a day at a time."""
    for day in sorted(folder.glob("[0-9][0-9][0-9][0-9]/[0-9][0-9]/[0-9][0-9]")):
        yield [str(path.relative_to(folder)) for path in sorted(day.iterdir())]


async def purge(database: Database, folder: Path, now: datetime, *, dry_run: bool) -> list[Recording]:
    """Delete recordings whose term is over and that nobody holds, file and row; the deletion is on record.

    The rows are marked first, so that a purge that was interrupted is finished by the next one.

    Returns:
        What was deleted, or would be.

    Raises:
        StoreUnavailable: The database can't be written.
        Fault: A file can't be deleted.
    """
    gone: list[Recording] = []
    if dry_run:
        while page := await database.read(
            partial(index.expired, now=now, after=gone[-1].id if gone else "", limit=_PAGE)
        ):
            gone += page
        return gone
    while page := await database.write(partial(index.begin_purge, now=now, limit=_PAGE)):
        await asyncio.to_thread(_delete, folder, page)
        await database.write(partial(index.end_purge, gone=page, now=now))
        for recording in page:
            log.info("archive.purged", recording=recording.id, sha256=recording.sha256)
        gone += page
    return gone


def _delete(folder: Path, page: list[Recording]) -> None:
    for recording in page:
        path = folder / recording.path
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise Fault(
                f"The recording can't be deleted: {error.strerror}.",
                str(path),
                "Mend its folder's rights; then purge again.",
            ) from error


async def export(database: Database, folder: Path, selection: Selection, target: Path) -> list[Recording]:
    """Copy the recordings meant, with `manifest.json`, into a new or empty folder.

    Raises:
        StoreUnavailable: The database can't be read.
        Fault: The folder is not empty, a recording is missing or changed, or the disk is full.
    """
    await asyncio.to_thread(_prepare, target)
    done: list[Recording] = []
    async for page in select(database, selection):
        await asyncio.to_thread(_copy, folder, page, target)
        done += page
    await asyncio.to_thread(_write_manifest, target, done)
    return done


def _prepare(target: Path) -> None:
    try:
        target.mkdir(parents=True, exist_ok=True)
        empty = not any(target.iterdir())
    except OSError as error:
        raise Fault(f"The folder can't be used: {error.strerror}.", str(target), "Name another.") from error
    if not empty:
        raise Fault("The folder is not empty.", str(target), "Name a new one.")


def _copy(folder: Path, page: list[Recording], target: Path) -> None:
    for recording in page:
        copy = target / f"{recording.id}.wav"
        try:
            shutil.copyfile(folder / recording.path, copy)
        except OSError as error:
            raise Fault(
                f"The recording {recording.id} can't be copied: {error.strerror}.", str(copy), ""
            ) from error
        if digest_of(copy) != recording.sha256:
            raise Fault(
                f"The recording {recording.id} is not what was taken over.",
                str(folder / recording.path),
                "Find out more with: ivr recordings verify.",
            )


def _write_manifest(target: Path, done: list[Recording]) -> None:
    manifest = {"recordings": [{**described(row), "file": f"{row.id}.wav"} for row in done]}
    text = json.dumps(manifest, ensure_ascii=False, indent=2)
    partial_file = target / ".manifest.partial"
    partial_file.write_text(text + "\n", encoding="utf-8")
    partial_file.replace(target / "manifest.json")


def described(recording: Recording) -> dict[str, Any]:
    """A recording for programs; instants as ISO 8601 text."""
    row = asdict(recording)
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in row.items()}
