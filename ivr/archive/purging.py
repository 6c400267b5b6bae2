"""Deletion after the term: file, row and key; safe to interrupt at any point, and on record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection, and_, delete, insert, select, update

from ivr.archive.chain import Entry, What, append
from ivr.archive.index import Recording, read_rows
from ivr.archive.storage import Storage, StorageAway
from ivr.archive.tables import recording_purges, recordings
from ivr.store import Database

log = structlog.get_logger(__name__)

_PAGE = 200
_MOST_KEPT = 3

Forget = Callable[[Connection, Sequence[str]], None]
"""Deletes what else is kept of these recordings (ids), in the same transaction: transcripts."""


async def purge(
    database: Database, storage: Storage, now: datetime, *, dry_run: bool, forget: Sequence[Forget] = ()
) -> list[Recording]:
    """Delete recordings whose term is over and that nobody holds; each deletion is on record.

    The rows are marked first and taken off last: a purge that was interrupted is finished by the next one.

    Returns:
        What was deleted, or would be.

    Raises:
        StoreUnavailable: The database can't be written.
        StorageAway: Some files can't be deleted; their rows stay, marked.
    """
    gone: list[Recording] = []
    if dry_run:
        while page := await database.read(
            partial(expired, now=now, after=gone[-1].id if gone else "", limit=_PAGE)
        ):
            gone += page
        return gone
    after, kept = "", 0
    while page := await database.write(partial(begin, now=now, after=after, limit=_PAGE)):
        deleted = await asyncio.to_thread(_delete, storage, page)
        await database.write(partial(end, gone=deleted, now=now, forget=forget))
        for recording in deleted:
            log.info("archive.purged", recording=recording.id, sha256=recording.sha256)
        gone += deleted
        kept += len(page) - len(deleted)
        after = page[-1].id
        if kept >= _MOST_KEPT:
            break
    if kept:
        raise StorageAway(f"{len(gone)} recordings are deleted; others can't be deleted now")
    return gone


def expired(connection: Connection, now: datetime, after: str, limit: int) -> list[Recording]:
    """The next recordings whose term is over and that nobody holds, and those whose deletion was begun."""
    over = and_(recordings.c.expires_at <= now, recordings.c.legal_hold.is_(False))
    statement = (
        select(recordings)
        .where(over | recordings.c.purge_begun_at.is_not(None), recordings.c.id > after)
        .order_by(recordings.c.id)
        .limit(limit)
    )
    return read_rows(connection, statement)


def begin(connection: Connection, now: datetime, after: str, limit: int) -> list[Recording]:
    """Mark the next expired recordings, so that none of them can be held any more."""
    found = expired(connection, now, after, limit)
    new = [row for row in found if row.purge_begun_at is None]
    connection.execute(
        update(recordings).where(recordings.c.id.in_([row.id for row in new])).values(purge_begun_at=now)
    )
    append(connection, [Entry(What.PURGE_BEGUN, row.id, sha256=row.sha256) for row in new], now)
    return found


def end(
    connection: Connection, gone: Sequence[Recording], now: datetime, forget: Sequence[Forget] = ()
) -> None:
    """Take rows off the index whose files are deleted, with their keys; what was deleted stays on record."""
    ids = [row.id for row in gone]
    there = set(connection.execute(select(recordings.c.id).where(recordings.c.id.in_(ids))).scalars())
    mine = [row for row in gone if row.id in there]
    if not mine:
        return
    for also in forget:
        also(connection, ids)
    connection.execute(insert(recording_purges), [_record(row, now) for row in mine])
    connection.execute(delete(recordings).where(recordings.c.id.in_(ids)))
    entries = [
        Entry(What.PURGED, row.id, why=f"its term ended {row.expires_at.isoformat()}", sha256=row.sha256)
        for row in mine
    ]
    append(connection, entries, now)


def _record(recording: Recording, now: datetime) -> dict[str, object]:
    kept = ("call_id", "part", "sha256", "started_at", "expires_at")
    row: dict[str, object] = {name: getattr(recording, name) for name in kept}
    return row | {"recording_id": recording.id, "purged_at": now}


def _delete(storage: Storage, page: Sequence[Recording]) -> list[Recording]:
    """Delete files; those that are gone. One that can't be deleted keeps nobody else's."""
    gone: list[Recording] = []
    for at, recording in enumerate(page):
        try:
            storage.delete(recording.path)
        except StorageAway as error:
            log.warning("archive.not_deleted", recording=recording.id, reason=error.reason)
            if at + 1 - len(gone) >= _MOST_KEPT:
                break
        else:
            gone.append(recording)
    return gone
