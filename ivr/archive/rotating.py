"""A new master key: the recordings' own keys are wrapped anew, their content stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, func, select, update

from ivr.archive.chain import Entry, What, append
from ivr.archive.keyring import KeyMissing, KeyRing
from ivr.archive.tables import recordings
from ivr.store import Database

_PAGE = 500


async def make_key(database: Database, ring: KeyRing, who: str, now: datetime) -> str:
    """Make a master key; recordings that are taken from now on are wrapped by it. Returns its id.

    Raises:
        StoreUnavailable: It could not be noted; the key is there.
        Fault: It could not be written.
    """
    name = ring.new()
    await database.write(partial(append, entries=[Entry(What.KEY_MADE, who=who, why=name)], now=now))
    return name


async def rotate(database: Database, ring: KeyRing, who: str, now: datetime) -> int:
    """Wrap all recordings' keys by the current master key; may be interrupted and repeated.

    Returns:
        How many were wrapped anew.

    Raises:
        StoreUnavailable: The database can't be read or written.
        KeyMissing: The ring is empty, or a master key that is still in use is not in it.
        Tampered: A wrapped key has been changed.
        Fault: The ring can't be read.
    """
    current = next(iter(ring.ids()), None)
    if current is None:
        raise KeyMissing("")
    after, done = "", 0
    while page := await database.read(partial(_wrapped_otherwise, current=current, after=after)):
        fresh = [
            (name, *ring.wrap(ring.unwrap(key_id, bytes.fromhex(wrapped)))) for name, key_id, wrapped in page
        ]
        done += await database.write(partial(_rewrap, fresh=fresh))
        after = page[-1][0]
    entry = Entry(What.KEYS_ROTATED, who=who, why=f"{done} to {current}")
    await database.write(partial(append, entries=[entry], now=now))
    return done


def use(connection: Connection) -> dict[str, int]:
    """How many recordings each master key wraps."""
    statement = select(recordings.c.key_id, func.count()).group_by(recordings.c.key_id)
    return {name: count for name, count in connection.execute(statement).tuples() if name is not None}


def _wrapped_otherwise(connection: Connection, current: str, after: str) -> list[tuple[str, str, str]]:
    columns = select(recordings.c.id, recordings.c.key_id, recordings.c.wrapped_key)
    others = recordings.c.key_id.is_not(None) & (recordings.c.key_id != current)
    statement = columns.where(others, recordings.c.id > after).order_by(recordings.c.id).limit(_PAGE)
    return [tuple(row) for row in connection.execute(statement)]


def _rewrap(connection: Connection, fresh: Sequence[tuple[str, str, bytes]]) -> int:
    for name, key_id, wrapped in fresh:
        values = {"key_id": key_id, "wrapped_key": wrapped.hex()}
        connection.execute(update(recordings).where(recordings.c.id == name).values(**values))
    return len(fresh)
